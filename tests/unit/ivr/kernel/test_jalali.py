"""Days and instants as people read them."""

from datetime import UTC, date, datetime, timedelta

import pytest

from ivr.kernel.jalali import (
    clock_text,
    day_short,
    day_text,
    month_after,
    month_begins,
    month_text,
    read_month,
    span_text,
)


@pytest.mark.parametrize(
    ("jalali", "gregorian"),
    [
        ("1396/01/01", date(2017, 3, 21)),
        ("1397/01/01", date(2018, 3, 21)),
        ("1397/02/27", date(2018, 5, 17)),
        ("1399/12/30", date(2021, 3, 20)),
        ("1400/01/01", date(2021, 3, 21)),
        ("1403/01/01", date(2024, 3, 20)),
        ("1403/12/30", date(2025, 3, 20)),
        ("1404/01/01", date(2025, 3, 21)),
        ("1405/01/01", date(2026, 3, 21)),
        ("1408/01/01", date(2029, 3, 20)),
        ("1409/01/01", date(2030, 3, 21)),
    ],
)
def test_known_days(jalali: str, gregorian: date) -> None:
    assert day_short(gregorian, "en") == jalali


def test_a_day_in_both_languages() -> None:
    day = date(2018, 5, 17)
    assert day_text(day, weekday=True) == "پنج‌شنبه ۲۷ اردیبهشت ۱۳۹۷"
    assert day_text(day, "en", weekday=True) == "Thursday 27 Ordibehesht 1397"
    assert day_short(day) == "۱۳۹۷/۰۲/۲۷"


def test_an_instant_is_shown_in_tehran() -> None:
    late = datetime(2026, 11, 21, 21, 0, tzinfo=UTC)  # 00:30 of the next day in Tehran
    assert clock_text(late) == "۰۰:۳۰"
    assert clock_text(late, "en", seconds=True) == "00:30:00"


@pytest.mark.parametrize(
    ("seconds", "fa", "en"),
    [
        (0, "۰ ثانیه", "0 seconds"),
        (1, "۱ ثانیه", "1 second"),
        (125, "۲ دقیقه و ۵ ثانیه", "2 minutes and 5 seconds"),
        (3600, "۱ ساعت", "1 hour"),
        (90_061, "۱ روز و ۱ ساعت", "1 day and 1 hour"),
        (86_405, "۱ روز", "1 day"),
        (-3, "۰ ثانیه", "0 seconds"),
    ],
)
def test_spans(seconds: int, fa: str, en: str) -> None:
    assert span_text(timedelta(seconds=seconds)) == fa
    assert span_text(timedelta(seconds=seconds), "en") == en


@pytest.mark.parametrize(
    ("written", "first", "after", "fa", "en"),
    [
        ("1405-09", date(2026, 11, 22), date(2026, 12, 22), "آذر ۱۴۰۵", "Azar 1405"),
        ("۱۴۰۳/۱۲", date(2025, 2, 19), date(2025, 3, 21), "اسفند ۱۴۰۳", "Esfand 1403"),
        ("1404/1", date(2025, 3, 21), date(2025, 4, 21), "فروردین ۱۴۰۴", "Farvardin 1404"),
    ],
)
def test_a_month_is_read_named_and_followed_by_the_next(
    written: str, first: date, after: date, fa: str, en: str
) -> None:
    assert read_month(written) == first
    assert month_after(first) == after
    assert month_begins(after - timedelta(days=1)) == first
    assert (month_text(first), month_text(first, "en")) == (fa, en)


@pytest.mark.parametrize("written", ["1405", "1405-13", "1405-09-07", "azar"])
def test_what_is_no_month_is_refused(written: str) -> None:
    with pytest.raises(ValueError):
        read_month(written)
