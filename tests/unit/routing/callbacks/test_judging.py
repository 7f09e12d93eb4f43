"""What became of an attempt, by the ledger alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from routing.callbacks.judging import NEVER_BEGAN, SOON, Outcome, Told, is_silent, judged
from routing.callbacks.request import CallbackState, Request
from routing.callbacks.settings import CallbackSettings
from tests.unit.routing.callbacks.test_rule import asked, at, placed

RULES = CallbackSettings(carrier="carrier.example", tries=3, apart_seconds=900)
PLACED = Told(placed_at=at(16))
TAKEN = replace(PLACED, taken_at=at(40), seat="seat01")
DIALLED = replace(TAKEN, dialled_at=at(42))


def judge(request: Request, told: Told | None, now: float = 100, *, silent: bool = False) -> tuple[Request, str | None]:
    return judged(request, told, at(now), RULES, silent=silent)


def test_without_an_attempt_nothing_is_judged() -> None:
    assert judge(asked(7, 10), None) == (asked(7, 10), None)


def test_an_attempt_that_asterisk_never_heard_of_is_no_try_and_the_next_may_begin() -> None:
    request = placed(7, 10)
    assert judge(request, None) == (request, None)
    after, outcome = judge(request, None, silent=True)
    assert (after.state, after.attempt, after.tries, outcome) == (CallbackState.PENDING, None, 0, Outcome.NEVER_BEGAN)
    assert after.not_before == at(100) + SOON


def test_a_ledger_is_silent_when_it_was_read_so_far_and_asterisk_shows_nothing_either() -> None:
    begun, long = at(15), NEVER_BEGAN.total_seconds()
    assert is_silent(begun, at(15 + long), stands=False)
    assert not is_silent(begun, at(14 + long), stands=False), "what is read ends too early: it may lag"
    assert not is_silent(begun, None, stands=False), "nobody knows how far it is read"
    assert not is_silent(begun, at(15 + long), stands=True), "Asterisk shows it"


@pytest.mark.parametrize(
    ("told", "state"),
    [(PLACED, CallbackState.PLACED), (TAKEN, CallbackState.DIALLING), (DIALLED, CallbackState.DIALLING)],
)
def test_while_it_goes_on_the_state_tells_how_far_it_is(told: Told, state: CallbackState) -> None:
    after, outcome = judge(placed(7, 10), told)
    assert (after.state, after.attempt, outcome) == (state, placed(7, 10).attempt, None)


def test_reached_is_the_end_however_short_the_talk_was() -> None:
    after, outcome = judge(placed(7, 10), replace(DIALLED, reached_at=at(50)))
    assert (after.state, after.attempt, outcome) == (CallbackState.REACHED, None, Outcome.REACHED)


def test_a_telephone_that_rang_is_a_try_and_the_next_comes_after_a_while() -> None:
    after, outcome = judge(placed(7, 10), replace(DIALLED, ended_at=at(72), status="NOANSWER"))
    assert (after.state, after.tries, outcome) == (CallbackState.RETRY, 1, Outcome.NOT_REACHED)
    assert after.not_before == at(72) + timedelta(seconds=900)
    assert after.joined_at == at(10), "the place is the first one"


def test_after_the_last_try_it_is_left_to_a_person() -> None:
    after, outcome = judge(placed(7, 10, tries=2), replace(DIALLED, ended_at=at(72), status="BUSY"))
    assert (after.state, after.tries, after.attempt, outcome) == (CallbackState.GIVEN_UP, 3, None, Outcome.NOT_REACHED)


def test_a_restart_of_asterisk_while_it_rang_is_a_try_and_while_it_waited_is_none() -> None:
    rang, _ = judge(placed(7, 10), replace(DIALLED, ended_at=at(60), lost=True))
    waited, outcome = judge(placed(7, 10, tries=1), replace(PLACED, ended_at=at(60), lost=True))
    assert (rang.state, rang.tries) == (CallbackState.RETRY, 1)
    assert (waited.state, waited.tries, outcome) == (CallbackState.RETRY, 1, Outcome.LOST)
    assert waited.not_before == at(60) + SOON


def test_a_number_that_the_dialplan_refuses_is_given_up_at_once() -> None:
    after, _ = judge(placed(7, 10), replace(TAKEN, ended_at=at(60), status="REFUSED"))
    assert after.state is CallbackState.GIVEN_UP


def test_an_operators_lost_time_runs_from_their_answer_to_the_callers() -> None:
    assert replace(DIALLED, reached_at=at(55), ended_at=at(200)).rang_seconds == 15
    assert replace(DIALLED, ended_at=at(70)).rang_seconds == 30
    assert PLACED.rang_seconds == 0


@pytest.mark.parametrize("number", ["09121234567", "02112345678", "08712345678", "09901234567"])
def test_numbers_of_the_country_are_rung(number: str) -> None:
    assert RULES.may_dial(number)


@pytest.mark.parametrize(
    "number",
    ["09091234567", "09071234567", "00441234567", "0044123456789", "1420", "110", "", "0912123456", "091212345678",
     "9121234567", "+989121234567", "0912123456a", "۰۹۱۲۱۲۳۴۵۶۷", "09121234567&PJSIP/seat01", "09121234567\n"],
)  # fmt: skip
def test_numbers_that_cost_extra_lead_abroad_or_are_none_are_not(number: str) -> None:
    assert not RULES.may_dial(number)
