"""The sentence about the wait: in steps, never shorter than the estimate, and honest about a queue's own limit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.dialogue.replies import Advice
from ivr.dialogue.wait_told import LONGEST_SECONDS, OFFERS, SHORTEST_SECONDS, STEPS, Told, told_of
from tests.fakes import line_data


def told(seconds: float | None, limit: int = 3600) -> Told | None:
    return told_of(Advice(seconds, "recent", limit))


@pytest.mark.parametrize(
    ("seconds", "prompt", "stands_for"),
    [
        (20, "wait_under_1", 60),
        (60, "wait_under_1", 60),
        (60.1, "wait_under_2", 120),
        (121, "wait_about_3", 180),
        (181, "wait_about_5", 300),
        (301, "wait_about_10", 600),
        (601, "wait_about_15", 900),
        (901, "wait_about_20", 1200),
        (1201, "wait_about_30", 1800),
    ],
)
def test_seconds_are_rounded_up_to_what_people_say(seconds: float, prompt: str, stands_for: int) -> None:
    assert told(seconds) == Told(stands_for, (prompt,))


def test_more_than_half_an_hour_comes_with_something_else_to_choose() -> None:
    assert told(1801) == Told(1800, ("wait_over_30", *OFFERS), offers=True)


def test_a_wait_beyond_what_the_queue_keeps_anybody_is_long() -> None:
    assert told(590, limit=600) == Told(600, ("wait_about_10",))
    assert told(601, limit=600) == Told(600, ("wait_long", *OFFERS), offers=True)
    # "about ten minutes" would not come true where the queue lets go after eight
    assert told(400, limit=480) == Told(480, ("wait_long", *OFFERS), offers=True)


@pytest.mark.parametrize("seconds", [None, 0.0, SHORTEST_SECONDS - 0.1])
def test_nothing_is_said_of_no_wait_and_of_an_unknown_one(seconds: float | None) -> None:
    assert told(seconds) is None


@given(st.floats(0, 1e5), st.floats(0, 1e5), st.integers(1, 86_400))
def test_who_waits_longer_is_never_told_less(one: float, other: float, limit: int) -> None:
    short, long = (told(seconds, limit) for seconds in sorted((one, other)))
    assert (short.seconds if short else 0) <= (long.seconds if long else 0)


@given(st.floats(SHORTEST_SECONDS, 1e5), st.integers(1, 86_400))
def test_what_is_told_is_never_shorter_than_the_estimate_unless_it_says_more_than(seconds: float, limit: int) -> None:
    said = told(seconds, limit)
    assert said is not None
    assert said.offers or said.seconds >= seconds
    assert said.seconds <= min(limit, LONGEST_SECONDS)


def test_every_sentence_exists_in_both_languages() -> None:
    names = {prompt for _, prompt in STEPS} | {"wait_over_30", "wait_long", *OFFERS}
    assert line_data.catalogue().missing(names) == ()
