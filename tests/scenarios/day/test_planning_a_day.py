"""The plan of a day: the same seed gives the same day, its hours have their calls, its turns lie in the window."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.scenarios.day.plan import Window, arrivals, minute_of, moments, read_profile, turns

PROFILE = read_profile()
DAY = Window(8 * 60, 20 * 60, PROFILE.speed)


def test_a_day_lasts_thirty_six_minutes_and_its_shares_are_whole() -> None:
    assert DAY.seconds == 36 * 60
    assert sum(PROFILE.callers.values()) == 100
    assert sum(share for _, share in PROFILE.queues.values()) == 100
    assert DAY.spoken(DAY.at(minute_of("13:40"))) == "13:40"


def test_the_same_seed_gives_the_same_callers() -> None:
    once, again = (arrivals(PROFILE, DAY, random.Random(7)) for _ in range(2))
    assert once == again != arrivals(PROFILE, DAY, random.Random(8))


def test_each_hour_has_as_many_callers_as_its_rate_says() -> None:
    """A Poisson count over 40 days lies within five standard deviations of its mean."""
    days = [arrivals(PROFILE, DAY, random.Random(seed)) for seed in range(40)]
    for hour, calls in PROFILE.calls_per_hour.items():
        begins, ends = DAY.at(hour * 60), DAY.at(hour * 60 + 60)
        came = sum(begins <= at < ends for day in days for at in day)
        assert abs(came - 40 * calls) < 5 * (40 * calls) ** 0.5


@given(st.integers(480, 1199), st.integers(1, 720), st.integers(0, 99))
def test_a_part_of_the_day_holds_only_its_own(opens: int, length: int, seed: int) -> None:
    window = Window(opens, min(opens + length, 1200), PROFILE.speed)
    came = arrivals(PROFILE, window, random.Random(seed))
    assert came == sorted(came)
    assert all(0 <= at < window.seconds for at in came)
    for turn in turns(PROFILE, window):
        assert 0 <= turn.begins < turn.ends <= window.seconds
        assert all(turn.begins < rest.begins and rest.begins + rest.seconds < turn.ends for rest in turn.rests)


def test_sixteen_agents_sit_in_two_shifts_that_overlap() -> None:
    planned = turns(PROFILE, DAY)
    assert sorted(seat for turn in planned for seat in turn.seats) == list(range(1, 17))
    first_ends, second_begins = max(turn.ends for turn in planned[:2]), min(turn.begins for turn in planned[2:])
    assert second_begins < first_ends
    assert all(turn.rests for turn in planned)


def test_troubles_have_room_and_do_not_meet() -> None:
    found = moments(["a", "b", "c"], 180, 45, random.Random(1))
    assert sorted(kind for _, kind in found) == ["a", "b", "c"]
    assert all(later - sooner >= 45 for (sooner, _), (later, _) in pairwise(found))
    assert found[-1][0] + 45 <= 180
    with pytest.raises(ValueError, match="do not fit"):
        moments(["a", "b", "c", "d", "e"], 180, 45, random.Random(1))
