"""From a load to people in the plan."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from api.settings import ApiSettings
from routing.staffing.erlang import erlang_a
from routing.staffing.need import StaffingTarget, scheduled_for, staffing_for
from tests.effort import explore, tried

HALF_HOUR = 1800


def test_100_calls_of_three_minutes_need_14_operators_and_20_people() -> None:
    """The example of pyworkforce: 88.8 % with 14 at the phones; with 13 it would be 79.6 %."""
    staffing = staffing_for(100, 180, HALF_HOUR, 16, StaffingTarget())
    assert staffing.load == pytest.approx(10)
    assert (staffing.by_c.operators, staffing.by_c.scheduled) == (14, 20)
    assert staffing.by_a.operators == 12, "callers who hang up make room: 85.5 % with twelve, 78.0 % with eleven"


@pytest.mark.parametrize(
    ("operators", "shrinkage", "scheduled"), [(14, 0.3, 20), (21, 0.3, 30), (7, 0.3, 10), (1, 0.3, 2), (9, 0, 9), (0, 0.5, 0)]
)  # fmt: skip
def test_shrinkage_adds_whole_people_and_no_float_adds_one(operators: int, shrinkage: float, scheduled: int) -> None:
    assert scheduled_for(operators, shrinkage) == scheduled


def test_more_than_the_seats_hold_is_told_with_what_the_seats_would_give() -> None:
    staffing = staffing_for(180, 200, HALF_HOUR, 16, StaffingTarget())
    assert staffing.by_c.operators > 16
    assert staffing.by_a.operators > 16
    assert staffing.seats_c.service_level == 0, (
        "20 erlang on 16 seats: without anybody hanging up the line grows for ever"
    )
    assert 0 < staffing.seats_a.service_level < 0.8


def test_an_open_line_is_never_left_to_nobody() -> None:
    staffing = staffing_for(0, 180, HALF_HOUR, 16, StaffingTarget())
    assert (staffing.by_c.operators, staffing.by_a.operators) == (1, 1)
    assert staffing.seats_a.service_level == 1


@tried(quick=150, thorough=5000)
def test_impatient_callers_never_need_more_and_the_need_is_the_least(examples: int) -> None:
    @given(st.floats(0.01, 600), st.floats(10, 1200), st.floats(0.1, 0.95), st.floats(5, 1200))
    def holds(calls: float, aht: float, level: float, patience: float) -> None:
        target = StaffingTarget(service_level=level, patience_seconds=patience)
        staffing = staffing_for(calls, aht, HALF_HOUR, 16, target)
        needed = staffing.by_a.operators
        assert needed <= staffing.by_c.operators
        assert erlang_a(staffing.load, needed, aht, 20, patience).service_level >= level
        if needed > 1:
            assert erlang_a(staffing.load, needed - 1, aht, 20, patience).service_level < level

    explore(examples, holds)


def test_the_target_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINE1420_STAFFING", '{"service_level": 0.9, "patience_seconds": 90}')
    target = ApiSettings().staffing
    assert (target.service_level, target.threshold_seconds, target.shrinkage, target.patience_seconds) == (
        0.9,
        20,
        0.3,
        90,
    )


@pytest.mark.parametrize(
    "wrong", ['{"service_level": 1}', '{"shrinkage": 1}', '{"patience_seconds": 0}', '{"seats": 3}']
)
def test_a_target_that_cannot_be_reached_is_refused(monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    monkeypatch.setenv("LINE1420_STAFFING", wrong)
    with pytest.raises(ValidationError, match="staffing"):
        ApiSettings()
