"""What callers of a busy day do, and how often. Each journey is one crowd; its callers' numbers begin with its own digits."""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from asterisk_conf.robots.crew import Talk
from asterisk_conf.robots.crowd import HangUp, Press, PressUntilEnd, Seen, Sound, Step, Wait
from ivr.kernel.tracking_code import TrackingCode
from tests.faults.checker.witness import Witness

DEAF_QUEUE = "treatment"
"""All operators pause in this queue, so that its callers wait and nobody ever answers them."""


@dataclass(frozen=True, slots=True)
class Journey:
    """`share` of all callers (in percent) do `steps`. `scores`: they key a score until the line has said goodbye."""

    name: str
    share: int
    first_digits: str
    steps: Sequence[Step]
    may_end_as: frozenset[str]
    scores: bool = False
    leaves_message: bool = False

    def witness(self, seen: Seen, talk: Talk | None, *, failed: Collection[str] = ()) -> Witness:
        """What the checker is told about one of these callers. `failed`: doors that failed on the way, so that the call
        may have ended in any way that the ledgers tell; a score is excused by the survey's own door only."""
        return Witness(
            number=seen.number,
            journey=self.name,
            dialled_at=seen.dialled_at,
            answered_at=seen.answered_at,
            ended_at=seen.ended_at,
            ended_by=seen.ended_by,
            keys=seen.keys,
            may_end_as=self.may_end_as if seen.ended_by and not failed else frozenset(),
            score=_confirmed_score(seen, talk) if self.scores and "survey" not in failed else None,
            left_message=True if self.leaves_message and seen.ended_by == "line" and not failed else None,
        )


def _confirmed_score(seen: Seen, talk: Talk | None) -> int | None:
    """A score counts when it was keyed after the operator had gone and the line, not the caller, ended the call: only
    then has the caller heard the thanks."""
    if talk is None or talk.ended_at is None or talk.ended_by != "agent" or seen.ended_by != "line":
        return None
    gone = talk.ended_at
    return next((int(key) for at, key in seen.keys if at > gone), None)


def busy_day(speech: Path) -> tuple[Journey, ...]:
    """Eight journeys in the shares of a busy day. `speech` is A-law that callers say into the message box."""
    dice = random.Random(1420)
    codes = tuple(str(TrackingCode.from_number(dice.randrange(10**8))) for _ in range(20))
    menu = Wait(2.5, 5)  # a key before the door listens is lost, which on a busy machine may take seconds
    to_talk = (menu, Press("1"), Wait(0.7), Press(("1", "2", "0")))
    to_wait = (menu, Press("1"), Wait(0.7), Press("3"))
    return (
        Journey(
            "talks and gives a score", 25, "091201", (*to_talk, Wait(6), PressUntilEnd(("3", "4", "5"))),
            frozenset({"answered"}), scores=True,
        ),
        Journey("talks", 20, "091202", (*to_talk, Wait(25, 45), HangUp()), frozenset({"answered"})),
        Journey("gives up while waiting", 12, "091203", (*to_wait, Wait(11, 24), HangUp()), frozenset({"abandoned"})),
        Journey(
            "leaves a voice message", 13, "091204",
            (
                Wait(2.5, 4.5), Press("2"), Wait(0.7), Press(("1", "2", "3")), Wait(15.5), Sound(str(speech)), Wait(5, 7),
                Press("#"), Wait(3), Press("1"), Wait(40), HangUp(),
            ),
            frozenset({"left_message"}), leaves_message=True,
        ),
        Journey(
            "listens to information", 12, "091205",
            (Wait(2.5, 4.5), Press("4"), Wait(0.7), Press(("1", "2", "3")), Wait(10, 18), HangUp()),
            frozenset({"self_served", "menu_abandoned"}),
        ),
        Journey("drops out of the menu", 8, "091206", (Wait(0.5, 8), HangUp()), frozenset({"menu_abandoned"})),
        Journey(
            "asks to be called back", 6, "091207",
            (*to_wait, Wait(9, 13), Press("1"), Wait(3.5), Press("1"), Wait(45), HangUp()),
            frozenset({"callback_requested"}),
        ),
        Journey(
            "asks how a case stands", 4, "091208",
            # Nobody has these codes; who waits long enough after being told so comes to an operator.
            (Wait(2.5, 4.5), Press("3"), Wait(2), Press(codes), Wait(6, 10), HangUp()),
            frozenset({"self_served", "menu_abandoned", "abandoned", "answered"}),
        ),
    )  # fmt: skip
