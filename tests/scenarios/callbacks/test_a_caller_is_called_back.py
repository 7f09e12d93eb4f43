"""A caller asks to be called back while waiting, keeps the place and is called. The whole line, a real carrier's end."""

from __future__ import annotations

from datetime import date

import pytest

from asterisk_conf.robots.caller import Caller
from asterisk_conf.robots.carrier import Carrier
from ivr.kernel.clock import TEHRAN, SystemClock
from tests.faults.checker.check import check_line
from tests.scenarios.callbacks.conftest import Calling
from tests.scenarios.on_the_line.callers import eventually

pytestmark = pytest.mark.line
ASKS, FIRST, LATER = "09120360002", "09120360001", "09120360003"


def today() -> date:
    """In Tehran, where a day of the line ends."""
    return SystemClock().now().astimezone(TEHRAN).date()


def to_insurance(calling: Calling, number: str) -> Caller:
    return calling.caller(number).pause(2.5).press("1").pause(1).press("1")


def test_a_caller_asks_to_be_called_back_keeps_the_place_and_is_called(calling: Calling, carrier_port: int) -> None:
    day = today()
    carrier = calling.telephones(Carrier(calling.folder / "carrier", port=carrier_port))
    calling.operator("seat01", talk_seconds=None)
    first = to_insurance(calling, FIRST).until_bye(120).dial()
    calling.seat_is("seat01", "talking", seconds=60)
    asks = to_insurance(calling, ASKS).pause(10).press("1").pause(4).press("1").pause(60).hang_up().dial()
    eventually(lambda: calling.waiting("insurance"), seconds=60, what="one waits")
    later = to_insurance(calling, LATER).until_bye(120).dial()

    calling.hang_up_after(asks, '"callback"', "when=keep_place")
    placed = calling.callback_is(ASKS, "placed", seconds=60)
    line = eventually(
        lambda: waiting if len(waiting := calling.waiting("insurance")) == 2 else None, seconds=60, what="two places"
    )
    assert [one["callback"] for one in line] == [placed["code"], None], "the later caller stands behind it"
    assert carrier.rings() == [], "nobody is dialled before an operator is there"

    calling.takes_over("seat02")
    reached = calling.callback_is(ASKS, "reached", seconds=60)
    assert [ring.number for ring in carrier.rings()] == [ASKS]
    (call,) = [one for one in reached["calls"] if one["dialled_at"]]
    assert (call["outcome"], call["seat"], call["agent"]) == ("reached", "seat02", "operator02")
    assert [one["callback"] for one in calling.waiting("insurance")] == [None], "who came later still waits"
    assert calling.record(ASKS)["disposition"] == "callback_requested"
    with calling.line.api() as api:
        assert api.get(f"/cases/{reached['code']}").json()["state"] == "answered"
        counted = api.get("/callbacks").json()["today"]
    if day == today():  # else it was asked for yesterday
        assert (counted["asked"], counted["reached"], counted["dials"]) == (1, 1, 1)
    carrier.stop()
    for robot in (first, later):
        robot.stop()
    calling.close()
    report = check_line(calling.line, quiet=False)
    assert not report.breaches, str(report)
