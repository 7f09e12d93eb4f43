"""Doors are killed, frozen and probed, the database goes away: callers notice little, records notice everything."""

from __future__ import annotations

import contextlib
import math
import os
import signal
import socket
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from agi_scripts.server import BACKLOG
from asterisk_conf.robots.caller import Caller
from ivr.kernel.clock import SystemClock
from tests.line import Line
from tests.patience import TRIES, quickest
from tests.scenarios.on_the_line.callers import CALL_JSON, Scenario, eventually, scenario

pytestmark = pytest.mark.line


@pytest.fixture
def play(line: Line, tmp_path: Path):
    with scenario(line, tmp_path) as play:
        yield play


def tries(test: int) -> Iterator[str]:
    """Numbers of callers who do the same one after the other, each no more than once."""
    return (f"0215500{caller}0{test:02}" for caller in range(TRIES))


def led_on(play: Scenario, caller: Caller, instant: float, times: int = 1) -> tuple[float, CALL_JSON]:
    """Seconds from `instant` until the dialplan went on for the `times`th time without its door, and the record of the call. The
    caller stays until then; one who was led on before the instant already was met by a stall of the machine: infinite."""

    def fallbacks() -> list[CALL_JSON]:
        return [f for call in play.calls_of(caller.user) for f in call["fallbacks"]]

    eventually(lambda: len(fallbacks()) >= times, seconds=60, what="the dialplan goes on without the door")
    assert not caller.is_over, "the line hung up on who was led on"
    play.hang_up(caller)
    seconds = datetime.fromisoformat(fallbacks()[times - 1]["at"]).timestamp() - instant
    return seconds if seconds > 0 else math.inf, play.record(caller.user)


def doors_are_back(line: Line) -> None:
    def open_again() -> bool:
        for port in line.run["ports"]["agi"]:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)):
                    return False
        return True

    eventually(open_again, seconds=60, what="both door servers listen again")


def in_the_menu(play: Scenario, number: str) -> None:
    eventually(lambda: play.wrote(number, "step", "main"), seconds=60, what=f"the call of {number} is in the menu")


def test_doors_are_killed_in_mid_menu(play: Scenario) -> None:
    """Both servers die at once: the caller is in the general queue's fallback within 2.5 s."""
    numbers = tries(1)

    def silent() -> float:
        caller = play.caller(next(numbers)).pause(60).hang_up().dial()
        in_the_menu(play, caller.user)
        time.sleep(1.0)
        pids = play.line.supervision.pids()
        at = SystemClock().now().timestamp()
        for name in ("doors-a", "doors-b"):
            os.kill(pids[name], signal.SIGKILL)
        seconds, record = led_on(play, caller, at)
        assert {f["door"] for f in record["fallbacks"]} >= {"reception"}
        doors_are_back(play.line)
        return seconds

    assert quickest(silent, 2.5) < 2.5


def test_one_door_dies_and_the_other_goes_on_with_the_menu(play: Scenario) -> None:
    """Where the machine has no time for the second server either, its lease ends and the fallback helps: another try."""
    for number in tries(2):
        caller = play.caller(number).pause(9).press("4").pause(1).press("2").pause(8).hang_up().dial()
        in_the_menu(play, number)
        os.kill(play.line.supervision.pids()["doors-a"], signal.SIGKILL)
        play.finish(caller)
        record = play.record(number)
        assert record["fallbacks"]
        doors_are_back(play.line)
        keys = [step["key"] for step in record["menu_path"] if step.get("key")]
        if keys[:2] == ["4", "2"]:
            return
    raise AssertionError(f"the second server did not go on with the menu: {record}")


def test_doors_freeze_in_mid_menu(play: Scenario) -> None:
    """A frozen server says nothing at all; the lease ends it within 5 s, and the other server goes on."""
    numbers = tries(3)

    def silent() -> float:
        caller = play.caller(next(numbers)).pause(60).hang_up().dial()
        in_the_menu(play, caller.user)
        with frozen(play.line, "doors-a"):
            seconds, record = led_on(play, caller, SystemClock().now().timestamp())
        assert record["fallbacks"][0]["reason"] == "lease"
        return seconds

    assert quickest(silent, 5.0) < 5.0


def test_both_doors_freeze_in_mid_menu(play: Scenario) -> None:
    """Nobody of ours can speak: within 5 s Asterisk goes on alone, with fixed prompts and the general queue."""
    numbers = tries(5)

    def silent() -> float:
        caller = play.caller(next(numbers)).pause(60).hang_up().dial()
        in_the_menu(play, caller.user)
        time.sleep(1.0)
        with frozen(play.line, "doors-a", "doors-b"):
            at = SystemClock().now().timestamp()
            visits = lambda: any(call["visits"] for call in play.calls_of(caller.user))  # noqa: E731
            eventually(visits, seconds=60, what="the caller comes to a queue")
            seconds, record = led_on(play, caller, at, times=2)  # one for each server that fell silent
        # the message box that follows an empty queue is a later one
        assert [f["door"] for f in record["fallbacks"]].count("reception") == 2
        assert [visit["queue"] for visit in record["visits"]] == ["general"]
        return seconds

    assert quickest(silent, 5.0) < 5.0


