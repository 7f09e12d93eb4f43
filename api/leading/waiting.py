"""Moving a waiting caller to another queue, to the front, or to another priority.

The trail is written in the transaction of the deed, and Asterisk is asked last: when it refuses (the caller has just been
answered, or is gone) nothing was changed and nothing is written.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.access.principal import Principal
from api.audit.trail import write_audit
from api.db.notify import notify
from api.leading.floor_now import FloorNow, Waiting
from ivr.kernel.errors import Conflict, Invalid
from ivr.kernel.ids import QueueName
from routing.leading import Lead, Queued
from routing.queues import MOVE

CHANNEL = "callers_led"
"""Said to the listener when the order of callers in a queue was changed; the payload is the queue."""

LEVELS: Mapping[str, int] = {"normal": 0, "high": 10, "urgent": 20}
"""Priorities that a person may give, in Asterisk's numbers: who has more stands before all with less."""
HIGHEST = 99
"""No priority grows beyond this, however often somebody is put to the front."""


async def move(
    session: AsyncSession,
    lead: Lead,
    floor: FloorNow,
    call_id: str,
    to: str,
    *,
    queues: Collection[str],
    is_open: Callable[[str], bool],
    at: datetime,
    by: Principal,
) -> Waiting:
    """The caller goes on waiting in `to`, at the place of who has waited as long. Returns where they stood.

    Raises `Invalid` for no such queue, `Conflict` for one that is closed or that nobody serves, and when it is too late.
    """
    if to not in queues:
        raise Invalid(
            f"There is no queue {to[:40]!r}. Choose one of {', '.join(queues)}.", code="no_such_queue", field="queue"
        )
    caller = floor.waiting(call_id)
    if caller.queue == to:
        raise Conflict("The caller waits in this queue already.", code="same_queue", field="queue")
    if not is_open(to):
        raise Conflict("That queue is closed: nobody is let in.", code="queue_closed", field="queue")
    if not floor.members(to):
        raise Conflict("Nobody serves that queue now.", code="queue_unserved", field="queue")
    if floor.is_rung_for(call_id):
        raise Conflict("A seat is ringing for this caller; they are about to be answered.", code="being_rung")
    queued = await _queued(lead, caller)
    place = floor.place_in(to, caller.since)
    before = {"queue": caller.queue, "position": queued.position, "priority": queued.priority}
    after = {"queue": to, "position": place, "priority": queued.priority}
    await _write(session, "caller.moved", caller, before, after, at=at, by=by)
    await lead.withdraw(queued, MOVE, QueueName(to), str(place), str(queued.priority))
    return caller


async def to_front(
    session: AsyncSession, lead: Lead, floor: FloorNow, call_id: str, *, at: datetime, by: Principal
) -> int:
    """Before everybody in the same queue; returns the priority that this takes. Raises `Conflict` when it is too late."""
    caller = floor.waiting(call_id)
    callers = await lead.queued(caller.queue)
    queued = _this(callers, caller)
    others = [one for one in callers if one.leg_id != caller.leg_id]
    above = max((one.priority for one in others), default=-1)
    priority = queued.priority if queued.position == 1 else min(max(above + 1, queued.priority), HIGHEST)
    await _change(session, lead, caller, queued, priority, "caller.to_front", at=at, by=by)
    return priority


async def prioritise(
    session: AsyncSession, lead: Lead, floor: FloorNow, call_id: str, level: str, *, at: datetime, by: Principal
) -> int:
    """Another priority. Raises `Invalid` for no such level, `Conflict` when it is too late."""
    if level not in LEVELS:
        raise Invalid(f"The priority must be one of: {', '.join(LEVELS)}.", code="no_such_priority", field="priority")
    caller = floor.waiting(call_id)
    queued = await _queued(lead, caller)
    await _change(session, lead, caller, queued, LEVELS[level], "caller.prioritised", at=at, by=by)
    return LEVELS[level]


async def _change(
    session: AsyncSession, lead: Lead, caller: Waiting, queued: Queued, priority: int, action: str,
    *, at: datetime, by: Principal,
) -> None:  # fmt: skip
    before = {"queue": caller.queue, "position": queued.position, "priority": queued.priority}
    await _write(session, action, caller, before, {"queue": caller.queue, "priority": priority}, at=at, by=by)
    await notify(session, CHANNEL, caller.queue)
    await lead.prioritise(queued, priority)


async def _queued(lead: Lead, caller: Waiting) -> Queued:
    return _this(await lead.queued(caller.queue), caller)


def _this(callers: Collection[Queued], caller: Waiting) -> Queued:
    for one in callers:
        if one.leg_id == caller.leg_id:
            return one
    raise Conflict("This caller waits no more: somebody answered, or they hung up.", code="caller_gone")


async def _write(
    session: AsyncSession, action: str, caller: Waiting, before: Mapping[str, Any], after: Mapping[str, Any],
    *, at: datetime, by: Principal,
) -> None:  # fmt: skip
    details = {"before": dict(before), "after": dict(after)}
    await write_audit(session, at=at, actor=by, action=action, target=f"call:{caller.call_id}", details=details)
