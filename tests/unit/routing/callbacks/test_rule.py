"""Which call back enters the queue where, and which leaves it, case by case."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ivr.kernel.ids import CallId, QueueName
from ivr.kernel.tracking_code import TrackingCode
from routing.callbacks.request import Attempt, CallbackState, Request, call_of, code_of
from routing.callbacks.rule import Floor, Place, Withdraw, steps
from routing.priority import queue_prio

Q = QueueName("insurance")
STEP = 30
SOMEBODY = CallId("line1420-2")
NOON = datetime(2026, 11, 28, 8, 30, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def code(number: int) -> TrackingCode:
    return TrackingCode.from_number(number)


def asked(number: int, joined: float, **more: object) -> Request:
    return Request(code(number), Q, at(joined), **more)  # pyright: ignore[reportArgumentType]


def placed(number: int, joined: float, **more: object) -> Request:
    attempt = Attempt(1, call_of("line1420", code(number), 1), at(joined + 5))
    return asked(number, joined, attempt=attempt, state=CallbackState.PLACED, **more)


def holder(request: Request) -> CallId:
    """Its placeholder."""
    assert request.attempt
    return request.attempt.call_id


def place(number: int, joined: float, priority: int = 0) -> Place:
    return Place(code(number), Q, queue_prio(int(at(joined).timestamp()), priority, STEP))


def floor(*line: CallId, is_open: bool = True, winding: bool = False, served: bool = True) -> Floor:
    return Floor({Q: line}, {Q} if is_open else (), {Q} if winding else (), {Q} if served else ())


def said(requests: list[Request], on: Floor, now: float = 600, in_line: int = 20) -> list[object]:
    return list(steps(requests, on, at(now), in_line=in_line, step_seconds=STEP))


def test_a_call_back_takes_the_place_its_caller_left() -> None:
    assert said([asked(7, 10)], floor(SOMEBODY)) == [place(7, 10)]
    assert said([asked(7, 10, priority=5)], floor()) == [place(7, 10, 5)], "and the priority with which they waited"


def test_the_first_of_two_in_line_is_placed_first_and_one_at_a_time() -> None:
    assert said([asked(8, 30), asked(7, 10)], floor()) == [place(7, 10)]
    assert said([asked(8, 30, priority=1), asked(7, 10)], floor()) == [place(8, 30, 1)], (
        "a step counts as thirty seconds"
    )
    assert said([asked(8, 41, priority=1), asked(7, 10)], floor()) == [place(7, 10)]
    on_its_way = placed(7, 10, tries=0)
    assert said([on_its_way, asked(8, 30)], floor(), now=17) == [], "it was asked for two seconds ago"
    assert said([on_its_way, asked(8, 30)], floor(), now=30) == [place(8, 30)], "it is long gone to an operator"


@pytest.mark.parametrize("on", [{"is_open": False}, {"served": False}, {"is_open": False, "winding": True}])
def test_nobody_is_placed_where_no_operator_could_answer(on: dict[str, bool]) -> None:
    assert said([asked(7, 10)], floor(**on)) == []


def test_a_retry_waits_for_its_time_and_then_stands_by_its_first_joining() -> None:
    again = asked(7, 10, tries=1, not_before=at(900), state=CallbackState.RETRY)
    assert said([again], floor(SOMEBODY), now=899) == []
    assert said([again], floor(SOMEBODY), now=900) == [place(7, 10)]


def test_a_queue_that_closes_serves_who_stands_in_it_and_then_sends_the_call_backs_home() -> None:
    request = placed(7, 10)
    assert said([request], floor(holder(request), is_open=False, winding=True)) == []
    assert said([request], floor(holder(request), is_open=False)) == [
        Withdraw(call_of("line1420", code(7), 1), Q, "closed")
    ]


def test_a_placeholder_that_nobody_wants_any_more_leaves() -> None:
    cancelled = placed(7, 10)
    (step,) = said([], floor(holder(cancelled), SOMEBODY))
    assert isinstance(step, Withdraw)
    assert step.why == "not_wanted"


def test_an_older_attempt_that_comes_to_life_late_leaves_before_it_can_ring() -> None:
    newer = asked(7, 10, attempt=Attempt(2, call_of("line1420", code(7), 2), at(100)), state=CallbackState.PLACED)
    late = call_of("line1420", code(7), 1)
    assert said([newer], floor(holder(newer), late)) == [Withdraw(late, Q, "not_wanted")]


def test_only_the_earliest_stand_in_the_queue_itself() -> None:
    first, second = placed(1, 1), placed(2, 2)
    line = floor(holder(first), holder(second))
    assert said([first, second, asked(3, 3)], line, in_line=2) == []
    assert said([first, second, asked(3, 0)], line, in_line=2) == [place(3, 0)]


def test_the_code_stands_in_the_id_of_an_attempt_and_in_no_other() -> None:
    assert code_of(call_of("line1420", code(7), 12)) == code(7)
    assert code_of("line1420-1763750000.12") is None
