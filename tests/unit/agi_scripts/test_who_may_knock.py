"""Who may knock, at which door, and what is refused before a door opens."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from agi_scripts.door import Knock
from agi_scripts.health import doors_answer
from agi_scripts.server import DoorServer
from agi_scripts.settings import DoorSettings
from agi_scripts.sounds import SoundShelf
from tests.fakes.asterisk_agi import TOKEN, FakeAsterisk


@pytest.mark.parametrize(
    "forged",
    [
        b"agi_network_script: voice_message\n",
        b"agi_arg_1: guess\n",
        b"x\n",
        b"agi_unheard_of: 1\n",
        b"GET VARIABLE X\n",
    ],
)
async def test_a_line_slipped_into_the_environment_ends_the_session(door_settings: DoorSettings, forged: bytes) -> None:
    """Headers in a dict, last one wins: a crafted identity chose which door opens."""
    opened: list[Knock] = []

    async def act(knock: Knock) -> None:
        opened.append(knock)

    server = DoorServer(door_settings, {"reception": act, "voice_message": act}, SoundShelf(door_settings.sounds))
    await server.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    header = FakeAsterisk().header("reception")
    writer.write(header.replace(b"agi_calleridname: unknown\n", b"agi_calleridname: Ali\n" + forged))
    assert await asyncio.wait_for(reader.read(), 20) == b""
    writer.close()
    await server.stop()
    assert opened == []


@pytest.mark.parametrize("token", ["", "open-sesam", "OPEN-SESAME", "open-sesame "])
async def test_only_the_dialplan_s_token_opens(doors: DoorServer, token: str) -> None:
    if token.strip() == TOKEN:
        limit = timedelta(seconds=20)
        assert await doors_answer(
            "127.0.0.1", doors.port, token, limit
        )  # blanks around a value are Asterisk's, not a guess
    else:
        assert not await doors_answer("127.0.0.1", doors.port, token)


@pytest.mark.parametrize("address", ["reception", "/reception", "reception/", "reception?lang=fa", "Reception"])
async def test_the_door_is_found_by_its_path(doors: DoorServer, address: str) -> None:
    assert (await FakeAsterisk(["0"]).call(doors.port, address)).done


@pytest.mark.parametrize("address", ["", "no_such_door", "../reception", "reception/x"])
async def test_an_address_without_a_door_opens_nothing(doors: DoorServer, address: str) -> None:
    assert (await FakeAsterisk(["0"]).call(doors.port, address)).commands == []


def test_an_empty_token_opens_nothing(door_settings: DoorSettings) -> None:
    with pytest.raises(Exception, match="LINE1420_AGI_TOKEN"):
        DoorServer(DoorSettings(agi_port=0), {}, SoundShelf(door_settings.sounds))
