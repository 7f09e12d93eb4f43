"""How many callers will ask for an operator in each half hour of a day, and how long they will be served. Pure.

Made from days before `known_until` only; the same function serves tomorrow, a day weeks ahead and, for measuring how good
it is, any past day as of the morning before it.

    calls of a half hour = total × share of the half hour
    total = typical total of the reference days × level × season

* **Reference days**: the same weekday in the last `weeks` weeks, holidays left out; for a holiday the last eight holidays
  with calls within a year. With no such day at all, every ordinary day of these weeks.
* **Typical** is the mean of the middle half of the values (of three the median): a day on which the line was cut, or a
  flood of calls after a text to all insured, moves it little. Days on which a sudden closure shut hours that are open on
  the day in question, or with less than half of their siblings' median, are left out before.
* **Level**: median over the last two weeks' ordinary days of (calls of the day / typical total of its weekday), within
  ½ … 2; needs five days. It follows growth and decline without chasing a single day.
* **Season**, only for days a week or more ahead and with two years of history: by how much the fortnight around the same
  Jalali day lay above the four weeks before, last year and the year before; geometric mean, within ½ … 2.
* **Handling time** of a half hour: Σ handling / Σ handled over the reference days (a ratio of sums, never a mean of
  means); with fewer than ten handled calls that of their whole days.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from statistics import median

from persiantools.jdatetime import JalaliDate

from api.staffing.half_hours import NOTHING, Book, Counted

ENOUGH_DAYS = 4
"""A forecast from fewer reference days is a guess, and is called one."""
HOLIDAYS, HOLIDAY_MEMORY = 8, timedelta(days=366)
RECENT, RECENT_AT_LEAST = timedelta(days=14), 5
SEASON_AHEAD = timedelta(days=7)
SEASON_BEFORE, SEASON_AROUND, SEASON_AT_LEAST = timedelta(days=28), timedelta(days=7), 8
BOUNDS = 0.5, 2.0
HANDLED_AT_LEAST = 10


class Basis(StrEnum):
    """Which days a forecast rests on."""

    SAME_WEEKDAY = "same_weekday"
    HOLIDAYS = "holidays"
    OTHER_DAYS = "other_days"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Forecast:
    """By half hour. `handling_seconds` is empty when no call of the reference days was handled."""

    basis: Basis
    days: tuple[date, ...]
    calls: Mapping[int, float]
    handling_seconds: Mapping[int, float]
    level: float = 1.0
    season: float | None = None

    @property
    def enough(self) -> bool:
        return len(self.days) >= ENOUGH_DAYS


def days_needed(day: date, known_until: date, weeks: int, holidays: set[date]) -> set[date]:
    """The days that `forecast` looks at; `holidays` are all holidays of the years in question."""
    needed = _span(known_until - timedelta(weeks=weeks), known_until)
    passed = sorted(d for d in holidays if known_until - HOLIDAY_MEMORY <= d < known_until)
    if day in holidays:
        needed |= set(passed)
    if day - known_until >= SEASON_AHEAD:
        for years in (1, 2):
            before, around = _season_windows(day, known_until, years)
            needed |= before | around
    return needed


def forecast(book: Book, day: date, known_until: date, weeks: int) -> Forecast:
    """`known_until` ≤ `day`; what the book knows of that day or later is not looked at."""
    known = book.before(min(known_until, day))
    numbers = sorted(book.open.get(day, ()))
    basis, days = _reference(known, day, known_until, weeks)
    if not days or not numbers:
        return Forecast(Basis.NOTHING, (), {}, {})
    level, season = 1.0, None
    if basis is Basis.SAME_WEEKDAY:
        level = _level(known, known_until, weeks)
        season = _season(known, day, known_until)
    total = typical([known.total(d, numbers) for d in days]) * level * (season or 1.0)
    shares = {n: typical([known.calls(d, n) for d in days]) for n in numbers}
    if not any(shares.values()):  # so few calls that the middle half of every half hour is none
        shares = {n: sum(known.calls(d, n) for d in days) for n in numbers}
    whole = sum(shares.values())
    calls = {n: total * share / whole if whole else 0.0 for n, share in shares.items()}
    return Forecast(basis, tuple(days), calls, _handling(known, days, numbers), level, season)


def typical(values: Sequence[float]) -> float:
    """Mean of the middle half; of three values the middle one, of one or two their mean, of none 0."""
    if not values:
        return 0.0
    cut = max(len(values) // 4, 1) if len(values) >= 3 else 0
    middle = sorted(values)[cut : len(values) - cut]
    return sum(middle) / len(middle)


def _reference(known: Book, day: date, known_until: date, weeks: int) -> tuple[Basis, list[date]]:
    if day in known.holidays:
        first = known_until - HOLIDAY_MEMORY
        passed = sorted(d for d in known.days if d in known.holidays and d >= first)
        if passed:
            return Basis.HOLIDAYS, _whole_enough(known, passed[-HOLIDAYS:])
    first = known_until - timedelta(weeks=weeks)
    ordinary = sorted(d for d in known.days if d >= first and d not in known.holidays)
    as_long = [d for d in ordinary if known.open.get(day, frozenset()) <= known.open.get(d, frozenset())]
    same = [d for d in as_long if d.weekday() == day.weekday()]
    if same and day not in known.holidays:
        return Basis.SAME_WEEKDAY, _whole_enough(known, same)
    return Basis.OTHER_DAYS, _whole_enough(known, as_long)


def _whole_enough(known: Book, days: list[date]) -> list[date]:
    """Without days that are less than half of their siblings' median: the line was closed or cut for hours."""
    if not days:
        return []
    least = median(known.total(day) for day in days) / 2
    return [day for day in days if known.total(day) >= least]


