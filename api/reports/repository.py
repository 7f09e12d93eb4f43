"""Counts calls and visits of a period in the database, by index ranges over arrival and entry.

The one place where figures are counted: history and the live floor ask the same statements, so they cannot differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Float,
    Numeric,
    Select,
    Subquery,
    and_,
    case,
    cast,
    extract,
    func,
    literal,
    literal_column,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from api.db.duty_tables import WrapUpRow
from api.db.tables import CallRecordRow, VisitRow
from api.reports.counts import CallCounts, VisitCounts, VisitTally
from api.reports.periods import Period, offsets
from api.reports.standard import (
    ABANDONED,
    ANSWERED,
    MOVED,
    OTHER_EXITS,
    PERCENTILES,
    REFUSED,
    SHORT_ABANDON_SECONDS,
    THRESHOLD_SECONDS,
    TOLD_SECONDS,
    TOLD_SHARE,
)

Statement = Select[*tuple[Any, ...]]
_SUMS = (
    "waited_seconds",
    "answered_waited_seconds",
    "abandoned_waited_seconds",
    "talked_seconds",
    "wrapped_seconds",
    "told_off_seconds",
    "told_over_seconds",
)
_LONGEST_VISIT = timedelta(hours=6)
_EPOCH = date(1970, 1, 1)
_DAY_SECONDS, _HALF_HOUR_SECONDS = 86_400, 1_800


async def count_calls(session: AsyncSession, period: Period) -> CallCounts:
    """Calls that arrived in the period."""
    by_disposition: dict[str, int] = {}
    open_now = in_survey = 0
    for disposition, number, surveyed in await session.execute(calls_of(period)):
        if disposition is None:
            open_now, in_survey = number, surveyed
        else:
            by_disposition[disposition] = number
    return CallCounts(open_now + sum(by_disposition.values()), open_now, in_survey, by_disposition)


async def count_visits(session: AsyncSession, period: Period, queue: str | None = None) -> VisitTally:
    """Visits that began in the period, in one queue or in all."""
    whole = VisitCounts()
    by_queue: dict[str, VisitCounts] = {}
    by_day: dict[date, VisitCounts] = {}
    by_half_hour: dict[int, VisitCounts] = {}
    for found in (await session.execute(visits_of(period, queue))).mappings():
        row = {str(name): value for name, value in found.items()}
        counts = _counts(row)
        if row["queue"] is not None:
            by_queue[row["queue"]] = counts
        elif row["day"] is not None:
            by_day[_EPOCH + timedelta(days=row["day"])] = counts
        elif row["half_hour"] is not None:
            by_half_hour[row["half_hour"]] = counts
        else:
            whole = counts
    return VisitTally(whole, by_queue, by_day, by_half_hour)


async def wait_percentiles(
    session: AsyncSession, period: Period, queue: str | None = None
) -> dict[str | None, Mapping[int, float]]:
    """Percentiles of the waits that are over, by queue and (under `None`) of all; without a wait there is no entry."""
    rows = await session.execute(percentiles_of(period, queue))
    return {name: dict(zip(PERCENTILES, values, strict=True)) for name, values in rows if values is not None}


async def first_arrival(session: AsyncSession) -> datetime | None:
    """When the first call of all reached the line."""
    return await session.scalar(select(func.min(CallRecordRow.arrived_at)))


def calls_of(period: Period) -> Statement:
    """Statement: calls by disposition, and how many of these were asked for a score."""
    call = CallRecordRow
    return (
        select(call.disposition, func.count(), func.count().filter(call.survey_offered))
        .where(call.arrived_at >= period.since, call.arrived_at < period.until)
        .group_by(call.disposition)
    )


def visits_of(period: Period, queue: str | None) -> Statement:
    """Statement: one row of sums for the whole, for each queue, each day and each half hour of the day."""
    visit = _within(period, queue, worked=_worked_after(period))
    waited, talked, wrapped = visit.c.waited_seconds, visit.c.talked_seconds, visit.c.wrapped_seconds
    offered = _offered(visit)
    answered, abandoned = visit.c.outcome == ANSWERED, visit.c.outcome == ABANDONED
    over = visit.c.told_seconds - waited
    told = and_(answered, over.is_not(None))

    def number(*conditions: Any) -> Any:
        return func.count().filter(*conditions)

    def seconds(span: Any, condition: Any) -> Any:
        # Added as decimals: floating point would give another sum for the same visits in another order.
        return func.coalesce(func.sum(cast(span, Numeric)).filter(condition), 0)

    return select(
        visit.c.queue,
        visit.c.day,
        visit.c.half_hour,
        number(offered).label("offered"),
        number(answered).label("answered"),
        number(abandoned).label("abandoned"),
        number(visit.c.outcome.is_(None)).label("waiting"),
        number(visit.c.outcome == REFUSED).label("refused"),
        *(number(visit.c.outcome == outcome).label(outcome) for outcome in OTHER_EXITS),
        number(answered, waited <= THRESHOLD_SECONDS).label("answered_in_time"),
        number(abandoned, waited <= THRESHOLD_SECONDS).label("abandoned_in_time"),
        number(abandoned, waited <= SHORT_ABANDON_SECONDS).label("abandoned_short"),
        number(offered, waited.is_not(None)).label("waits"),
        number(offered, waited > 0).label("delayed"),
        number(answered, talked.is_not(None)).label("talks"),
        number(answered, wrapped.is_not(None)).label("wraps"),
        number(offered, visit.c.told_seconds.is_not(None)).label("told"),
        number(told).label("told_answered"),
        number(told, func.abs(over) <= func.greatest(TOLD_SECONDS, TOLD_SHARE * waited)).label("told_right"),
        seconds(func.abs(over), told).label("told_off_seconds"),
        seconds(over, told).label("told_over_seconds"),
        seconds(waited, offered).label("waited_seconds"),
        seconds(waited, answered).label("answered_waited_seconds"),
        seconds(waited, abandoned).label("abandoned_waited_seconds"),
        seconds(talked, answered).label("talked_seconds"),
        seconds(wrapped, answered).label("wrapped_seconds"),
        func.max(waited).filter(offered).label("longest_seconds"),
    ).group_by(func.grouping_sets(visit.c.queue, visit.c.day, visit.c.half_hour, _nothing()))


def percentiles_of(period: Period, queue: str | None) -> Statement:
    """Statement: the percentiles for each queue and for the whole."""
    visit = _within(period, queue)
    wanted = literal([percent / 100 for percent in PERCENTILES], ARRAY(Float))
    return (
        select(visit.c.queue, func.percentile_disc(wanted).within_group(visit.c.waited_seconds))
        .where(visit.c.waited_seconds.is_not(None), _offered(visit))
        .group_by(func.grouping_sets(visit.c.queue, _nothing()))
    )


def _within(period: Period, queue: str | None, worked: Subquery | None = None) -> Subquery:
    """The visits of the period with the number of their day and half hour in Tehran, and with the work after their talk.

    We say how far Tehran is ahead: the database's own zone data may be older than ours and an hour wrong.
    """
    visit = VisitRow
    (_, ahead), *changes = offsets(period)
    shift: Any = _number(ahead)
    for at, seconds in changes:
        shift = case((visit.entered_at >= at, _number(seconds)), else_=shift)
    local = cast(func.floor(extract("epoch", visit.entered_at)), BigInteger) + shift
    query = select(
        visit.queue,
        visit.outcome,
        visit.waited_seconds,
        visit.talked_seconds,
        visit.told_seconds,
        *((worked.c.wrapped_seconds,) if worked is not None else ()),
        (local // _number(_DAY_SECONDS)).label("day"),
        (local % _number(_DAY_SECONDS) // _number(_HALF_HOUR_SECONDS)).label("half_hour"),
    ).where(visit.entered_at >= period.since, visit.entered_at < period.until)
    if worked is not None:
        query = query.outerjoin(worked, and_(worked.c.call_id == visit.call_id, visit.outcome == ANSWERED))
    if queue is not None:
        query = query.where(visit.queue == queue)
    return query.subquery("visited")


def _offered(visit: Subquery) -> ColumnElement[bool]:
    return and_(*(visit.c.outcome.is_distinct_from(outcome) for outcome in (REFUSED, MOVED)))


def _worked_after(period: Period) -> Subquery:
    """Seconds of work after each call's talk; a call is answered once at most. A wait and a talk lie between entry and it."""
    wrap = WrapUpRow
    lasted = func.sum(extract("epoch", wrap.ended_at - wrap.began_at)).label("wrapped_seconds")
    began = (wrap.began_at >= period.since, wrap.began_at < period.until + _LONGEST_VISIT)
    query = select(wrap.call_id, lasted).where(*began, wrap.ended_at.is_not(None)).group_by(wrap.call_id)
    return query.subquery("worked")


def _number(value: int) -> ColumnElement[int]:
    """A number of ours that stands in the statement itself: what is grouped by must look the same wherever it stands."""
    return literal_column(str(value), BigInteger)


def _nothing() -> Any:
    """The empty set: all of them together, there even when nobody came."""
    return tuple_()


def _counts(row: Mapping[str, Any]) -> VisitCounts:
    exits = {outcome: row[outcome] for outcome in OTHER_EXITS if row[outcome]}
    sums = {name: float(row[name]) for name in _SUMS}
    rest = {name: row[name] for name in VisitCounts.__slots__ if name not in {"exits", *_SUMS}}
    return VisitCounts(exits=exits, **sums, **rest)
