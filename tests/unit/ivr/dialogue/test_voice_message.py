"""A voice message: keep, listen, redo; the code is said twice; nothing is lost by silence."""

import pytest

from ivr.dialogue.replies import HungUp, Keyed, NoKey
from ivr.dialogue.verbs import Gather, KeepMessage, Leave, Mark, PlayMessage, Say, Step
from ivr.dialogue.voice_message import LISTENS, MessageState, VoiceMessage
from ivr.kernel.milestones import Goto, Milestone
from ivr.kernel.tracking_code import TrackingCode
from ivr.prompts import speech
from tests.fakes import line_data

CODE = TrackingCode.from_number(4_711)


def box(**facts: object) -> VoiceMessage:
    usual = {"phase": "review", "message": "m-1", "code": CODE, "kind": "complaint"}
    return VoiceMessage(**{**usual, **facts})  # type: ignore[arg-type]


def after(dialogue: VoiceMessage, *keys: str) -> Step[MessageState]:
    step = dialogue.start()
    for key in keys:
        assert isinstance(step.verbs[-1], Gather)
        step = dialogue.advance(step.state, Keyed(key) if key else NoKey())
    return step


def said(step: Step[MessageState]) -> list[str]:
    return [name for verb in step.verbs if isinstance(verb, Say | Gather) for name in verb.prompts]


@pytest.mark.parametrize("kind", ["complaint", "question", "suggestion"])
def test_before_the_beep_the_caller_hears_what_to_do(kind: str) -> None:
    step = box(phase="prepare", kind=kind).start()
    assert step.verbs[-1] == Leave(Goto.RECORD, kind=kind)
    assert said(step) == ["message_intro", f"message_kind_{kind}", "message_after_beep", "message_end"]


@pytest.mark.parametrize("keys", [["1"], ["", ""], ["7", "7"], ["2", "1"], ["", "2", "1"], ["2"] * (LISTENS + 1)])
def test_the_message_is_kept_and_its_code_told_twice(keys: list[str]) -> None:
    step = after(box(), *keys)
    assert step.verbs[0] == KeepMessage()
    mark = step.verbs[1]
    assert isinstance(mark, Mark)
    assert mark == Mark(Milestone.MESSAGE, {"message": "m-1", "kind": "complaint", "code": str(CODE), "state": "kept"})
    digits = [name.removeprefix("digit_") for name in said(step) if name.startswith("digit_")]
    assert "".join(digits) == CODE * 2
    assert step.verbs[-1] == Leave(Goto.GOODBYE, kind="complaint")


def test_listening_plays_and_asks_again() -> None:
    step = after(box(), "2")
    assert step.verbs[0] == PlayMessage()
    assert said(step) == ["review_1", "review_2", "review_3"]


def test_redo_records_the_same_message_again() -> None:
    step = after(box(), "", "3")
    mark = step.verbs[0]
    assert isinstance(mark, Mark)
    assert (mark.fields["state"], mark.fields["message"]) == ("redone", "m-1")
    assert step.verbs[-1] == Leave(Goto.RECORD, kind="complaint")


def test_what_another_door_has_kept_is_not_asked_about_again_and_the_code_is_told() -> None:
    step = box(kept=True).start()
    assert said(step)[:2] == ["message_kept", "your_code"]
    assert step.verbs[-1] == Leave(Goto.GOODBYE, kind="complaint")
    assert KeepMessage() in step.verbs


def test_a_hangup_leaves_the_message_to_the_worker() -> None:
    dialogue = box()
    assert dialogue.advance(dialogue.start().state, HungUp()).verbs == (Leave(Goto.GOODBYE),)


@pytest.mark.parametrize("facts", [{"phase": "prepare", "has_room": False}, {"status": "ERROR"}])
def test_no_sound_can_be_kept_so_a_call_back_is_offered_and_somebody_is_told(facts: dict[str, object]) -> None:
    step = box(**facts).start()
    assert isinstance(step.verbs[0], Mark)
    assert step.verbs[0].milestone is Milestone.ALARM
    assert step.verbs[-1] == Leave(Goto.CALLBACK, queue="general")


def test_a_kind_nobody_knows_is_a_question() -> None:
    assert box(phase="prepare", kind="../x").start().verbs[-1] == Leave(Goto.RECORD, kind="question")


def test_every_prompt_exists() -> None:
    steps = [box(phase="prepare", kind=k).start() for k in ("complaint", "question", "suggestion")]
    steps += [after(box(), *keys) for keys in (["1"], ["2"], ["3"], [""], ["7"])] + [box(status="ERROR").start()]
    assert line_data.catalogue().missing([n for s in steps for n in said(s)] + list(speech.tracking_code(CODE))) == ()
