"""The whole line with a broken wire between Asterisk and the listener: what a supervisor's page says, and when."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.faults.ami_proxy import AmiProxy
from tests.faults.second_opinion import Manager
from tests.line import REPOSITORY, Line

pytestmark = pytest.mark.line

STALE_SECONDS = 10.0
RIGHT_AGAIN_SECONDS = 20.0
"""A stalled wire is found dead after twelve; the rest is the way back."""


@contextmanager
def proxy(port: int) -> Iterator[tuple[AmiProxy, Callable[[Callable[[], None]], object]]]:
    """A fault proxy with a loop of its own: its attributes may be set from here, what it does goes through the second."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    found = AmiProxy(port)
    asyncio.run_coroutine_threadsafe(found.__aenter__(), loop).result(5)
    try:
        yield found, loop.call_soon_threadsafe
    finally:
        asyncio.run_coroutine_threadsafe(found.__aexit__(), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


@contextmanager
def listener_behind(line: Line, port: int) -> Iterator[None]:
    """The line's own listener makes room for one that reaches Asterisk through `port`."""
    line.supervision.stop("listener")
    environment = line.environment | {"LINE1420_AMI_PORT": str(port), "LINE1420_PROCESS": "listener"}
    with (line.var / "log" / "listener-behind-proxy.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "api.processes.listener"], cwd=REPOSITORY, env=environment, stdout=log, stderr=log
        )
    try:
        yield
    finally:
        process.terminate()
        process.wait(15)
        line.supervision.start("listener")


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
    reason = f"بازآموزی {os.getpid()}"
    shown = lambda: board(line)["seats"][6]["pause_reason"]  # noqa: E731
    before = board(line)["epoch"]
    with proxy(port) as (wire, do), listener_behind(line, wire.port), Manager(port, secret) as manager:
        paused = False
        try:
            until(lambda: board(line)["epoch"] != before, 60, "the board of the new listener")
            wire.stalled = True
            manager.pause("seat07", reason)
            paused = True
            assert until(lambda: board(line)["stale"], STALE_SECONDS, "the word stale") <= STALE_SECONDS
            assert shown() != reason
            wire.stalled = False
            until(lambda: shown() == reason and not board(line)["stale"], RIGHT_AGAIN_SECONDS, "a right board")
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
