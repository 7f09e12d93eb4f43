"""From forecast, target and what came to the staffing of a day; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from api.staffing.accuracy import ForecastError, error_of
from api.staffing.forecast import Forecast
from api.staffing.half_hours import NOTHING, SECONDS, Book, begins, place_of
from api.staffing.schemas import AllSeats, ErrorView, ForecastView, HalfHour, NeedView, StaffingDay
from ivr.kernel.calendar import Calendar
from ivr.kernel.jalali import day_short
from ivr.kernel.opening import ClockOpen
from routing.staffing.need import Need, Staffing, StaffingTarget, staffing_for


@dataclass(frozen=True, slots=True)
class Line:
    """What is settled about the line: its hours, seats, target, how far a forecast looks back, and the fixed rests."""

    calendar: Calendar
    clock_open: ClockOpen
    seats: int
    target: StaffingTarget
    weeks: int
    wrapups: Mapping[str, int]
    """Seconds after a talk, by queue."""


@dataclass(frozen=True, slots=True)
class Told:
    """Everything known about the day asked for."""

    day: date
    queue: str | None
    known_until: date
    book: Book
    forecast: Forecast
    past_errors: ForecastError


def staffing_day(told: Told, line: Line, now: datetime) -> StaffingDay:
    """The day as it is told at `now`."""
    day, book, foretold = told.day, told.book, told.forecast
    today = place_of(now)[0]
    is_open = book.open.get(day, frozenset())
    ended = {n for n in range(48) if begins(day, n + 1) <= now}
    came = {n for n in book.days.get(day, {}) if n in ended}
    numbers = sorted(is_open | came)
    return StaffingDay(
        day=day,
        jalali=day_short(day, "en"),
        when="past" if day < today else "today" if day == today else "ahead",
        queue=told.queue,
        open=bool(is_open),
        holiday=line.calendar.holiday(day),
        seats=line.seats,
        target=line.target,
        forecast=ForecastView(
            basis=foretold.basis,
            known_until=told.known_until,
            days=list(foretold.days),
            enough=foretold.enough,
            weeks=line.weeks,
            level=round(foretold.level, 3),
            season=None if foretold.season is None else round(foretold.season, 3),
            calls=round(sum(foretold.calls.values()), 2) if foretold.calls else None,
        ),
        actual_calls=book.total(day, came) if day <= today else None,
        error_of_day=_error(error_of(foretold.calls, book, day, sorted(ended & is_open))),
        error_of_28_days=_error(told.past_errors),
        half_hours=[_half_hour(n, told, line, is_open=n in is_open, ended=n in ended) for n in numbers],
    )


def _half_hour(number: int, told: Told, line: Line, *, is_open: bool, ended: bool) -> HalfHour:
    calls = told.forecast.calls.get(number)
    handling = told.forecast.handling_seconds.get(number)
    staffing: Staffing | None = None
    if calls is not None and handling:
        staffing = staffing_for(calls, handling, SECONDS, line.seats, line.target)
    return HalfHour(
        starts_at=begins(told.day, number),
        open=is_open,
        ended=ended,
        forecast_calls=None if calls is None else round(calls, 2),
        actual_calls=told.book.days.get(told.day, {}).get(number, NOTHING).calls if ended else None,
        handling_seconds=None if handling is None else round(handling, 1),
        load_erlang=round(staffing.load, 3) if staffing else None,
        planned=None,
        erlang_c=_need(staffing.by_c, line.seats) if staffing else None,
        erlang_a=_need(staffing.by_a, line.seats) if staffing else None,
        all_seats=AllSeats(
            service_level_c=round(staffing.seats_c.service_level, 4),
            service_level_a=round(staffing.seats_a.service_level, 4),
            abandons_a=round(staffing.seats_a.abandons, 4),
            mean_wait_seconds_a=round(staffing.seats_a.mean_wait_seconds, 1),
        )
        if staffing
        else None,
    )


def _need(need: Need, seats: int) -> NeedView:
    return NeedView(operators=need.operators, scheduled=need.scheduled, exceeds_seats=need.operators > seats)


def _error(error: ForecastError) -> ErrorView:
    return ErrorView(
        days=error.days,
        half_hours=error.half_hours,
        actual_calls=error.actual,
        forecast_calls=round(error.forecast, 2),
        wape=None if error.wape is None else round(error.wape, 4),
        bias=None if error.bias is None else round(error.bias, 4),
    )
