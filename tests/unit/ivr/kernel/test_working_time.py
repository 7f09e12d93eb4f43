"""Deadlines in working time, and the list that explains them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.kernel.calendar import Calendar, Interval, SuddenChange
from ivr.kernel.clock import TEHRAN
from ivr.kernel.errors import Invalid
from ivr.kernel.hours import CASEWORK
from ivr.kernel.working_time import due_after, working_time
from tests.fakes import line_data

HOURS = line_data.hours()
DAY = timedelta(hours=8)


def tehran(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=TEHRAN)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("start", "allowance", "due"),
    [
        (tehran(2026, 11, 21, 10, 0), timedelta(hours=2), tehran(2026, 11, 21, 12, 0)),
        (tehran(2026, 11, 21, 10, 0), DAY, tehran(2026, 11, 22, 10, 0)),
        (tehran(2026, 11, 21, 8, 0), DAY, tehran(2026, 11, 21, 16, 0)),  # ends with the day, not the next morning
        (tehran(2026, 11, 21, 23, 0), DAY, tehran(2026, 11, 22, 16, 0)),  # after hours counts from the next morning
        (tehran(2026, 11, 25, 15, 0), timedelta(hours=2), tehran(2026, 11, 28, 9, 0)),  # over Thursday and Friday
        (tehran(2026, 11, 27, 12, 0), timedelta(0), tehran(2026, 11, 27, 12, 0)),
    ],
)
def test_due_time(start: datetime, allowance: timedelta, due: datetime) -> None:
    assert due_after(HOURS.calendar, CASEWORK, start, allowance).due_at == due


def test_a_complaint_over_nowruz_explains_what_was_counted_and_what_was_left_out() -> None:
    start = tehran(2026, 3, 17, 14, 0)  # Tuesday before Nowruz 1405
    deadline = due_after(HOURS.calendar, CASEWORK, start, 2 * DAY)
    assert sum((i.length for i in deadline.intervals), timedelta(0)) == 2 * DAY
    assert deadline.intervals[0] == Interval(start, tehran(2026, 3, 17, 16, 0))
    assert deadline.due_at == deadline.intervals[-1].end
    names = [left.name for left in deadline.left_out]
    assert len(names) >= 4
    assert any("نوروز" in name for name in names)


def test_a_sudden_closure_moves_the_deadline() -> None:
    closed = SuddenChange(Interval(tehran(2026, 11, 21, 10, 0), tehran(2026, 11, 21, 12, 0)), open=False)
    moved = due_after(HOURS.calendar.with_closures([closed]), CASEWORK, tehran(2026, 11, 21, 9, 0), timedelta(hours=3))
    assert moved.due_at == tehran(2026, 11, 21, 14, 0)
    assert len(moved.intervals) == 2


def test_allowances_by_kind() -> None:
    assert HOURS.allowance("complaint") == 15 * DAY
    assert HOURS.allowance("question") == 5 * DAY
    assert HOURS.allowance("suggestion") == 20 * DAY
    assert HOURS.allowance("callback") == DAY
    assert HOURS.allowance("never heard of") == HOURS.allowance("question")


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(Invalid, match="negative"):
        due_after(HOURS.calendar, CASEWORK, tehran(2026, 11, 21, 9, 0), timedelta(seconds=-1))
    with pytest.raises(Invalid, match="three years"):
        due_after(Calendar({CASEWORK: {}}), CASEWORK, tehran(2026, 11, 21, 9, 0), DAY)
    with pytest.raises(ValueError, match="naive"):
        due_after(HOURS.calendar, CASEWORK, datetime(2026, 11, 21, 9), DAY)


@given(
    st.datetimes(datetime(2017, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
    st.integers(0, 80 * 60).map(lambda minutes: timedelta(minutes=minutes)),
    st.integers(0, 48 * 60).map(lambda minutes: timedelta(minutes=minutes)),
)
def test_due_time_is_exact_and_never_goes_back(start: datetime, allowance: timedelta, more: timedelta) -> None:
    deadline = due_after(HOURS.calendar, CASEWORK, start, allowance)
    assert working_time(HOURS.calendar, CASEWORK, start, deadline.due_at) == allowance
    assert sum((i.length for i in deadline.intervals), timedelta(0)) == allowance
    assert due_after(HOURS.calendar, CASEWORK, start, allowance + more).due_at >= deadline.due_at
