"""An agent signs in, comes back from a talk and goes, with nothing but the telephone of a seat."""

from __future__ import annotations

import re
import time

import pytest

from asterisk_conf.robots.seat import Seat
from tests.faults.checker.check import check_line
from tests.scenarios.agents.conftest import Hall
from tests.scenarios.on_the_line.callers import eventually

pytestmark = pytest.mark.line

SEAT, ACCOUNT, NUMBER = "seat09", "operator09", "109"


def pin_of(hall: Hall, account: str = ACCOUNT) -> str:
    who = hall.line.run["accounts"][account]
    assert who["agent_number"] == f"1{account[-2:]}"
    return who["pin"]


def calls_known(hall: Hall) -> int:
    """Records of calls that the line has."""
    with hall.line.api() as api:
        return len(api.get("/calls", params={"limit": "100"}).json()["items"])


def sign_in(phone: Seat, hall: Hall) -> None:
    phone.done(phone.signs_in(NUMBER, pin_of(hall)))
    hall.seat_shows(SEAT, state="available", agent=ACCOUNT)


def refusals(hall: Hall) -> list[dict[str, object]]:
    trail = hall.desk("admin").do("GET", "/audit?limit=200")["items"]
    return [entry["details"] for entry in trail if (entry["action"], entry["target"]) == ("duty.pin_refused", f"seat:{SEAT}")]  # fmt: skip


def test_a_day_at_a_seat_with_the_telephone_alone(hall: Hall) -> None:
    phone = hall.telephone(SEAT, talk_seconds=10)
    assert hall.seat(SEAT)["state"] == "offline"
    sign_in(phone, hall)
    caller = hall.caller("02161000001").pause(2.5).press("1").pause(1).press("1").until_bye(90).dial()
    hall.seat_shows(SEAT, state="talking")
    hall.seat_shows(SEAT, state="wrap_up")
    phone.done(phone.presses("3"))
    hall.seat_shows(SEAT, state="available")
    hall.hang_up(caller)
    visit = hall.record("02161000001")["visits"][0]
    assert (visit["agent"], visit["seat"], visit["outcome"]) == (ACCOUNT, SEAT, "answered")
    phone.done(phone.presses("2"))
    hall.seat_shows(SEAT, state="paused", pause_reason="break")
    phone.done(phone.presses("3"))
    hall.seat_shows(SEAT, state="available")
    phone.done(phone.presses("1"))
    hall.seat_shows(SEAT, state="offline", agent=None, phone=True)


@pytest.mark.slow
def test_a_wrong_pin_signs_nobody_in_and_is_in_the_trail_without_its_digits(hall: Hall) -> None:
    """That the agent hears it is tried on Asterisk alone (tests/asterisk/test_seat_desk.py)."""
    phone = hall.telephone(SEAT)
    before = len(refusals(hall))
    wrong = f"{(int(pin_of(hall)) + 1) % 1_000_000:06d}"
    call = phone.dial().pause(2.5).press(f"{NUMBER}#{wrong}").pause(4).hang_up().dial()
    assert call.wait(60) == 0
    assert not call.ended_by_line, "the agent was asked again"
    eventually(lambda: len(refusals(hall)) == before + 1, seconds=60, what="the refusal in the trail")
    assert hall.seat(SEAT)["agent"] is None
    assert refusals(hall)[0] == {"agent": ACCOUNT}
    keyed = re.compile(rf"(?<![\d.]){wrong}(?!\d)")
    logs = [*(hall.line.var / "log").glob("*.log"), *(hall.line.var / "asterisk" / "log").rglob("*")]
    assert [log for log in logs if log.is_file() and keyed.search(log.read_text("utf-8", "replace"))] == []
    time.sleep(2.5)  # the pause after one wrong try
    sign_in(phone, hall)


@pytest.mark.slow
def test_what_seats_dial_is_no_call_of_the_line(hall: Hall) -> None:
    before = calls_known(hall)
    phone = hall.telephone(SEAT)
    sign_in(phone, hall)
    phone.done(phone.presses("1"))
    hall.seat_shows(SEAT, state="offline", agent=None)
    done = hall.line.module("api.ledger.refold")
    assert done.returncode == 0, done.stdout + done.stderr
    assert calls_known(hall) == before
    report = check_line(hall.line)
    assert not report.breaches, str(report)
