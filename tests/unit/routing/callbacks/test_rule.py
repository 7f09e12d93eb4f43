"""Which call back enters the queue where, and which leaves it, case by case."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ivr.kernel.ids import CallId, QueueName
from ivr.kernel.tracking_code import TrackingCode
from routing.callbacks.request import Attempt, CallbackState, Request, call_of, code_of
from routing.callbacks.rule import Floor, Place, Standing, Withdraw, steps

Q = QueueName("insurance")
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


def caller(name: str, joined: float, priority: int | None = 0) -> Standing:
    return Standing(CallId(f"line1420-{name}"), at(joined), priority)


def holder(request: Request) -> Standing:
    """Its placeholder, which entered long after its caller."""
    assert request.attempt
    return Standing(request.attempt.call_id, at(500))


def floor(*line: Standing, is_open: bool = True, winding: bool = False, served: bool = True) -> Floor:
    return Floor({Q: line}, {Q} if is_open else (), {Q} if winding else (), {Q} if served else ())


def said(requests: list[Request], on: Floor, now: float = 600, in_line: int = 20) -> list[object]:
    return list(steps(requests, on, at(now), in_line=in_line))


def test_a_call_back_takes_the_place_its_caller_left() -> None:
    line = (caller("1", 0), caller("2", 20), caller("3", 40))
    assert said([asked(7, 10)], floor(*line)) == [Place(code(7), Q, 2)]


def test_it_is_the_first_when_all_who_came_before_are_gone_and_the_last_when_all_did() -> None:
    assert said([asked(7, 10)], floor(caller("3", 40))) == [Place(code(7), Q, 1)]
    assert said([asked(7, 90)], floor(caller("3", 40))) == [Place(code(7), Q, 2)]
    assert said([asked(7, 10)], floor()) == [Place(code(7), Q, 1)]


def test_placeholders_count_by_their_callers_joining_and_not_by_their_own() -> None:
    first = placed(1, 5)
    assert said([first, asked(7, 10)], floor(holder(first), caller("2", 20))) == [Place(code(7), Q, 2)]


def test_the_earlier_of_two_is_placed_first_and_one_at_a_time() -> None:
    assert said([asked(8, 30), asked(7, 10)], floor()) == [Place(code(7), Q, 1)]
    on_its_way = placed(7, 10, tries=0)
    assert said([on_its_way, asked(8, 30)], floor(), now=17) == [], "it was asked for two seconds ago"
    assert said([on_its_way, asked(8, 30)], floor(), now=30) == [Place(code(8), Q, 1)], "it is long gone to an operator"


def test_who_is_privileged_in_the_queue_stays_before_and_who_is_not_does_not_count() -> None:
    line = (caller("vip", 300, 5), caller("1", 0), caller("2", 20))
    assert said([asked(7, 10)], floor(*line)) == [Place(code(7), Q, 3)]
    assert said([asked(7, 310, priority=5)], floor(*line)) == [Place(code(7), Q, 2)]
    unknown = (caller("vip", 300, None), caller("2", 20))
    assert said([asked(7, 10)], floor(*unknown)) == [Place(code(7), Q, 2)]


@pytest.mark.parametrize("on", [{"is_open": False}, {"served": False}, {"is_open": False, "winding": True}])
def test_nobody_is_placed_where_no_operator_could_answer(on: dict[str, bool]) -> None:
    assert said([asked(7, 10)], floor(**on)) == []


def test_a_retry_waits_for_its_time_and_then_stands_by_its_first_joining() -> None:
    again = asked(7, 10, tries=1, not_before=at(900), state=CallbackState.RETRY)
    line = floor(caller("2", 20))
    assert said([again], line, now=899) == []
    assert said([again], line, now=900) == [Place(code(7), Q, 1)]


def test_a_queue_that_closes_serves_who_stands_in_it_and_then_sends_the_call_backs_home() -> None:
    request = placed(7, 10)
    assert said([request], floor(holder(request), is_open=False, winding=True)) == []
    assert said([request], floor(holder(request), is_open=False)) == [
        Withdraw(call_of("line1420", code(7), 1), Q, "closed")
    ]


def test_a_placeholder_that_nobody_wants_any_more_leaves() -> None:
    cancelled = placed(7, 10)
    (step,) = said([], floor(holder(cancelled), caller("2", 20)))
    assert isinstance(step, Withdraw)
    assert step.why == "not_wanted"


def test_an_older_attempt_that_comes_to_life_late_leaves_before_it_can_ring() -> None:
    newer = asked(7, 10, attempt=Attempt(2, call_of("line1420", code(7), 2), at(100)), state=CallbackState.PLACED)
    late = Standing(call_of("line1420", code(7), 1), at(101))
    assert said([newer], floor(holder(newer), late)) == [Withdraw(late.call_id, Q, "not_wanted")]


def test_one_that_was_passed_while_it_was_placed_is_set_right() -> None:
    request = placed(7, 10)
    passed = floor(caller("9", 60), holder(request))
    assert said([request], passed) == [Withdraw(call_of("line1420", code(7), 1), Q, "out_of_place")]
    privileged = floor(caller("9", 60, 5), caller("8", 70, None), holder(request))
    assert said([request], privileged) == []


def test_only_the_earliest_stand_in_the_queue_itself() -> None:
    first, second = placed(1, 1), placed(2, 2)
    line = floor(holder(first), holder(second))
    assert said([first, second, asked(3, 3)], line, in_line=2) == []
    assert said([first, second, asked(3, 0)], line, in_line=2) == [Place(code(3), Q, 1)]


def test_the_code_stands_in_the_id_of_an_attempt_and_in_no_other() -> None:
    assert code_of(call_of("line1420", code(7), 12)) == code(7)
    assert code_of("line1420-1763750000.12") is None
