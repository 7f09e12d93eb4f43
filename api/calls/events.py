"""The stored events of calls, read back as events."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.db.tables import LedgerEventRow, Leg
from ivr.kernel.ids import CallId, LegId
from routing.events import LedgerEvent, Source


def event_of(row: LedgerEventRow) -> LedgerEvent:
    """The event of a row."""
    return LedgerEvent(
        source=Source(row.source),
        name=row.name,
        at=row.at,
        call_id=CallId(row.call_id) if row.call_id else None,
        leg_id=LegId(row.leg_id) if row.leg_id else None,
        fields=row.fields,
    )


async def events_of(session: AsyncSession, call_ids: Iterable[str]) -> dict[str, list[LedgerEvent]]:
    """All stored events of these calls. queue_log rows name only a leg; they find their call here, however late it came."""
    ids = sorted(set(call_ids))
    found: dict[str, list[LedgerEvent]] = {}
    for row in await session.scalars(select(LedgerEventRow).where(LedgerEventRow.call_id.in_(ids))):
        found.setdefault(row.call_id or "", []).append(event_of(row))
    by_leg = (
        select(LedgerEventRow, Leg.call_id)
        .join(Leg, Leg.leg_id == LedgerEventRow.leg_id)
        .where(Leg.call_id.in_(ids), LedgerEventRow.call_id.is_(None))
    )
    for row, call_id in await session.execute(by_leg):
        found.setdefault(call_id, []).append(replace(event_of(row), call_id=CallId(call_id)))
    return found
