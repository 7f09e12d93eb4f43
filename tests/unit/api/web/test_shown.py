"""What a person sees: digits, dates, spans, callers and codes, in Persian and in English."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from api.web import shown
from ivr.kernel.errors import Invalid


def test_numbers_have_persian_digits_and_separators() -> None:
    assert shown.number(1234567, "fa") == "۱٬۲۳۴٬۵۶۷"
    assert shown.number(1234567, "en") == "1,234,567"


def test_what_is_not_known_is_a_dash_and_never_zero() -> None:
    assert shown.number(None, "fa") == shown.percent(None, "fa") == shown.span(None, "fa") == "–"
    assert shown.number(0, "fa") == "۰"
    assert shown.span(0, "fa") == "۰:۰۰"


def test_a_ratio_shows_one_place() -> None:
    assert shown.percent(0.8269, "fa") == "۸۲٫۷٪"
    assert shown.percent(1, "en") == "100.0%"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.9, "۰:۰۰"),
        (59.999, "۰:۵۹"),
        (60, "۱:۰۰"),
        (3599, "۵۹:۵۹"),
        (3725, "۱:۰۲:۰۵"),
        (90_000, "۲۵:۰۰:۰۰"),
        (-3, "۰:۰۰"),
    ],
)
def test_spans_look_like_a_stop_watch(seconds: float, text: str) -> None:
    assert shown.span(seconds, "fa") == text


def test_a_span_in_a_sentence_names_its_two_largest_parts() -> None:
    assert shown.span_words(125, "fa") == "۲ دقیقه و ۵ ثانیه"


def test_the_day_is_tehrans_and_not_utcs() -> None:
    late_evening_in_utc = datetime(2026, 11, 21, 21, 0, tzinfo=UTC)  # 00:30 of the next day in Tehran
    assert shown.short_date(late_evening_in_utc, "fa") == "۱۴۰۵/۰۹/۰۱"
    assert shown.clock(late_evening_in_utc, "fa") == "۰۰:۳۰"
    assert shown.clock(late_evening_in_utc, "en", seconds=True) == "00:30:00"


@pytest.mark.parametrize(
    ("stored", "text"),
    [
        ("+989121234567", "۰۹۱۲ ۱۲۳ ۴۵۶۷"),
        ("+982188901234", "۰۲۱ ۸۸۹۰ ۱۲۳۴"),
        ("+4930901820", "+۴۹۳۰۹۰۱۸۲۰"),
        ("1001", "۱۰۰۱"),
        ("", "شمارهٔ پنهان"),
    ],
)
def test_callers_are_shown_as_people_write_them(stored: str, text: str) -> None:
    assert shown.caller(stored, "fa", "شمارهٔ پنهان") == text


def test_a_tracking_code_is_shown_in_its_spoken_groups() -> None:
    assert shown.code("123456784", "fa") == "۱۲۳ ۴۵۶ ۷۸۴"
    assert shown.code("123456784", "en") == "123 456 784"


def test_a_seat_is_shown_by_its_number() -> None:
    assert shown.seat_number("seat07", "fa") == "۷"
    assert shown.seat_number("seat16", "en") == "16"


@pytest.mark.parametrize("typed", ["۱۴۰۵/۰۸/۳۰", "1405/8/30", "١٤٠٥-٠٨-٣٠", " 1405.08.30 ", "2026-11-21"])
def test_a_day_is_read_however_it_is_typed(typed: str) -> None:
    assert shown.parse_date(typed, "from") == date(2026, 11, 21)


def test_nothing_typed_is_no_day() -> None:
    assert shown.parse_date(" ", "from") is None


@pytest.mark.parametrize(
    "typed", ["دیروز", "1405/13/01", "1405/12/30", "05/08/30", "1405/08", "9999/99/99", "9999/12/31"]
)
def test_a_day_that_does_not_exist_is_refused_with_its_field(typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        shown.parse_date(typed, "from")
    assert refused.value.field == "from"


def test_a_day_lasts_from_midnight_to_midnight_in_tehran_even_where_the_clocks_changed() -> None:
    assert shown.day_begins(date(2026, 11, 21)) == datetime(2026, 11, 20, 20, 30, tzinfo=UTC)
    assert shown.day_ends(date(2026, 11, 21)) == datetime(2026, 11, 21, 20, 30, tzinfo=UTC)
    one_hour_less = shown.day_ends(date(2022, 3, 22)) - shown.day_begins(date(2022, 3, 22))  # 1 Farvardin 1401 + 1
    assert one_hour_less.total_seconds() == 23 * 3600
