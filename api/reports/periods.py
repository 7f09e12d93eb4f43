"""The day or month that figures are asked for, in Jalali and in Tehran. Pure.

A day runs from midnight to midnight in Tehran; one with a change of the clock had 23 or 25 hours (until 1401), and the
hour that came twice is counted under its one name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from persiantools.jdatetime import JalaliDate

from ivr.kernel.clock import TEHRAN
from ivr.kernel.errors import Invalid
from ivr.kernel.jalali import month_after, month_begins, read_day, read_month
from ivr.kernel.persian_text import ascii_digits

HALF_HOUR = timedelta(minutes=30)
_DAY = re.compile(r"[0-9]{4}([-/])[0-9]{1,2}\1[0-9]{1,2}")
_MONTH = re.compile(r"[0-9]{4}[-/][0-9]{1,2}")
_UNSEEN = "\u200c\u200e\u200f \t"
_YEARS = (1380, 1480)
"""Jalali years in which there may be figures: from long before the line began."""


class Kind(StrEnum):
    """What was asked for."""

    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days of Tehran: from `first` up to, but not including, `after`."""

    kind: Kind
    first: date
    after: date

    @property
    def since(self) -> datetime:
        return _midnight(self.first)

    @property
    def until(self) -> datetime:
        return _midnight(self.after)

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range((self.after - self.first).days)]

    @property
    def name(self) -> str:
        """`1405-09-07` or `1405-09`, as it is asked for."""
        jalali = JalaliDate(self.first)
        month = f"{jalali.year:04d}-{jalali.month:02d}"
        return month if self.kind is Kind.MONTH else f"{month}-{jalali.day:02d}"

    @property
    def before(self) -> Period:
        """The day before this one, or the month before."""
        last = self.first - timedelta(days=1)
        return month_of(last) if self.kind is Kind.MONTH else day_of(last)

    @property
    def next(self) -> Period:
        return month_of(self.after) if self.kind is Kind.MONTH else day_of(self.after)


def day_of(day: date) -> Period:
    return Period(Kind.DAY, day, day + timedelta(days=1))


def month_of(day: date) -> Period:
    """The Jalali month in which `day` lies."""
    first = month_begins(day)
    return Period(Kind.MONTH, first, month_after(first))


def today(now: datetime) -> Period:
    """The day of `now` in Tehran."""
    return day_of(now.astimezone(TEHRAN).date())


def read_period(day: str | None, month: str | None, now: datetime) -> Period:
    """What somebody wrote: a day (`1405-09-07`, «۱۴۰۵/۰۹/۰۷», `2026-11-28`) or a month (`1405-09`); nothing means today.

    Raises `Invalid` that names the field and shows how to write it.
    """
    day, month = _written(day), _written(month)
    if day and month:
        raise Invalid("Ask for a day or for a month, not for both.", code="day_and_month", field="query.month")
    if month:
        if _MONTH.fullmatch(month) is None:
            raise Invalid("Write the month as year-month, for example 1405-09.", code="bad_month", field="query.month")
        return month_of(_within(_read_month(month), "query.month"))
    if day:
        if _DAY.fullmatch(day) is None:
            raise Invalid("Write the day as year-month-day, for example 1405-09-07.", code="bad_day", field="query.day")
        return day_of(_within(_read_day(day), "query.day"))
    return today(now)


def _written(text: str | None) -> str:
    return ascii_digits(text or "").strip(_UNSEEN)


def _read_day(text: str) -> date:
    try:
        return read_day(text)
    except ValueError as error:
        message = "There is no such day; check the month and the day."
        raise Invalid(message, code="no_such_day", field="query.day") from error


def _read_month(text: str) -> date:
    try:
        return read_month(text)
    except ValueError as error:
        message = "There is no such month; a month is 1 to 12."
        raise Invalid(message, code="no_such_month", field="query.month") from error


def _within(day: date, field: str) -> date:
    low, high = _YEARS
    if not date(low + 622, 1, 1) <= day <= date(high + 621, 1, 1):
        message = f"There are figures for Jalali years {low} to {high} only; a month is asked for by its Jalali name."
        raise Invalid(message, code="year_out_of_range", field=field)
    return day


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), TEHRAN).astimezone(UTC)


def offsets(period: Period) -> tuple[tuple[datetime, int], ...]:
    """Seconds that Tehran is ahead of UTC: from the beginning, and from a change of the clock within the period."""
    low, high = period.since, period.until
    before, after = _ahead(low), _ahead(high)
    if before == after:
        return ((low, before),)
    while high - low > HALF_HOUR:
        middle = low + (high - low) // HALF_HOUR // 2 * HALF_HOUR
        low, high = (middle, high) if _ahead(middle) == before else (low, middle)
    return ((period.since, before), (high, after))


def _ahead(instant: datetime) -> int:
    offset = instant.astimezone(TEHRAN).utcoffset()
    return int(offset.total_seconds()) if offset else 0
