"""Days and months as people and programs write them, within what a roster holds. Pure."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from ivr.kernel.clock import TEHRAN
from ivr.kernel.errors import Invalid
from ivr.kernel.jalali import month_begins, read_day, read_month

FARTHEST_AHEAD = timedelta(days=400)
"""A year and a month: nobody plans further, and holidays beyond are guesses."""
FARTHEST_BACK = timedelta(days=3660)
"""Ten years: longer than any line keeps its duties."""
_UNSEEN = "\u200c\u200e\u200f \t"


def today_of(now: datetime) -> date:
    """The day in Tehran."""
    return now.astimezone(TEHRAN).date()


def asked_day(text: str | None, now: datetime, field: str = "path.day") -> date:
    """`1405-09-08` or `2026-11-29`; nothing → today. Raises `Invalid` that says what to write."""
    cleaned = _cleaned(text)
    if not cleaned:
        return today_of(now)
    try:
        day = read_day(cleaned)
    except (ValueError, OverflowError):
        raise Invalid(
            "This is no day; write a Jalali day like 1405-09-08 or a Gregorian one like 2026-11-29.",
            code="roster_day_unreadable",
            field=field,
        ) from None
    return _within(day, now, field)


def asked_month(text: str | None, now: datetime, field: str = "path.month") -> date:
    """`1405-09` → the first day of that Jalali month; nothing → this month. Raises `Invalid` that says what to write."""
    cleaned = _cleaned(text)
    if not cleaned:
        return month_begins(today_of(now))
    try:
        first = read_month(cleaned)
    except (ValueError, OverflowError):
        raise Invalid(
            "This is no month; write a Jalali month like 1405-09.", code="roster_month_unreadable", field=field
        ) from None
    _within(first, now, field)
    return first


def can_be_asked(day: date, now: datetime) -> bool:
    """Whether a neighbouring day or month may be offered."""
    return today_of(now) - FARTHEST_BACK <= day <= today_of(now) + FARTHEST_AHEAD


def _cleaned(text: str | None) -> str:
    return (text or "").strip(_UNSEEN).replace(".", "/")


def _within(day: date, now: datetime, field: str) -> date:
    if day > today_of(now) + FARTHEST_AHEAD:
        raise Invalid(
            f"This lies too far ahead; the roster holds {FARTHEST_AHEAD.days} days from today on.",
            code="roster_too_far",
            field=field,
        )
    if day < today_of(now) - FARTHEST_BACK:
        raise Invalid("This lies before everything that is kept: ten years.", code="roster_too_old", field=field)
    return day
