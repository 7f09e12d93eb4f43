"""How verbs are carried out, with small dialogues and a phone that writes down what it is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from agi_scripts.conversation import converse
from agi_scripts.desk import NoDesk
from agi_scripts.variables import Variable
from ivr.dialogue.replies import DeskUnavailable, HungUp, Keyed, NoKey
from ivr.dialogue.verbs import (
    AskSeat,
    Gather,
    KeepMessage,
    Leave,
    LookUpCase,
    Mark,
    PlayMessage,
    Remember,
    Say,
    SeatDeed,
    Speak,
    Step,
    Verb,
)
from ivr.kernel.errors import Invalid
from ivr.kernel.milestones import Goto, Milestone
from ivr.kernel.tracking_code import TrackingCode

BYE = Leave(Goto.GOODBYE)
STEP = Mark(Milestone.STEP, {"node": "main"})


@dataclass
class NotebookPhone:
    """Writes down everything; the caller goes at the n-th thing asked."""

    keys: str = ""
    goes_at: int = 10_000
    log: list[str] = field(default_factory=list)

    def _note(self, what: str) -> HungUp | None:
        self.log.append(what)
        return HungUp() if len(self.log) >= self.goes_at else None

    async def say(self, prompts: tuple[str, ...]) -> HungUp | None:
        return self._note(f"say {' '.join(prompts)}")

    async def gather(self, gather: Gather) -> Keyed | NoKey | HungUp:
        gone = self._note("gather")
        return gone or (Keyed(self.keys) if self.keys else NoKey())

    async def hold_on(self, seconds: float) -> HungUp | None:
        return self._note(f"hold on {seconds:.0f} s")

    async def mark(self, milestone: Milestone, fields: Mapping[str, str | int]) -> HungUp | None:
        return self._note(f"mark {milestone}")

    async def set_language(self, language: str) -> HungUp | None:
        return self._note(f"language {language}")

    async def play_message(self, sound: Path) -> HungUp | None:
        return self._note(f"play {sound}")

    async def set_variable(self, variable: Variable, value: str) -> HungUp | None:
        return self._note(f"{variable.value}={value}")

    async def get_variables(self, *variables: Variable) -> tuple[str, ...]:
        return ("",) * len(variables)


class Fixed:
    """Steps from a list, whatever is replied; `replies` holds what came."""

    def __init__(self, *steps: tuple[Verb, ...]) -> None:
        self.steps = steps
        self.replies: list[object] = []

    def start(self) -> Step[int]:
        return Step(0, self.steps[0])

    def advance(self, state: int, reply: object) -> Step[int]:
        self.replies.append(reply)
        return Step(state + 1, self.steps[min(state + 1, len(self.steps) - 1)])


@dataclass
class KeptMessage:
    sound: Path = Path("m.part.wav")
    kept: int = 0

    async def keep(self) -> None:
        self.kept += 1


async def test_verbs_are_carried_out_in_order_and_the_decision_is_left_with_done_last() -> None:
    phone, message = NotebookPhone("1"), KeptMessage()
    dialogue = Fixed(
        (STEP, Remember("main"), Speak("en"), Say(("a", "b")), Gather(())),
        (PlayMessage(), KeepMessage(), Leave(Goto.QUEUE, queue="general", kind="question")),
    )
    assert await converse(dialogue, phone, NoDesk(), message) == Leave(Goto.QUEUE, queue="general", kind="question")
    assert phone.log == [
        "mark step", "LINE_NODE=main", "language en", "say a b", "gather", "play m.part.wav",
        "LINE_GOTO=queue", "LINE_QUEUE=general", "LINE_KIND=question", "LINE_NODE=", "LINE_DONE=1",
    ]  # fmt: skip
    assert message.kept == 1


async def test_the_desk_s_answer_reaches_the_dialogue() -> None:
    dialogue = Fixed((LookUpCase(TrackingCode.from_number(1)),), (BYE,))
    await converse(dialogue, NotebookPhone(), NoDesk())
    assert dialogue.replies == [DeskUnavailable()]


async def test_the_line_is_kept_while_the_desk_is_asked_about_a_seat() -> None:
    class Slow(NoDesk):
        seat_seconds = 3.0

    phone, dialogue = NotebookPhone(), Fixed((AskSeat("seat05", SeatDeed.LOOK),), (BYE,))
    await converse(dialogue, phone, Slow())
    assert phone.log[0] == "hold on 3 s"
    assert dialogue.replies == [DeskUnavailable()]


async def test_an_agent_who_hangs_up_asks_the_desk_nothing_more() -> None:
    dialogue = Fixed((AskSeat("seat05", SeatDeed.SIGN_OUT),), (BYE,))
    assert await converse(dialogue, NotebookPhone(goes_at=1), NoDesk()) == HungUp()
    assert dialogue.replies == [HungUp()]


@pytest.mark.parametrize("goes_at", [1, 2, 3])
async def test_a_hangup_is_told_once_and_nothing_more_is_said(goes_at: int) -> None:
    phone = NotebookPhone(goes_at=goes_at)
    dialogue = Fixed((STEP, Say(("a",)), Gather(())), (STEP, Say(("b",)), Gather(()), BYE))
    assert await converse(dialogue, phone, NoDesk()) == HungUp()
    assert dialogue.replies == [HungUp()]
    assert phone.log[goes_at:] == ["mark step"]


async def test_a_message_may_still_be_kept_after_the_hangup() -> None:
    message = KeptMessage()
    await converse(Fixed((Gather(()),), (KeepMessage(), BYE)), NotebookPhone(goes_at=1), NoDesk(), message)
    assert message.kept == 1


async def test_a_caller_who_goes_before_done_leaves_it_unset() -> None:
    phone = NotebookPhone(goes_at=1)
    assert await converse(Fixed((Leave(Goto.QUEUE, queue="general"),)), phone, NoDesk()) == HungUp()
    assert phone.log == ["LINE_GOTO=queue"]


async def test_a_dialogue_in_a_circle_ends() -> None:
    with pytest.raises(Invalid, match="circle"):
        await converse(Fixed((Gather(()),)), NotebookPhone("1"), NoDesk())


async def test_a_step_that_asks_nothing_is_told() -> None:
    with pytest.raises(Invalid, match="must end"):
        await converse(Fixed((Say(("a",)),)), NotebookPhone(), NoDesk())


async def test_a_message_verb_without_a_message_is_told() -> None:
    with pytest.raises(Invalid, match="recorded message"):
        await converse(Fixed((KeepMessage(), BYE)), NotebookPhone(), NoDesk())
