"""Keys, prompts and hangups as one phone sees them; Asterisk's side is scripted, no socket needed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from agi_scripts.agi_phone import AgiPhone
from agi_scripts.agi_wire import AgiReply, OutOfStep, ReplyStream
from agi_scripts.sounds import SoundShelf
from agi_scripts.variables import Variable
from ivr.dialogue.replies import HungUp, Keyed, NoKey
from ivr.dialogue.verbs import Gather
from ivr.kernel.milestones import Milestone
from tests.fakes.asterisk_agi import FakeAsterisk


class Wire:
    """Hands commands to the fake and its bytes to the real reply reader."""

    def __init__(self, call: FakeAsterisk) -> None:
        self.call = call
        self.replies = ReplyStream()

    @property
    def hung_up(self) -> bool:
        return self.replies.hung_up

    async def ask(self, command: bytes, takes_seconds: float = 0.0) -> AgiReply:
        self.replies.feed(self.call.answer(command.decode().rstrip("\n")))
        reply = self.replies.reply()
        assert reply
        return reply


def phone(call: FakeAsterisk, sounds: Path) -> AgiPhone:
    return AgiPhone(Wire(call), SoundShelf(sounds), "fa", timedelta(seconds=1.2))


CODE = Gather(("code_ask", "code_end"), digits=9, finish="#", first_seconds=3, between_seconds=2)


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (["1", "2", "3", "#"], Keyed("123")),
        ([*"123456789"], Keyed("123456789")),
        (["1", "pause", "2", "#"], Keyed("12")),
        (["1", "2", "silence"], Keyed("12")),
        (["!1", "2", "#"], Keyed("12")),
        (["#"], NoKey()),
        (["silence"], NoKey()),
        (["1", "*", "#"], Keyed("1*")),
        (["1", "hangup"], HungUp()),
        (["hangup!"], HungUp()),
    ],
)
async def test_a_code_is_gathered(every_prompt: Path, keys: list[str], expected: object) -> None:
    assert await phone(FakeAsterisk(keys), every_prompt).gather(CODE) == expected


@pytest.mark.parametrize("key", "0123456789*#")
async def test_any_key_ends_a_menu(every_prompt: Path, key: str) -> None:
    assert await phone(FakeAsterisk([key]), every_prompt).gather(Gather(("main_1",))) == Keyed(key)


async def test_keys_during_an_announcement_are_ignored(every_prompt: Path) -> None:
    call = FakeAsterisk(["!1"])
    assert await phone(call, every_prompt).say(("welcome", "goodbye")) is None
    assert call.prompts == ["welcome", "goodbye"]


async def test_a_key_pressed_while_no_command_hears_it_is_the_next_answer(every_prompt: Path) -> None:
    call = FakeAsterisk(["1", "~2", "~3", "4"])
    menu = phone(call, every_prompt)
    assert await menu.gather(Gather(("main_1",))) == Keyed("1")
    assert await menu.mark(Milestone.STEP, {"node": "main"}) is None
    assert await menu.gather(Gather(("main_2",))) == Keyed("2")
    assert await menu.gather(Gather(("main_3",))) == Keyed("3")
    assert call.prompts == ["main_1"], "who knows the way need not listen"
    assert await menu.gather(Gather(("main_4",))) == Keyed("4")
    assert call.prompts == ["main_1", "main_4"]


async def test_a_code_keyed_too_fast_is_gathered_whole(every_prompt: Path) -> None:
    assert await phone(FakeAsterisk(["1", *(f"~{key}" for key in "23456789")]), every_prompt).gather(CODE) == Keyed(
        "123456789"
    )


async def test_what_was_pressed_before_the_door_is_no_answer(every_prompt: Path) -> None:
    call = FakeAsterisk(["silence"], variables={"LINE_KEYS": "12#"})
    assert await phone(call, every_prompt).gather(Gather(("main_1",), first_seconds=2)) == NoKey()


async def test_what_was_pressed_during_an_announcement_is_no_answer_to_the_next_question(every_prompt: Path) -> None:
    call = FakeAsterisk(["1", "~7", "~8", "silence"])
    menu = phone(call, every_prompt)
    assert await menu.gather(Gather(("main_1",))) == Keyed("1")
    assert await menu.say(("welcome",)) is None
    assert await menu.gather(Gather(("main_2",), first_seconds=2)) == NoKey()


@pytest.mark.parametrize(
    "acts", [["1", "^9", "silence"], ["1", "^9", "pause", "^9", "silence"], ["!1", "^9", "^9", "silence"]]
)
async def test_a_key_that_asterisk_delivers_late_counts_once(every_prompt: Path, acts: list[str]) -> None:
    menu = phone(FakeAsterisk(acts), every_prompt)
    keys = [await menu.gather(Gather((f"main_{n}",), first_seconds=3)) for n in range(1, 4)]
    pressed = sum(act == "^9" for act in acts)
    assert keys == [Keyed("1"), *[Keyed("9")] * pressed, *[NoKey()] * (2 - pressed)]


async def test_a_prompt_stopped_by_a_late_key_is_played_again(every_prompt: Path) -> None:
    call = FakeAsterisk(["1", "^9", "silence"])
    menu = phone(call, every_prompt)
    for name in ("main_1", "main_2", "main_3"):
        await menu.gather(Gather((name,), first_seconds=2))
    assert call.prompts == ["main_1", "main_3", "main_3"]


class Quick(FakeAsterisk):
    """A caller whose first key falls between the look and the prompt."""

    first = "5"

    def _stream(self, name: str, keys: str, just_gone: bool) -> bytes:
        if not self.prompts:
            self._press(self.first)
        return super()._stream(name, keys, just_gone)


async def test_a_key_that_nobody_heard_comes_before_the_next_one(every_prompt: Path) -> None:
    menu = phone(Quick(["!6", "silence"]), every_prompt)
    keys = [await menu.gather(Gather((f"main_{n}",), first_seconds=2)) for n in (1, 2, 3)]
    assert keys == [Keyed("5"), Keyed("6"), NoKey()]


async def test_no_digit_of_a_code_is_lost_or_doubled_wherever_it_falls(every_prompt: Path) -> None:
    digits = "123456789"
    for way in ("", "!", "~", "^"):
        for at in range(1, 9):
            acts = [f"{way}{digit}" if n == at else digit for n, digit in enumerate(digits)]
            assert await phone(FakeAsterisk(acts), every_prompt).gather(CODE) == Keyed(digits), acts
    assert await phone(Quick(["!6", "7", "#"]), every_prompt).gather(CODE) == Keyed("567")


async def test_a_machine_that_presses_for_ever_is_still_answered(every_prompt: Path) -> None:
    menu = phone(FakeAsterisk(["1"] * 520), every_prompt)
    assert {await menu.gather(Gather(("main_1",))) for _ in range(520)} == {Keyed("1")}


async def test_an_asterisk_that_keeps_no_keys_is_understood_as_ever(every_prompt: Path) -> None:
    class Forgetful(FakeAsterisk):
        def _press(self, key: str) -> int:
            return ord(key)

    menu = phone(Forgetful(["1", "!2"]), every_prompt)
    assert [await menu.gather(Gather(("main_1",))) for _ in range(2)] == [Keyed("1"), Keyed("2")]


@pytest.mark.parametrize("kept", ["1|2", "1 2", "12)", "۱", "a line"])
async def test_kept_keys_that_no_telephone_has_end_the_session(every_prompt: Path, kept: str) -> None:
    class Strange(FakeAsterisk):
        def _press(self, key: str) -> int:
            self.variables["LINE_KEYS"] = kept
            return ord(key)

    with pytest.raises(OutOfStep):
        await phone(Strange(["1"]), every_prompt).gather(Gather(("main_1",)))


async def test_a_prompt_asterisk_cannot_open_is_an_alarm_once_and_no_hangup(every_prompt: Path) -> None:
    call = FakeAsterisk(missing=frozenset({"line/welcome"}))
    assert await phone(call, every_prompt).say(("welcome", "welcome", "goodbye")) is None
    assert call.prompts[-1] == "goodbye"
    assert len(call.marked("alarm")) == 1


async def test_the_lease_covers_the_longest_prompt(every_prompt: Path) -> None:
    call = FakeAsterisk()
    await phone(call, every_prompt).say(("welcome",))
    assert call.leases == [3.2]


async def test_the_lease_runs_anew_from_an_answer(every_prompt: Path) -> None:
    """Marks and the question to the desk that follow it renew none; a busy machine let the lease run out under them."""
    call = FakeAsterisk(["pause", "1"])
    assert await phone(call, every_prompt).gather(Gather(("main_1",))) == Keyed("1")
    assert call.commands[-2].startswith("WAIT FOR DIGIT")
    assert call.commands[-1].startswith('GET FULL VARIABLE "${SET(TIMEOUT(absolute)=')


async def test_variables_survive_quotes_and_backslashes(every_prompt: Path) -> None:
    call = FakeAsterisk()
    await phone(call, every_prompt).set_variable(Variable.NODE, 'a "b" \\ c')
    assert call.variables["LINE_NODE"] == 'a "b" \\ c'


async def test_values_for_the_dialplan_travel_with_the_next_lease_and_the_rest_with_done(every_prompt: Path) -> None:
    call = FakeAsterisk()
    line = phone(call, every_prompt)
    await line.set_variable(Variable.NODE, "arrival:main")
    assert call.commands == []
    await line.say(("welcome",))
    assert call.variables["LINE_NODE"] == "arrival:main"
    await line.set_variable(Variable.GOTO, "queue")
    await line.set_variable(Variable.DONE, "1")
    assert call.commands[2:] == ['GET FULL VARIABLE "${SET(LINE_GOTO=queue)}${SET(LINE_DONE=1)}"']


@pytest.mark.parametrize("value", ["${SHELL(id)}", "a)}${EVAL(b", "a,b", "a|b", "ش", "a b"])
async def test_a_value_that_could_be_an_expression_is_never_put_into_one(every_prompt: Path, value: str) -> None:
    call = FakeAsterisk()
    line = phone(call, every_prompt)
    await line.set_variable(Variable.NODE, value)
    await line.set_variable(Variable.DONE, "1")
    assert call.commands == [f'SET VARIABLE "LINE_NODE" "{value}"', 'GET FULL VARIABLE "${SET(LINE_DONE=1)}"']


async def test_what_is_handed_over_twice_is_said_once_and_last(every_prompt: Path) -> None:
    call = FakeAsterisk()
    line = phone(call, every_prompt)
    await line.set_variable(Variable.NODE, "arrival:main")
    await line.set_variable(Variable.GOTO, "queue")
    await line.set_variable(Variable.NODE, "")
    await line.set_variable(Variable.DONE, "1")
    assert call.commands == ['GET FULL VARIABLE "${SET(LINE_GOTO=queue)}${SET(LINE_NODE=)}${SET(LINE_DONE=1)}"']


@pytest.mark.parametrize("value", ["x(y)", "سلام", 'a"b', "a|b"])
async def test_a_value_we_never_write_ends_the_session(every_prompt: Path, value: str) -> None:
    with pytest.raises(OutOfStep):
        await phone(FakeAsterisk(variables={"LINE_NODE": value}), every_prompt).get_variables(Variable.NODE)


async def test_an_unset_variable_is_empty(every_prompt: Path) -> None:
    assert await phone(FakeAsterisk(), every_prompt).get_variables(Variable.KIND) == ("",)


async def test_an_unknown_language_is_persian(every_prompt: Path) -> None:
    call = FakeAsterisk()
    await phone(call, every_prompt).set_language("de")
    assert call.variables["CHANNEL(language)"] == "fa"


async def test_with_no_prompt_at_all_not_even_a_beep_keys_still_count(tmp_path: Path) -> None:
    call = FakeAsterisk(["4"])
    asked = Gather(("main_1", "main_2"), digits=1, first_seconds=3)
    assert await phone(call, tmp_path).gather(asked) == Keyed("4")
    assert call.prompts == []
    assert [fields["which"] for fields in call.marked("alarm")] == ["fa/main_1", "fa/main_2"]
