"""The rule of how often a PIN may be tried, by itself: whatever is tried where and when, few tries are checked."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from api.duty.pin_tries import AT_SEAT, FROM_STRANGE_SEATS, OF_AGENT, WINDOW, WrongTry, wait

T0 = datetime(2026, 11, 28, 8, tzinfo=UTC)
HOME, OTHER = "SEAT:seat05", "SEAT:seat06"
Attempt = tuple[float, str]


def after(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def checked(attempts: list[Attempt], usual: Collection[str] = ()) -> list[WrongTry]:
    """Those of the attempts (seconds after T0, seat), all wrong and of one number, that are let through."""
    wrong: list[WrongTry] = []
    for seconds, seat in sorted(attempts):
        now = after(seconds)
        if not wait(wrong, [one.at for one in wrong if one.seat == seat], usual, seat, now):
            wrong.append(WrongTry(now, seat))
    return wrong


attempts = st.lists(
    st.tuples(st.floats(0, 7200), st.sampled_from([f"SEAT:seat{n:02d}" for n in range(1, 17)])), max_size=100
)


@given(attempts, st.sets(st.sampled_from([HOME, OTHER])))
def test_no_hour_has_more_than_twenty_checked_tries_for_one_agent(tried: list[Attempt], usual: set[str]) -> None:
    through = checked(tried, usual)
    for first in through:
        hour = [one for one in through if first.at <= one.at < first.at + timedelta(hours=1)]
        assert len(hour) <= 20


@given(attempts)
def test_strangers_leave_the_agent_tries_at_the_usual_seat(tried: list[Attempt]) -> None:
    strange = [(seconds, seat) for seconds, seat in tried if seat != HOME]
    wrong = checked(strange, {HOME})
    for n, one in enumerate(wrong, 1):
        assert not wait(wrong[:n], [], {HOME}, HOME, one.at)


@given(attempts, st.floats(0, 7200))
def test_nobody_is_told_to_wait_longer_than_the_window(tried: list[Attempt], seconds: float) -> None:
    wrong = [one for one in checked(tried) if one.at <= after(seconds)]
    for seat in (HOME, OTHER):
        at_seat = [one.at for one in wrong if one.seat == seat]
        assert timedelta(0) <= wait(wrong, at_seat, (), seat, after(seconds)) <= WINDOW


def test_each_wrong_try_of_one_agent_at_one_seat_doubles_the_pause() -> None:
    wrong = [WrongTry(T0, HOME)]
    assert wait(wrong, [T0], {HOME}, HOME, T0) == timedelta(seconds=2)
    wrong.append(WrongTry(after(2), HOME))
    assert wait(wrong, [], {HOME}, HOME, after(2)) == timedelta(seconds=4)
    assert wait(wrong, [], {HOME}, OTHER, after(2)) == timedelta(0), "elsewhere they need not wait for that"


def test_the_waiting_ends_when_the_oldest_try_is_a_quarter_of_an_hour_old() -> None:
    wrong = [WrongTry(after(60 * n), HOME) for n in range(OF_AGENT)]
    now = after(60 * OF_AGENT)
    assert wait(wrong, [], {HOME}, HOME, now) == T0 + WINDOW - now
    assert wait(wrong, [], {HOME}, HOME, T0 + WINDOW) == timedelta(0)


def test_strange_seats_together_have_fewer_tries() -> None:
    wrong = [WrongTry(after(n), f"SEAT:seat{n:02d}") for n in range(1, FROM_STRANGE_SEATS + 1)]
    assert wait(wrong, [], {HOME}, "SEAT:seat16", after(10)) > timedelta(minutes=14)
    assert wait(wrong, [], {HOME}, HOME, after(10)) == timedelta(0)


def test_one_seat_that_tries_number_after_number_is_held_up() -> None:
    at_seat = [after(n) for n in range(AT_SEAT)]
    assert wait([], at_seat, (), HOME, after(AT_SEAT)) > timedelta(minutes=14)
    assert wait([], at_seat[1:], (), HOME, after(AT_SEAT)) == timedelta(0)
