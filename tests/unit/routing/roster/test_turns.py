"""Shifts and turns: which hours there are, what makes sense together, and what does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.kernel.errors import Invalid
from ivr.kernel.ids import SeatName
from routing.roster.shifts import Break, Hours, Shift, after, weekday
from routing.roster.turns import Turn, TurnKind, planned
from tests.unit.routing.roster.planned import MORNING, NIGHT, SATURDAY, at, hours, turn

TIMES = st.builds(time, st.integers(0, 23), st.integers(0, 59))


@given(TIMES, TIMES)
def test_hours_are_always_shorter_than_a_day(begins: time, ends: time) -> None:
    if begins == ends:
        with pytest.raises(Invalid, match="another time"):
            Hours(begins, ends)
        return
    taken = Hours(begins, ends)
    first, last = taken.on(SATURDAY)
    assert timedelta(0) < last - first == taken.length < timedelta(hours=24)


@given(TIMES, TIMES)
def test_a_time_of_the_day_comes_within_a_day(begins: time, then: time) -> None:
    assert timedelta(0) <= after(begins, then) < timedelta(hours=24)
    assert after(begins, then) + after(then, begins) in {timedelta(0), timedelta(hours=24)}


def test_a_shift_in_tehran_is_told_in_utc() -> None:
    assert MORNING.hours.on(SATURDAY) == (
        datetime(2026, 11, 28, 4, 30, tzinfo=UTC),
        datetime(2026, 11, 28, 10, 30, tzinfo=UTC),
    )


def test_a_night_ends_on_the_next_day_with_its_break_after_midnight() -> None:
    night = turn("a", SATURDAY, NIGHT)
    assert (night.begins, night.ends) == (at("22:00"), at("06:00", date(2026, 11, 29)))
    assert night.rests() == [(at("01:00", date(2026, 11, 29)), at("01:30", date(2026, 11, 29)))]
    assert night.hours == NIGHT.hours


def test_saturday_is_the_first_weekday_and_a_shift_knows_its_own() -> None:
    assert [weekday(date(2026, 11, 28) + timedelta(days=n)) for n in range(7)] == list(range(7))
    assert MORNING.held_on(SATURDAY)
    assert not MORNING.held_on(date(2026, 11, 27)), "Friday"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"code_fa": "صبح اول"}, "one to three letters"),
        ({"code_en": "=1+1"}, "one to three letters"),
        ({"name_en": " "}, "has a name"),
        ({"name_fa": "x" * 41}, "has a name"),
        ({"weekdays": frozenset({7})}, "weekday"),
        ({"weekdays": frozenset()}, "weekday"),
        ({"breaks": (Break(time(7, 50), 15),)}, "does not lie within"),
        ({"breaks": (Break(time(13, 50), 15),)}, "does not lie within"),
        ({"breaks": (Break(time(8), 15),)}, "does not lie within"),
        ({"breaks": (Break(time(10), 15), Break(time(10, 10), 5))}, "before the one before it ends"),
    ],
)
def test_a_shift_that_makes_no_sense_is_refused(change: dict, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        replace(MORNING, **change)


@pytest.mark.parametrize("minutes", [0, -5, 241])
def test_a_break_has_a_length(minutes: int) -> None:
    with pytest.raises(Invalid, match="1 to 240"):
        Break(time(10), minutes)


@pytest.mark.parametrize("odd", [time(8, 0, 1), time(8, tzinfo=UTC)])
def test_times_are_whole_minutes_of_the_clock_on_the_wall(odd: time) -> None:
    with pytest.raises(Invalid, match="whole minutes"):
        Hours(odd, time(14))
    with pytest.raises(Invalid, match="whole minutes"):
        Break(odd, 10)


def test_leave_without_hours_is_for_the_whole_day() -> None:
    leave = turn("a", SATURDAY, None, TurnKind.LEAVE)
    assert leave.whole_day
    assert leave.ends - leave.begins == timedelta(hours=24)
    assert not turn("a", SATURDAY, "08:00-14:00", TurnKind.LEAVE).whole_day


@pytest.mark.parametrize(
    ("kind", "words", "code"),
    [
        (TurnKind.WORK, {}, "hours_missing"),
        (TurnKind.TRAINING, {}, "hours_missing"),
        (TurnKind.WORK, {"shift": MORNING, "hours": hours("08:00-14:00")}, "shift_and_hours"),
        (TurnKind.LEAVE, {"seat": SeatName("seat01")}, "seat_without_work"),
        (TurnKind.WORK, {"shift": MORNING, "note": "x" * 201}, "note_too_long"),
    ],
)
def test_words_that_do_not_go_together_are_refused(kind: TurnKind, words: dict, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        planned("a", SATURDAY, kind, **words)
    assert refused.value.code == code


def test_only_work_has_the_breaks_of_its_shift() -> None:
    assert turn("a", SATURDAY, MORNING).breaks == MORNING.breaks
    assert turn("a", SATURDAY, MORNING, TurnKind.TRAINING).breaks == ()


def test_a_turn_ends_after_it_begins() -> None:
    with pytest.raises(Invalid, match="ends after it begins"):
        Turn("a", SATURDAY, TurnKind.WORK, at("10:00"), at("10:00"))


def test_codes_may_be_persian() -> None:
    assert Shift("ش۱"[:1] + "1", "N1", "شب", "Night", hours("22:00-06:00")).code_fa == "ش1"