@contextlib.contextmanager
def frozen(line: Line, *names: str) -> Iterator[None]:
    """These door servers stand still, and then go on."""
    pids = [line.supervision.pids()[name] for name in names]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def hears_information(play: Scenario, number: str, first_pause: float) -> Caller:
    return play.caller(number).pause(first_pause).press("4").pause(2).press("1").pause(40).hang_up().dial()


def test_doors_are_probed_while_a_caller_is_in_the_menu(play: Scenario) -> None:
    """Connect and close, half a header, junk without end, a byte a second, and 500 idle connections hurt nobody. A caller whom a
    busy machine leaves without a door for a moment proves nothing, the next one may."""
    for number in tries(4):
        caller = hears_information(play, number, 8)
        in_the_menu(play, number)
        with contextlib.ExitStack() as idle:
            probe_the_doors(play.line, idle)
            play.hang_up_after(caller, "delivered")
        record = play.record(number)
        if not record["fallbacks"]:
            break
    assert record["fallbacks"] == []
    assert record["disposition"] == "self_served"


def probe_the_doors(line: Line, idle: contextlib.ExitStack) -> None:
    """Takes five seconds; what stays open is left to `idle`."""

    def knock(port: int) -> socket.socket:
        return idle.enter_context(socket.create_connection(("127.0.0.1", port)))

    ports = line.run["ports"]["agi"]
    for port in ports:
        for _ in range(20):
            socket.create_connection(("127.0.0.1", port)).close()
        knock(port).sendall(b"agi_network: yes\nagi_netw")
        with contextlib.suppress(OSError):  # cut off in the middle: that is the point
            knock(port).sendall(b"x" * 2_000_000)
        for _ in range(250):
            knock(port)
    drips = [knock(port) for port in ports]
    for byte in b"agi_n":
        for drip in drips:
            with contextlib.suppress(OSError):  # its two seconds are over
                drip.send(bytes([byte]))
        time.sleep(1)


def test_a_frozen_door_takes_no_connection_any_more(play: Scenario) -> None:
    """Its backlog is full, so a knock is not even refused: the caller is at the other server within five seconds of the answer."""
    for number in tries(6):
        with contextlib.ExitStack() as waiting, frozen(play.line, "doors-a"):
            for _ in range(BACKLOG + 50):
                knock = waiting.enter_context(socket.socket())
                knock.setblocking(False)
                knock.connect_ex(("127.0.0.1", play.line.run["ports"]["agi"][0]))
            caller = hears_information(play, number, 7)
            play.hang_up_after(caller, "delivered")
            record = play.record(number)
        doors_are_back(play.line)
        answered = caller.answered_at
        assert answered is not None
        assert record["fallbacks"], "the record does not say that a door failed"
        silent = datetime.fromisoformat(record["fallbacks"][0]["at"]).timestamp() - answered.timestamp()
        if silent < 5.0 and [f["door"] for f in record["fallbacks"]] == ["reception"]:
            break
    assert silent < 5.0
    assert [f["door"] for f in record["fallbacks"]] == ["reception"]
    assert record["disposition"] == "self_served"


def test_the_database_stops_during_calls(play: Scenario) -> None:
    """Calls go on; after the database is back, records are complete within 60 s and none is doubled."""
    line = play.line
    play.operator("seat09", talk_seconds=6.0)
    talking = play.caller("02155000011").pause(2.5).press("1").pause(1).press("1").pause(16.5)
    for _ in range(3):  # on a slow machine the question comes late; a score is taken once
        talking.press("5").pause(4)
    talking.until_bye(60).dial()
    eventually(lambda: play.wrote("02155000011", "offered"), seconds=60, what="the call has arrived")
    line.supervision.stop("postgres")
    try:
        meanwhile = play.caller("02155000012").pause(2.5).press("4").pause(1).press("3").pause(60).hang_up().dial()
        asks = play.caller("02155000013").pause(2.5).press("3").pause(3).press("123456786#").pause(60).hang_up().dial()
        play.hang_up_after(meanwhile, "delivered")
        play.hang_up_after(asks, '"talk"', "queue=general")
        assert talking.wait(110) == 0
    finally:
        line.supervision.start("postgres")
    at = time.monotonic()
    answered = play.record("02155000011", seconds=60)
    assert (answered["disposition"], answered["score"]) == ("answered", 5)
    assert play.record("02155000012", seconds=60)["disposition"] == "self_served"
    # The desk could not look the code up, so the caller was taken to a person.
    unanswered = play.record("02155000013", seconds=60)
    assert [visit["queue"] for visit in unanswered["visits"]] == ["general"]
    assert play.archived("02155000011", seconds=60)["recordings"][0]["state"] == "archived"
    assert time.monotonic() - at < 60
