"""The stored events of calls, read back as events."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ARRAY, Text, any_, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.db.tables import LedgerEventRow, Leg
from ivr.kernel.ids import CallId, LegId
from routing.events import LedgerEvent, Source


async def events_of(session: AsyncSession, call_ids: Iterable[str]) -> dict[str, list[LedgerEvent]]:
    """All stored events of these calls. queue_log rows name only a leg; they find their call here, however late it came."""
    wanted = {"calls": sorted(set(call_ids))}
    found: dict[str, list[LedgerEvent]] = {}
    legs: dict[str | None, LegId | None] = {None: None}
    for query in (_OWN, _BY_LEG):
        # Plain columns: whole objects of the mapper took most of the time of a rebuild.
        for source, name, at, leg_id, fields, call_id in (await session.execute(query, wanted)).all():
            if leg_id not in legs:
                legs[leg_id] = LegId(leg_id)
            event = LedgerEvent(_SOURCES[source], name, at, CallId(call_id), legs[leg_id], fields)
            found.setdefault(call_id, []).append(event)
    return found


_SOURCES = {source.value: source for source in Source}
_CALLS = any_(bindparam("calls", type_=ARRAY(Text)))
_COLUMNS = (
    LedgerEventRow.source,
    LedgerEventRow.name,
    LedgerEventRow.at,
    LedgerEventRow.leg_id,
    LedgerEventRow.fields,
)
_OWN = select(*_COLUMNS, LedgerEventRow.call_id).where(LedgerEventRow.call_id == _CALLS)
_BY_LEG = (
    select(*_COLUMNS, Leg.call_id)
    .join(Leg, Leg.leg_id == LedgerEventRow.leg_id)
    .where(Leg.call_id == _CALLS, LedgerEventRow.call_id.is_(None))
)
