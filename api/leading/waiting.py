"""Moving a waiting caller to another queue, to the front, or to another priority.

The trail is written in the transaction of the deed, and Asterisk is asked last: when it refuses (the caller has just been
answered, or is gone) nothing was changed and nothing is written. When its answer does not come, it may have done it: then the
deed stands in the trail, by a transaction of its own, with `result` `unknown`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.access.principal import Principal
from api.audit.trail import write_audit
from api.db.engine import Sessions
from api.db.notify import notify
from api.leading.floor_now import FloorNow, Waiting
from ivr.kernel.errors import Conflict, Invalid, Unavailable
from ivr.kernel.ids import QueueName
from routing.leading import Lead, Queued, words_of_move
from routing.priority import MOST, priority_of, queue_prio
from routing.queues import QueueSettings

CHANNEL = "callers_led"
"""Said to the listener when the order of callers in a queue was changed; the payload is the queue."""


async def move(
    session: AsyncSession,
    lead: Lead,
    floor: FloorNow,
    call_id: str,
    to: str,
    *,
    queues: Mapping[QueueName, QueueSettings],
    is_open: Callable[[str], bool],
    until: Callable[[str], int | None],
    sessions: Sessions,
    at: datetime,
    by: Principal,
) -> Waiting:
    """The caller goes on waiting in `to` with the place they have: before who joined later. Returns where they stood.
    `until`: the second (since 1970) at which a wait in a queue ends, None while it does not close soon.

    Raises `Invalid` for no such queue, `Conflict` for one that is closed or that nobody serves, and when it is too late.
    """
    if to not in queues:
        raise Invalid(
            f"There is no queue {to[:40]!r}. Choose one of {', '.join(queues)}.", code="no_such_queue", field="queue"
        )
    caller = floor.caller(call_id)
    if caller.queue == to:
        raise Conflict("The caller waits in this queue already.", code="same_queue", field="queue")
    if not is_open(to):
        raise Conflict("That queue is closed: nobody is let in.", code="queue_closed", field="queue")
    if not floor.members(to):
        raise Conflict("Nobody serves that queue now.", code="queue_unserved", field="queue")
    if floor.is_rung_for(call_id):
        raise Conflict("A seat is ringing for this caller; they are about to be answered.", code="being_rung")
    queued = await _queued(lead, caller)
    there = await lead.queued(QueueName(to))
    place = 1 + sum(one.prio >= queued.prio for one in there)
    before = {"queue": caller.queue, "position": queued.position, "priority": caller.priority}
    after = {"queue": to, "position": place, "priority": caller.priority}
    async with _written(session, sessions, "caller.moved", caller, before, after, at=at, by=by):
        await lead.withdraw(queued, *words_of_move(QueueName(to), queued.prio, until(to)))
    return caller


async def to_front(
    session: AsyncSession, lead: Lead, floor: FloorNow, call_id: str,
    *, step_seconds: int, sessions: Sessions, at: datetime, by: Principal,
) -> int:  # fmt: skip
    """Before everybody who waits in the same queue now; returns the priority as which that counts, 10 where it is more. Raises
    `Conflict` when it is too late."""
    caller = floor.caller(call_id)
    callers = await lead.queued(caller.queue)
    queued = _this(callers, caller)
    head = callers[0]
    prio = queued.prio if head is queued else head.prio + 1
    return await _change(
        session, lead, caller, queued, prio, "caller.to_front", step_seconds, sessions=sessions, at=at, by=by
    )


async def prioritise(
    session: AsyncSession, lead: Lead, floor: FloorNow, call_id: str, priority: int,
    *, step_seconds: int, sessions: Sessions, at: datetime, by: Principal,
) -> int:  # fmt: skip
    """Another priority, 0 to 10: the place of who joined at the same second with it. Raises `Invalid` for no such priority,
    `Conflict` when it is too late."""
    if not 0 <= priority <= MOST:
        raise Invalid(f"A priority is a number from 0 to {MOST}.", code="no_such_priority", field="priority")
    caller = floor.caller(call_id)
    queued = await _queued(lead, caller)
    prio = queue_prio(caller.joined, priority, step_seconds)
    return await _change(
        session, lead, caller, queued, prio, "caller.prioritised", step_seconds, sessions=sessions, at=at, by=by
    )


async def _change(
    session: AsyncSession, lead: Lead, caller: Waiting, queued: Queued, prio: int, action: str, step_seconds: int,
    *, sessions: Sessions, at: datetime, by: Principal,
) -> int:  # fmt: skip
    priority = priority_of(prio, caller.joined, step_seconds)
    had = priority_of(queued.prio, caller.joined, step_seconds)
    before = {"queue": caller.queue, "position": queued.position, "priority": had}
    after = {"queue": caller.queue, "priority": priority}
    async with _written(session, sessions, action, caller, before, after, at=at, by=by):
        await lead.prioritise(queued, prio)
    return priority


async def _queued(lead: Lead, caller: Waiting) -> Queued:
    return _this(await lead.queued(caller.queue), caller)


def _this(callers: Collection[Queued], caller: Waiting) -> Queued:
    for one in callers:
        if one.leg_id == caller.leg_id:
            return one
    raise Conflict("This caller waits no more: somebody answered, or they hung up.", code="caller_gone")


@asynccontextmanager
async def _written(
    session: AsyncSession, sessions: Sessions, action: str, caller: Waiting, before: Mapping[str, Any],
    after: Mapping[str, Any], *, at: datetime, by: Principal,
) -> AsyncIterator[None]:  # fmt: skip
    """Round the deed. The listener is told as well: Asterisk writes no event of a changed order."""
    target, details = f"call:{caller.call_id}", {"before": dict(before), "after": dict(after)}
    await write_audit(session, at=at, actor=by, action=action, target=target, details=details)
    await notify(session, CHANNEL, caller.queue)
    try:
        yield
    except Unavailable:
        async with sessions.begin() as own:
            unknown = {**details, "result": "unknown"}
            await write_audit(own, at=at, actor=by, action=action, target=target, details=unknown)
            await notify(own, CHANNEL, caller.queue)
        raise
