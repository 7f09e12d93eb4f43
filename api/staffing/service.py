"""The use case of reading a day's staffing, the same for the JSON API and for the page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from api.staffing.accuracy import BACKTEST_DAYS, backtest
from api.staffing.forecast import HOLIDAY_MEMORY, days_needed, forecast
from api.staffing.half_hours import LENGTH, Book, is_holiday, open_half_hours, place_of
from api.staffing.ports import PlannedOperators
from api.staffing.schemas import StaffingDay
from api.staffing.view import Line, Told, staffing_day
from api.staffing.visits import count_by_half_hour
from ivr.kernel.errors import Invalid
from ivr.kernel.jalali import read_day
from routing.queues import QUEUES

FARTHEST_AHEAD = timedelta(days=60)
"""Nobody plans shifts further ahead, and a forecast from eight weeks says nothing of a day further away."""
FARTHEST_BACK = timedelta(days=3660)
"""Ten years: longer than any line keeps its calls."""


def asked_day(text: str | None, now: datetime) -> date:
    """What a person or program wrote → a day of Tehran; nothing → today. Raises `Invalid` that says what to write."""
    today = place_of(now)[0]
    cleaned = (text or "").strip("\u200c\u200e\u200f \t").replace(".", "/")
    if not cleaned:
        return today
    try:
        day = read_day(cleaned)
    except (ValueError, OverflowError):
        raise Invalid(
            "This is no day; write a Jalali day like 1405-09-08 or a Gregorian one like 2026-11-29.",
            code="day_unreadable",
            field="query.day",
        ) from None
    if day > today + FARTHEST_AHEAD:
        raise Invalid(
            f"This day lies too far ahead; take one within {FARTHEST_AHEAD.days} days from today.",
            code="day_too_far",
            field="query.day",
        )
    if day < today - FARTHEST_BACK:
        raise Invalid(
            "This day lies before everything that is kept; take one of the last ten years.",
            code="day_too_old",
            field="query.day",
        )
    return day


async def read_staffing(
    session: AsyncSession, day: date, queue: str | None, *, line: Line, planned: PlannedOperators, now: datetime
) -> StaffingDay:
    """One query over the visits that the forecast and its measuring look at, one over the roster, then arithmetic of some
    milliseconds."""
    known_until = min(day, place_of(now)[0])
    queues = QUEUES if queue is None else (queue,)
    measured = [known_until - timedelta(days=ago) for ago in range(1, BACKTEST_DAYS + 1)]
    holidays = _holidays(line, measured[-1] - HOLIDAY_MEMORY, day)
    needed = {day} | days_needed(day, known_until, line.weeks, holidays)
    for past in measured:
        if past not in holidays or _open(line, queues, past):
            needed |= {past} | days_needed(past, past, line.weeks, holidays)
    holidays |= {d for d in needed if is_holiday(line.calendar, d)}  # seasons of earlier years too
    days = await count_by_half_hour(session, needed, queue, line.wrapups)
    book = Book(days, {d: _open(line, queues, d) for d in {day, *days}}, frozenset(holidays))
    told = Told(
        day=day,
        queue=queue,
        known_until=known_until,
        book=book,
        forecast=forecast(book, day, known_until, line.weeks),
        past_errors=backtest(book, known_until, line.weeks),
    )
    shown = staffing_day(told, line, now)
    spans = [(row.starts_at, row.starts_at + LENGTH) for row in shown.half_hours]
    counts = await planned.through(spans, queue)
    for row, count in zip(shown.half_hours, counts or (), strict=counts is not None):
        row.planned = count
    return shown


async def foretell(
    session: AsyncSession, days: Sequence[date], *, line: Line, now: datetime
) -> dict[tuple[date, int], tuple[float, float]]:
    """Calls and handling seconds of each half hour of these days for which both are foretold, by day and number; each day as
    of its own morning, or of this one. One query for all of them."""
    today = place_of(now)[0]
    known = {day: min(day, today) for day in days if _open(line, QUEUES, day)}
    if not known:
        return {}
    holidays = _holidays(line, min(known.values()) - HOLIDAY_MEMORY, max(known))
    needed = {d for day, until in known.items() for d in days_needed(day, until, line.weeks, holidays)}
    holidays |= {d for d in needed if is_holiday(line.calendar, d)}
    told = await count_by_half_hour(session, needed, None, line.wrapups)
    book = Book(told, {d: _open(line, QUEUES, d) for d in {*known, *told}}, frozenset(holidays))
    found: dict[tuple[date, int], tuple[float, float]] = {}
    for day, until in known.items():
        foretold = forecast(book, day, until, line.weeks)
        for number, calls in foretold.calls.items():
            if handling := foretold.handling_seconds.get(number):
                found[day, number] = (calls, handling)
    return found


def next_open_day(line: Line, queue: str | None, after: date, now: datetime) -> date | None:
    """The first day after this one that can be asked for and is open."""
    last = place_of(now)[0] + FARTHEST_AHEAD
    queues = QUEUES if queue is None else (queue,)
    days = (after + timedelta(days=n) for n in range(1, max((last - after).days, 0) + 1))
    return next((day for day in days if _open(line, queues, day)), None)


def _open(line: Line, queues: Sequence[str], day: date) -> frozenset[int]:
    return open_half_hours(line.calendar, queues, day, line.clock_open)


def _holidays(line: Line, first: date, last: date) -> set[date]:
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return {day for day in days if is_holiday(line.calendar, day)}
