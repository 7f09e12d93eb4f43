"""A burst of callers. Whom the queue's limit allows waits; everybody else is told so, and it is written down."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from asterisk_conf.robots.crew import Crew
from asterisk_conf.robots.crowd import Crowd, HangUp, Press, Step, Wait, crowd_numbers
from ivr.kernel.clock import SystemClock
from tests.faults.checker.check import check_line
from tests.line import Line, start_line, stop_line
from tests.load.conftest import MAX_WAITING, SEATS, SLOT
from tests.load.journeys import DEAF_QUEUE, Journey
from tests.load.traffic import pause_in, write_figures

pytestmark = pytest.mark.line

RATE = 10
RATE_AT_DEPTH = 10 if (os.cpu_count() or 1) >= 4 else 5
"""Robots and line share the machine here; on two processors ten a second beside three hundred waiting met the fallback. Five keeps
both busy for a minute: what is too tight anywhere shows here first."""
REACHES_QUEUE = 8.0
"""Seconds from dialling to the queue when the keys come at once; the announcement of the queue is most of it."""
LATER = 12.0
"""Callers of the second half think so much longer in the menu: they come to the queue when the first half is in it."""


@contextmanager
def deep_line(waiting: int) -> Iterator[Line]:
    """A line of its own whose queue holds so many; the busy line of the folder may be up beside it."""
    queues = {DEAF_QUEUE: {"max_waiting": waiting, "wait_limit_seconds": 600}}
    running = start_line(slot=SLOT + 1, LINE1420_SEATS=str(SEATS), LINE1420_QUEUES=json.dumps(queues))
    try:
        yield running
    finally:
        stop_line(running)


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_fifteen_seconds_of_ten_callers_a_second(busy_line: Line, tmp_path: Path) -> None:
    burst(busy_line, tmp_path, rate=RATE, waiting=MAX_WAITING, refused=50)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_six_hundred_callers_and_three_hundred_waiting(tmp_path: Path) -> None:
    with deep_line(300) as line:
        burst(line, tmp_path, rate=RATE_AT_DEPTH, waiting=300, refused=300)


def burst(line: Line, folder: Path, *, rate: float, waiting: int, refused: int) -> None:
    """`waiting` callers fill the queue, and while they wait `refused` more come, all at `rate` a second."""
    since = SystemClock().now()
    target = f"127.0.0.1:{line.sip_port}"
    seats = {name: account["secret"] for name, account in line.run["seats"].items()}
    stays = (waiting + refused) / rate + LATER + REACHES_QUEUE + 10
    to_queue = (Press("1"), Wait(0.7), Press("3"))
    fits = journey("waits in a full queue", "091211", (Wait(2.5), *to_queue, Wait(stays), HangUp()), "abandoned")
    over = journey(
        "comes when it is full", "091212", (Wait(2.5 + LATER), *to_queue, Wait(14, 18), HangUp()), "refused_full"
    )
    limit = int(2 * stays + 120)
    crew = Crew(folder, target, seats, limit_seconds=limit).sign_in()
    crowds = [Crowd(folder, j.first_digits, target, j.steps, rate=rate, limit_seconds=limit) for j in (fits, over)]
    try:
        pause_in(line, DEAF_QUEUE, seats)
        crowds[0].start(crowd_numbers(fits.first_digits, waiting))
        until_all_have_dialled(crowds[0], waiting, rate)
        crowds[1].start(crowd_numbers(over.first_digits, refused))
        codes = [crowd.wait(limit) for crowd in crowds]
    finally:
        for crowd in crowds:
            crowd.stop()
        crew.sign_out()
    witnesses = [j.witness(seen, None) for j, crowd in zip((fits, over), crowds, strict=True) for seen in crowd.seen()]
    report = check_line(line, witnesses, since=since)
    figures = {
        "callers a second": rate,
        "waiting": waiting,
        "refused": refused,
        "checked": report.checked,
        "breaches": len(report.breaches),
    }
    write_figures(f"burst-{waiting}-waiting", figures)
    assert not report.breaches, str(report)
    assert codes == [0, 0], "\n".join(crowd.troubles()[:1500] for crowd in crowds)
    assert len(witnesses) == report.checked["calls"] == waiting + refused
    assert all(witness.ended_by == "caller" for witness in witnesses), "somebody was cut off"


def journey(name: str, first_digits: str, steps: tuple[Step, ...], ends_as: str) -> Journey:
    return Journey(name, 0, first_digits, steps, frozenset({ends_as}))


def until_all_have_dialled(crowd: Crowd, count: int, rate: float) -> None:
    deadline = SystemClock().now().timestamp() + 3 * count / rate + 10
    while len(crowd.seen()) < count:
        assert SystemClock().now().timestamp() < deadline, f"{crowd.name}: only {len(crowd.seen())} of {count} dialled"
        time.sleep(0.2)
