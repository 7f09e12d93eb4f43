"""Absences are measured on a clock that may jump and with eyes that may have been shut."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from api.duty.sight import ClockWatch, Sight

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)


class Clocks:
    """The clock of the day, and the one that never jumps."""

    def __init__(self) -> None:
        self.now, self.tick = NOON, 100.0
        self.watch = ClockWatch(lambda: self.tick)

    def goes_on(self, seconds: float, *, jump: float = 0.0) -> datetime | None:
        self.now += timedelta(seconds=seconds + jump)
        self.tick += seconds
        return self.watch.since(self.now)


def test_a_clock_that_goes_right_or_is_set_right_by_little_has_not_jumped() -> None:
    clocks = Clocks()
    assert clocks.goes_on(0) is None
    assert clocks.goes_on(1) is None
    assert clocks.goes_on(1, jump=2) is None
    assert clocks.watch.began == NOON
    assert clocks.goes_on(900) is None, "nobody looked for a while, and no time is missing"


@pytest.mark.parametrize("jump", [3_600, -3_600, 86_400, -30])
def test_a_jump_is_told_by_the_clock_after_it_and_so_is_the_way_back(jump: float) -> None:
    clocks = Clocks()
    clocks.goes_on(0)
    jumped = clocks.goes_on(1, jump=jump)
    assert jumped == NOON + timedelta(seconds=1 + jump)
    assert clocks.goes_on(1) == jumped, "it is remembered"
    assert clocks.goes_on(1, jump=-jump) == NOON + timedelta(seconds=3), "or nobody could be gone until that time comes"


def test_a_machine_that_slept_has_seen_nobody() -> None:
    clocks = Clocks()
    clocks.goes_on(0)
    assert clocks.goes_on(1, jump=1_200) == clocks.now


@pytest.mark.parametrize(
    ("sight", "gone"),
    [
        pytest.param(Sight(NOON, None), 1_200, id="seen all the time"),
        pytest.param(Sight(None, None), 0, id="no page can be seen"),
        pytest.param(Sight(NOON + timedelta(seconds=1_000), None), 200, id="pages can be seen again"),
        pytest.param(Sight(NOON, NOON + timedelta(seconds=1_100)), 100, id="the clock has jumped"),
    ],
)
def test_a_desk_is_gone_for_as_long_as_somebody_could_know(sight: Sight, gone: float) -> None:
    assert sight.desk_gone(NOON, NOON + timedelta(seconds=1_200)) == timedelta(seconds=gone)
    assert sight.desk_gone(None, NOON) == timedelta(0), "signed in at the telephone: there is no page"


def test_anything_has_lasted_since_it_began_or_since_the_clock_jumped() -> None:
    late = NOON + timedelta(minutes=10)
    assert Sight(None, None).lasted(NOON, late) == timedelta(minutes=10)
    assert Sight(None, late - timedelta(minutes=1)).lasted(NOON, late) == timedelta(minutes=1)
    assert Sight(None, NOON - timedelta(hours=1)).lasted(NOON, late) == timedelta(minutes=10)


def test_what_is_to_come_has_lasted_since_the_clock_was_set_back() -> None:
    to_come = NOON + timedelta(hours=1)
    assert Sight(None, NOON).lasted(to_come, NOON + timedelta(minutes=3)) == timedelta(minutes=3)
    assert Sight(to_come, NOON).desk_gone(to_come, NOON + timedelta(minutes=3)) == timedelta(minutes=3)
    assert Sight(None, None).lasted(to_come, NOON) == timedelta(0), "when it was set nobody knows"
    begun = Sight(None, None, looking_since=NOON)
    assert begun.lasted(to_come, NOON + timedelta(minutes=3)) == timedelta(minutes=3), (
        "it was set before anybody looked"
    )
