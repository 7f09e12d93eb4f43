"""Today beside what this morning foretold of it, half hour by half hour; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from api.floor.ports import ForetoldHalfHour
from api.floor.schemas import DayHalfHour, DayNow
from api.floor.today import Today
from api.reports.counts import VisitCounts
from api.reports.periods import HALF_HOUR


def day_now(
    foretold: Sequence[ForetoldHalfHour], today: Today, present: Mapping[int, float], here: int | None, now: datetime
) -> DayNow:
    """The open half hours of today, and any other in which somebody came. `here`: people signed in at this moment, if
    known."""
    known = {_number(half.starts_at, today): half for half in foretold}
    halves = [
        _half(number, known.get(number), today, present, now)
        for number in sorted({*known, *today.by_half_hour})
        if number in known or today.by_half_hour[number].offered
    ]
    over = [half for half in halves if half.ends_at <= now]
    compared = [(half.forecast, half.came or 0) for half in over if half.forecast is not None]
    going_on = next((half for half in halves if half.starts_at <= now < half.ends_at), None)
    return DayNow(
        counted_at=now,
        mark=day_mark(today, now),
        half_hours=halves,
        offered_so_far=sum(half.offered or 0 for half in over),
        came_so_far=sum(came for _, came in compared),
        forecast_so_far=round(sum(forecast for forecast, _ in compared), 1) if compared else None,
        here=here,
        planned=going_on.planned if going_on else None,
        need=going_on.need if going_on else None,
    )


def day_mark(today: Today | None, now: datetime) -> str:
    """Another one when a half hour's counts have changed, or another half hour has begun."""
    if today is None:
        return ""
    halves = today.by_half_hour.values()
    counts = [
        sum(half.offered for half in halves),
        sum(half.answered for half in halves),
        sum(half.refused for half in halves),
    ]
    return "-".join(str(part) for part in (f"{today.since:%d}", _number(now, today), *counts))


def _half(
    number: int, told: ForetoldHalfHour | None, today: Today, present: Mapping[int, float], now: datetime
) -> DayHalfHour:
    starts = today.since + number * HALF_HOUR
    begun = starts <= now
    counts = today.by_half_hour.get(number, VisitCounts())
    return DayHalfHour(
        starts_at=starts,
        ends_at=starts + HALF_HOUR,
        open=bool(told and told.open),
        going_on=begun and now < starts + HALF_HOUR,
        forecast=told.calls if told else None,
        came=counts.offered + counts.refused if begun else None,
        offered=counts.offered if begun else None,
        answered=counts.answered if begun else None,
        need=told.need if told else None,
        need_by_c=told.need_by_c if told else None,
        planned=told.planned if told else None,
        present=round(present.get(number, 0.0), 1) if begun else None,
    )


def _number(at: datetime, today: Today) -> int:
    return int((at - today.since) / HALF_HOUR)
