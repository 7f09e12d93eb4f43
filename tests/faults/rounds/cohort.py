"""A cohort: robot callers and operators who stand, at one moment, each at another step of a call.

The moment is made by the caller who keys a score: everybody else's step lasts longer than that, so the cohort is built
around it. Times are seconds after that caller dialled; the ledger says who really stands where.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from asterisk_conf.robots.caller import Caller
from asterisk_conf.robots.seat import Seat
from tests.faults.checker.witness import Witness, witness_of
from tests.faults.rounds.places import arm
from tests.faults.rounds.steps import Ledger, Step
from tests.line import Line
from tests.scenarios.on_the_line.callers import Scenario, eventually

BEEP_SECONDS = 14.0
"""From the last key of the menu until the beep has come."""
SCORE_AT = 13.5
"""When the caller keys a score: two keys, a short talk and the question have passed by then."""
SEATS = 15
LOOK_UP_SECONDS = 1.3
"""How long the look-up of the caller at S3 is held up; less than the lease that was left."""


RIGHT_WITHIN = 5.0
"""Seconds that the board may need after whatever was away is back."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One caller of the cohort, the step they stand for, and what they did for the witness."""

    step: Step
    caller: Caller
    score: int | None = None
    left_message: bool | None = None


class Cohort(Scenario):
    """Callers at S0–S10 and S13. `serial` numbers the rounds of a run: numbers and seats are not used twice in a row. Who
    talks stands at `talk`: S6, or S7 where the operator has put them on hold."""

    def __init__(self, line: Line, folder: Path, serial: int, talk: Step = Step.S6) -> None:
        super().__init__(line, folder)
        self.serial, self.talk = serial, talk
        self.ledger = Ledger(line.var)
        self.standing: list[Standing] = []
        self.seats = [f"seat{(3 * serial + n) % SEATS + 1:02}" for n in range(3)]
        self._looked_up: float | None = None

    def _plan(self, step: Step, *, score: int | None = None, left_message: bool | None = None) -> Caller:
        number = f"0912{self.serial % 1000:03}{len(self.standing) + 1:04}"
        caller = self.caller(number)
        self.standing.append(Standing(step, caller, score, left_message))
        return caller

    def gather(self) -> None:
        """Place everybody; returns in the moment at which the score stands in the ledger."""
        talks_long, talks_short, rings = self.seats
        closed = self._plan(Step.S10, left_message=True).pause(1).press("2").pause(1).press("2").pause(BEEP_SECONDS)
        closed.tone(350).pause(2.5).press("#").pause(7.5).press("1").pause(5).hang_up().dial()
        holds = (1.0, None) if self.talk is Step.S7 else None
        self._seat(talks_long, ring_seconds=0.3, talk_seconds=None, first="available", holds=holds)
        self._plan(self.talk).pause(1).press("1").pause(1).press("1").pause(29).hang_up().dial()
        recording = self._plan(Step.S9, left_message=True).pause(1).press("2").pause(1).press("1").pause(BEEP_SECONDS)
        recording.tone(350).pause(12).hang_up().dial()
        self.seat_is(talks_long, "talking" if holds is None else "holding", seconds=20)
        self._seat(talks_short, ring_seconds=0.3, talk_seconds=2.5, first="available")
        scores = self._plan(Step.S8, score=5).pause(1).press("1").pause(1).press("1").pause(SCORE_AT - 2.8)
        for _ in range(3):  # on a slow machine the question comes late; a score is taken once
            scores.press("5").pause(2)
        scores.until_bye(20).dial()
        began = time.monotonic()
        time.sleep(0.9)
        for step in (Step.S5, Step.S4):  # the first in the line is the one for whom it will ring
            self._plan(step).pause(1).press("1").pause(1).press("1").pause(20).hang_up().dial()
            time.sleep(0.3)
        self.seat_is(talks_short, "talking", seconds=20)
        self._seat(rings, ring_seconds=90, talk_seconds=3.0, first="ringing")
        self._until(began, SCORE_AT - 7.4)
        place = arm(self.line, "doors.look_up", f"sleep {LOOK_UP_SECONDS}")
        self._plan(Step.S3).pause(1).press("3").pause(3).press("123456786#", between_seconds=0.25).pause(
            9
        ).hang_up().dial()
        self._plan(Step.S2).pause(2).press("4").pause(14).hang_up().dial()
        self._until(began, SCORE_AT - 5)
        self._plan(Step.S13).pause(5.2).hang_up().dial()
        self._until(began, SCORE_AT - 2.2)
        self._plan(Step.S1).pause(11).hang_up().dial()

        def the_moment() -> bool:
            if self._looked_up is None and not place.exists():
                self._looked_up = time.monotonic()
            return self.ledger.stands_at(scores.user, Step.S8)

        eventually(the_moment, seconds=25, what="the moment: a score is in the ledger")
        until = time.monotonic() + 1.0
        while self._looked_up is None and time.monotonic() < until:  # the look-up may be a little late, too
            time.sleep(0.02)
            the_moment()

    def knock_now(self) -> None:
        """One more call, in the very moment of the strike: it has not been answered yet."""
        self._plan(Step.S0).pause(9).hang_up().dial()

    def seen(self) -> list[Standing]:
        """Who stands where they should, by the ledger, now."""
        there = [s for s in self.standing if self.ledger.stands_at(s.caller.user, s.step)]
        looking = self._looked_up is not None and time.monotonic() - self._looked_up < LOOK_UP_SECONDS
        held = self._seats[0].on_hold
        return [s for s in there if (s.step is not Step.S3 or looking) and (s.step is not Step.S7 or held)]

    def hold_is_shown(self) -> bool:
        """Whether the board tells of the hold within the seconds that it may take, or the talk is over."""
        talks = next(s for s in self.standing if s.step is self.talk)
        until = time.monotonic() + RIGHT_WITHIN
        while self.ledger.stands_at(talks.caller.user, self.talk):
            state = next(seat["state"] for seat in self.board()["seats"] if seat["seat"] == self.seats[0])
            if state == "holding" or time.monotonic() > until:
                return state == "holding"
            time.sleep(0.2)
        return True

    def testimony(self, ends: dict[Step, frozenset[str]]) -> list[Witness]:
        """What each of them met. `ends`: dispositions that agree with a step and what was struck."""
        return [
            witness_of(
                s.caller,
                s.step.name,
                may_end_as=ends.get(s.step, frozenset()),
                score=s.score,
                left_message=s.left_message,
            )
            for s in self.standing
        ]

    def everybody_leaves(self, *, as_planned: bool) -> None:
        """Wait until all calls are over. Calls that were cut do not end as planned: nobody says goodbye to a dead line."""
        callers = [s.caller for s in self.standing]
        if as_planned:
            self.finish(*callers, seconds=45)
        else:
            deadline = time.monotonic() + 15
            for caller in callers:
                caller.wait(max(0.1, deadline - time.monotonic()))

    def _seat(
        self,
        seat: str,
        *,
        ring_seconds: float,
        talk_seconds: float | None,
        first: str,
        holds: tuple[float, float | None] | None = None,
    ) -> None:
        secret = self.line.run["seats"][seat]["secret"]
        operator = Seat(
            self._folder / seat, self._target, seat=seat, secret=secret, ring_seconds=ring_seconds,
            talk_seconds=talk_seconds, holds=holds,
        )  # fmt: skip
        self._seats.append(operator.sign_in())
        self._takes_calls(seat)
        self.seat_is(seat, first, seconds=30)

    def _takes_calls(self, seat: str) -> None:
        """Where a telephone that registers is enough, nothing is left to do."""

    def robbed(self) -> list[str]:
        """What was taken from operators who did nothing; asked when the line is back."""
        return []

    @staticmethod
    def _until(began: float, seconds: float) -> None:
        time.sleep(max(0.0, began + seconds - time.monotonic()))


@contextmanager
def cohort(
    line: Line, folder: Path, serial: int, talk: Step = Step.S6, kind: type[Cohort] = Cohort
) -> Iterator[Cohort]:
    """A cohort whose robots have all gone at its end."""
    people = kind(line, folder, serial, talk)
    try:
        yield people
    finally:
        people.close()
