"""A listener that dies between its word and Asterisk's ear, an Asterisk that dies with places in it, a number that was keyed."""

from __future__ import annotations

from pathlib import Path

import pytest

from asterisk_conf.robots.caller import Caller
from asterisk_conf.robots.carrier import Carrier
from tests.faults.checker.check import check_line
from tests.faults.rounds.hurts import by_name
from tests.faults.rounds.places import arm
from tests.scenarios.callbacks.conftest import Calling
from tests.scenarios.on_the_line.callers import eventually

pytestmark = [pytest.mark.line, pytest.mark.slow]


def asks(calling: Calling, number: str) -> Caller:
    """Into insurance, out of it by 1, yes to the own number, and gone."""
    caller = calling.caller(number).pause(2.5).press("1").pause(1).press("1")
    return caller.pause(10).press("1").pause(4).press("1").pause(6).hang_up().dial()


def busy(calling: Calling, seat: str, number: str) -> None:
    """The only operator talks, so that everybody else waits."""
    calling.operator(seat, talk_seconds=None)
    calling.caller(number).pause(2.5).press("1").pause(1).press("1").pause(300).hang_up().dial(limit_seconds=320)
    calling.seat_is(seat, "talking", seconds=60)


def balanced(calling: Calling, carrier: Carrier) -> None:
    carrier.stop()
    calling.close()
    report = check_line(calling.line, quiet=False)
    assert not report.breaches, str(report)


def test_a_listener_that_dies_before_asterisk_hears_loses_nothing_and_dials_once(
    calling: Calling, carrier_port: int
) -> None:
    carrier = calling.telephones(Carrier(calling.folder / "carrier", port=carrier_port, talk_seconds=3))
    busy(calling, "seat02", "09120361009")
    before = calling.line.supervision.pids()["listener"]
    place = arm(calling.line, "dialler.before_originate", "kill")
    asks(calling, "09120361001")
    eventually(lambda: not place.exists(), seconds=60, what="the listener passes the place and dies")
    calling.takes_over("seat03")
    reached = calling.callback_is("09120361001", "reached", seconds=90)
    assert calling.line.supervision.pids()["listener"] != before
    assert [call["outcome"] for call in reached["calls"]] == ["never_began", "reached"]
    assert [ring.number for ring in carrier.rings()] == ["09120361001"]
    balanced(calling, carrier)


def test_places_come_back_in_order_after_a_restart_of_asterisk(calling: Calling, carrier_port: int) -> None:
    carrier = calling.telephones(Carrier(calling.folder / "carrier", port=carrier_port, talk_seconds=2))
    busy(calling, "seat04", "09120362009")
    numbers = ("09120362001", "09120362002", "09120362003")
    for number in numbers:
        caller = asks(calling, number)
        caller.wait(40)
        calling.callback_is(number, "placed", seconds=60)
    by_name("asterisk: kill -9").strike(calling.line)
    calling.callback_is(numbers[0], "pending", seconds=60)
    for number in numbers:
        found = calling.callback_is(number, "reached", seconds=90)
        assert found["tries"] == 0, "no telephone had rung"
    assert [ring.number for ring in carrier.rings()] == list(numbers)
    balanced(calling, carrier)


def test_a_number_that_was_keyed_in_stands_in_no_ledger_and_on_no_board(calling: Calling, carrier_port: int) -> None:
    carrier = calling.telephones(Carrier(calling.folder / "carrier", port=carrier_port, talk_seconds=2))
    busy(calling, "seat06", "09120363009")
    caller = calling.caller("09120363001").pause(2.5).press("1").pause(1).press("1").pause(10).press("1").pause(4)
    caller = caller.press("2").pause(2).press("02188776655#").pause(4).press("1").pause(1.5).hang_up().dial()
    calling.callback_is("02188776655", "placed", seconds=60)
    assert [one["caller_masked"] for one in calling.waiting("insurance")] == ["withheld"]
    calling.takes_over("seat07")
    reached = calling.callback_is("02188776655", "reached", seconds=60)
    assert [ring.number for ring in carrier.rings()] == ["02188776655"]
    assert reached["number"] == "+982188776655"
    logs = Path(calling.line.var, "asterisk", "log")
    for file in (logs / "cel-custom" / "line.csv", logs / "queue_log"):
        assert "2188776655" not in file.read_text("utf-8", "replace"), file.name
    assert caller.wait(60) == 0
    balanced(calling, carrier)