def _level(known: Book, known_until: date, weeks: int) -> float:
    first = known_until - timedelta(weeks=weeks)
    totals: dict[int, list[int]] = {}
    ordinary = [d for d in known.days if d >= first and d not in known.holidays]
    for day in ordinary:
        totals.setdefault(day.weekday(), []).append(known.total(day))
    expected = {weekday: typical(values) for weekday, values in totals.items()}
    recent = [d for d in ordinary if d >= known_until - RECENT and expected[d.weekday()]]
    if len(recent) < RECENT_AT_LEAST:
        return 1.0
    return _bounded(median(known.total(d) / expected[d.weekday()] for d in recent))


def _season(known: Book, day: date, known_until: date) -> float | None:
    if day - known_until < SEASON_AHEAD:
        return None
    product = 1.0
    for years in (1, 2):
        before, around = (
            [known.total(d) for d in window if d in known.days and d not in known.holidays]
            for window in _season_windows(day, known_until, years)
        )
        if min(len(before), len(around)) < SEASON_AT_LEAST:
            return None
        product *= typical(around) / (typical(before) or 1.0)
    return _bounded(math.sqrt(product))


def _season_windows(day: date, known_until: date, years: int) -> tuple[set[date], set[date]]:
    there, then = _years_before(day, years), _years_before(known_until, years)
    return _span(then - SEASON_BEFORE, then), _span(there - SEASON_AROUND, there + SEASON_AROUND)


def _years_before(day: date, years: int) -> date:
    """The same Jalali day some years ago; the 30th of Esfand falls on the 29th where there is none."""
    jalali = JalaliDate(day)
    last = JalaliDate.days_in_month(jalali.month, jalali.year - years)
    return JalaliDate(jalali.year - years, jalali.month, min(jalali.day, last)).to_gregorian()


def _handling(known: Book, days: Sequence[date], numbers: Sequence[int]) -> dict[int, float]:
    by_number = {n: sum((known.days[d].get(n, NOTHING) for d in days), NOTHING) for n in numbers}
    whole = sum(by_number.values(), NOTHING)
    if not whole.handled:
        return {}
    return {n: _mean(told if told.handled >= HANDLED_AT_LEAST else whole) for n, told in by_number.items()}


def _mean(told: Counted) -> float:
    return told.handling_seconds / told.handled


def _bounded(factor: float) -> float:
    low, high = BOUNDS
    return min(max(factor, low), high)


def _span(first: date, end: date) -> set[date]:
    """Days from `first` up to, but not including, `end`."""
    return {first + timedelta(days=n) for n in range((end - first).days)}
