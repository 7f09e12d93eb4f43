"""The callers of a day: seven journeys, each a crowd whose callers come at drawn moments, and the operators' crew."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from asterisk_conf.robots.crew import Crew
from asterisk_conf.robots.crowd import (
    Crowd,
    HangUp,
    Patience,
    Press,
    PressUntilEnd,
    Seen,
    Sound,
    Step,
    Wait,
    crowd_numbers,
)
from tests.faults.checker.witness import Witness
from tests.load.journeys import Journey
from tests.scenarios.day.plan import Profile

LAST_CALL_SECONDS = 75.0
"""Of the run: who came at the last moment has gone by then; the longest leave a message after their patience."""
_MOST_PATIENCE = 1800.0
_STAYS = Wait(60)
"""Until the operator, or the line after the survey, ends the call; who is still there then, on a dead line perhaps, goes."""
_TALKS_DRAWN = 997


@dataclass(frozen=True, slots=True)
class Way:
    """A journey, and what its callers do once an operator has answered (None: they do not ask for one)."""

    journey: Journey
    with_operator: Sequence[Step] | None = None


def ways(profile: Profile, speech: Path) -> list[Way]:
    """`speech` is A-law that callers say into the message box."""
    keys = tuple(key for key, (_, share) in profile.queues.items() for _ in range(share))
    mean, least = profile.lengths["patience"].mean / profile.speed, profile.lengths["patience"].least
    menu = (Wait(1, 3), Press("1"), Wait(0.7), Press(keys))
    waits = (*menu, Wait(least), Patience(mean, _MOST_PATIENCE / profile.speed))
    talk, least_talk = profile.lengths["own_talk"].mean / profile.speed, profile.lengths["own_talk"].least
    box = (Wait(15.5), Sound(str(speech)), Wait(5, 7), Press("#"), Wait(3), Press("1"), Wait(40), HangUp())
    waited = frozenset({"answered", "abandoned", "timed_out", "no_agents", "left_message"})
    share = profile.callers
    return [
        Way(Journey("talks", share["talks"], "091401", (*waits, HangUp()), waited), (_STAYS, HangUp())),
        Way(
            Journey("scores", share["scores"], "091402", (*waits, HangUp()), waited, scores=True),
            (PressUntilEnd(("3", "4", "5")),),
        ),
        Way(
            Journey("ends the talk", share["ends_the_talk"], "091403", (*waits, HangUp()), waited),
            (Wait(least_talk), Patience(talk, 60), HangUp()),
        ),
        Way(
            Journey(
                "leaves a message instead of waiting", share["messages_instead_of_waiting"], "091404",
                (*waits, Press("2"), *box), waited | {"callback_requested"},
            ),
            (_STAYS, HangUp()),
        ),
        Way(
            Journey(
                "leaves a message", share["leaves_a_message"], "091405",
                (Wait(1, 3), Press("2"), Wait(0.7), Press(("1", "2", "3")), *box), frozenset({"left_message"}),
                leaves_message=True,
            )
        ),
        Way(
            Journey(
                "listens to information", share["listens"], "091406",
                (Wait(1, 3), Press("4"), Wait(0.7), Press(("1", "2", "3")), Wait(10, 18), HangUp()),
                frozenset({"self_served", "menu_abandoned"}),
            )
        ),
        Way(Journey("drops out", share["drops_out"], "091407", (Wait(0.5, 8), HangUp()), frozenset({"menu_abandoned"}))),
    ]  # fmt: skip


class Callers:
    """`start(arrivals)` gives each arrival a journey by its share; `seen()` tells everybody's call afterwards."""

    def __init__(self, folder: Path, target: str, ways: Sequence[Way], *, seed: int, limit_seconds: float) -> None:
        self._ways = ways
        self._dice = random.Random(f"{seed}/callers")
        self.crowds = [
            Crowd(
                folder, f"callers-{way.journey.first_digits}", target, way.journey.steps,
                with_operator=way.with_operator, seed=seed, limit_seconds=int(limit_seconds),
            )
            for way in ways
        ]  # fmt: skip

    def start(self, arrivals: Sequence[float]) -> None:
        """`arrivals`: seconds from now."""
        shares = [way.journey.share for way in self._ways]
        chosen = self._dice.choices(range(len(self._ways)), shares, k=len(arrivals))
        for n, (way, crowd) in enumerate(zip(self._ways, self.crowds, strict=True)):
            mine = [at for at, which in zip(arrivals, chosen, strict=True) if which == n]
            if mine:
                crowd.start(crowd_numbers(way.journey.first_digits, len(mine)), mine)

    @property
    def over(self) -> bool:
        """Whether everybody has gone."""
        return all(crowd.over for crowd in self.crowds)

    def stop(self) -> None:
        for crowd in self.crowds:
            crowd.stop()

    def seen(self) -> list[tuple[Way, Seen]]:
        return [(way, seen) for way, crowd in zip(self._ways, self.crowds, strict=True) for seen in crowd.seen()]

    def witnesses(self, crew: Crew, hurt: dict[str, str]) -> list[Witness]:
        """For the checker. `hurt`: number → what cut or troubled this call, so that it may have ended in any way."""
        talks = {talk.number: talk for talk in crew.talks()}
        return [
            way.journey.witness(seen, talks.get(seen.number), failed=[hurt[seen.number]] if seen.number in hurt else ())
            for way, seen in self.seen()
        ]


def lengths_of_talks(profile: Profile, seed: int) -> list[float]:
    """For the crew: seconds of the run, talk by talk."""
    dice = random.Random(f"{seed}/talks")
    return [profile.lengths["talk"].drawn(profile.speed, dice) for _ in range(_TALKS_DRAWN)]
