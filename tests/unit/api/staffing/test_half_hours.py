"""Half hours of Tehran, in the years with a changed clock too, and when they are open."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from importlib.resources import files

import pytest
from persiantools.jdatetime import JalaliDate

from api.staffing.half_hours import NUMBERS, begins, is_holiday, open_half_hours, place_of
from ivr.kernel.calendar import Calendar, Interval, SuddenChange
from ivr.kernel.hours import load_hours
from routing.queues import QUEUES

HOURS = load_hours((files("ivr.data") / "hours.toml").read_text("utf-8")).calendar
MONDAY = date(2026, 11, 23)
WORKING_HOURS = frozenset(range(16, 40))


@pytest.mark.parametrize("year", [2017, 2022, 2026])
def test_every_instant_of_a_year_has_its_place_in_order(year: int) -> None:
    """In steps of half an hour from UTC; when the clock goes back the hour before midnight comes twice."""
    instant = datetime(year, 1, 1, tzinfo=UTC)
    before = place_of(instant)
    backwards = 0
    for _ in range(365 * 48):
        instant += timedelta(minutes=30)
        now = place_of(instant)
        assert begins(*now) <= instant < begins(*now) + timedelta(hours=2)
        backwards += now < before
        before = now
    assert backwards == (1 if year < 2023 else 0)


@pytest.mark.parametrize(
    ("jalali", "hours"), [((1401, 1, 2), 23), ((1401, 6, 30), 25), ((1401, 6, 29), 24), ((1405, 1, 2), 24)]
)
def test_a_day_has_the_hours_that_its_clock_had(jalali: tuple[int, int, int], hours: int) -> None:
    day = JalaliDate(*jalali).to_gregorian()
    assert begins(day, 48) - begins(day) == timedelta(hours=hours)


def test_the_queues_are_open_as_the_hours_say() -> None:
    assert open_half_hours(HOURS, QUEUES, MONDAY, "auto") == WORKING_HOURS
    assert open_half_hours(HOURS, QUEUES, date(2026, 11, 27), "auto") == frozenset()
    assert open_half_hours(HOURS, QUEUES, MONDAY, "always") == frozenset(NUMBERS)
    assert open_half_hours(HOURS, QUEUES, MONDAY, "never") == frozenset()
    assert open_half_hours(HOURS, ("nowhere",), MONDAY, "auto") == frozenset()


@pytest.mark.parametrize("clock_open", ["auto", "always"])
def test_a_sudden_closure_of_one_section_leaves_the_others_open(clock_open: str) -> None:
    shut = SuddenChange(Interval(begins(MONDAY, 20), begins(MONDAY, 24)), open=False, section="insurance")
    calendar = HOURS.with_closures([shut])
    alone = open_half_hours(calendar, ("insurance",), MONDAY, clock_open)  # type: ignore[arg-type]
    assert not alone & {20, 21, 22, 23}
    assert {19, 24} <= alone
    assert {20, 21, 22, 23} <= open_half_hours(calendar, QUEUES, MONDAY, clock_open)  # type: ignore[arg-type]


def test_a_part_of_a_half_hour_is_open_too() -> None:
    at = begins(MONDAY, 40)
    late = SuddenChange(Interval(at + timedelta(minutes=40), at + timedelta(minutes=65)), open=True)
    found = open_half_hours(HOURS.with_closures([late]), ("general",), MONDAY, "auto")
    assert found == WORKING_HOURS | {41, 42}


def test_a_public_holiday_is_one_even_when_we_work_on_it() -> None:
    nowruz = JalaliDate(1405, 1, 2).to_gregorian()
    working = load_hours(
        (files("ivr.data") / "hours.toml")
        .read_text("utf-8")
        .replace("days = [", 'days = [{ day = "1405/01/02", open = true },')
    ).calendar
    assert isinstance(working, Calendar)
    assert working.holiday(nowruz) == ""
    assert is_holiday(working, nowruz)
    assert is_holiday(HOURS, nowruz)
    assert not is_holiday(HOURS, MONDAY)
