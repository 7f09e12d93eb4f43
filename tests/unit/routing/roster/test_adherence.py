"""Plan against actual: examples that a supervisor can check by hand, and what holds for every plan and every day."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.roster.adherence import Arrival, Measured, arrival, measure
from routing.roster.stretches import Duty, Pause, State, Stretch, cut, planned_stretches, seen_stretches
from routing.roster.turns import TurnKind
from tests.unit.routing.roster.planned import MORNING, NIGHT, SATURDAY, at, day, turn

EVENING_AT = at("23:00")
SHIFT = planned_stretches([turn("a", SATURDAY, MORNING)])
HOUR = 3600


def seen(*duties: Duty, now: datetime = EVENING_AT) -> list[Stretch]:
    return seen_stretches(duties, now)


def as_planned(begins: str = "08:00", ends: str | None = "14:00") -> Duty:
    pauses = Pause("break", at("10:00"), at("10:15")), Pause("meal", at("12:00"), at("12:30"))
    return Duty(at(begins), at(ends) if ends else None, pauses)


def test_who_does_what_was_planned_adheres_wholly() -> None:
    told = measure(SHIFT, seen(as_planned()))
    assert told == Measured(6 * HOUR, 6 * HOUR, 6 * HOUR - 45 * 60, 6 * HOUR - 45 * 60, 0)
    assert (told.adherence.value, told.conformance) == (1.0, 1.0)


def test_an_hour_late_and_an_hour_longer_conforms_but_does_not_adhere() -> None:
    told = measure(SHIFT, seen(as_planned("09:00", "15:00")))
    assert told.adherence.value == pytest.approx(5 / 6)
    assert told.conformance == 1.0
    assert told.unplanned == HOUR


def test_a_break_at_another_time_costs_twice_its_length() -> None:
    moved = Duty(at("08:00"), at("14:00"), (Pause("break", at("11:00"), at("11:15")), as_planned().pauses[1]))
    told = measure(SHIFT, seen(moved))
    assert told.planned - told.agreed == 2 * 15 * 60
    assert told.conformance == 1.0


@pytest.mark.parametrize("cause", ["other", "training", "missed_calls", "supervisor"])
def test_a_pause_that_is_no_break_is_not_what_was_planned(cause: str) -> None:
    told = measure(SHIFT, seen(Duty(at("08:00"), at("14:00"), (Pause(cause, at("10:00"), at("10:15")),))))
    assert told.agreed == 6 * HOUR - 45 * 60, "away in the first break, at work in the second"
    assert told.worked == 6 * HOUR - 15 * 60


def test_a_break_and_another_cause_at_once_is_away() -> None:
    both = Duty(at("08:00"), at("09:00"), (Pause("meal", at("08:10"), at("08:30")), Pause("other", at("08:20"), None)))
    assert [(one.state, one.cause, one.seconds // 60) for one in seen(both)] == [
        (State.WORKING, "", 10),
        (State.RESTING, "meal", 10),
        (State.AWAY, "other", 40),
    ]


def test_who_never_came_has_nothing_and_a_day_off_has_no_figure() -> None:
    told = measure(SHIFT, [])
    assert (told.adherence.value, told.conformance) == (0.0, 0.0)
    off = measure([], seen(as_planned()))
    assert (off.adherence.value, off.conformance, off.unplanned) == (None, None, 6 * HOUR)
    assert str(off.adherence) == "–"


def test_leave_and_training_ask_for_nothing_at_the_telephones() -> None:
    turns = [turn("a", SATURDAY, None, TurnKind.LEAVE), turn("a", day(1), MORNING, TurnKind.TRAINING)]
    assert planned_stretches(turns) == []


def test_what_goes_on_is_measured_up_to_now() -> None:
    now = at("09:00")
    told = measure(cut(SHIFT, at("00:00"), now), seen(as_planned("08:30", None), now=now))
    assert (told.planned, told.agreed) == (HOUR, HOUR // 2)


def test_a_night_is_cut_at_midnight_and_adds_up_again() -> None:
    plan = planned_stretches([turn("a", SATURDAY, NIGHT)])
    duty = seen(Duty(at("22:10"), at("06:00", day(1))), now=at("12:00", day(1)))
    whole = measure(plan, duty)
    parts = [
        measure(cut(plan, *edges), cut(duty, *edges))
        for edges in ((at("00:00"), at("00:00", day(1))), (at("00:00", day(1)), at("00:00", day(2))))
    ]
    assert parts[0] + parts[1] == whole
    assert parts[0].planned == 2 * HOUR


@pytest.mark.parametrize(
    ("duties", "now", "expected"),
    [
        ([as_planned()], EVENING_AT, Arrival()),
        ([as_planned("07:50", "14:20")], EVENING_AT, Arrival()),
        ([as_planned("08:07", "13:58")], EVENING_AT, Arrival(late=7 * 60, early=2 * 60)),
        ([Duty(at("08:00"), at("09:00")), Duty(at("13:00"), at("14:00"))], EVENING_AT, Arrival()),
        ([], EVENING_AT, Arrival(absent=True)),
        ([Duty(at("15:00"), at("16:00"))], EVENING_AT, Arrival(absent=True)),
        ([], at("08:20"), Arrival(late=20 * 60)),
        ([], at("07:59"), Arrival()),
        ([as_planned("08:05", None)], at("09:00"), Arrival(late=5 * 60)),
        ([Duty(at("08:00"), at("09:00"))], at("10:00"), Arrival()),
    ],
)
def test_coming_and_going(duties: list[Duty], now: datetime, expected: Arrival) -> None:
    assert arrival(at("08:00"), at("14:00"), seen(*duties, now=now), now) == expected


def test_duties_that_overlap_after_a_clock_jump_are_counted_once() -> None:
    twice = seen(Duty(at("08:00"), at("10:00")), Duty(at("09:00"), at("11:00")))
    assert sum(one.seconds for one in twice) == 3 * HOUR


STATES = st.sampled_from([State.WORKING, State.RESTING, State.AWAY])


@st.composite
def stretches(draw: st.DrawFn, states: st.SearchStrategy[State] = STATES) -> list[Stretch]:
    """Stretches in order, some touching, some with gaps."""
    edges = sorted(draw(st.sets(st.integers(0, 2000), max_size=14)))
    found = [
        Stretch(at("08:00", seconds=first), at("08:00", seconds=last), draw(states))
        for first, last in itertools.pairwise(edges)
    ]
    return [one for one in found if draw(st.booleans())]


PLANS = stretches(st.sampled_from([State.WORKING, State.RESTING]))


@given(PLANS, stretches())
def test_adherence_lies_between_nothing_and_all(plan: list[Stretch], actual: list[Stretch]) -> None:
    told = measure(plan, actual)
    assert 0 <= told.agreed <= told.planned
    assert told.adherence.value is None or 0 <= told.adherence.value <= 1
    assert told.unplanned >= 0
    assert told.worked <= sum(one.seconds for one in actual)


@given(PLANS)
def test_a_plan_that_was_carried_out_is_all(plan: list[Stretch]) -> None:
    told = measure(plan, plan)
    assert told.agreed == told.planned
    assert told.conformance in {None, 1.0}
    assert told.unplanned == 0


@given(PLANS, stretches(), st.lists(st.integers(-100, 2100), max_size=5))
def test_pieces_add_up_to_the_whole(plan: list[Stretch], actual: list[Stretch], cuts: list[int]) -> None:
    edges = [at("08:00", seconds=n) for n in sorted({-200, *cuts, 2200})]
    told = Measured()
    for first, last in itertools.pairwise(edges):
        told += measure(cut(plan, first, last), cut(actual, first, last))
    assert told == measure(plan, actual)


@given(st.lists(st.tuples(st.sampled_from(["break", "other", "meal"]), st.integers(0, 500), st.integers(0, 500))))
def test_what_was_seen_is_as_long_as_the_duty_whatever_the_pauses(pauses: list[tuple[str, int, int]]) -> None:
    told = tuple(
        Pause(cause, at("08:00", seconds=first), at("08:00", seconds=first + length)) for cause, first, length in pauses
    )
    found = seen(Duty(at("08:00"), at("08:00", seconds=400), told))
    assert sum(one.seconds for one in found) == 400
    assert all(one.ends == following.begins for one, following in itertools.pairwise(found))
    assert found[0].begins == at("08:00")
    assert found[-1].ends == at("08:00") + timedelta(seconds=400)
