"""Ledger events as rows, and the map from legs to calls."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, cast

from pydantic_core import to_json
from sqlalchemy import CursorResult, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from api.db.tables import LedgerEventRow, Leg
from api.db.wire import copy_rows, fetch_rows
from api.ledger.locks import lock_calls
from routing.events import LedgerEvent, Source
from routing.ports import LedgerBatch

LARGE = 200
"""Rows from which on a batch is written by COPY; it asks two questions first, which a few rows would not repay."""

# All rows are one parameter: no text of thousands of placeholders to build, send and parse, no arrays to encode.
_APPEND = text(
    "INSERT INTO ledger_event (node, source, file_id, file_offset, name, at, call_id, leg_id, fields)"
    " SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS row (node text, source text, file_id text,"
    " file_offset bigint, name text, at timestamptz, call_id text, leg_id text, fields jsonb) ON CONFLICT DO NOTHING"
)
_COLUMNS = ("node", "source", "file_id", "file_offset", "name", "at", "call_id", "leg_id", "fields")
_ANY_STORED = (
    "SELECT FROM ledger_event"
    " WHERE node = $1 AND source = $2 AND file_id = $3 AND file_offset BETWEEN $4 AND $5 LIMIT 1"
)
_KNOWN = (
    "SELECT call_id FROM unnest($1::text[]) AS call_id"
    " WHERE EXISTS (SELECT FROM ledger_event WHERE ledger_event.call_id = call_id.call_id)"
)
_LEARN = text(
    "INSERT INTO leg (leg_id, call_id) SELECT * FROM unnest(CAST(:legs AS text[]), CAST(:calls AS text[]))"
    " ON CONFLICT DO NOTHING"
)


def row_of(event: LedgerEvent, *, node: str, file_id: str, offset: int) -> dict[str, Any]:
    """The row of an event; (node, source, file, offset) is its key."""
    return {
        "node": node,
        "source": event.source.value,
        "file_id": file_id,
        "file_offset": offset,
        "name": event.name,
        "at": event.at,
        "call_id": event.call_id,
        "leg_id": event.leg_id,
        "fields": dict(event.fields),
    }


async def append(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> int:
    """Store rows that are not stored yet; returns how many were new."""
    if not rows:
        return 0
    result = await session.execute(_APPEND, {"rows": to_json(rows).decode()})
    return cast("CursorResult[Any]", result).rowcount


async def append_batch(session: AsyncSession, node: str, batch: LedgerBatch) -> dict[str, list[LedgerEvent]]:
    """Store a follower's rows that are not stored yet, under the node's lock.

    Returns, of a large batch, the rows of each call that had none stored before: those need not be read back.
    """
    file_id = batch.position.file_id
    if len(batch.events) < LARGE or await _read_before(session, node, batch):
        await append(session, [row_of(a.event, node=node, file_id=file_id, offset=a.offset) for a in batch.events])
        return {}
    of_call: defaultdict[str, list[LedgerEvent]] = defaultdict(list)
    for accepted in batch.events:
        if accepted.event.call_id:
            of_call[accepted.event.call_id].append(accepted.event)
    await lock_calls(session, of_call)  # before the look: a fact of ours about a call may be on its way to be committed
    known = await fetch_rows(session, _KNOWN, list(of_call))
    source = batch.source.value
    rows = (
        (node, source, file_id, a.offset, e.name, e.at, e.call_id, e.leg_id, to_json(e.fields).decode())
        for a in batch.events
        for e in (a.event,)
    )
    await copy_rows(session, "ledger_event", _COLUMNS, rows)
    for row in known:
        del of_call[row["call_id"]]
    return of_call


async def _read_before(session: AsyncSession, node: str, batch: LedgerBatch) -> bool:
    """Whether some row of this batch may be stored already: its answer was lost at the commit, say."""
    offsets = batch.events[0].offset, batch.events[-1].offset
    found = await fetch_rows(session, _ANY_STORED, node, batch.source.value, batch.position.file_id, *offsets)
    return bool(found)


async def learn_legs(session: AsyncSession, legs: dict[str, str]) -> None:
    """Remember which call each leg belongs to; the first word stands (a transfer may link a leg to another call later)."""
    if legs:
        pairs = sorted(legs.items())
        await session.execute(_LEARN, {"legs": [leg for leg, _ in pairs], "calls": [call for _, call in pairs]})


async def calls_of_legs(session: AsyncSession, legs: Iterable[str]) -> set[str]:
    """The calls these legs belong to, as far as known by now."""
    return set(await session.scalars(select(Leg.call_id).where(Leg.leg_id.in_(sorted(set(legs))))))


async def last_sign(session: AsyncSession, call_ids: Iterable[str]) -> dict[str, datetime]:
    """When each call last showed life in CEL."""
    query = (
        select(LedgerEventRow.call_id, func.max(LedgerEventRow.at))
        .where(LedgerEventRow.call_id.in_(sorted(set(call_ids))), LedgerEventRow.source == Source.CEL.value)
        .group_by(LedgerEventRow.call_id)
    )
    return {call_id: at for call_id, at in (await session.execute(query)).all() if call_id}
