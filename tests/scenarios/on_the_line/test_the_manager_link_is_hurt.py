"""The whole line with a broken wire between Asterisk and the listener: what a supervisor's page says, and when."""

from __future__ import annotations

import itertools
import os
import time

import pytest

from tests.faults.behind_proxy import listener_behind, proxy
from tests.faults.second_opinion import Manager
from tests.line import Line
from tests.patience import quickest

pytestmark = pytest.mark.line

STALE_SECONDS = 10.0
RIGHT_AGAIN_SECONDS = 60.0
"""A stalled wire is found dead after twelve; the rest is the way back, also on a busy machine."""


def board(line: Line) -> dict:
    with line.api() as client:
        return client.get("/board").json()


def until(true, seconds: float, what: str) -> float:
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < seconds, f"{what} not within {seconds} s"
        time.sleep(0.1)
    return time.monotonic() - began


def test_the_page_says_that_it_is_old_and_is_right_when_the_wire_is_back(line: Line) -> None:
    port = int(line.environment["LINE1420_AMI_PORT"])
    secret = line.environment["LINE1420_AMI_LISTENER_SECRET"]
    reason, stalls = f"بازآموزی {os.getpid()}", itertools.count()
    shown = lambda: board(line)["seats"][6]["pause_reason"]  # noqa: E731
    before = board(line)["epoch"]
    with proxy(port) as (wire, do), listener_behind(line, wire.port), Manager(port, secret) as manager:

        def stalled(why: str) -> float:
            """The wire stands still and goes on; the seconds until the page said that it is old."""
            wire.stalled = True
            manager.pause("seat07", why)
            took = until(lambda: board(line)["stale"], 60, "the word stale")
            assert shown() != why
            wire.stalled = False
            until(lambda: shown() == why and not board(line)["stale"], RIGHT_AGAIN_SECONDS, "a right board")
            return took

        paused = False
        try:
            until(lambda: board(line)["epoch"] != before, 60, "the board of the new listener")
            paused = True
            assert quickest(lambda: stalled(f"{reason}, {next(stalls)}"), STALE_SECONDS) <= STALE_SECONDS
            do(wire.reset)
            manager.pause("seat07", "", paused=False)
            paused = False
            until(
                lambda: shown() is None and not board(line)["stale"], RIGHT_AGAIN_SECONDS, "a right board after a reset"
            )
        finally:
            if paused:
                manager.pause("seat07", "", paused=False)
    until(lambda: not board(line)["stale"], 60, "the line's own listener")
