"""Ledger events as rows, and the map from legs to calls."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from api.db.tables import LedgerEventRow, Leg
from routing.events import LedgerEvent, Source

# All rows are one parameter: no text of thousands of placeholders to build, send and parse, no arrays to encode.
_APPEND = text(
    "INSERT INTO ledger_event (node, source, file_id, file_offset, name, at, call_id, leg_id, fields)"
    " SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS row (node text, source text, file_id text,"
    " file_offset bigint, name text, at timestamptz, call_id text, leg_id text, fields jsonb) ON CONFLICT DO NOTHING"
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
    packed = json.dumps(rows, ensure_ascii=False, separators=(",", ":"), default=datetime.isoformat)
    result = await session.execute(_APPEND, {"rows": packed})
    return cast("CursorResult[Any]", result).rowcount


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
