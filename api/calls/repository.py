"""Reads calls, visits and sound from the database, never more than this principal may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from api.access.principal import Principal
from api.access.visibility import visible_calls
from api.calls.record import Disposition
from api.db.tables import CallRecordRow, RecordingRow, VisitRow
from api.http.cursors import cut_page, read_cursor


@dataclass(frozen=True, slots=True)
class CallFilter:
    """Which calls; `None` does not narrow. `since` ≤ arrival < `until`; `caller` in stored form."""

    since: datetime | None = None
    until: datetime | None = None
    caller: str | None = None
    disposition: Disposition | None = None
    queue: str | None = None
    agent: str | None = None


@dataclass(frozen=True, slots=True)
class FoundCall:
    """A call's row with its visits (in order) and its sound."""

    call: CallRecordRow
    visits: Sequence[VisitRow] = field(default_factory=list)
    recordings: Sequence[RecordingRow] = field(default_factory=list)


class CallRows:
    """Calls in the database, inside the caller's transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def page(
        self, principal: Principal, wanted: CallFilter, *, limit: int, cursor: str | None
    ) -> tuple[list[FoundCall], str | None]:
        """Newest first, and the cursor of the next page."""
        # Filters of a stay read the visits' own index in the same order: what matches is found newest first either way.
        table = VisitRow if wanted.queue is not None or wanted.agent is not None else CallRecordRow
        query = _narrowed(visible_calls(principal, select(CallRecordRow)), wanted)
        if wanted.since is not None:
            query = query.where(table.arrived_at >= wanted.since)
        if wanted.until is not None:
            query = query.where(table.arrived_at < wanted.until)
        if cursor is not None:
            at, call_id = read_cursor(cursor, datetime, str)
            query = query.where(tuple_(table.arrived_at, table.call_id) < tuple_(at, call_id))
        query = query.order_by(table.arrived_at.desc(), table.call_id.desc()).limit(limit + 1)
        found: Sequence[CallRecordRow] = (await self._session.scalars(query)).all()
        rows, following = cut_page(found, limit, lambda row: (row.arrived_at, row.call_id))
        return await self._completed(rows), following

    async def find(self, principal: Principal, call_id: str) -> FoundCall | None:
        """One call, or None when there is none that this principal may know of."""
        query = visible_calls(principal, select(CallRecordRow).where(CallRecordRow.call_id == call_id))
        row = (await self._session.scalars(query)).one_or_none()
        return (await self._completed([row]))[0] if row else None

    async def _completed(self, rows: Sequence[CallRecordRow]) -> list[FoundCall]:
        ids = [row.call_id for row in rows]
        visits: dict[str, list[VisitRow]] = {}
        by_order = select(VisitRow).where(VisitRow.call_id.in_(ids)).order_by(VisitRow.call_id, VisitRow.n)
        for visit in await self._session.scalars(by_order):
            visits.setdefault(visit.call_id, []).append(visit)
        sounds: dict[str, list[RecordingRow]] = {}
        by_id = select(RecordingRow).where(RecordingRow.call_id.in_(ids)).order_by(RecordingRow.recording_id)
        for sound in await self._session.scalars(by_id):
            sounds.setdefault(sound.call_id, []).append(sound)
        return [FoundCall(row, visits.get(row.call_id, []), sounds.get(row.call_id, [])) for row in rows]


def _narrowed(query: Select[Any], wanted: CallFilter) -> Select[Any]:
    """By everything but time. A filter of a stay joins the visits: one and the same stay has this agent and this queue."""
    call, visit = CallRecordRow, VisitRow
    if wanted.caller is not None:
        query = query.where(call.caller == wanted.caller)
    if wanted.disposition is not None:
        query = query.where(call.disposition == wanted.disposition.value)
    if wanted.queue is None and wanted.agent is None:
        return query
    earlier = aliased(visit)
    others = select(earlier.n).where(earlier.call_id == visit.call_id, earlier.n < visit.n, *_stays(earlier, wanted))
    query = query.join(visit, visit.call_id == call.call_id).where(*_stays(visit, wanted))
    return query.where(~exists(others))  # a call that was there twice is still one call


def _stays(visit: type[VisitRow], wanted: CallFilter) -> list[ColumnElement[bool]]:
    pairs = ((visit.queue, wanted.queue), (visit.agent, wanted.agent))
    return [column == value for column, value in pairs if value is not None]
