"""Which call back takes its place in Asterisk's queue now, where, and which has to leave it.

The rule of order: within one priority of one queue, who joined earlier stands before who joined later, callers on the line
and call backs alike; a joining is known to the second, and of one second no order is promised. An operator who is free
takes the first of Asterisk's queue. So nobody is overtaken, and there are never more dials than operators who answered
for one.

It compares states and never replays deeds: after a restart of anything the same comparison brings every place back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ivr.kernel.ids import CallId, QueueName
from ivr.kernel.tracking_code import TrackingCode
from routing.callbacks.request import CallbackState, Request, code_of

SLACK = timedelta(seconds=2)
"""Joinings closer together than this are not set right: the ledger's second and our hearing of an event differ by so much."""
ON_ITS_WAY = timedelta(seconds=5)
"""Asterisk shows a placeholder within a tenth of a second; nobody else is placed in its queue until then, or for so long."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Somebody in Asterisk's queue, a caller or the placeholder of a call back."""

    call_id: CallId
    since: datetime
    priority: int | None = 0
    """None: Asterisk put it before others who stood there, and has not told yet by which priority."""


@dataclass(frozen=True, slots=True)
class Floor:
    """What is known of the queues now."""

    lines: Mapping[QueueName, Sequence[Standing]]
    """In Asterisk's order, the next one first."""
    open: Collection[QueueName]
    """Their hours let callers in."""
    winding_down: Collection[QueueName]
    """Closed a moment ago; who stands in them is still served."""
    served: Collection[QueueName]
    """Somebody is at a telephone of theirs; Asterisk lets nobody into the others."""


@dataclass(frozen=True, slots=True)
class Place:
    """Enter the queue at `position`, counted from 1."""

    code: TrackingCode
    queue: QueueName
    position: int


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Leave the queue; `why`: `not_wanted`, `closed` or `out_of_place`."""

    call_id: CallId
    queue: QueueName
    why: str


Step = Place | Withdraw


def steps(requests: Iterable[Request], floor: Floor, now: datetime, *, in_line: int) -> Sequence[Step]:
    """What is missing. At most one placing a queue: the next one is reckoned when the first is seen to stand."""
    known = list(requests)
    under_way = {request.attempt.call_id: request for request in known if request.attempt}
    found: list[Step] = []
    for queue, line in floor.lines.items():
        ours = [standing for standing in line if code_of(standing.call_id)]
        found += _leaving(queue, line, ours, under_way, floor)
        mine = sorted((r for r in known if r.queue == queue), key=lambda request: request.order)
        on_its_way = any(_on_its_way(request, ours, now) for request in mine)
        if queue in floor.open and queue in floor.served and not on_its_way:
            found += _entering(queue, line, mine, under_way, now, in_line)
    return found


def position_of(request: Request, line: Sequence[Standing], under_way: Mapping[CallId, Request]) -> int:
    """Behind the last who goes before: of a higher priority, or of the same one and not later. Nobody earlier is passed,
    also where the line is not in the order of joining."""
    before = 0
    for place, standing in enumerate(line, 1):
        priority, joined = _standing_of(standing, under_way)
        same_and_not_later = priority == request.priority and joined <= request.joined_at
        if priority is None or priority > request.priority or same_and_not_later:
            before = place
    return before + 1


def _leaving(
    queue: QueueName,
    line: Sequence[Standing],
    ours: Sequence[Standing],
    under_way: Mapping[CallId, Request],
    floor: Floor,
) -> Iterable[Step]:
    for standing in ours:
        request = under_way.get(standing.call_id)
        if request is None or request.queue != queue:
            yield Withdraw(standing.call_id, queue, "not_wanted")
        elif queue not in floor.open and queue not in floor.winding_down:
            yield Withdraw(standing.call_id, queue, "closed")
        elif _passed(request, standing, line, under_way):
            yield Withdraw(standing.call_id, queue, "out_of_place")


def _passed(request: Request, mine: Standing, line: Sequence[Standing], under_way: Mapping[CallId, Request]) -> bool:
    """Whether somebody of the same priority who joined later stands before it: the line moved while it was placed."""
    for standing in line:
        if standing.call_id == mine.call_id:
            return False
        priority, joined = _standing_of(standing, under_way)
        if priority == request.priority and joined > request.joined_at + SLACK:
            return True
    return False


def _entering(
    queue: QueueName,
    line: Sequence[Standing],
    mine: Sequence[Request],
    under_way: Mapping[CallId, Request],
    now: datetime,
    in_line: int,
) -> Iterable[Step]:
    due = [r for r in mine if r.attempt or r.not_before is None or r.not_before <= now]
    for request in due[:in_line]:
        if request.attempt is None:
            yield Place(request.code, queue, position_of(request, line, under_way))
            return


def _standing_of(standing: Standing, under_way: Mapping[CallId, Request]) -> tuple[int | None, datetime]:
    """A placeholder stands for its caller's own joining."""
    request = under_way.get(standing.call_id)
    return (request.priority, request.joined_at) if request else (standing.priority, standing.since)


def _on_its_way(request: Request, ours: Sequence[Standing], now: datetime) -> bool:
    """Asterisk was asked for it a moment ago and does not show it: it may yet take a place."""
    if request.attempt is None or request.state is CallbackState.DIALLING:
        return False
    stands = any(standing.call_id == request.attempt.call_id for standing in ours)
    return not stands and now - request.attempt.begun_at < ON_ITS_WAY
