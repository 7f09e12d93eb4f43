"""An agent on duty at a seat, as the exchange must see it: in which queues, how far back, paused and why.

Our database owns this; what Asterisk remembers of it can be lost or be old. `wanted` says what Asterisk should hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from ivr.kernel.ids import QueueName, SeatName

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

LEVELS = (1, 2, 3)
"""Of a skill: 1 is asked first."""


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


def wanted(duties: Iterable[Duty], queues: Iterable[QueueName]) -> dict[tuple[QueueName, SeatName], Place]:
    """What Asterisk should hold of all of them. A skill for a queue that is not there gives nothing."""
    known = tuple(queues)
    return {
        (queue, duty.seat): Place(duty.agent, level - 1, duty.reason)
        for duty in duties
        for queue, level in (duty.skills or dict.fromkeys(known, 1)).items()
        if queue in known
    }


def overdue(cause: PauseCause, since: datetime, now: datetime) -> timedelta | None:
    """How much longer than its limit a pause has lasted; None within it, or when it has none."""
    limit = LIMITS.get(cause)
    over = now - since - limit if limit is not None else timedelta(0)
    return over if over > timedelta(0) else None
