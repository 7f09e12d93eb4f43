"""The end of the day with somebody waiting: in person, and by a place that is kept. A line with hours of its own closes in
some minutes, whatever the time of day is."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from persiantools.jdatetime import JalaliDate

from asterisk_conf.robots.carrier import Carrier
from asterisk_conf.robots.sippline import free_port
from ivr.kernel.clock import TEHRAN, SystemClock
from tests.faults.checker.check import check_line
from tests.line import Line, start_line, stop_line
from tests.scenarios.callbacks.conftest import QUEUES, SLOT, Calling
from tests.scenarios.on_the_line.callers import eventually

pytestmark = [pytest.mark.line, pytest.mark.slow, pytest.mark.timeout(900)]

TALKS, ASKS, WAITS, COMES_LATE = "09120370001", "09120370002", "09120370003", "09120370004"
OPEN_FOR = timedelta(seconds=150)
"""At least, from before the start of the line: a start and four calls must fit."""
STILL_SERVED = timedelta(seconds=25)
QUEUE_CLOSES = ("general", "insurance", "pensions", "treatment")
WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def hours_until(closes: datetime, now: datetime) -> str:
    """A file of hours by which every section is open from before `now` until `closes`, a whole minute in Tehran."""
    windows = {closes.date(): f"00:00-{closes:%H:%M}"}
    if now.date() != closes.date():
        windows = {now.date(): "00:00-24:00"} | ({closes.date(): f"00:00-{closes:%H:%M}"} if closes.minute else {})
    days = ", ".join(
        f'{{ day = "{JalaliDate(day):%Y/%m/%d}", open = true, name = "" }}' for day in windows
    )  # a public holiday is none here
    sections = "".join(
        f"\n[sections.{section}]\n"
        + "".join(f'{WEEK[day.weekday()]} = ["{window}"]\n' for day, window in windows.items())
        for section in QUEUE_CLOSES
    )
    casework = "\n[sections.casework]\n" + "".join(f'{day} = ["08:00-16:00"]\n' for day in WEEK)
    allowances = "\n[allowance_days]\ncomplaint = 15\nquestion = 5\nsuggestion = 20\ncallback = 1\nunknown = 5\n"
    return f"working_day_hours = 8\ndays = [{days}]\n{allowances}{sections}{casework}"


@dataclass(frozen=True)
class Evening:
    """A line, and when it closes."""

    line: Line
    closes: datetime
    carrier_port: int


@pytest.fixture
def evening() -> Iterator[Evening]:
    var, port = Path(tempfile.mkdtemp(prefix="line1420-evening-")), free_port()
    now = SystemClock().now().astimezone(TEHRAN)
    closes = (now + OPEN_FOR + timedelta(minutes=1)).replace(second=0, microsecond=0)
    hours = var / "hours.toml"
    hours.write_text(hours_until(closes, now), encoding="utf-8")
    running = start_line(
        slot=SLOT, var=var, LINE1420_CLOCK_OPEN="auto", LINE1420_HOURS=str(hours), LINE1420_SEATS="4",
        LINE1420_WAIT_AFTER_CLOSING=f"PT{STILL_SERVED.seconds}S", LINE1420_QUEUES=json.dumps(QUEUES),
        LINE1420_CALLBACKS=json.dumps({"carrier": f"127.0.0.1:{port}", "ring_seconds": 6}),
    )  # fmt: skip
    try:
        yield Evening(running, closes, port)
    finally:
        stop_line(running)


def until(instant: datetime) -> None:
    time.sleep(max(0.0, (instant - SystemClock().now()).total_seconds()))


def is_open(calling: Calling) -> bool:
    return next(queue["open"] for queue in calling.board()["queues"] if queue["name"] == "insurance")


def test_who_waits_is_served_a_while_then_offered_a_message_and_a_kept_place_waits_for_the_morning(
    evening: Evening, tmp_path: Path
) -> None:
    calling = Calling(evening.line, tmp_path)
    carrier = calling.telephones(Carrier(tmp_path / "carrier", port=evening.carrier_port))
    try:
        calling.operator("seat01", talk_seconds=None)
        talks = calling.caller(TALKS).pause(1).press("1").pause(1).press("1").until_bye(400).dial()
        calling.seat_is("seat01", "talking", seconds=30)
        asks = calling.caller(ASKS).pause(1).press("1").pause(1).press("1").pause(5).press("1").pause(4).press("1")
        asks.pause(1.5).hang_up().dial()
        placed = calling.callback_is(ASKS, "placed", seconds=45)
        waits = calling.caller(WAITS).pause(1).press("1").pause(1).press("1").until_bye(400).dial()
        line = eventually(
            lambda: waiting if len(waiting := calling.waiting("insurance")) == 2 else None, seconds=25, what="two wait"
        )
        assert [one["callback"] for one in line] == [placed["code"], None]
        assert SystemClock().now() < evening.closes, "the start took too long for this case"
        assert is_open(calling)

        until(evening.closes)
        eventually(lambda: not is_open(calling), seconds=10, what="the board says that it is closed")
        assert len(calling.waiting("insurance")) == 2, "who waits at closing time is still served"
        late = calling.caller(COMES_LATE).pause(8).press("3").pause(4).hang_up().dial()

        until(evening.closes + STILL_SERVED)
        eventually(lambda: not calling.waiting("insurance"), seconds=15, what="nobody waits any more")
        kept = calling.callback_is(ASKS, "pending", seconds=10)
        assert kept["code"] == placed["code"]
        assert carrier.rings() == [], "nobody is rung after hours"
        ledger = evening.line.var / "asterisk" / "log" / "cel-custom" / "line.csv"
        eventually(lambda: "node=unserved" in ledger.read_text("utf-8"), seconds=15, what="a message is offered")
        calling.finish(late, asks)
        assert calling.record(COMES_LATE)["disposition"] == "after_hours"
        calling.seat_is("seat01", "talking")

        opening = evening.closes + timedelta(hours=2)
        (evening.line.var / "closures.toml").write_text(
            f"[[opening]]\nfrom = {SystemClock().now().isoformat()}\nto = {opening.isoformat()}\n", encoding="utf-8"
        )
        calling.callback_is(ASKS, "placed", seconds=20)
        calling.takes_over("seat02")
        reached = calling.callback_is(ASKS, "reached", seconds=40)
        assert reached["code"] == placed["code"]
        assert [ring.number for ring in carrier.rings()] == [ASKS]
        carrier.stop()
        talks.stop()
        waits.stop()
    finally:
        calling.close()
    report = check_line(evening.line, quiet=False)
    assert not report.breaches, str(report)
