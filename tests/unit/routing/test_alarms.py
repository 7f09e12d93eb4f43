"""When an alarm begins and ends: told as cases, and held against its promises by any course of values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.alarms import CALM, OF_QUEUES, UNIT, AlarmKind, Rule, Standing, judge

NOON = datetime(2026, 11, 28, 8, 30, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def a_rule(
    kind: AlarmKind = AlarmKind.LONGEST_WAIT, threshold: float = 120, after: float = 0, *, on: bool = True
) -> Rule:
    return Rule(kind, "general" if kind in OF_QUEUES else "", threshold, timedelta(seconds=after), on)


def course(rule: Rule, *steps: tuple[float, float | None]) -> list[bool]:
    """Whether the alarm stands after each (second, value)."""
    standing, found = Standing(), []
    for seconds, value in steps:
        standing = judge(rule, standing, value, at(seconds))
        found.append(standing.raised)
    return found


def test_a_wait_of_the_threshold_itself_is_no_alarm_yet() -> None:
    assert course(a_rule(), (0, 119), (1, 120), (2, 120.1)) == [False, False, True]


def test_what_must_last_begins_only_after_it_has_lasted() -> None:
    rule = a_rule(AlarmKind.WAITING, 5, after=15)
    assert course(rule, (0, 6), (10, 7), (14.9, 9), (15, 6)) == [False, False, False, True]


def test_a_break_makes_the_wait_begin_anew() -> None:
    rule = a_rule(AlarmKind.WAITING, 5, after=15)
    assert course(rule, (0, 6), (10, 5), (15, 6), (29, 6), (30, 6)) == [False, False, False, False, True]


def test_an_alarm_ends_thirty_calm_seconds_after() -> None:
    assert course(a_rule(), (0, 130), (10, None), (39, 20), (40, None)) == [True, True, True, False]


def test_between_the_two_limits_what_stands_goes_on_standing() -> None:
    """120 s raise, 96 s calm: callers who leave the queue one by one do not make it flicker."""
    assert course(a_rule(), (0, 121), (60, 100), (120, 119), (500, 97)) == [True] * 4
    assert course(a_rule(), (0, 100), (60, 119)) == [False, False]


def test_a_service_level_is_bad_below_and_calm_two_points_above() -> None:
    rule = a_rule(AlarmKind.SERVICE_LEVEL, 0.70, after=60)
    bad = [(0.0, 0.70), (1.0, 0.699), (61.0, 0.65), (100.0, 0.71), (200.0, 0.71), (201.0, 0.72), (231.0, 0.73)]
    assert course(rule, *bad) == [False, False, True, True, True, True, False]


def test_a_day_without_calls_yet_has_no_bad_service_level() -> None:
    assert course(a_rule(AlarmKind.SERVICE_LEVEL, 0.70), (0, None), (3600, None)) == [False, False]


def test_a_limit_that_is_switched_off_raises_nothing_and_ends_what_stood() -> None:
    assert course(a_rule(on=False), (0, 500), (60, 900)) == [False, False]
    assert judge(a_rule(on=False), Standing(True), 900, at(0)) == Standing(False)


def test_a_clock_set_back_neither_begins_nor_ends_early() -> None:
    rule = a_rule(AlarmKind.WAITING, 5, after=15)
    assert course(rule, (100, 6), (50, 6), (64, 6), (65, 6)) == [False, False, False, True]


def test_nobody_here_is_so_or_not() -> None:
    rule = a_rule(AlarmKind.NOBODY_HERE, 0, after=60)
    assert course(rule, (0, 1), (60, 1), (61, 0), (91, 0)) == [False, True, True, False]


@pytest.mark.parametrize("kind", AlarmKind)
def test_every_kind_has_its_unit(kind: AlarmKind) -> None:
    assert kind in UNIT


RULES = st.builds(
    a_rule,
    st.sampled_from(list(AlarmKind)),
    st.floats(0.01, 1.0),
    st.sampled_from([0, 5, 15, 60]),
)
STEPS = st.lists(st.tuples(st.floats(0.1, 40), st.none() | st.floats(0, 1.2)), max_size=60)


@given(RULES, STEPS)
def test_no_alarm_begins_before_its_time_or_ends_before_it_is_calm(
    rule: Rule, steps: list[tuple[float, float | None]]
) -> None:
    """Second opinion: look back from every change at what the values were."""
    now, standing, seen = 0.0, Standing(), list[tuple[float, float | None]]()
    for gap, value in steps:
        now += gap
        seen.append((now, value))
        before, standing = standing, judge(rule, standing, value, at(now))
        if standing.raised == before.raised:
            continue
        waits = (rule.after if standing.raised else CALM).total_seconds()
        inside = [value for when, value in seen if when >= now - waits - 1e-6]
        if standing.raised:
            assert all(value is not None and rule.bad(value) for value in inside)
        else:
            assert all(value is None or rule.calm(value) for value in inside)
        first = next(when for when, _ in reversed(seen) if when <= now - waits + 1e-6)
        assert now - first >= waits - 1e-3


@given(RULES, st.lists(st.floats(0, 1), min_size=1, max_size=60), st.booleans())
def test_values_within_the_strip_change_nothing(rule: Rule, shares: list[float], raised: bool) -> None:
    low, high = sorted((rule.calm_at, rule.threshold))
    standing = Standing(raised)
    for n, share in enumerate(shares):
        value = low + (high - low) * share
        if rule.bad(value) or rule.calm(value):
            continue
        standing = judge(rule, standing, value, at(60.0 * n))
        assert standing.raised is raised


@given(RULES, STEPS)
def test_an_alarm_that_begins_can_end(rule: Rule, steps: list[tuple[float, float | None]]) -> None:
    now, standing = 0.0, Standing()
    for gap, value in steps:
        now += gap
        standing = judge(rule, standing, value, at(now))
    for n in (1, 2):
        standing = judge(rule, standing, None, at(now + n * CALM.total_seconds()))
    assert not standing.raised
