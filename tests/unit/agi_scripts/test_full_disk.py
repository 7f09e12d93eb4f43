"""The doors on a spool that takes nothing more: nothing is promised that cannot be kept."""

from __future__ import annotations

from agi_scripts.desk import NoDesk
from agi_scripts.server import DoorServer
from agi_scripts.settings import DoorSettings
from agi_scripts.sounds import SoundShelf
from agi_scripts.wiring import build_house, open_doors
from tests.fakes.asterisk_agi import FakeAsterisk


def no_notes(settings: DoorSettings) -> None:
    """Codes can still be reserved (an empty file), a note can not be written."""
    settings.spool.mkdir(parents=True)
    (settings.spool / "callbacks").write_text("in the way")


async def test_a_call_back_to_one_s_own_number_needs_no_note(doors: DoorServer, door_settings: DoorSettings) -> None:
    no_notes(door_settings)
    call = await FakeAsterisk(["1"]).call(doors.port, "callback")
    assert call.done
    assert call.marked("callback")[0]["number"] == "caller"


async def test_without_a_note_the_ledger_knows_the_place_that_was_promised(
    doors: DoorServer, door_settings: DoorSettings
) -> None:
    no_notes(door_settings)
    waits = {"LINE_PHASE": "waiting", "LINE_QUEUE": "pensions", "LINE_JOINED": "1795306427", "LINE_JOINED_RANK": "5"}
    call = await FakeAsterisk(["1"], variables=waits).call(doors.port, "callback")
    (asked,) = call.marked("callback")
    assert "callback_place" in call.prompts
    assert (asked["queue"], asked["when"], asked["joined"], asked["rank"]) == (
        "pensions",
        "keep_place",
        "1795306427",
        "5",
    )


async def test_a_keyed_number_that_cannot_be_written_down_is_not_promised(
    doors: DoorServer, door_settings: DoorSettings
) -> None:
    no_notes(door_settings)
    call = FakeAsterisk([*"02188888888", "1"], environment={"agi_callerid": "unknown"})
    await call.call(doors.port, "callback")
    assert call.marked("callback") == []
    assert not call.done, "the dialplan goes on to what is left"
    assert "callback_open" not in call.prompts


async def test_without_room_the_caller_hears_it_before_the_beep(door_settings: DoorSettings) -> None:
    settings = door_settings.model_copy(update={"message_room": 1 << 62})
    server = DoorServer(settings, open_doors(build_house(settings, NoDesk())), SoundShelf(settings.sounds))
    await server.start()
    try:
        call = await FakeAsterisk([], variables={"LINE_PHASE": "prepare"}).call(server.port, "voice_message")
    finally:
        await server.stop()
    assert call.prompts == ["message_impossible"]
    assert call.variables["LINE_GOTO"] == "callback"
    assert "LINE_MESSAGE" not in call.variables
    assert not list((settings.spool / "messages").glob("*.json"))
