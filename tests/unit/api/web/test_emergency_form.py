"""Times that people type in a hurry: now, later today, or tomorrow, in either script."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from api.web.emergency_form import SPANS, instants
from ivr.kernel.errors import Invalid

NOW = datetime(2026, 11, 21, 8, 0, 30, tzinfo=UTC)
"""Half past eleven in Tehran."""


def test_nothing_typed_is_from_now_on() -> None:
    assert instants("", "60", NOW) == (None, NOW + timedelta(hours=1))
    assert instants("  ", "۶۰", NOW) == (None, NOW + timedelta(hours=1))


@pytest.mark.parametrize("text", ["14:00", "۱۴:۰۰", " 14:00 ", "14.00"])
def test_a_time_of_day_is_todays_in_tehran(text: str) -> None:
    start, end = instants(text, "30", NOW)
    assert start == datetime(2026, 11, 21, 10, 30, tzinfo=UTC)
    assert end == start + timedelta(minutes=30)


def test_one_that_is_over_today_is_tomorrows() -> None:
    assert instants("8:30", "15", NOW)[0] == datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
    assert instants("0:05", "15", NOW)[0] == datetime(2026, 11, 21, 20, 35, tzinfo=UTC)


@pytest.mark.parametrize("text", ["11:30", "11:20", "۸:۳۱", "۱۱.۲۵"])
def test_one_that_has_just_passed_is_not_taken_for_tomorrows(text: str) -> None:
    """The queue would stay open in an emergency and be closed a day later, when nobody remembers."""
    with pytest.raises(Invalid, match="just passed"):
        instants(text, "15", NOW)


@pytest.mark.parametrize("text", ["25:00", "12:60", "now", "12", "12:0", "۱۲", "12:30:00", "-1:00", "1e1:00"])
def test_what_is_no_time_of_day_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="like 14:30"):
        instants(text, "60", NOW)


@pytest.mark.parametrize("lasts", ["", "0", "-60", "61", "1e9", "٦٠٠٠٠٠٠", "x"])
def test_only_spans_of_the_list_can_be_chosen(lasts: str) -> None:
    assert 61 not in SPANS
    with pytest.raises(Invalid, match="how long"):
        instants("", lasts, NOW)
