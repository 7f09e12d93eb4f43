"""The door for operators at a seat's telephone, over a real socket, with Asterisk's side and the desk scripted."""

from __future__ import annotations

import pytest

from agi_scripts.desk import NoDesk
from agi_scripts.server import DoorServer
from agi_scripts.settings import DoorSettings
from agi_scripts.sounds import SoundShelf
from agi_scripts.wiring import build_house, open_doors
from ivr.dialogue.replies import DeskUnavailable, SeatNow, SeatRefused
from ivr.dialogue.verbs import AskSeat, SeatDeed
from tests.fakes.asterisk_agi import FakeAsterisk

PIN = "482913"


class StubSeats(NoDesk):
    """Gives its answers one after the other."""

    seat_seconds = 3.0

    def __init__(self, *answers: SeatNow | SeatRefused | DeskUnavailable) -> None:
        self.answers = list(answers)
        self.asked: list[AskSeat] = []

    async def ask_seat(self, asked: AskSeat) -> SeatNow | SeatRefused | DeskUnavailable:
        self.asked.append(asked)
        return self.answers.pop(0)


async def dial(settings: DoorSettings, desk: NoDesk, keys: list[str], endpoint: str = "seat05") -> FakeAsterisk:
    server = DoorServer(settings, open_doors(build_house(settings, desk)), SoundShelf(settings.sounds))
    await server.start()
    call = await FakeAsterisk(keys, variables={"CHANNEL(endpoint)": endpoint}).call(server.port, "seat_desk")
    await server.stop()
    return call


async def test_number_and_pin_reach_the_desk_and_nothing_else(door_settings: DoorSettings) -> None:
    desk = StubSeats(SeatNow("free"), SeatNow("ready", "107"))
    call = await dial(door_settings, desk, [*"107#", *PIN])
    assert desk.asked[0] == AskSeat("seat05", SeatDeed.LOOK)
    assert desk.asked[1] == AskSeat("seat05", SeatDeed.SIGN_IN, number="107", pin=PIN)
    assert "seat_signed_in" in call.prompts
    assert (call.done, call.variables["LINE_GOTO"]) == (True, "goodbye")
    assert not any(PIN in command for command in call.commands)
    assert call.marks == []


async def test_the_line_is_kept_while_the_desk_thinks(door_settings: DoorSettings) -> None:
    call = await dial(door_settings, StubSeats(SeatNow("free"), SeatNow("ready")), [*"107#", *PIN])
    assert call.leases.count(pytest.approx(3.9)) == 2, "one for each question to the desk"


async def test_keys_that_were_pressed_while_a_pin_was_checked_answer_nothing(door_settings: DoorSettings) -> None:
    """The hash key after six digits: it must not stand for an empty number in the next try."""
    desk = StubSeats(SeatNow("free"), SeatRefused("wrong"), SeatNow("ready"))
    call = await dial(door_settings, desk, [*"107#", *"000000", "~#", *"107#", *PIN])
    assert [asked.pin for asked in desk.asked[1:]] == ["000000", PIN]
    assert "no_key" not in call.prompts


async def test_an_agent_on_duty_signs_out(door_settings: DoorSettings) -> None:
    desk = StubSeats(SeatNow("paused", "107"), SeatNow("free"))
    call = await dial(door_settings, desk, ["1"])
    assert [asked.deed for asked in desk.asked] == [SeatDeed.LOOK, SeatDeed.SIGN_OUT]
    assert call.prompts[-1] == "seat_signed_out"


@pytest.mark.parametrize("endpoint", ["trunk", "", "seat00", "seat05x", "../seat05"])
async def test_only_a_seat_is_let_in(door_settings: DoorSettings, endpoint: str) -> None:
    desk = StubSeats()
    call = await dial(door_settings, desk, [*"107#"], endpoint=endpoint)
    assert not call.done
    assert desk.asked == []


async def test_without_a_desk_the_page_is_named(door_settings: DoorSettings) -> None:
    call = await dial(door_settings, NoDesk(), [])
    assert call.prompts == ["seat_use_page"]
    assert call.done
