"""The queues of callers: their names in the order people know them, their settings, and the line of callers in one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, field_validator

from ivr.kernel.ids import CallId, LegId, QueueName
from routing.ladder import Ladder
from routing.seats import SignIn

QUEUES: tuple[QueueName, ...] = tuple(QueueName(name) for name in ("general", "insurance", "pensions", "treatment"))
"""Queues of the default menu; the board shows them even before the first word from Asterisk."""


_FORM = StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")
"""A name becomes a section of Asterisk's queues.conf: a bracket or a line break in it would write settings of its own."""
_Name = Annotated[QueueName, _FORM]
_OtherQueue = Annotated[str, _FORM]

_Wait = Annotated[int, Field(ge=0, le=86_400)]
"""Seconds of waiting."""


class QueueSettings(BaseModel):
    """How one queue of callers behaves. Asterisk is told of it, and the board reckons with it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    wait_limit_seconds: int = Field(
        default=600, gt=0, le=86_400, description="A caller waits at most this long, then is offered a message."
    )
    max_waiting: int = Field(
        default=50, gt=0, le=10_000, description="More callers than this are told that the queue is full."
    )
    ring_seconds: int = Field(default=15, gt=0, le=600, description="One seat rings this long.")
    wrapup_seconds: int = Field(
        default=5, ge=0, le=3600, description="Fixed rest of a seat after a talk, where a telephone alone signs in."
    )
    wrapup_limit_seconds: int = Field(
        default=60,
        ge=0,
        le=3600,
        description="Work after a talk ends by itself after so long, where agents sign in; 0: there is none.",
    )
    handle_seconds: int = Field(
        default=180,
        ge=0,
        le=7200,
        description="Talk and work after it, for the estimated wait of a queue with fewer than five talks in four weeks; "
        "0: its callers are told nothing then.",
    )
    relax_seconds: tuple[_Wait, _Wait] = Field(
        default=(10, 20), description="Agents of level 2 ring for who has waited the first, of level 3 for the second."
    )
    helped_by: Mapping[_OtherQueue, _Wait] = Field(
        default_factory=dict,
        description="Overflow: queue → its agents ring for who has waited here so many seconds.",
    )
    tell_wait: bool = Field(default=True, description="Callers hear before the queue how long the wait will be.")
    must_record: bool = Field(
        default=False, description="Talks are recorded even when the spool's disk is almost full (a rule requires it)."
    )

    @field_validator("relax_seconds")
    @classmethod
    def _in_order(cls, relax: tuple[int, int]) -> tuple[int, int]:
        if relax[0] > relax[1]:
            raise ValueError("level 3 cannot ring before level 2: give the smaller wait first")
        return relax

    @property
    def ladder(self) -> Ladder:
        return Ladder(self.relax_seconds, {QueueName(helper): after for helper, after in self.helped_by.items()})


def default_queues() -> dict[QueueName, QueueSettings]:
    """All queues as they are when nobody says otherwise."""
    return {name: QueueSettings() for name in QUEUES}


def _with_the_others(given: Any) -> Any:
    return default_queues() | dict(given) if isinstance(given, Mapping) else given


def _helpers_known(queues: dict[QueueName, QueueSettings]) -> dict[QueueName, QueueSettings]:
    for name, queue in queues.items():
        strange = [helper for helper in queue.helped_by if helper == name or helper not in queues]
        if strange:
            raise ValueError(f"{name} cannot be helped by {strange[0]}: name another queue of {', '.join(queues)}")
    return queues


AllQueues = Annotated[dict[_Name, QueueSettings], BeforeValidator(_with_the_others), AfterValidator(_helpers_known)]
"""The field `queues` (LINE1420_QUEUES, a JSON object) of whoever needs it; a queue that is not named keeps its defaults."""


@dataclass(frozen=True, slots=True)
class WaitingCaller:
    """A caller in a queue. `caller` is masked already: the board never carries a whole number."""

    leg_id: LegId
    call_id: CallId
    since: datetime
    """When they began to wait; a caller who is moved from queue to queue waits on."""
    caller: str
    prio: int | None = None
    """Their place as Asterisk has it (`routing.priority.queue_prio`), which only a snapshot tells; None until then."""


@dataclass(slots=True)
class Line:
    """Callers of one queue in order; the position of a caller is its place in the list, counted from 1."""

    callers: list[WaitingCaller] = field(default_factory=list)

    def join(self, caller: WaitingCaller, position: int) -> None:
        """Stand at `position`. A caller who stands in line already stays: the same news twice is one caller."""
        if all(known.leg_id != caller.leg_id for known in self.callers):
            self.callers.insert(min(max(position, 1) - 1, len(self.callers)), caller)

    def leave(self, leg_id: LegId) -> WaitingCaller | None:
        """Go, for whatever reason; leaving twice is leaving once. Who it was, if they stood here."""
        gone = next((caller for caller in self.callers if caller.leg_id == leg_id), None)
        self.callers = [caller for caller in self.callers if caller.leg_id != leg_id]
        return gone

    @property
    def legs(self) -> tuple[LegId, ...]:
        return tuple(caller.leg_id for caller in self.callers)

    def to_json(self) -> list[dict[str, Any]]:
        """Everybody in order, as the board shows them."""
        return [
            {
                "call_id": caller.call_id,
                "leg_id": caller.leg_id,
                "position": position,
                "since": iso(caller.since),
                "caller_masked": caller.caller,
                "prio": caller.prio,
            }
            for position, caller in enumerate(self.callers, 1)
        ]


def iso(instant: datetime) -> str:
    """`2026-11-21T20:03:02.881Z`"""
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(slots=True)
class OnTheirWay:
    """Callers who left a queue a moment ago. Asterisk's events do not say that a caller is moved; one who enters another queue
    at once has been, and their wait goes on."""

    left: dict[LegId, tuple[datetime, datetime]] = field(default_factory=dict)
    """Leg → when it left, and since when it had waited."""

    def leaves(self, caller: WaitingCaller | None, at: datetime) -> None:
        """`None`: nobody left whom we knew."""
        self.left = {leg: told for leg, told in self.left.items() if at - told[0] < SAME_WAIT}
        if caller is not None:
            self.left[caller.leg_id] = (at, caller.since)

    def since(self, leg_id: LegId, at: datetime) -> datetime:
        """Since when a caller who enters a queue at `at` has waited."""
        left_at, since = self.left.pop(leg_id, (None, at))
        return since if left_at is not None and at - left_at < SAME_WAIT else at


SAME_WAIT = timedelta(seconds=2)
"""The dialplan takes some milliseconds from one queue to the next; whoever goes through the menu takes longer."""

MOVE, CLOSED = "move", "closed"
"""First words of the reason for which a caller is withdrawn from a queue; the dialplan and the fold know them."""

GAP_SECONDS = 2
"""Asterisk's own rest after a talk where agents sign in: in it they are paused for their wrap-up."""


def rest_seconds(queue: QueueSettings, sign_in: SignIn) -> int:
    """How long Asterisk itself lets a seat rest after a talk."""
    if sign_in == "telephone":
        return queue.wrapup_seconds
    return GAP_SECONDS if queue.wrapup_limit_seconds else 0


EXCHANGE_PREFIX = "q-"
"""Asterisk's own names of our queues begin so: in queues.conf the word `general` is a section of its own, a queue called
that is silently not made."""


def exchange_name(queue: str) -> str:
    """What Asterisk calls our queue."""
    return EXCHANGE_PREFIX + queue


def our_name(exchange: str) -> str:
    """What we call a queue of Asterisk's; a name without the prefix stays."""
    return exchange.removeprefix(EXCHANGE_PREFIX)
