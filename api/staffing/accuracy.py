"""How good the forecast was, measured afterwards and never by looking ahead. Pure.

    WAPE = Σ |actual − forecast| / Σ actual        bias = Σ (forecast − actual) / Σ actual

over half hours that are over and in which the line was open. WAPE weighs busy half hours more than quiet ones and can
pass 100 %; a bias above 0 means that more calls were foretold than came. Sums of errors add their parts, so the figure of
28 days is one ratio of sums and no mean of daily percentages. Source: S. Kolassa & W. Schütz 2007 (MAD/mean ratio).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from api.staffing.forecast import forecast
from api.staffing.half_hours import Book

BACKTEST_DAYS = 28


@dataclass(frozen=True, slots=True)
class ForecastError:
    """Sums over half hours; nothing over nothing has no value."""

    days: int = 0
    half_hours: int = 0
    actual: int = 0
    forecast: float = 0.0
    absolute: float = 0.0

    def __add__(self, other: ForecastError) -> ForecastError:
        return ForecastError(
            self.days + other.days,
            self.half_hours + other.half_hours,
            self.actual + other.actual,
            self.forecast + other.forecast,
            self.absolute + other.absolute,
        )

    @property
    def wape(self) -> float | None:
        return self.absolute / self.actual if self.actual else None

    @property
    def bias(self) -> float | None:
        return (self.forecast - self.actual) / self.actual if self.actual else None


def error_of(foretold: Mapping[int, float], book: Book, day: date, numbers: Iterable[int]) -> ForecastError:
    """Of one day, over those of its half hours (`numbers`) for which there was a forecast."""
    compared = [(foretold[n], book.total(day, (n,))) for n in numbers if n in foretold]
    return ForecastError(
        days=1 if compared else 0,
        half_hours=len(compared),
        actual=sum(actual for _, actual in compared),
        forecast=sum(expected for expected, _ in compared),
        absolute=sum(abs(actual - expected) for expected, actual in compared),
    )


def backtest(book: Book, until: date, weeks: int) -> ForecastError:
    """The 28 days before `until`, each foretold as of the day before it. Days without a single call are left out: then
    the line was down or not yet there, and that is no error of a forecast."""
    total = ForecastError()
    for ago in range(BACKTEST_DAYS, 0, -1):
        day = until - timedelta(days=ago)
        if day in book.days:
            foretold = forecast(book, day, day, weeks)
            total += error_of(foretold.calls, book, day, sorted(book.open.get(day, ())))
    return total
