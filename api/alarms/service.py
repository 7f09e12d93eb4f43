"""Taking an alarm: from then on it is somebody's."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from api.access.principal import Principal
from api.alarms.repository import CHANNEL
from api.audit.trail import write_audit
from api.db.alarm_tables import AlarmRow
from api.db.notify import notify
from ivr.kernel.errors import Conflict, NotFound


async def take_alarm(session: AsyncSession, alarm_id: int, *, at: datetime, by: Principal) -> AlarmRow:
    """`by` owns it and has acknowledged it; taking one's own again changes nothing.

    Raises `NotFound`, or `Conflict` when it is another's or is over already: who was first stands in the list.
    """
    row = await session.get(AlarmRow, alarm_id, with_for_update=True)
    if row is None:
        raise NotFound("There is no such alarm.", code="no_such_alarm")
    if row.owner == by.actor:
        return row
    if row.owner is not None:
        raise Conflict(f"This alarm was taken by {row.owner} already. Look again.", code="alarm_taken")
    if row.ended_at is not None:
        raise Conflict("This alarm is over already; there is nothing left to take.", code="alarm_over")
    row.owner, row.acknowledged_at = by.actor, max(at, row.began_at)
    await session.flush()
    details = {"kind": row.kind, "queue": row.queue, "subject": row.subject, "before": None, "after": by.actor}
    await write_audit(session, at=at, actor=by, action="alarm.taken", target=f"alarm:{alarm_id}", details=details)
    await notify(session, CHANNEL, str(alarm_id))
    return row
