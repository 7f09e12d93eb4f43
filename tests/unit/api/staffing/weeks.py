"""Weeks of calls for the staffing's tests: every open day alike, with the weekday's own weight, until a test changes some."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta

from api.staffing.half_hours import Book, Counted

OPEN = frozenset(range(16, 40))
"""08:00 to 20:00."""
TODAY = date(2026, 11, 28)
"""Saturday 7 Azar 1405."""
FRIDAY = 4


def calls_of(day: date, number: int) -> int:
    """Saturday 60 calls in the busiest half hour, each later weekday a little fewer; mornings fuller than evenings."""
    weekday = (day.weekday() + 2) % 7
    return (12 if number < 20 else 24 if number < 28 else 10) * (10 - weekday) // 4


def a_day(day: date, number_of: Callable[[date, int], int] = calls_of, handling: float = 180) -> dict[int, Counted]:
    return {n: Counted(calls := number_of(day, n), calls, calls * handling) for n in OPEN}


def a_book(
    until: date = TODAY,
    weeks: int = 13,
    *,
    number_of: Callable[[date, int], int] = calls_of,
    holidays: Iterable[date] = (),
    ahead: int = 70,
) -> Book:
    """Open Saturday to Thursday, on holidays too; calls before `until`, hours for `ahead` days after it."""
    first = until - timedelta(weeks=weeks)
    days = [first + timedelta(days=n) for n in range(7 * weeks + ahead)]
    hours = {day: frozenset() if day.weekday() == FRIDAY else OPEN for day in days}
    told = {day: a_day(day, number_of) for day in days if day < until and hours[day]}
    return Book(told, hours, frozenset(holidays))


def changed(book: Book, day: date, told: dict[int, Counted] | None) -> Book:
    """The same book with other calls on one day; None takes the day out."""
    days = {**book.days, day: told or {}}
    return Book({d: t for d, t in days.items() if t}, book.open, book.holidays)
