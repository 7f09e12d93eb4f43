"""I13 and its planted errors: a promise that vanished, two dials at once, a dial nobody waits for, an end that is not true."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.faults.checker.check import judge
from tests.faults.checker.evidence import CelRow, Evidence
from tests.faults.test_checker_judges import CALL, at, cel, record

CODE = "123456786"
ASKED = (cel(0, "offered"), cel(9, "callback", code=CODE, queue="general", when="keep_place", number="caller"),
         cel(20, "HANGUP"), cel(20, "CHAN_END"))  # fmt: skip


def attempt(n: int, begun: float, *names: str, ended: float | None = None) -> list[CelRow]:
    call = f"line1420-cb{CODE}.{n}"
    rows = [
        replace(cel(begun + 5 * step, f"callback_{name}", code=CODE, attempt=str(n)), leg=call, call=call)
        for step, name in enumerate(names)
    ]
    return rows if ended is None else [*rows, replace(cel(ended, "HANGUP"), leg=call, call=call)]


def place(state: str = "reached", **more: Any) -> dict[str, Any]:
    ended = None if state in ("pending", "placed", "dialling", "retry") else at(200)
    return {"code": CODE, "state": state, "same_as": None, "attempt_call": None, "ended_at": ended} | more


def tried(n: int, outcome: str | None) -> dict[str, Any]:
    return {"call_id": f"line1420-cb{CODE}.{n}", "code": CODE, "n": n, "outcome": outcome}


def day(rows: list[CelRow], places: list[dict[str, Any]], attempts: list[dict[str, Any]]) -> Evidence:
    call = record("callback_requested", 20, case_code=CODE)
    stored = {(CALL, "cel"): len(ASKED)}
    case = {
        "code": CODE,
        "call_id": CALL,
        "kind": "callback",
        "recording_id": None,
        "opened_at": at(9),
        "state": "open",
        "details": {},
        "caller": "+989120000001",
    }
    return Evidence(
        since=at(-60), until=at(3600), now=at(3600), grace=60, cel=[*ASKED, *rows], calls=[call], cases=[case],
        stored_rows=stored, case_openings={CODE: 1}, codes=frozenset({CODE}), callbacks=places, callback_calls=attempts,
        calls_back=True, ledgers_begin=at(-60),
    )  # fmt: skip


def told(seen: Evidence) -> list[str]:
    return [breach.text for breach in judge(seen).of("I13")]


REACHED = attempt(2, 100, "placed", "taken", "dialled", "reached", ended=200)
IN_VAIN = attempt(1, 30, "placed", "taken", "dialled", "over", ended=60)


def test_a_try_in_vain_and_then_a_talk_is_as_it_should_be() -> None:
    seen = day([*IN_VAIN, *REACHED], [place()], [tried(1, "not_reached"), tried(2, "reached")])
    assert told(seen) == []
    assert judge(seen).checked["call backs"] == 1


def test_a_call_back_that_was_promised_and_vanished() -> None:
    (text,) = told(day([], [], []))
    assert "there is no place for it" in text


def test_where_people_call_back_no_place_is_asked_for() -> None:
    assert told(replace(day([], [], []), calls_back=False)) == []


def test_two_dials_at_once() -> None:
    both = [*attempt(1, 30, "placed", "taken", "dialled", ended=190), *REACHED]
    texts = told(day(both, [place()], [tried(1, "not_reached"), tried(2, "reached")]))
    assert any("twice at once" in text for text in texts)


def test_a_dial_after_the_caller_was_reached() -> None:
    again = attempt(3, 300, "placed", "taken", "dialled", "over", ended=330)
    texts = told(day([*REACHED, *again], [place()], [tried(2, "reached"), tried(3, "not_reached")]))
    assert any("although reached" in text for text in texts)


def test_a_dial_that_no_operator_waits_for() -> None:
    alone = attempt(1, 30, "placed", "dialled", "over", ended=60)
    texts = told(day(alone, [place("retry")], [tried(1, "not_reached")]))
    assert any("no operator waiting" in text for text in texts)


@pytest.mark.parametrize(
    ("places", "attempts", "said"),
    [
        ([], [tried(1, "not_reached")], "nobody asked for it"),
        ([place("retry")], [], "is no attempt"),
        ([place("retry")], [tried(1, None)], "has no outcome"),
        ([place("retry")], [tried(1, "reached")], "the ledger says otherwise"),
        ([place("placed", attempt_call=f"line1420-cb{CODE}.1")], [tried(1, "not_reached")], "an attempt that is over"),
        ([place("reached")], [tried(1, "not_reached")], "no ledger knows of it"),
    ],
)
def test_a_place_that_does_not_know_what_happened(
    places: list[dict[str, Any]], attempts: list[dict[str, Any]], said: str
) -> None:
    assert any(said in text for text in told(day(IN_VAIN, places, attempts)))


def test_a_caller_who_was_reached_and_is_told_otherwise() -> None:
    texts = told(day(REACHED, [place("given_up")], [tried(2, "reached")]))
    assert any("was reached and is called given_up" in text for text in texts)


def test_what_ended_a_moment_ago_may_still_settle() -> None:
    seen = day(IN_VAIN, [place("placed", attempt_call=f"line1420-cb{CODE}.1")], [tried(1, None)])
    assert told(replace(seen, now=at(60) + timedelta(seconds=30))) == []
