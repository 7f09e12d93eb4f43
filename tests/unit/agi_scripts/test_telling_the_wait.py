"""The reception door tells the wait: with Asterisk's side scripted, and a desk that knows what it is told to know."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agi_scripts.desk import NoDesk
from agi_scripts.server import DoorServer
from agi_scripts.settings import DoorSettings
from agi_scripts.sounds import SoundShelf
from agi_scripts.wiring import build_house, open_doors
from ivr.dialogue.replies import Advice
from tests.fakes.asterisk_agi import FakeAsterisk
from tests.fakes.desk import FakeDesk


async def dial(settings: DoorSettings, desk: NoDesk, keys: list[str], door: str = "reception") -> FakeAsterisk:
    server = DoorServer(settings, open_doors(build_house(settings, desk)), SoundShelf(settings.sounds))
    await server.start()
    try:
        return await FakeAsterisk(keys).call(server.port, door)
    finally:
        await server.stop()


ABOUT_FIVE = Advice(240.0, "recent", 600)
TOO_LONG = Advice(4000.0, "recent", 600)


def knows(advice: Advice) -> FakeDesk:
    """The same of every queue."""
    return FakeDesk(dict.fromkeys(("general", "insurance", "pensions"), advice))


async def test_the_caller_hears_the_wait_and_goes_to_the_queue(door_settings: DoorSettings) -> None:
    desk = knows(ABOUT_FIVE)
    call = await dial(door_settings, desk, ["1", "1", "silence"])
    assert call.prompts[-2:] == ["connecting_insurance", "wait_about_5"]
    assert call.marked("estimate") == [{"queue": "insurance", "told": "300", "seconds": "240", "basis": "recent"}]
    assert (call.done, call.variables["LINE_GOTO"], call.variables["LINE_QUEUE"]) == (True, "queue", "insurance")
    assert [asked.queue for asked in desk.asked] == ["insurance"], "one request a caller"


async def test_the_priority_is_left_for_the_dialplan_and_written_down(door_settings: DoorSettings) -> None:
    desk = knows(replace(ABOUT_FIVE, priority=6, group="chronic", repeat=1, province="ilam"))
    call = await dial(door_settings, desk, ["1", "1", "silence"])
    assert (call.done, call.variables["LINE_RANK"]) == (True, "6")
    told = {"queue": "insurance", "priority": "6", "group": "chronic", "repeat": "1", "province": "ilam"}
    assert call.marked("routing") == [told]
    assert desk.asked[0].caller == "09121234567"


async def test_an_operator_asked_for_after_my_case_knows_the_priority_too(door_settings: DoorSettings) -> None:
    """Three wrong codes lead to a person."""
    desk = knows(replace(ABOUT_FIVE, priority=6, group="chronic"))
    call = await dial(door_settings, desk, [*"1#1#1#", "silence"], "case_status")
    assert (call.done, call.variables["LINE_GOTO"], call.variables["LINE_QUEUE"]) == (True, "queue", "general")
    assert call.variables["LINE_RANK"] == "6"
    assert [(told["queue"], told["group"]) for told in call.marked("routing")] == [("general", "chronic")]
    assert [(asked.queue, asked.caller) for asked in desk.asked] == [("general", "09121234567")]


async def test_without_priority_and_without_the_desk_nothing_is_left(door_settings: DoorSettings) -> None:
    for desk in (knows(ABOUT_FIVE), NoDesk()):
        call = await dial(door_settings, desk, ["1", "1", "silence"])
        assert (call.done, call.variables.get("LINE_RANK")) == (True, None)


async def test_keys_that_were_pressed_ahead_lead_to_the_queue_and_answer_no_later_question(
    door_settings: DoorSettings,
) -> None:
    """The third key was pressed before anything was offered: it is no wish for a call back."""
    call = await dial(door_settings, knows(TOO_LONG), ["!1", "~2", "~1", "silence"])
    assert (call.variables["LINE_GOTO"], call.variables["LINE_QUEUE"]) == ("queue", "pensions")
    assert call.prompts[-3:] == ["wait_long", "wait_offer_callback", "wait_offer_message"]


async def test_a_key_during_the_sentence_ends_it(door_settings: DoorSettings) -> None:
    call = await dial(door_settings, knows(TOO_LONG), ["1", "1", "!4"])
    assert call.prompts[-1] == "wait_long", "the offers are left out"
    assert (call.done, call.variables["LINE_GOTO"]) == (True, "queue")


async def test_a_call_back_instead_of_a_long_wait_keeps_the_place(door_settings: DoorSettings) -> None:
    call = await dial(door_settings, knows(replace(TOO_LONG, priority=6)), ["1", "1", "!1"])
    assert (call.done, call.variables["LINE_GOTO"], call.variables["LINE_QUEUE"]) == (True, "callback", "insurance")
    assert (call.variables["LINE_PHASE"], call.variables["LINE_JOINED_RANK"]) == ("waiting", "6")
    assert call.variables["LINE_RANK"] == "6", "should no number be found, the queue comes after all"


async def test_a_message_instead_of_a_long_wait(door_settings: DoorSettings) -> None:
    call = await dial(door_settings, knows(TOO_LONG), ["1", "1", "!2"])
    assert (call.done, call.variables["LINE_GOTO"], call.variables["LINE_KIND"]) == (True, "voice_message", "question")


async def test_without_the_desk_the_caller_is_handed_over_at_once_and_in_silence(door_settings: DoorSettings) -> None:
    call = await dial(door_settings, NoDesk(), ["1", "1"])
    assert call.prompts[-1] == "connecting_insurance"
    assert call.marked("estimate") == []
    after = call.commands[call.commands.index('STREAM FILE "line/connecting_insurance" ""') + 1 :]
    assert all(command.startswith('GET FULL VARIABLE "${SET(') for command in after)


@pytest.mark.parametrize("at", range(30, 60, 3))
async def test_after_a_hangup_nothing_is_said_and_nothing_decided(door_settings: DoorSettings, at: int) -> None:
    server = DoorServer(
        door_settings, open_doors(build_house(door_settings, knows(TOO_LONG))), SoundShelf(door_settings.sounds)
    )
    await server.start()
    call = await FakeAsterisk(["1", "1", "silence"], hangup_at=at).call(server.port)
    await server.stop()
    after = call.commands[at + 1 :]
    assert not any(command.startswith(("STREAM FILE", "WAIT FOR DIGIT")) for command in after)
    assert not any("LINE_GOTO" in command or "LINE_DONE" in command for command in after)
