"""What Asterisk says about queues and seats at this moment: the events and the snapshot the board is folded from.

These are hints for the live page and never reach a record. `at` is when we heard it: Asterisk stamps none of them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from ivr.kernel.ids import CallId, LegId, QueueName, SeatName
from routing.agents import DeviceStatus

UNNAMED = CallId("unnamed")
"""Of an end that Asterisk told without its call (`routing.nameless`)."""


@dataclass(frozen=True, slots=True)
class CallerJoined:
    """A caller entered a queue."""

    queue: QueueName
    leg_id: LegId
    call_id: CallId
    position: int
    caller: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CallerLeft:
    """A caller left a queue, answered or not. (Asterisk's abandon event says less: it also comes for a time-out.)"""

    queue: QueueName
    leg_id: LegId
    at: datetime


@dataclass(frozen=True, slots=True)
class SeatCalled:
    """A seat's telephone is asked to ring for a caller."""

    queue: QueueName
    seat: SeatName
    agent: str
    call_id: CallId
    at: datetime


@dataclass(frozen=True, slots=True)
class SeatConnected:
    """Caller and operator hear each other."""

    queue: QueueName
    seat: SeatName
    agent: str
    call_id: CallId
    at: datetime


@dataclass(frozen=True, slots=True)
class SeatMissed:
    """The seat did not answer, or the caller left while it rang."""

    queue: QueueName
    seat: SeatName
    call_id: CallId
    at: datetime


@dataclass(frozen=True, slots=True)
class SeatCompleted:
    """The talk is over."""

    queue: QueueName
    seat: SeatName
    call_id: CallId
    at: datetime


@dataclass(frozen=True, slots=True)
class HoldChanged:
    """An operator put the other side on hold, or took it back. The telephone's own status does not tell: Asterisk gives
    "on hold" to the side that is held."""

    seat: SeatName
    call_id: CallId
    on_hold: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Member:
    """A seat in a queue, as Asterisk sees it."""

    queue: QueueName
    seat: SeatName
    agent: str
    status: DeviceStatus
    paused: bool
    in_call: bool
    last_call: datetime | None
    """When its last talk *in this queue* ended."""
    wrapup_seconds: int
    """The member's own rest; 0 means that the queue's setting holds (Asterisk does not tell that one)."""
    pause_reason: str = ""
    """What the operator gave as reason; empty when not paused or when none was given."""
    penalty: int = 0
    """Asked after all with a smaller one."""


@dataclass(frozen=True, slots=True)
class MemberChanged:
    """News of a member: status, pause, added."""

    member: Member
    at: datetime
    status_is_news: bool = True
    """False for a pause: its status was read before it was said, and news of the telephone may have overtaken it."""


@dataclass(frozen=True, slots=True)
class MemberRemoved:
    """A seat is no longer in a queue."""

    queue: QueueName
    seat: SeatName
    at: datetime


LiveEvent = (
    CallerJoined
    | CallerLeft
    | SeatCalled
    | SeatConnected
    | SeatMissed
    | SeatCompleted
    | HoldChanged
    | MemberChanged
    | MemberRemoved
)


@dataclass(frozen=True, slots=True)
class SnapshotCaller:
    """A caller in a snapshot. Asterisk names only the leg there; the board remembers its call."""

    queue: QueueName
    leg_id: LegId
    position: int
    caller: str
    since: datetime
    priority: int = 0
    """Who has more of it stands before all with less."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All queues at one moment."""

    queues: tuple[QueueName, ...]
    members: tuple[Member, ...]
    callers: tuple[SnapshotCaller, ...]
    at: datetime
    holds: Mapping[SeatName, Collection[CallId]] | None = None
    """Calls on hold, by the seat that holds them; None when it was not asked, and what was heard counts."""
