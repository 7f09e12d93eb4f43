"""When something on the floor is an alarm, and when it is none any more. Pure.

An alarm must neither come late nor flap, so it begins and ends by two different limits and by time:

    begins   when the value has been beyond `threshold` without a break for `after`
    ends     when the value has been calm, on the good side of `calm_at`, without a break for `CALM`

Between the two limits lies a strip in which an alarm that stands goes on standing and none begins. Thresholds are beyond
which, not from which: a wait of exactly 120 s is no alarm of 120 s. What cannot be known now (the board is stale) is no value
at all and changes nothing; what there is nothing of (no call yet, a closed queue) is `None` and calm.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

CALM = timedelta(seconds=30)
"""So long a value stays calm before its alarm ends."""


class AlarmKind(StrEnum):
    """What can be wrong on the floor. The value of each is in the unit that `UNIT` names."""

    LONGEST_WAIT = "longest_wait"
    """Who waits longest now, per queue."""
    WAITING = "waiting"
    """Callers who wait now, per queue."""
    SERVICE_LEVEL = "service_level"
    """The published service level of the day so far, per queue; not judged before `LEAST_ENDED` visits have ended."""
    NOBODY_HERE = "nobody_here"
    """1 while a queue is open and no agent who serves it is signed in, per queue."""
    SEATS_MISSING = "seats_missing"
    """People planned for this half hour − people signed in."""
    OVERDUE_PAUSE = "overdue_pause"
    """Seconds by which a pause has passed its cause's limit, per seat."""
    STALE = "stale"
    """Age of the board."""


class Unit(StrEnum):
    """In which a threshold is given."""

    SECONDS = "seconds"
    NUMBER = "number"
    SHARE = "share"
    """0 to 1."""
    NOTHING = "nothing"
    """It is so or it is not: there is no threshold to give."""


UNIT: Mapping[AlarmKind, Unit] = {
    AlarmKind.LONGEST_WAIT: Unit.SECONDS,
    AlarmKind.WAITING: Unit.NUMBER,
    AlarmKind.SERVICE_LEVEL: Unit.SHARE,
    AlarmKind.NOBODY_HERE: Unit.NOTHING,
    AlarmKind.SEATS_MISSING: Unit.NUMBER,
    AlarmKind.OVERDUE_PAUSE: Unit.SECONDS,
    AlarmKind.STALE: Unit.SECONDS,
}
OF_QUEUES = (AlarmKind.LONGEST_WAIT, AlarmKind.WAITING, AlarmKind.SERVICE_LEVEL, AlarmKind.NOBODY_HERE)
"""Kinds with a rule for each queue; the others have one for the line."""

LEAST_ENDED = 20
"""The first caller of a morning who hangs up would else make a service level of 0 %."""

_STRIP = 0.8
"""Seconds and numbers are calm again at four fifths of their threshold."""
_SHARE_STRIP = 0.02
"""A service level two points above it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One limit. `queue` is empty for a kind that belongs to the line."""

    kind: AlarmKind
    queue: str
    threshold: float
    after: timedelta
    on: bool = True

    @property
    def falls(self) -> bool:
        """Whether less is worse."""
        return self.kind is AlarmKind.SERVICE_LEVEL

    @property
    def calm_at(self) -> float:
        """The limit at which it is calm again."""
        if self.falls:
            return min(self.threshold + _SHARE_STRIP, 1.0)
        return self.threshold * _STRIP

    def bad(self, value: float) -> bool:
        return value < self.threshold if self.falls else value > self.threshold

    def calm(self, value: float) -> bool:
        return value >= self.calm_at if self.falls else value <= self.calm_at

    def worse(self, one: float, other: float) -> bool:
        """Whether `one` is worse than `other`."""
        return one < other if self.falls else one > other


@dataclass(frozen=True, slots=True)
class Standing:
    """How one alarm stands. `turning_since`: since when the value has called for the other state, without a break."""

    raised: bool = False
    turning_since: datetime | None = None


def judge(rule: Rule, before: Standing, value: float | None, now: datetime) -> Standing:
    """How the alarm stands at `now`. A rule that is off raises nothing and ends what it raised, at once.

    `now` may lie before what was seen (a clock set back): then the wait begins anew, and nothing begins or ends early.
    """
    if not rule.on:
        return Standing()
    if before.raised:
        turning, waits = value is None or rule.calm(value), CALM
    else:
        turning, waits = value is not None and rule.bad(value), rule.after
    if not turning:
        return Standing(before.raised)
    since = before.turning_since
    if since is None or since > now:
        since = now
    return Standing(not before.raised) if now - since >= waits else Standing(before.raised, since)
