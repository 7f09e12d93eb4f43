"""Alarms as rows. Nothing here decides anything."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from api.db.alarm_tables import AlarmRow, AlarmWatchRow
from api.http.cursors import cut_page, read_cursor

CHANNEL = "alarms"
"""Said when an alarm began, ended or was taken; the payload means nothing."""


async def open_rows(session: AsyncSession) -> Sequence[AlarmRow]:
    """All that stand: those that nobody has taken first, the oldest first."""
    query = select(AlarmRow).where(AlarmRow.ended_at.is_(None))
    ordered = query.order_by(AlarmRow.owner.is_not(None), AlarmRow.began_at, AlarmRow.id)
    return (await session.scalars(ordered.execution_options(populate_existing=True))).all()


async def page_of_rows(
    session: AsyncSession, *, standing: bool | None, limit: int, cursor: str | None
) -> tuple[Sequence[AlarmRow], str | None]:
    """Alarms, newest first, and the cursor of what follows. `standing`: only those that stand, or only those that are over."""
    query = select(AlarmRow).order_by(AlarmRow.began_at.desc(), AlarmRow.id.desc())
    if standing is not None:
        query = query.where(AlarmRow.ended_at.is_(None) if standing else AlarmRow.ended_at.is_not(None))
    if cursor is not None:
        query = query.where(tuple_(AlarmRow.began_at, AlarmRow.id) < read_cursor(cursor, datetime, int))
    rows = (await session.scalars(query.limit(limit + 1))).all()
    return cut_page(rows, limit, lambda row: (row.began_at, row.id))


async def looked_at(session: AsyncSession) -> datetime | None:
    """When somebody last looked for alarms; None when never."""
    return await session.scalar(select(func.max(AlarmWatchRow.looked_at)))
