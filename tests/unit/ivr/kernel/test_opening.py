"""Whether a queue takes callers: hours, the word that replaces them, and what closes suddenly."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ivr.kernel.calendar import Calendar, Interval, SuddenChange
from ivr.kernel.opening import ClockOpen, closes_at, takes_callers
from tests.fakes.line_data import hours

WORKDAY = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)  # Saturday 09:30 in Tehran
NIGHT = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)


def suddenly(instant: datetime, *, is_open: bool, section: str = "") -> Calendar:
    hour = Interval(instant, instant + timedelta(hours=1))
    return hours().calendar.with_closures([SuddenChange(hour, is_open, section=section)])


@pytest.mark.parametrize(
    ("instant", "clock_open", "expected"),
    [
        (WORKDAY, "auto", True),
        (NIGHT, "auto", False),
        (NIGHT, "always", True),
        (WORKDAY, "never", False),
    ],
)
def test_hours_and_the_word_that_replaces_them(instant: datetime, clock_open: ClockOpen, expected: bool) -> None:
    assert takes_callers(hours().calendar, "insurance", instant, clock_open) is expected


@pytest.mark.parametrize("clock_open", ["auto", "always"])
def test_a_sudden_closure_wins_in_its_section_only(clock_open: ClockOpen) -> None:
    snow = suddenly(WORKDAY, is_open=False, section="insurance")
    assert not takes_callers(snow, "insurance", WORKDAY, clock_open)
    assert takes_callers(snow, "pensions", WORKDAY, clock_open)
    assert takes_callers(snow, "insurance", WORKDAY + timedelta(hours=1), clock_open)


def test_a_sudden_opening_opens_at_night_but_not_against_never() -> None:
    campaign = suddenly(NIGHT, is_open=True)
    assert takes_callers(campaign, "general", NIGHT)
    assert not takes_callers(campaign, "general", NIGHT, "never")


@pytest.mark.parametrize("clock_open", ["auto", "always"])
def test_a_queue_without_hours_is_closed(clock_open: ClockOpen) -> None:
    assert not takes_callers(hours().calendar, "queue-from-elsewhere", WORKDAY, clock_open)


HOUR = timedelta(hours=1)
EVENING = datetime(2026, 11, 21, 16, 10, tzinfo=UTC)  # Saturday 19:40 in Tehran; the line closes at 20:00


def test_closing_time_is_told_when_it_is_near() -> None:
    calendar = hours().calendar
    assert closes_at(calendar, "insurance", EVENING, HOUR) == EVENING + timedelta(minutes=20)
    assert closes_at(calendar, "insurance", WORKDAY, HOUR) is None
    assert closes_at(calendar, "insurance", NIGHT, HOUR) is None
    assert closes_at(calendar, "insurance", EVENING, HOUR, "always") is None
    assert closes_at(calendar, "no_such_queue", EVENING, HOUR) is None


@pytest.mark.parametrize("clock_open", ["auto", "always"])
def test_a_closure_that_is_announced_is_closing_time_for_its_section(clock_open: ClockOpen) -> None:
    soon = WORKDAY + timedelta(minutes=7)
    snow = suddenly(soon, is_open=False, section="insurance")
    assert closes_at(snow, "insurance", WORKDAY, HOUR, clock_open) == soon
    assert closes_at(snow, "pensions", WORKDAY, HOUR, clock_open) is None
    assert closes_at(snow, "insurance", soon, HOUR, clock_open) is None
    assert closes_at(snow, "insurance", WORKDAY, timedelta(minutes=6), clock_open) is None
