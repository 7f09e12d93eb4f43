"""Ledger events as rows, and the map from legs to calls."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from api.calls.events import events_of
from api.db.tables import LedgerEventRow, Leg
from routing.events import LedgerEvent, Source

_AT_ONCE = 2_000
"""Rows in one statement: ten parameters each stay below the protocol's 32,767."""


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
    new = 0
    for first in range(0, len(rows), _AT_ONCE):
        statement = insert(LedgerEventRow).values(rows[first : first + _AT_ONCE]).on_conflict_do_nothing()
        new += len((await session.execute(statement.returning(LedgerEventRow.id))).all())
    return new


async def learn_legs(session: AsyncSession, legs: dict[str, str]) -> None:
    """Remember which call each leg belongs to; the first word stands (a transfer may link a leg to another call later)."""
    pairs = [{"leg_id": leg, "call_id": call} for leg, call in sorted(legs.items())]
    for first in range(0, len(pairs), _AT_ONCE):
        await session.execute(insert(Leg).values(pairs[first : first + _AT_ONCE]).on_conflict_do_nothing())


async def calls_of_legs(session: AsyncSession, legs: Iterable[str]) -> set[str]:
    """The calls these legs belong to, as far as known by now."""
    return set(await session.scalars(select(Leg.call_id).where(Leg.leg_id.in_(sorted(set(legs))))))


async def last_sign(session: AsyncSession, call_ids: Iterable[str]) -> dict[str, datetime]:
    """When each call last showed life in CEL."""
    from_cel = {
        call_id: [event.at for event in events if event.source is Source.CEL]
        for call_id, events in (await events_of(session, call_ids)).items()
    }
    return {call_id: max(instants) for call_id, instants in from_cel.items() if instants}
