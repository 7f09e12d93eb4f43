"""How far a forecast was off, and that it is measured without looking ahead."""

from __future__ import annotations

from datetime import timedelta

import pytest

from api.staffing.accuracy import ForecastError, backtest, error_of
from api.staffing.half_hours import Book, Counted
from tests.unit.api.staffing.weeks import OPEN, TODAY, a_book, a_day, calls_of, changed


def test_wape_and_bias_of_three_half_hours() -> None:
    """Foretold 10, 20, 30; came 12, 20, 18: off by 2 + 0 + 12 of 50, and 10 too many."""
    book = Book({TODAY: {16: Counted(12), 17: Counted(20), 18: Counted(18), 19: Counted(500)}})
    error = error_of({16: 10.0, 17: 20.0, 18: 30.0, 19: 1.0}, book, TODAY, (16, 17, 18))
    assert (error.half_hours, error.actual, error.forecast) == (3, 50, 60)
    assert error.wape == pytest.approx(14 / 50)
    assert error.bias == pytest.approx(10 / 50)


def test_a_half_hour_in_which_nobody_came_is_an_error_too() -> None:
    error = error_of({16: 3.0, 17: 1.0}, Book({TODAY: {17: Counted(1)}}), TODAY, (16, 17))
    assert (error.wape, error.bias) == (3.0, 3.0)


def test_nothing_over_nothing_has_no_value() -> None:
    assert ForecastError().wape is None
    assert error_of({16: 0.0}, Book({}), TODAY, (16,)).bias is None


def test_days_are_added_by_their_parts_and_no_percentages_are_averaged() -> None:
    small, large = ForecastError(1, 1, 10, 20, 10), ForecastError(1, 1, 990, 990, 0)
    assert (small + large).wape == pytest.approx(0.01)


def test_weeks_that_are_all_alike_are_foretold_without_error() -> None:
    error = backtest(a_book(), TODAY, 8)
    assert error.days == 24, "four Fridays of 28 days are closed"
    assert error.half_hours == 24 * len(OPEN)
    assert error.actual > 1000
    assert (error.wape, error.bias) == (pytest.approx(0, abs=1e-12), pytest.approx(0, abs=1e-12))


def test_each_day_is_foretold_as_of_the_day_before() -> None:
    """Twice the calls on the last day of the month: that day is missed by half, and no other day learns from it."""
    last = TODAY - timedelta(days=1) if (TODAY - timedelta(days=1)).weekday() != 4 else TODAY - timedelta(days=2)
    book = changed(a_book(), last, a_day(last, lambda day, n: 2 * calls_of(day, n)))
    usual = sum(calls_of(last, n) for n in OPEN)
    error = backtest(book, TODAY, 8)
    assert error.absolute == pytest.approx(usual)
    assert error.forecast == pytest.approx(error.actual - usual)


def test_what_comes_after_the_28_days_changes_nothing() -> None:
    later = a_book(
        until=TODAY + timedelta(days=30), weeks=18, number_of=lambda day, n: calls_of(day, n) if day < TODAY else 777
    )
    assert backtest(later, TODAY, 8) == backtest(a_book(weeks=14), TODAY, 8)


def test_a_day_without_a_call_is_no_error_of_a_forecast() -> None:
    down = TODAY - timedelta(days=3)
    error = backtest(changed(a_book(), down, None), TODAY, 8)
    assert error.days == 23
    assert error.wape == pytest.approx(0, abs=1e-12)
