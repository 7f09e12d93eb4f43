"""What is foretold from weeks of calls, and what must not disturb it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from persiantools.jdatetime import JalaliDate

from api.staffing.forecast import Basis, days_needed, forecast, typical
from api.staffing.half_hours import Book, Counted
from tests.effort import explore, tried
from tests.unit.api.staffing.weeks import OPEN, TODAY, a_book, a_day, calls_of, changed

WEEKS = 8
MONDAY = TODAY + timedelta(days=2)


def as_ever(day: date) -> dict[int, float]:
    return {n: float(calls_of(day, n)) for n in sorted(OPEN)}


def test_weeks_that_are_all_alike_are_foretold_to_the_call() -> None:
    told = forecast(a_book(), MONDAY, TODAY, WEEKS)
    assert told.calls == pytest.approx(as_ever(MONDAY))
    assert (told.basis, len(told.days), told.enough, told.level, told.season) == (Basis.SAME_WEEKDAY, 8, True, 1, None)
    assert {day.weekday() for day in told.days} == {MONDAY.weekday()}
    assert set(told.handling_seconds.values()) == {180}


def test_a_day_on_which_nothing_opens_has_no_forecast() -> None:
    told = forecast(a_book(), TODAY + timedelta(days=6), TODAY, WEEKS)
    assert (told.basis, told.calls, told.days) == (Basis.NOTHING, {}, ())


@pytest.mark.parametrize("share", [0, 0.3], ids=["the line was closed", "the line was cut for hours"])
def test_a_day_that_was_cut_is_no_reference(share: float) -> None:
    cut = MONDAY - timedelta(weeks=3)
    book = changed(a_book(), cut, a_day(cut, lambda day, n: int(share * calls_of(day, n))) if share else None)
    told = forecast(book, MONDAY, TODAY, WEEKS)
    assert cut not in told.days
    assert told.calls == pytest.approx(as_ever(MONDAY))


def test_a_restart_that_emptied_two_half_hours_moves_nothing() -> None:
    torn = MONDAY - timedelta(weeks=1)
    day = a_day(torn)
    book = changed(a_book(), torn, {n: told for n, told in day.items() if n not in (22, 23)})
    told = forecast(book, MONDAY, TODAY, WEEKS)
    assert torn in told.days
    assert told.calls == pytest.approx(as_ever(MONDAY))


def test_a_flood_of_calls_on_one_day_moves_nothing() -> None:
    flood = MONDAY - timedelta(weeks=2)
    book = changed(a_book(), flood, a_day(flood, lambda day, n: 9 * calls_of(day, n)))
    assert forecast(book, MONDAY, TODAY, WEEKS).calls == pytest.approx(as_ever(MONDAY))


def test_a_sudden_closure_of_some_hours_takes_the_day_out() -> None:
    shut = MONDAY - timedelta(weeks=1)
    book = a_book()
    hours = {**book.open, shut: OPEN - set(range(30, 40))}
    told = forecast(Book(book.days, hours, book.holidays), MONDAY, TODAY, WEEKS)
    assert shut not in told.days
    assert len(told.days) == 7


def test_holidays_are_no_ordinary_days_and_holidays_are_foretold_from_holidays() -> None:
    past = [MONDAY - timedelta(weeks=1), MONDAY - timedelta(weeks=4), MONDAY + timedelta(days=1)]
    quiet = a_book(holidays=past)
    for day in past[:2]:
        quiet = changed(quiet, day, a_day(day, lambda _, n: 4))
    ordinary = forecast(quiet, MONDAY, TODAY, WEEKS)
    assert ordinary.calls == pytest.approx(as_ever(MONDAY))
    assert not set(past) & set(ordinary.days)
    holiday = forecast(quiet, past[2], TODAY, WEEKS)
    assert (holiday.basis, list(holiday.days), holiday.enough) == (Basis.HOLIDAYS, sorted(past[:2]), False)
    assert holiday.calls == pytest.approx(dict.fromkeys(OPEN, 4))


def test_without_a_holiday_to_go_by_ordinary_days_stand_in_and_it_is_said() -> None:
    assert forecast(a_book(holidays=[MONDAY]), MONDAY, TODAY, WEEKS).basis is Basis.OTHER_DAYS


def test_a_young_line_says_on_how_few_days_it_rests() -> None:
    two = forecast(a_book(weeks=2), MONDAY, TODAY, WEEKS)
    assert (two.basis, len(two.days), two.enough) == (Basis.SAME_WEEKDAY, 2, False)
    week = a_book(weeks=1)
    begun = Book({day: told for day, told in week.days.items() if day >= TODAY - timedelta(days=3)}, week.open)
    other = forecast(begun, MONDAY, TODAY, WEEKS)
    assert (other.basis, other.enough) == (Basis.OTHER_DAYS, False)
    assert set(other.days) == set(begun.days)
    assert sum(other.calls.values()) > 0
    assert forecast(Book({}, week.open), MONDAY, TODAY, WEEKS).basis is Basis.NOTHING


def test_growth_of_the_last_weeks_is_followed() -> None:
    """A fifth more each day for the last two weeks: six of eight Mondays know nothing of it, the level does."""
    grown = a_book(
        number_of=lambda day, n: 10 * calls_of(day, n) * (12 if day >= TODAY - timedelta(days=14) else 10) // 10
    )
    told = forecast(grown, MONDAY, TODAY, WEEKS)
    assert told.level == pytest.approx(1.2, abs=0.01)
    assert sum(told.calls.values()) == pytest.approx(12 * sum(as_ever(MONDAY).values()), rel=0.01)


def test_a_factor_never_runs_away() -> None:
    leapt = a_book(number_of=lambda day, n: calls_of(day, n) * (50 if day >= TODAY - timedelta(days=14) else 1))
    assert forecast(leapt, MONDAY, TODAY, WEEKS).level == 2


def test_a_season_is_seen_in_two_earlier_years_and_used_for_days_further_ahead() -> None:
    """Each year the month of Dey brings half as much again as Azar."""

    def number_of(day: date, n: int) -> int:
        return 20 * calls_of(day, n) * (3 if JalaliDate(day).month == 10 else 2) // 2

    book = a_book(weeks=112, number_of=number_of)
    ahead = JalaliDate(1405, 10, 16).to_gregorian()
    far = forecast(book, ahead, TODAY, WEEKS)
    assert far.season == pytest.approx(1.5, abs=0.05)
    assert sum(far.calls.values()) == pytest.approx(sum(number_of(ahead, n) for n in OPEN), rel=0.05)
    assert forecast(book, MONDAY, TODAY, WEEKS).season is None, "the last weeks know the next days better"
    young = forecast(a_book(weeks=60, number_of=number_of), ahead, TODAY, WEEKS)
    assert young.season is None, "one year may be a chance"


def test_few_calls_keep_their_sum() -> None:
    """One call in every second half hour, never twice in the same: the middle half of each half hour is none."""

    def number_of(day: date, n: int) -> int:
        return int((n + day.toordinal() // 7) % 6 == 0)

    told = forecast(a_book(number_of=number_of), MONDAY, TODAY, WEEKS)
    assert sum(told.calls.values()) == pytest.approx(4)
    assert all(value >= 0 for value in told.calls.values())


def test_handling_time_is_a_ratio_of_sums_of_the_same_half_hours() -> None:
    book = a_book(weeks=2)
    one, other = MONDAY - timedelta(weeks=1), MONDAY - timedelta(weeks=2)
    book = changed(book, one, a_day(one) | {20: Counted(90, 90, 90 * 100.0)})
    book = changed(book, other, a_day(other) | {20: Counted(10, 10, 10 * 300.0), 30: Counted(5, 0, 0.0)})
    told = forecast(book, MONDAY, TODAY, WEEKS)
    assert told.handling_seconds[20] == pytest.approx(120), "not 200, the mean of the means"
    assert told.handling_seconds[21] == 180


def test_a_half_hour_with_few_talks_takes_the_handling_time_of_the_days() -> None:
    book = a_book(weeks=1)
    last = MONDAY - timedelta(weeks=1)
    book = changed(book, last, {16: Counted(3, 3, 3 * 900.0), 20: Counted(97, 97, 97 * 100.0)})
    assert forecast(book, MONDAY, TODAY, WEEKS).handling_seconds[16] == pytest.approx(124)
    nobody = changed(book, last, {16: Counted(3, 0, 0.0)})
    assert forecast(nobody, MONDAY, TODAY, WEEKS).handling_seconds == {}


@pytest.mark.parametrize(
    ("values", "middle"),
    [([], 0), ([4], 4), ([4, 6], 5), ([1, 5, 900], 5), ([0, 4, 6, 900], 5), ([0, 0, 3, 4, 5, 6, 800, 900], 4.5)],
)
def test_the_middle_half(values: list[float], middle: float) -> None:
    assert typical(values) == middle


def test_nothing_of_the_day_or_later_is_looked_at() -> None:
    """The future may say what it likes: the forecast of the morning stays the same, for every day of a week."""
    past = a_book()
    loud = a_book(
        until=TODAY + timedelta(days=60), weeks=22, number_of=lambda day, n: calls_of(day, n) if day < TODAY else 9999
    )
    for ahead in range(14):
        day = TODAY + timedelta(days=ahead)
        assert forecast(loud, day, TODAY, WEEKS) == forecast(past, day, TODAY, WEEKS)


@tried(quick=20, thorough=3000)
def test_days_that_are_not_asked_for_are_not_needed(examples: int) -> None:
    """`days_needed` names all that `forecast` looks at: with everything else taken away it says the same."""

    @given(st.integers(0, 60), st.integers(1, 10), st.sets(st.integers(-400, 60), max_size=12), st.data())
    def holds(ahead: int, weeks: int, free: set[int], data: st.DataObject) -> None:
        holidays = {TODAY + timedelta(days=n) for n in free}
        day = TODAY + timedelta(days=ahead)
        factor = data.draw(st.integers(1, 5))
        book = a_book(
            weeks=112, number_of=lambda d, n: calls_of(d, n) + factor * (d.toordinal() % 5), holidays=holidays
        )
        needed = days_needed(day, TODAY, weeks, holidays)
        assert not [d for d in needed if d >= TODAY]
        small = Book({d: told for d, told in book.days.items() if d in needed}, book.open, book.holidays)
        assert forecast(small, day, TODAY, weeks) == forecast(book, day, TODAY, weeks)

    explore(examples, holds)
