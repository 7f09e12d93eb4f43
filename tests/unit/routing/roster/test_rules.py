"""The rules of a roster, each broken on purpose and each just kept."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.roster.coverage import planned_through
from routing.roster.rules import LONGEST_RUN, Problem, problems_of
from routing.roster.turns import Turn, TurnKind
from tests.unit.routing.roster.planned import EVENING, MORNING, NIGHT, SATURDAY, at, day, turn


def broken(turns: list[Turn], *touched: tuple[str, date]) -> list[tuple[str, str, date]]:
    cells = set(touched) or {(turn.agent, turn.day) for turn in turns}
    return [(problem.code, problem.agent, problem.day) for problem in problems_of(turns, cells)]


def test_shifts_that_touch_are_no_overlap() -> None:
    assert broken([turn("a", SATURDAY, MORNING), turn("a", SATURDAY, EVENING)]) == []


def test_two_turns_of_one_agent_may_not_overlap() -> None:
    assert broken([turn("a", SATURDAY, MORNING), turn("a", SATURDAY, "13:59-20:00")]) == [
        ("turns_overlap", "a", SATURDAY)
    ]
    assert broken([turn("a", SATURDAY, MORNING), turn("b", SATURDAY, MORNING)]) == []


def test_a_night_reaches_into_the_next_day() -> None:
    night, early = turn("a", SATURDAY, NIGHT), turn("a", day(1), "05:00-09:00")
    assert broken([night, early], ("a", day(1))) == [("turns_overlap", "a", day(1))]
    assert broken([night, early], ("a", SATURDAY)) == [("turns_overlap", "a", SATURDAY)]
    assert broken([night, early], ("a", day(5))) == [], "nobody touched it"


def test_who_is_on_leave_has_no_shift() -> None:
    leave = turn("a", SATURDAY, None, TurnKind.LEAVE)
    assert broken([leave, turn("a", SATURDAY, MORNING)]) == [("turns_overlap", "a", SATURDAY)]


def test_a_seat_is_for_one_agent_at_a_time() -> None:
    mine, theirs = turn("a", SATURDAY, MORNING, seat="seat07"), turn("b", SATURDAY, "13:00-15:00", seat="seat07")
    (problem,) = problems_of([mine, theirs], {("b", SATURDAY)})
    assert problem == Problem("seat_taken", "b", SATURDAY, "a", "seat07")
    assert "seat07 is planned for b and for a" in problem.message
    assert broken([mine, turn("b", SATURDAY, EVENING, seat="seat07")]) == [], "one after the other"
    assert broken([mine, turn("b", SATURDAY, MORNING, seat="seat08"), turn("c", SATURDAY, MORNING)]) == []


@pytest.mark.parametrize("days", [LONGEST_RUN, LONGEST_RUN + 1])
def test_nobody_works_more_than_six_days_in_a_row(days: int) -> None:
    week = [turn("a", day(n), MORNING) for n in range(days)]
    expected = [] if days == LONGEST_RUN else [("no_weekly_rest", "a", day(3))]
    assert broken(week, ("a", day(3))) == expected


def test_leave_is_rest_and_training_is_not() -> None:
    week = [turn("a", day(n), MORNING) for n in range(6)]
    assert broken([*week, turn("a", day(6), None, TurnKind.LEAVE)]) == []
    found = broken([*week, turn("a", day(6), "09:00-11:00", TurnKind.TRAINING)], ("a", day(6)))
    assert found == [("no_weekly_rest", "a", day(6))]


def test_a_run_that_is_too_long_is_told_once() -> None:
    assert [code for code, _, _ in broken([turn("a", day(n), MORNING) for n in range(12)])] == ["no_weekly_rest"]


def test_more_than_four_turns_a_day_are_a_slip() -> None:
    turns = [turn("a", SATURDAY, f"{hour:02d}:00-{hour:02d}:30") for hour in range(8, 13)]
    assert broken(turns) == [("too_many_turns", "a", SATURDAY)]
    assert broken(turns[:4]) == []


@given(st.sets(st.integers(0, 40)), st.integers(0, 40))
def test_a_run_is_found_wherever_it_is_touched(days: set[int], touched: int) -> None:
    """Beside a plain count of the neighbours."""
    turns = [turn("a", day(n), MORNING) for n in days]
    run = 0
    if touched in days:
        first, last = touched, touched
        while first - 1 in days:
            first -= 1
        while last + 1 in days:
            last += 1
        run = last - first + 1
    assert bool(problems_of(turns, {("a", day(touched))})) == (run > LONGEST_RUN)


def test_planned_are_those_whose_work_covers_the_whole_time() -> None:
    turns = [
        turn("a", SATURDAY, MORNING),
        turn("b", SATURDAY, "08:00-10:00"),
        turn("b", SATURDAY, "10:00-14:00"),
        turn("c", SATURDAY, "08:30-14:00"),
        turn("d", SATURDAY, MORNING, TurnKind.TRAINING),
        turn("e", SATURDAY, None, TurnKind.SICK),
    ]
    assert planned_through(turns, at("08:00"), at("14:00")) == 2
    assert planned_through(turns, at("08:30"), at("09:00")) == 3
    assert planned_through(turns, at("14:00"), at("14:30")) == 0
    assert planned_through([], at("08:00"), at("14:00")) == 0
