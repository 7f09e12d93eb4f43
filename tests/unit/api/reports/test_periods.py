"""Which days and months can be asked for, how they are written, and where they begin and end."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.reports.periods import Kind, day_of, month_of, offsets, read_period, today
from ivr.kernel.clock import TEHRAN
from ivr.kernel.errors import Invalid

NOW = datetime(2026, 11, 28, 8, 30, tzinfo=UTC)
"""12:00 in Tehran on 7 Azar 1405."""


@pytest.mark.parametrize("written", ["1405-09-07", "۱۴۰۵/۰۹/۰۷", "۱۴۰۵/۹/۷", " 1405/9/7\u200f", "2026-11-28", "", None])
def test_a_day_is_understood_however_it_is_written(written: str | None) -> None:
    period = read_period(written, None, NOW)
    assert (period.kind, period.name, period.first) == (Kind.DAY, "1405-09-07", date(2026, 11, 28))


@pytest.mark.parametrize("written", ["1405-09", "۱۴۰۵/۹"])
def test_a_month_is_a_jalali_month(written: str) -> None:
    period = read_period(None, written, NOW)
    assert (period.kind, period.name, len(period.days)) == (Kind.MONTH, "1405-09", 30)
    assert (period.first, period.after) == (date(2026, 11, 22), date(2026, 12, 22))


@pytest.mark.parametrize(
    ("day", "month", "code", "field"),
    [
        ("1405-13-01", None, "no_such_day", "query.day"),
        ("1405-12-30", None, "no_such_day", "query.day"),
        ("1405-09", None, "bad_day", "query.day"),
        ("1405-09/07", None, "bad_day", "query.day"),
        ("+405-09-07", None, "bad_day", "query.day"),
        ("1_05-09-07", None, "bad_day", "query.day"),
        ("yesterday", None, "bad_day", "query.day"),
        ("1405-09-07'; DROP TABLE visit", None, "bad_day", "query.day"),
        ("१४०५-०९-०७", None, "bad_day", "query.day"),
        ("1\x00405-09-07", None, "bad_day", "query.day"),
        ("0000-01-01", None, "no_such_day", "query.day"),
        ("9999-12-31", None, "year_out_of_range", "query.day"),
        ("1200-01-01", None, "year_out_of_range", "query.day"),
        (None, "1405-13", "no_such_month", "query.month"),
        (None, "1405-00", "no_such_month", "query.month"),
        (None, "2026-11", "year_out_of_range", "query.month"),
        (None, "1405-09-07", "bad_month", "query.month"),
        ("1405-09-07", "1405-09", "day_and_month", "query.month"),
    ],
)
def test_what_is_no_day_and_no_month_is_told_where_and_why(
    day: str | None, month: str | None, code: str, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        read_period(day, month, NOW)
    assert (refused.value.code, refused.value.field) == (code, field)


def test_today_is_the_day_of_tehran_and_not_of_greenwich() -> None:
    assert today(datetime(2026, 11, 28, 20, 29, 59, tzinfo=UTC)).name == "1405-09-07"
    assert today(datetime(2026, 11, 28, 20, 30, tzinfo=UTC)).name == "1405-09-08"


def test_neighbours_of_a_month_over_the_turn_of_the_year() -> None:
    esfand = read_period(None, "1403-12", NOW)
    assert (esfand.before.name, esfand.name, esfand.next.name) == ("1403-11", "1403-12", "1404-01")
    assert len(esfand.days) == 30, "1403 was a leap year"
    assert read_period(None, "1404-01", NOW).before.name == "1403-12"


@settings(deadline=None)
@given(st.dates(date(2003, 1, 1), date(2090, 1, 1)))
def test_days_and_months_follow_each_other_without_gap_or_overlap(day: date) -> None:
    for period in (day_of(day), month_of(day)):
        assert period.before.until == period.since
        assert period.until == period.next.since
        assert period.next.before == period
        asked = (period.name, None) if period.kind is Kind.DAY else (None, period.name)
        assert read_period(*asked, NOW) == period


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2022, 3, 22), 23), (date(2022, 9, 21), 25), (date(2026, 3, 22), 24), (date(2026, 9, 21), 24)]
)  # fmt: skip
def test_a_day_is_as_long_as_the_clocks_in_tehran_made_it(day: date, hours: int) -> None:
    assert day_of(day).until - day_of(day).since == timedelta(hours=hours)


@settings(deadline=None)
@given(st.dates(date(2003, 1, 1), date(2040, 1, 1)), st.integers(0, 31 * 48))
def test_the_offset_of_every_half_hour_of_a_month_is_told_right(day: date, number: int) -> None:
    month = month_of(day)
    instant = month.since + number * timedelta(minutes=30)
    if instant >= month.until:
        return
    told = [seconds for at, seconds in offsets(month) if at <= instant][-1]
    assert timedelta(seconds=told) == instant.astimezone(TEHRAN).utcoffset()
    assert len(offsets(month)) == len({h.astimezone(TEHRAN).utcoffset() for h in (month.since, month.until)})
