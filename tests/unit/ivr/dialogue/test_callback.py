"""A call back: to the caller's own number or to a keyed one; the code is told twice, the number never written."""

import pytest

from ivr.dialogue.callback import Callback, CallbackState
from ivr.dialogue.replies import HungUp, Keyed, NoKey
from ivr.dialogue.verbs import Gather, Leave, Mark, Say, Step
from ivr.kernel.milestones import Goto, Milestone
from ivr.kernel.phone_number import PhoneNumber, parse_caller
from ivr.kernel.tracking_code import TrackingCode
from tests.fakes import line_data

CODE = TrackingCode.from_number(4_711)
OWN = "09121234567"
OTHER = "02188884444"


def talk(*keys: str, caller: str = OWN, phase: str = "after_hours", queue: str = "") -> list[Step[CallbackState]]:
    dialogue = Callback(caller=parse_caller(caller), code=CODE, queue=queue, phase=phase)
    steps = [dialogue.start()]
    for key in keys:
        assert isinstance(steps[-1].verbs[-1], Gather)
        steps.append(dialogue.advance(steps[-1].state, Keyed(key) if key else NoKey()))
    return steps


def said(step: Step[CallbackState]) -> list[str]:
    return [name for verb in step.verbs if isinstance(verb, Say | Gather) for name in verb.prompts]


def requests(steps: list[Step[CallbackState]]) -> list[dict[str, object]]:
    return [dict(v.fields) for s in steps for v in s.verbs if isinstance(v, Mark)]


def test_the_own_number_is_read_back_and_confirmed() -> None:
    steps = talk("1")
    digits = "".join(n.removeprefix("digit_") for n in said(steps[0]) if n.startswith("digit_"))
    assert digits == OWN
    assert requests(steps) == [{"code": str(CODE), "queue": "general", "when": "when_open", "number": "caller"}]
    assert isinstance(steps[-1].verbs[0], Mark)  # written before the promise is spoken
    assert steps[-1].state.number == PhoneNumber("+989121234567")
    assert steps[-1].verbs[-1] == Leave(Goto.GOODBYE)


def test_a_waiting_caller_keeps_the_place_in_the_queue_they_waited_in() -> None:
    steps = talk("1", phase="waiting", queue="pensions")
    assert requests(steps)[0]["when"] == "keep_place"
    assert requests(steps)[0]["queue"] == "pensions"
    assert (requests(steps)[0]["joined"], requests(steps)[0]["rank"]) == ("", "0")
    assert "callback_place" in said(steps[-1])


def test_the_code_is_told_twice() -> None:
    digits = "".join(n.removeprefix("digit_") for n in said(talk("1")[-1]) if n.startswith("digit_"))
    assert digits == CODE * 2


def test_another_number_is_keyed_and_read_back() -> None:
    steps = talk("2", OTHER, "1")
    assert steps[-1].state.number == PhoneNumber("+982188884444")
    assert requests(steps)[0]["number"] == "keyed"


@pytest.mark.parametrize("caller", ["", "anonymous", "1420", "+4930123456"])
def test_a_caller_without_a_number_we_can_ring_is_asked_for_one(caller: str) -> None:
    first = talk(caller=caller)[0]
    assert said(first)[0] == "callback_number_unknown"
    assert requests(talk(OTHER, "1", caller=caller))[0]["number"] == "keyed"


@pytest.mark.parametrize("wrong", ["12", "00493012345", "91212345678", "0*912345678", "00000000000"])
def test_numbers_that_cannot_be_rung_are_refused(wrong: str) -> None:
    step = talk(wrong, caller="")[-1]
    assert said(step)[0] == "number_wrong"
    assert step.state.number is None


@pytest.mark.parametrize("keys", [["", "", ""], ["7", "", "8"]])
def test_silence_at_the_own_number_means_yes(keys: list[str]) -> None:
    assert len(requests(talk(*keys))) == 1


def test_silence_at_a_keyed_number_means_no_because_it_might_be_a_strangers() -> None:
    steps = talk("2", OTHER, "", "", "")
    assert requests(steps) == []
    assert steps[-1].verbs[-1] == Leave(Goto.GOODBYE)


def test_no_number_at_all_ends_kindly_or_back_in_the_queue() -> None:
    assert talk("", "", "", caller="")[-1].verbs[-1] == Leave(Goto.GOODBYE)
    waiting = talk("", "", "", caller="", phase="waiting", queue="pensions")[-1]
    assert waiting.verbs[-1] == Leave(Goto.QUEUE, queue="pensions")


def test_changing_the_number_again_and_again_ends() -> None:
    steps = talk("2", OTHER, "2", OTHER, "2", OTHER, "2")
    assert steps[-1].verbs[-1] == Leave(Goto.GOODBYE)


def test_the_number_is_never_written_into_the_ledger() -> None:
    for fields in requests(talk("2", OTHER, "1")) + requests(talk("1")):
        assert OTHER[1:] not in str(fields)
        assert OWN[1:] not in str(fields)


@pytest.mark.parametrize("keys", [[], ["2"], ["2", OTHER]])
def test_hanging_up_anywhere_asks_for_nothing(keys: list[str]) -> None:
    steps = talk(*keys)
    last = Callback(caller=parse_caller(OWN), code=CODE).advance(steps[-1].state, HungUp())
    assert last.verbs == (Leave(Goto.GOODBYE),)
    assert Milestone.CALLBACK not in [v.milestone for s in steps for v in s.verbs if isinstance(v, Mark)]


def test_every_prompt_exists() -> None:
    steps = talk("7", "2", "12", OTHER, "1") + talk("", "", "", caller="") + talk("1", phase="waiting")
    steps += talk("", "", "", caller="", phase="waiting")
    assert line_data.catalogue().missing(n for s in steps for n in said(s)) == ()
