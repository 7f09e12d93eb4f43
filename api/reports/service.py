"""The use case of reading figures, the same for the JSON API and for the page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from api.reports.counts import AgentTime, CallCounts, VisitCounts, VisitTally
from api.reports.periods import Kind, Period, day_of, today
from api.reports.repository import count_calls, count_visits, first_arrival, wait_percentiles
from api.reports.schemas import (
    AgentFigures,
    CallFigures,
    DayFigures,
    FiguresView,
    HalfHourFigures,
    Percentiles,
    QueueFigures,
    Standard,
    State,
    VisitFigures,
    WorkFigures,
    figures_of,
    interval_of,
)
from api.reports.working import agents_time
from routing.queues import QUEUES


async def read_figures(session: AsyncSession, period: Period, queue: str | None, now: datetime) -> FiguresView:
    """Everything that is told of the period."""
    calls = await count_calls(session, period)
    tally = await count_visits(session, period, queue)
    percentiles = await wait_percentiles(session, period, queue)
    worked = {} if queue else await agents_time(session, period, now)
    names = [queue] if queue else list(dict.fromkeys((*QUEUES, *sorted(tally.by_queue))))
    return FiguresView(
        kind=period.kind,
        period=period.name,
        since=period.since,
        until=period.until,
        state=state_of(period, calls, await first_arrival(session), now),
        counted_at=now,
        queue=queue,
        standard=Standard(),
        calls=None if queue else CallFigures.of(calls),
        visits=VisitFigures.model_validate(figures_of(tally.whole, _percentiles(percentiles.get(None)))),
        half_hours=_half_hours(tally),
        days=_days(period, tally, now),
        queues=[
            QueueFigures.model_validate(
                {
                    "queue": name,
                    **figures_of(tally.by_queue.get(name, VisitCounts()), _percentiles(percentiles.get(name))),
                }
            )
            for name in names
        ],
        work=None if queue else WorkFigures.of(sum(worked.values(), AgentTime())),
        agents=[
            AgentFigures.model_validate({"agent": agent, **WorkFigures.of(time).model_dump()})
            for agent, time in worked.items()
        ],
    )


def state_of(period: Period, calls: CallCounts, first: datetime | None, now: datetime) -> State:
    """Why there may be nothing to see. `first`: when the first call of all arrived."""
    if period.since > now:
        return State.FUTURE
    if period.until > now:
        return State.RUNNING
    if first is None or period.until <= first:
        return State.BEFORE_FIRST_CALL
    return State.OVER if calls.received else State.NO_CALLS


def _half_hours(tally: VisitTally) -> list[HalfHourFigures]:
    found = tally.by_half_hour
    if not found:
        return []
    return [
        HalfHourFigures.model_validate(
            {"start": f"{number // 2:02d}:{number % 2 * 30:02d}", **interval_of(found.get(number, VisitCounts()))}
        )
        for number in range(min(found), max(found) + 1)
    ]


def _days(period: Period, tally: VisitTally, now: datetime) -> list[DayFigures]:
    if period.kind is not Kind.MONTH:
        return []
    last = today(now).first
    return [
        DayFigures.model_validate(
            {"day": day_of(day).name, "date": day, **interval_of(tally.by_day.get(day, VisitCounts()))}
        )
        for day in period.days
        if day <= last
    ]


def _percentiles(found: Mapping[int, float] | None) -> Percentiles:
    return Percentiles.model_validate({f"p{percent}_seconds": value for percent, value in (found or {}).items()})
