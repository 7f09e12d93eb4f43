"""When the line is open: Tehran's hours, holidays, overrides, sudden changes, and the zone's history."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.kernel.calendar import Calendar, DayOverride, Interval, SuddenChange, check_time_zone, iranian_holidays
from ivr.kernel.clock import TEHRAN
from ivr.kernel.errors import NotFound, Unavailable
from tests.fakes import line_data

CALENDAR = line_data.hours().calendar


def tehran(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=TEHRAN)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("when", "is_open"),
    [
        (tehran(2026, 11, 21, 7, 59, 59), False),  # Saturday
        (tehran(2026, 11, 21, 8, 0), True),
        (tehran(2026, 11, 21, 14, 0), True),  # both shifts meet
        (tehran(2026, 11, 21, 19, 59, 59), True),
        (tehran(2026, 11, 21, 20, 0), False),
        (tehran(2026, 11, 26, 12, 0), True),  # Thursday
        (tehran(2026, 11, 27, 12, 0), False),  # Friday
        (tehran(2026, 3, 21, 12, 0), False),  # Nowruz 1405
        (tehran(2026, 2, 11, 12, 0), False),  # 22 Bahman 1404
    ],
)
def test_hours_of_the_general_queue(when: datetime, is_open: bool) -> None:
    assert CALENDAR.is_open("general", when) is is_open


def test_opening_hours_in_utc_follow_the_zone_of_their_year() -> None:
    # 1397 had summer time (+04:30), 1402 has none (+03:30): the same eight o'clock is another instant.
    in_1397 = next(CALENDAR.open_intervals("general", tehran(2018, 7, 1, 0, 0), tehran(2018, 7, 2, 0, 0)))
    in_1402 = next(CALENDAR.open_intervals("general", tehran(2023, 7, 1, 0, 0), tehran(2023, 7, 2, 0, 0)))
    assert (in_1397.start.hour, in_1397.start.minute, in_1397.end.hour) == (3, 30, 15)
    assert (in_1402.start.hour, in_1402.start.minute, in_1402.end.hour) == (4, 30, 16)


def test_next_opening_skips_friday_and_holidays() -> None:
    thursday_evening = tehran(2026, 11, 26, 20, 0)
    assert CALENDAR.next_opening("general", thursday_evening) == tehran(2026, 11, 28, 8, 0)
    during = tehran(2026, 11, 26, 10, 0)
    assert CALENDAR.next_opening("general", during) == during
    # Nowruz 1405: 1–4 Farvardin are holidays, the fifth is a Wednesday.
    assert CALENDAR.next_opening("general", tehran(2026, 3, 21, 9, 0)) == tehran(2026, 3, 25, 8, 0)


def test_a_section_without_any_hours_has_no_next_opening() -> None:
    assert Calendar({"night": {}}).next_opening("night", tehran(2026, 11, 21, 9, 0)) is None


def test_a_section_nobody_knows_is_told_by_name() -> None:
    with pytest.raises(NotFound, match=r"sections\.nobody"):
        CALENDAR.is_open("nobody", tehran(2026, 11, 21, 9, 0))


def test_fixed_holidays_and_leap_day() -> None:
    for day in (date(2026, 3, 21), date(2026, 4, 1), date(2026, 4, 2), date(2026, 6, 4), date(2025, 3, 20)):
        assert CALENDAR.holiday(day), day
    assert not CALENDAR.holiday(date(2026, 11, 21))
    assert "نوروز" in iranian_holidays(2026)[date(2026, 3, 21)]


def test_our_own_word_about_a_day_wins_over_the_public_calendar() -> None:
    calendar = Calendar(
        CALENDAR.sections,
        {date(2026, 3, 21): DayOverride(open=True), date(2026, 11, 21): DayOverride(open=False, name="آلودگی هوا")},
    )
    assert calendar.is_open("general", tehran(2026, 3, 21, 12, 0))
    assert not calendar.is_open("general", tehran(2026, 11, 21, 12, 0))
    assert calendar.holiday(date(2026, 11, 21)) == "آلودگی هوا"


def test_sudden_closure_of_one_section_for_an_hour() -> None:
    hour = Interval(tehran(2026, 11, 21, 10, 0), tehran(2026, 11, 21, 11, 0))
    calendar = CALENDAR.with_closures([SuddenChange(hour, open=False, section="insurance")])
    assert calendar.is_open("insurance", tehran(2026, 11, 21, 9, 59))
    assert not calendar.is_open("insurance", tehran(2026, 11, 21, 10, 0))
    assert calendar.is_open("insurance", tehran(2026, 11, 21, 11, 0))
    assert calendar.is_open("general", tehran(2026, 11, 21, 10, 30))
    assert calendar.next_opening("insurance", tehran(2026, 11, 21, 10, 15)) == tehran(2026, 11, 21, 11, 0)


def test_sudden_opening_over_midnight_and_a_closure_inside_it() -> None:
    night = SuddenChange(Interval(tehran(2026, 11, 26, 22, 0), tehran(2026, 11, 27, 3, 0)), open=True)
    pause = SuddenChange(Interval(tehran(2026, 11, 27, 1, 0), tehran(2026, 11, 27, 2, 0)), open=False)
    calendar = CALENDAR.with_closures([night, pause])
    stretches = list(calendar.open_intervals("general", tehran(2026, 11, 26, 21, 0), tehran(2026, 11, 27, 23, 0)))
    assert stretches == [
        Interval(tehran(2026, 11, 26, 22, 0), tehran(2026, 11, 27, 1, 0)),
        Interval(tehran(2026, 11, 27, 2, 0), tehran(2026, 11, 27, 3, 0)),
    ]


def test_an_opening_tells_what_a_closure_keeps_closed_meanwhile() -> None:
    def change(first: int, last: int, section: str = "", *, opens: bool = False) -> SuddenChange:
        return SuddenChange(Interval(tehran(2026, 11, 27, first, 0), tehran(2026, 11, 27, last, 0)), opens, "", section)

    before, during, all_day = change(6, 8, "general"), change(9, 11, "insurance"), change(0, 23, "pensions")
    known = [before, during, all_day, change(9, 10, "general", opens=True)]
    assert change(8, 10, opens=True).closed_meanwhile(known) == ["insurance", "pensions"]
    assert change(8, 10, "insurance", opens=True).closed_meanwhile(known) == ["insurance"]
    assert change(11, 12, "insurance", opens=True).closed_meanwhile(known) == []
    assert change(8, 10, "general", opens=True).closed_meanwhile([change(7, 9)]) == ["general"]
    assert change(8, 10, opens=True).closed_meanwhile([change(7, 9)]) == [""], "the whole line"
    assert during.closed_meanwhile(known) == []


@given(st.datetimes(datetime(2017, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)), st.integers(1, 72))
def test_intervals_are_ordered_apart_and_agree_with_is_open(start: datetime, hours_: int) -> None:
    intervals = list(CALENDAR.open_intervals("general", start, start + timedelta(hours=hours_)))
    for one, following in pairwise(intervals):
        assert one.end < following.start
    for interval in intervals:
        assert CALENDAR.is_open("general", interval.start)
        assert CALENDAR.is_open("general", interval.end - timedelta(seconds=1))
    if not intervals:
        assert not CALENDAR.is_open("general", start)


def test_zone_data_is_checked_at_start_up() -> None:
    check_time_zone()
    with pytest.raises(Unavailable, match="tzdata"):
        check_time_zone(ZoneInfo("Asia/Dubai"))
