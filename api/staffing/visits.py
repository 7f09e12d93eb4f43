"""Callers who asked for an operator, counted by half hour in the database.

Counted are visits of every outcome by their entry, those whom a full or empty queue refused too: they wanted an operator,
and a need reckoned without them would stay as small as the line was. Left out are only those from which a supervisor moved
the caller on: that caller is counted in the queue they came to. (The floor's figures leave the refused ones out,
because there the question is what happened in the queues.)

Handling time = talk + the fixed rest of the seat after it (`wrapup_seconds` of the queue): so long a seat takes no call.
Ringing is not in it; `visit` does not tell it apart from the wait.

The database cuts by half hours of UTC, which are half hours of Tehran too, and our own zone data says of which day: the
server's zone data may be years old. Reads the index on `entered_at`, or that of the queue.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import case, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.db.tables import VisitRow
from api.reports.standard import MOVED
from api.staffing.half_hours import LENGTH, NOTHING, Counted, begins, place_of

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


async def count_by_half_hour(
    session: AsyncSession, days: Iterable[date], queue: str | None, wrapups: Mapping[str, int]
) -> dict[date, dict[int, Counted]]:
    """What came on these days of Tehran, in one query; a day without calls is not in the answer."""
    wanted = sorted(days)
    if not wanted:
        return {}
    visit = VisitRow
    half_hour = func.date_bin(LENGTH, visit.entered_at, _EPOCH).label("half_hour")
    rest = case(dict(wrapups), value=visit.queue, else_=literal(0)) if wrapups else literal(0)
    served = visit.talked_seconds.is_not(None)
    query = (
        select(
            half_hour,
            func.count(),
            func.count().filter(served),
            func.coalesce(func.sum(visit.talked_seconds + rest).filter(served), 0.0),
        )
        .where(visit.outcome.is_distinct_from(MOVED))
        .where(or_(*(visit.entered_at.between(first, last) for first, last in _stretches(wanted))))
        .group_by("half_hour")
    )
    if queue is not None:
        query = query.where(visit.queue == queue)
    found: dict[date, dict[int, Counted]] = {}
    for at, calls, handled, seconds in await session.execute(query):
        day, number = place_of(at)
        told = found.setdefault(day, {})
        told[number] = told.get(number, NOTHING) + Counted(calls, handled, float(seconds))
    return found


def _stretches(days: list[date]) -> list[tuple[datetime, datetime]]:
    """Days in order → first and last instant of each unbroken run of them."""
    runs: list[list[date]] = []
    for day in days:
        if runs and day - runs[-1][1] == timedelta(days=1):
            runs[-1][1] = day
        else:
            runs.append([day, day])
    return [(begins(first), begins(last, 48) - timedelta(microseconds=1)) for first, last in runs]
