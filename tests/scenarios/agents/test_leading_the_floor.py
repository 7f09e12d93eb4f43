"""On a whole line: a supervisor hears a talk, moves who waits, raises and closes; and every ledger says the same afterwards."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from asterisk_conf.robots.caller import Caller
from ivr.kernel.clock import SystemClock
from tests.faults.checker.check import check_line
from tests.scenarios.agents.conftest import Hall
from tests.scenarios.agents.test_agents_at_their_seats import sign_in
from tests.scenarios.desk import Desk
from tests.scenarios.on_the_line.callers import eventually

pytestmark = pytest.mark.line


def waits(hall: Hall, number: str, queue: str = "insurance") -> Caller:
    """A caller who is in this queue by the board and stays until the line or an operator ends the call."""
    before = len(hall.waiting(queue))
    key = {"insurance": "1", "pensions": "2"}[queue]
    caller = hall.caller(number).pause(2.5).press("1").pause(1).press(key).until_bye(90).dial()
    eventually(lambda: len(hall.waiting(queue)) == before + 1, seconds=60, what=f"{number} waits in {queue}")
    return caller


def call_of(hall: Hall, number: str) -> str:
    found = eventually(lambda: hall.calls_of(number), seconds=60, what=f"the call of {number}")
    return str(found[0]["call_id"])


def trail_of(hall: Hall, target: str) -> list[tuple[str, str, Any]]:
    entries = hall.desk("admin").do("GET", "/audit?limit=200")["items"]
    return [(one["actor"], one["action"], one["details"]) for one in reversed(entries) if one["target"] == target]


def hears(lead: Desk, hall: Hall, mode: str) -> None:
    def shown() -> bool:
        return [(one["seat"], one["mode"]) for one in lead.do("GET", "/listening")["items"]] == [("seat05", mode)]

    eventually(shown, seconds=60, what=f"seat05 is heard: {mode}")


def test_a_talk_is_heard_and_who_waits_is_moved_and_the_books_balance(hall: Hall) -> None:
    since = SystemClock().now()
    hall.telephone("seat05", talk_seconds=60)
    hall.telephone("seat16", talk_seconds=None)
    sign_in(hall, "operator03", "seat05")
    lead = hall.desk("supervisor")
    first = hall.caller("02160000011").pause(2.5).press("1").pause(1).press("1").until_bye(90).dial()
    hall.seat_shows("seat05", state="talking")
    talk = hall.seat("seat05")["call_id"]
    lead.do("PUT", "/listening/seat05", phone="seat16")
    hears(lead, hall, "listen")
    lead.do("PUT", "/listening/seat05/whisper")
    hears(lead, hall, "whisper")
    second = waits(hall, "02160000012")
    call = call_of(hall, "02160000012")
    assert lead.do("PUT", f"/waiting/{call}/queue", queue="pensions")["from_queue"] == "insurance"
    eventually(lambda: [one["call_id"] for one in hall.waiting("pensions")] == [call], seconds=60, what="moved")
    eventually(lambda: hall.waiting("insurance") == [], seconds=60, what="nobody is left in insurance")
    late = lead.ask("PUT", f"/waiting/{talk}/queue", queue="pensions")
    assert (late.status_code, late.json()["error"]["code"]) == (409, "caller_gone")
    hall.hang_up(first)
    hall.seat_shows("seat05", state="wrap_up")
    eventually(lambda: lead.do("GET", "/listening")["items"] == [], seconds=60, what="over with the talk")
    hall.desk("operator03").do("DELETE", "/duty/wrap-up")
    hall.seat_shows("seat05", state="talking", call_id=call)
    hall.hang_up(second)
    record = hall.record("02160000012")
    assert [(v["queue"], v["outcome"]) for v in record["visits"]] == [("insurance", "moved"), ("pensions", "answered")]
    assert (record["disposition"], record["problems"]) == ("answered", [])
    assert hall.record("02160000011")["problems"] == []
    told = [item["details"] for item in hall.timeline(talk) if item["event"] == "listening"]
    assert [(one["seat"], one["by"], one["mode"], one["state"]) for one in told] == [
        ("seat05", "supervisor", "listen", "began"),
        ("seat05", "supervisor", "whisper", "began"),
        ("seat05", "supervisor", "whisper", "ended"),
    ]
    assert [(actor, action) for actor, action, _ in trail_of(hall, f"call:{talk}")] == [
        ("person:supervisor", "talk.listened"),
        ("person:supervisor", "talk.whispered"),
    ]
    (moved,) = trail_of(hall, f"call:{call}")
    assert moved[:2] == ("person:supervisor", "caller.moved")
    assert (moved[2]["before"]["queue"], moved[2]["after"]["queue"]) == ("insurance", "pensions")
    assert hall.line.module("api.ledger.refold").returncode == 0
    report = check_line(hall.line, since=since)
    assert not report.breaches, str(report)


@pytest.mark.slow
def test_who_is_raised_is_answered_first_and_the_board_agrees_with_asterisk(hall: Hall) -> None:
    hall.telephone("seat05", talk_seconds=40)
    sign_in(hall, "operator03", "seat05")
    lead = hall.desk("supervisor")
    first = hall.caller("02160000061").pause(2.5).press("1").pause(1).press("1").until_bye(90).dial()
    hall.seat_shows("seat05", state="talking")
    one, two = waits(hall, "02160000062"), waits(hall, "02160000063")
    raised = call_of(hall, "02160000063")
    assert 0 <= lead.do("POST", f"/waiting/{raised}/front")["priority"] <= 10
    eventually(
        lambda: [w["call_id"] for w in hall.waiting("insurance")][:1] == [raised],
        seconds=30,
        what="the board shows the new order",
    )
    hall.hang_up(first)
    hall.seat_shows("seat05", state="wrap_up")
    hall.desk("operator03").do("DELETE", "/duty/wrap-up")
    hall.seat_shows("seat05", state="talking", call_id=raised)
    for caller in (one, two):
        caller.stop()


@pytest.mark.slow
def test_a_queue_is_closed_under_who_waits_and_they_leave_a_message(hall: Hall) -> None:
    since = SystemClock().now()
    hall.telephone("seat06", talk_seconds=None)
    sign_in(hall, "operator04", "seat06")
    lead = hall.desk("supervisor")
    first = hall.caller("02160000031").pause(2.5).press("1").pause(1).press("1").pause(40).hang_up().dial()
    hall.seat_shows("seat06", state="talking")
    waiting = hall.caller("02160000032").pause(2.5).press("1").pause(1).press("1").pause(45).hang_up().dial()
    eventually(lambda: hall.waiting("insurance"), seconds=60, what="a caller waits")
    end = (SystemClock().now() + timedelta(hours=1)).isoformat()
    closed = lead.do("POST", "/closures", queue="insurance", ends_at=end, reason="آتش‌سوزی")
    try:
        eventually(lambda: not hall.waiting("insurance"), seconds=6, what="nobody waits in a closed queue")
        call = call_of(hall, "02160000032")
        eventually(
            lambda: any(i["details"].get("node") == "after_hours" for i in hall.timeline(call)),
            seconds=10,
            what="the caller is offered a message",
        )
        assert hall.seat("seat06")["state"] == "talking", "a talk goes on"
        assert {q["name"]: q["open"] for q in hall.board()["queues"]}["insurance"] is False
    finally:
        lead.do("DELETE", f"/closures/{closed['id']}")
    hall.finish(first, waiting)
    record = hall.record("02160000032")
    assert (record["disposition"], record["visits"][0]["outcome"]) == ("closed_out", "closed_out")
    assert record["problems"] == []
    report = check_line(hall.line, since=since)
    assert not report.breaches, str(report)
