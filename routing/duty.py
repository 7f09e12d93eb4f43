"""An agent on duty at a seat, as the exchange must see it: in which queues, how far back, paused and why.

Our database owns this; what Asterisk remembers of it can be lost or be old. `wanted` says what Asterisk should hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from ivr.kernel.ids import QueueName, SeatName
from routing.ladder import LEVELS, Ladder

WRAP_UP = "wrap_up"
"""The reason Asterisk is given while an agent works after a talk and has no other cause."""


class PauseCause(StrEnum):
    """Why an agent takes no calls."""

    BREAK = "break"
    MEAL = "meal"
    PRAYER = "prayer"
    TRAINING = "training"
    OTHER = "other"
    MISSED_CALLS = "missed_calls"
    """Set by the line: calls rang at the seat and nobody answered."""
    SUPERVISOR = "supervisor"


OWN_CAUSES = (PauseCause.BREAK, PauseCause.MEAL, PauseCause.PRAYER, PauseCause.TRAINING, PauseCause.OTHER)
"""Those an agent may give."""

LIMITS: Mapping[PauseCause, timedelta] = {
    PauseCause.BREAK: timedelta(minutes=15),
    PauseCause.MEAL: timedelta(minutes=45),
    PauseCause.PRAYER: timedelta(minutes=20),
    PauseCause.TRAINING: timedelta(minutes=60),
    PauseCause.OTHER: timedelta(minutes=10),
    PauseCause.MISSED_CALLS: timedelta(minutes=5),
}
"""A pause longer than this is shown as overdue; it is never ended by itself, because nobody may be at the seat."""


@dataclass(frozen=True, slots=True)
class Duty:
    """One open duty."""

    id: int
    agent: str
    seat: SeatName
    began_at: datetime
    skills: Mapping[QueueName, int] = field(default_factory=dict)
    """Queue → level; nothing at all means every queue at level 1."""
    causes: Mapping[PauseCause, datetime] = field(default_factory=dict)
    """Open causes and since when."""
    wrap_up: tuple[QueueName, datetime] | None = None
    """Of which queue's talk, and since when."""
    missed: int = 0
    phone_gone_at: datetime | None = None
    desk_seen_at: datetime | None = None

    @property
    def reason(self) -> str:
        """What Asterisk is told: the newest cause, else wrap-up, else nothing: the agent is free."""
        if self.causes:
            return max(self.causes, key=lambda cause: (self.causes[cause], cause)).value
        return WRAP_UP if self.wrap_up else ""


@dataclass(frozen=True, slots=True)
class Place:
    """A seat's place in one queue."""

    agent: str
    penalty: int
    reason: str
    """Why paused; empty when not."""


Places = Mapping[tuple[QueueName, SeatName], Place]


def wanted(duties: Iterable[Duty], queues: Mapping[QueueName, Ladder]) -> dict[tuple[QueueName, SeatName], Place]:
    """What Asterisk should hold of all of them: who serves a queue by skill, and who only helps out in it, each on the rung of
    its ladder. A skill for a queue that is not there gives nothing."""
    present = tuple(duties)
    places: dict[tuple[QueueName, SeatName], Place] = {}
    for queue, ladder in queues.items():
        skipped = _best_level(present, queue) - 1
        for duty in present:
            level = _level(duty, queue)
            penalty = (
                _helps(duty, ladder) if level is None else ladder.penalty_of_level(max(level - skipped, LEVELS[0]))
            )
            if penalty is not None:
                places[queue, duty.seat] = Place(duty.agent, penalty, duty.reason)
    return places


def _level(duty: Duty, queue: QueueName) -> int | None:
    return duty.skills.get(queue) if duty.skills else LEVELS[0]


def _best_level(duties: Sequence[Duty], queue: QueueName) -> int:
    """The first level that anybody has who takes calls now. They are the first rung: nobody waits for a level that is not
    there, be it that all its agents are at lunch."""
    levels = [(bool(duty.causes), level) for duty in duties if (level := _level(duty, queue)) is not None]
    taking = [level for paused, level in levels if not paused]
    return min(taking or (level for _, level in levels), default=LEVELS[0])


def _helps(duty: Duty, ladder: Ladder) -> int | None:
    """The first rung on which this agent helps out; None when there is none."""
    rungs = (ladder.penalty_of_helper(queue) for queue in duty.skills)
    return min((rung for rung in rungs if rung is not None), default=None)


def overdue(cause: PauseCause, since: datetime, now: datetime) -> timedelta | None:
    """How much longer than its limit a pause has lasted; None within it, or when it has none."""
    limit = LIMITS.get(cause)
    over = now - since - limit if limit is not None else timedelta(0)
    return over if over > timedelta(0) else None
