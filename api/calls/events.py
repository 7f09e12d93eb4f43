"""The stored events of calls, read back as events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from sqlalchemy.ext.asyncio import AsyncSession

from api.db.wire import fetch_rows
from ivr.kernel.ids import CallId, LegId
from routing.events import LedgerEvent, Source


async def events_of(
    session: AsyncSession, call_ids: Iterable[str], at_hand: Mapping[str, Sequence[LedgerEvent]] = MappingProxyType({})
) -> dict[str, list[LedgerEvent]]:
    """All stored events of these calls. queue_log rows name only a leg; they find their call here, however late it came.

    `at_hand` holds all rows that name their call themselves, for calls of which somebody has just written every one.
    """
    wanted = sorted(set(call_ids))
    found = {call_id: list(at_hand[call_id]) for call_id in wanted if call_id in at_hand}
    await _read(session, _OWN, [call_id for call_id in wanted if call_id not in at_hand], found)
    await _read(session, _BY_LEG, wanted, found)
    return found


async def _read(session: AsyncSession, query: str, call_ids: list[str], found: dict[str, list[LedgerEvent]]) -> None:
    if not call_ids:
        return
    legs: dict[str | None, LegId | None] = {None: None}
    calls = {call_id: CallId(call_id) for call_id in call_ids}
    for source, name, at, leg_id, fields, call_id in await fetch_rows(session, query, call_ids):
        if leg_id not in legs:
            legs[leg_id] = LegId(leg_id)
        event = LedgerEvent(_SOURCES[source], name, at, calls[call_id], legs[leg_id], fields)
        found.setdefault(call_id, []).append(event)


_SOURCES = {source.value: source for source in Source}
_OWN = "SELECT source, name, at, leg_id, fields, call_id FROM ledger_event WHERE call_id = ANY($1)"
_BY_LEG = (
    "SELECT e.source, e.name, e.at, e.leg_id, e.fields, leg.call_id FROM ledger_event AS e JOIN leg USING (leg_id)"
    " WHERE leg.call_id = ANY($1) AND e.call_id IS NULL"
)
