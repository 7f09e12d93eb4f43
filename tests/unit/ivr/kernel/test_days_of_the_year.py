"""The days on which Iran's clocks were changed, and the last on which they were: hours of a day are hours of a day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from ivr.kernel.clock import TEHRAN
from ivr.kernel.hours import CASEWORK
from ivr.kernel.jalali import day_short
from ivr.kernel.working_time import working_time
from tests.fakes import line_data

CALENDAR = line_data.hours().calendar


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=TEHRAN).astimezone(UTC)


def offset(day: date) -> timedelta | None:
    return datetime(day.year, day.month, day.day, 12, tzinfo=TEHRAN).utcoffset()


@pytest.mark.parametrize(
    ("day", "hours", "minutes_from_utc"),
    [
        (date(2021, 3, 21), 24, 210),
        (date(2021, 3, 22), 23, 270),  # summer time began: an hour less
        (date(2021, 9, 21), 25, 270),  # and ended at the end of this day
        (date(2021, 9, 22), 24, 210),
        (date(2022, 3, 21), 24, 210),
        (date(2022, 3, 22), 23, 270),
        (date(2022, 9, 21), 25, 270),  # for the last time
        (date(2022, 9, 22), 24, 210),
        (date(2023, 3, 21), 24, 210),
        (date(2023, 3, 22), 24, 210),
        (date(2023, 7, 1), 24, 210),
        (date(2023, 9, 21), 24, 210),
        (date(2023, 9, 22), 24, 210),
        (date(2026, 11, 22), 24, 210),
    ],
)
def test_a_day_has_its_own_length_and_distance_from_utc(day: date, hours: int, minutes_from_utc: int) -> None:
    assert midnight(day + timedelta(days=1)) - midnight(day) == timedelta(hours=hours)
    assert offset(day) == timedelta(minutes=minutes_from_utc)


@pytest.mark.parametrize("year", [2021, 2022, 2023])
@pytest.mark.parametrize("section", ["general", CASEWORK])
def test_hours_of_a_day_sum_up_to_the_day(year: int, section: str) -> None:
    """Counted hour by hour, day by day or over the whole month, working time is the same."""
    for first in (date(year, 3, 16), date(year, 9, 16)):
        start, end = midnight(first), midnight(first + timedelta(days=12))
        by_day = by_hour = timedelta()
        for day in (first + timedelta(days=n) for n in range(12)):
            by_day += working_time(CALENDAR, section, midnight(day), midnight(day + timedelta(days=1)))
        at = start
        while at < end:
            by_hour += working_time(CALENDAR, section, at, at + timedelta(hours=1))
            at += timedelta(hours=1)
        assert by_hour == by_day == working_time(CALENDAR, section, start, end)


@pytest.mark.parametrize("day", [date(2021, 6, 21), date(2022, 6, 21), date(2023, 6, 21)])
def test_doors_open_at_eight_by_the_wall_in_every_summer(day: date) -> None:
    (opened,) = [
        one.start for one in CALENDAR.open_intervals("general", midnight(day), midnight(day + timedelta(days=1)))
    ]
    assert opened.astimezone(TEHRAN).hour == 8
    assert opened.astimezone(UTC).hour == (3 if day.year < 2023 else 4)


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2021, 3, 20), "۱۳۹۹/۱۲/۳۰"),  # a leap year's last day
        (date(2021, 3, 21), "۱۴۰۰/۰۱/۰۱"),
        (date(2022, 3, 20), "۱۴۰۰/۱۲/۲۹"),
        (date(2024, 3, 20), "۱۴۰۳/۰۱/۰۱"),
        (date(2025, 3, 20), "۱۴۰۳/۱۲/۳۰"),
        (date(2025, 3, 21), "۱۴۰۴/۰۱/۰۱"),
    ],
)
def test_nowruz_and_leap_years(day: date, said: str) -> None:
    assert day_short(day) == said
    assert (day.month == 3 and not CALENDAR.is_open("general", midnight(day) + timedelta(hours=10))) or "/۱۲/" in said
