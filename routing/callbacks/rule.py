"""Which call back takes its place in Asterisk's queue now, and which has to leave it.

The rule of order is that of everybody who waits (`routing.priority`): a place is a number made of the second of joining and the
priority, and Asterisk sorts by it, callers on the line and call backs alike. So within one queue nobody is passed by who joined
later with no higher priority; of one second no order is promised. An operator who is free takes the first of Asterisk's queue,
so there are never more dials than operators who answered for one.

It compares states and never replays deeds: after a restart of anything the same comparison brings every place back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ivr.kernel.ids import CallId, QueueName
from ivr.kernel.tracking_code import TrackingCode
from routing.callbacks.request import CallbackState, Request, code_of

ON_ITS_WAY = timedelta(seconds=5)
"""Asterisk shows a placeholder within a tenth of a second; nobody else is placed in its queue until then, or for so long."""


@dataclass(frozen=True, slots=True)
class Floor:
    """What is known of the queues now."""

    lines: Mapping[QueueName, Collection[CallId]]
    """Who stands in each, callers and placeholders of call backs."""
    open: Collection[QueueName]
    """Their hours let callers in."""
    winding_down: Collection[QueueName]
    """Closed a moment ago; who stands in them is still served."""
    served: Collection[QueueName]
    """Somebody is at a telephone of theirs; Asterisk lets nobody into the others."""


@dataclass(frozen=True, slots=True)
class Place:
    """Enter the queue with this place."""

    code: TrackingCode
    queue: QueueName
    prio: int


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Leave the queue; `why`: `not_wanted` or `closed`."""

    call_id: CallId
    queue: QueueName
    why: str


Step = Place | Withdraw


def steps(
    requests: Iterable[Request], floor: Floor, now: datetime, *, in_line: int, step_seconds: int
) -> Sequence[Step]:
    """What is missing. At most one placing a queue, the first in line: were two on their way, an operator who comes free in
    between could be given the later one."""
    known = list(requests)
    under_way = {request.attempt.call_id: request for request in known if request.attempt}
    found: list[Step] = []
    for queue, line in floor.lines.items():
        ours = [call_id for call_id in line if code_of(call_id)]
        found += _leaving(queue, ours, under_way, floor)
        mine = sorted((r for r in known if r.queue == queue), key=lambda one: (-one.prio(step_seconds), one.code))
        on_its_way = any(_on_its_way(request, ours, now) for request in mine)
        if queue in floor.open and queue in floor.served and not on_its_way:
            found += _entering(queue, mine, now, in_line, step_seconds)
    return found


def _leaving(
    queue: QueueName, ours: Sequence[CallId], under_way: Mapping[CallId, Request], floor: Floor
) -> Iterable[Step]:
    for call_id in ours:
        request = under_way.get(call_id)
        if request is None or request.queue != queue:
            yield Withdraw(call_id, queue, "not_wanted")
        elif queue not in floor.open and queue not in floor.winding_down:
            yield Withdraw(call_id, queue, "closed")


def _entering(
    queue: QueueName, mine: Sequence[Request], now: datetime, in_line: int, step_seconds: int
) -> Iterable[Step]:
    due = [r for r in mine if r.attempt or r.not_before is None or r.not_before <= now]
    for request in due[:in_line]:
        if request.attempt is None:
            yield Place(request.code, queue, request.prio(step_seconds))
            return


def _on_its_way(request: Request, ours: Collection[CallId], now: datetime) -> bool:
    """Asterisk was asked for it a moment ago and does not show it: it may yet take a place."""
    if request.attempt is None or request.state is CallbackState.DIALLING:
        return False
    return request.attempt.call_id not in ours and now - request.attempt.begun_at < ON_ITS_WAY
