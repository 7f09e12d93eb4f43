"""Today beside its forecast: which half hours stand there, and what is told of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from api.floor.day import day_mark, day_now
from api.floor.today import Today
from api.floor.view import StoredBoard, people_here
from api.reports.counts import CallCounts, VisitCounts

MIDNIGHT = datetime(2026, 11, 27, 20, 30, tzinfo=UTC)
"""Of Saturday 28 November in Tehran."""
NOON = MIDNIGHT + timedelta(hours=12, minutes=10)


@dataclass(frozen=True)
class Foretold:
    """As the staffing tells it."""

    starts_at: datetime
    open: bool = True
    calls: float | None = 20.0
    need: int | None = 6
    need_by_c: int | None = 7
    planned: int | None = 5


def half_hour(number: int, **told: object) -> Foretold:
    return Foretold(MIDNIGHT + number * timedelta(minutes=30), **told)  # type: ignore[arg-type]


def counted(**by_half_hour: int) -> Today:
    visits = {int(name[1:]): VisitCounts(offered=n, answered=n - 1, abandoned=1) for name, n in by_half_hour.items()}
    return Today(MIDNIGHT, CallCounts(0, 0, 0, {}), VisitCounts(), by_half_hour=visits)


def test_a_half_hour_that_has_not_begun_has_no_calls_but_a_forecast() -> None:
    day = day_now([half_hour(23), half_hour(24), half_hour(25)], counted(n23=18, n24=4), {23: 5.0, 24: 6.0}, 6, NOON)
    told = [(half.going_on, half.forecast, half.offered, half.answered, half.present) for half in day.half_hours]
    assert told == [(False, 20, 18, 17, 5.0), (True, 20, 4, 3, 6.0), (False, 20, None, None, None)]
    assert [half.need for half in day.half_hours] == [6, 6, 6]


def test_so_far_compares_only_half_hours_that_are_over() -> None:
    day = day_now([half_hour(22), half_hour(23), half_hour(24)], counted(n22=25, n23=18, n24=4), {}, 6, NOON)
    assert (day.offered_so_far, day.forecast_so_far) == (43, 40.0)
    assert (day.here, day.planned, day.need) == (6, 5, 6)


def test_a_stale_board_does_not_tell_who_is_here() -> None:
    seats = [{"seat": "seat01", "agent": "operator01"}, {"seat": "seat02", "agent": None}]
    stored = StoredBoard("e", 1, NOON - timedelta(seconds=5), {"seats": seats})
    assert people_here(stored, NOON, timedelta(seconds=10)) == 1
    assert people_here(stored, NOON + timedelta(seconds=6), timedelta(seconds=10)) is None
    assert people_here(None, NOON, timedelta(seconds=10)) is None
    assert day_now([half_hour(24)], counted(), {}, None, NOON).here is None


def test_who_came_outside_of_the_hours_stands_there_as_well() -> None:
    day = day_now([half_hour(24)], counted(n3=2, n24=1), {}, 0, NOON)
    assert [(half.open, half.offered, half.forecast) for half in day.half_hours] == [(False, 2, None), (True, 1, 20)]


def test_without_history_there_is_no_forecast_and_no_difference() -> None:
    day = day_now([half_hour(23, calls=None, need=None, need_by_c=None, planned=None)], counted(n23=5), {}, 1, NOON)
    assert (day.offered_so_far, day.forecast_so_far, day.need) == (5, None, None)


def test_what_came_is_held_against_the_forecast_as_the_forecast_counts_it() -> None:
    counts = {
        3: VisitCounts(offered=7, answered=7),  # outside of the hours nothing was foretold
        22: VisitCounts(offered=15, answered=10, refused=4),
        24: VisitCounts(offered=2, refused=1),
    }
    today = Today(MIDNIGHT, CallCounts(0, 0, 0, {}), VisitCounts(), by_half_hour=counts)
    day = day_now([half_hour(22), half_hour(23, calls=None), half_hour(24)], today, {}, 6, NOON)
    assert (day.came_so_far, day.forecast_so_far, day.offered_so_far) == (19, 20.0, 22)
    assert [half.came for half in day.half_hours] == [7, 19, 0, 3]
    assert day_mark(today, NOON) != day_mark(counted(n3=7, n22=15, n24=2), NOON)


def test_a_refused_caller_alone_makes_no_half_hour() -> None:
    today = Today(MIDNIGHT, CallCounts(0, 0, 0, {}), VisitCounts(), by_half_hour={4: VisitCounts(refused=3)})
    assert day_now([], today, {}, 0, NOON).half_hours == []


def test_the_mark_changes_with_a_call_and_with_the_half_hour_and_with_nothing_else() -> None:
    mark = day_mark(counted(n24=4), NOON)
    assert mark == day_mark(counted(n24=4), NOON + timedelta(minutes=19))
    assert mark != day_mark(counted(n24=5), NOON)
    assert mark != day_mark(counted(n24=4), NOON + timedelta(minutes=20))
    assert day_mark(None, NOON) == ""
