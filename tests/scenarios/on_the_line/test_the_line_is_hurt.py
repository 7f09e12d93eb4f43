"""Doors are killed, frozen and probed, the database goes away: callers notice little, records notice everything."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import time
from datetime import datetime
from pathlib import Path

import pytest

from agi_scripts.server import BACKLOG
from ivr.kernel.clock import SystemClock
from tests.line import AGI_PORTS, Line
from tests.scenarios.on_the_line.callers import CALL_JSON, Scenario, eventually, scenario

pytestmark = pytest.mark.line


@pytest.fixture
def play(line: Line, tmp_path: Path):
    with scenario(line, tmp_path) as play:
        yield play


def ledger_has(line: Line, number: str, *marks: str) -> bool:
    """Whether a row of CEL names this caller and all of `marks`; the file is there even when nobody reads it."""
    text = (line.var / "asterisk" / "log" / "cel-custom" / "line.csv").read_text("utf-8", "replace")
    return any(number in row and all(mark in row for mark in marks) for row in text.splitlines())


def fallback_after(record: CALL_JSON, instant: float) -> float:
    """Seconds from `instant` to the first time the dialplan went on without its door."""
    assert record["fallbacks"], "the record does not say that a door failed"
    return datetime.fromisoformat(record["fallbacks"][0]["at"]).timestamp() - instant


def doors_are_back(line: Line) -> None:
    def open_again() -> bool:
        for port in AGI_PORTS:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)):
                    return False
        return True

    eventually(open_again, seconds=20, what="both door servers listen again")


def in_the_menu(play: Scenario, number: str) -> None:
    eventually(
        lambda: ledger_has(play.line, number, "step", "main"), seconds=20, what=f"the call of {number} is in the menu"
    )


def test_doors_are_killed_in_mid_menu(play: Scenario) -> None:
    """Both servers die at once: the caller is in the general queue's fallback within 2.5 s."""
    caller = play.caller("02155000001").pause(14).hang_up().dial()
    in_the_menu(play, "02155000001")
    time.sleep(1.0)
    pids = play.line.supervision.pids()
    at = SystemClock().now().timestamp()
    for name in ("doors-a", "doors-b"):
        os.kill(pids[name], signal.SIGKILL)
    play.finish(caller)
    record = play.record("02155000001")
    assert fallback_after(record, at) < 2.5
    assert {f["door"] for f in record["fallbacks"]} >= {"reception"}
    doors_are_back(play.line)


def test_one_door_dies_and_the_other_goes_on_with_the_menu(play: Scenario) -> None:
    """Where the machine has no time for the second server either, its lease ends and the fallback helps: another try."""
    for number in ("02155000002", "02155000012", "02155000022"):
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
    caller = play.caller("02155000003").pause(16).hang_up().dial()
    in_the_menu(play, "02155000003")
    pid = play.line.supervision.pids()["doors-a"]
    at = SystemClock().now().timestamp()
    os.kill(pid, signal.SIGSTOP)
    try:
        play.finish(caller)
        record = play.record("02155000003")
    finally:
        os.kill(pid, signal.SIGCONT)
    assert 0 < fallback_after(record, at) < 5.0
    assert record["fallbacks"][0]["reason"] == "lease"


def test_both_doors_freeze_in_mid_menu(play: Scenario) -> None:
    """Nobody of ours can speak: within 5 s Asterisk goes on alone, with fixed prompts and the general queue."""
    caller = play.caller("02155000005").pause(16).hang_up().dial()
    in_the_menu(play, "02155000005")
    time.sleep(1.0)
    pids = play.line.supervision.pids()
    at = SystemClock().now().timestamp()
    for name in ("doors-a", "doors-b"):
        os.kill(pids[name], signal.SIGSTOP)
    try:
        play.finish(caller)
        record = play.record("02155000005")
    finally:
        for name in ("doors-a", "doors-b"):
            os.kill(pids[name], signal.SIGCONT)
    # One for each server that fell silent; the message box that follows an empty queue is a later one.
    silent = [f for f in record["fallbacks"] if f["door"] == "reception"]
    assert len(silent) == 2
    assert 0 < datetime.fromisoformat(silent[-1]["at"]).timestamp() - at < 5.0
    assert [visit["queue"] for visit in record["visits"]] == ["general"]


def test_doors_are_probed_while_a_caller_is_in_the_menu(play: Scenario) -> None:
    """Connect and close, half a header, junk without end, a byte a second, and 500 idle connections hurt nobody."""
    caller = play.caller("02155000004").pause(8).press("4").pause(2).press("1").pause(16).hang_up().dial()
    in_the_menu(play, "02155000004")
    idle: list[socket.socket] = []
    for port in AGI_PORTS:
        for _ in range(20):
            socket.create_connection(("127.0.0.1", port)).close()
        half = socket.create_connection(("127.0.0.1", port))
        half.sendall(b"agi_network: yes\nagi_netw")
        junk = socket.create_connection(("127.0.0.1", port))
        with contextlib.suppress(OSError):  # cut off in the middle: that is the point
            junk.sendall(b"x" * 2_000_000)
        idle += [half, junk, *(socket.create_connection(("127.0.0.1", port)) for _ in range(250))]
    drips = [socket.create_connection(("127.0.0.1", port)) for port in AGI_PORTS]
    idle += drips
    for byte in b"agi_n":
        for drip in drips:
            with contextlib.suppress(OSError):  # its two seconds are over
                drip.send(bytes([byte]))
        time.sleep(1)
    play.finish(caller)
    for connection in idle:
        connection.close()
    record = play.record("02155000004")
    assert record["fallbacks"] == []
    assert record["disposition"] == "self_served"


def test_a_frozen_door_takes_no_connection_any_more(play: Scenario) -> None:
    """Its backlog is full, so a knock is not even refused: the caller is at the other server within five seconds."""
    pid = play.line.supervision.pids()["doors-a"]
    os.kill(pid, signal.SIGSTOP)
    waiting: list[socket.socket] = []
    try:
        for _ in range(BACKLOG + 50):
            knock = socket.socket()
            knock.setblocking(False)
            knock.connect_ex(("127.0.0.1", AGI_PORTS[0]))
            waiting.append(knock)
        at = SystemClock().now().timestamp()
        caller = play.caller("02155000006").pause(7).press("4").pause(2).press("1").pause(16).hang_up().dial()
        play.finish(caller)
        record = play.record("02155000006")
    finally:
        for knock in waiting:
            knock.close()
        os.kill(pid, signal.SIGCONT)
    assert 0 < fallback_after(record, at) < 5.0
    assert [f["door"] for f in record["fallbacks"]] == ["reception"]
    assert record["disposition"] == "self_served"
    doors_are_back(play.line)


def test_the_database_stops_during_calls(play: Scenario) -> None:
    """Calls go on; after the database is back, records are complete within 60 s and none is doubled."""
    line = play.line
    play.operator("seat09", talk_seconds=6.0)
    talking = (
        play.caller("02155000011").pause(1).press("1").pause(1).press("1").pause(18).press("5").until_bye(30).dial()
    )
    eventually(lambda: ledger_has(line, "02155000011", "offered"), seconds=15, what="the call has arrived")
    line.supervision.stop("postgres")
    try:
        meanwhile = play.caller("02155000012").pause(2).press("4").pause(1).press("3").pause(18).hang_up().dial()
        asks = play.caller("02155000013").pause(2).press("3").pause(3).press("123456786#").pause(9).hang_up().dial()
        assert meanwhile.wait(60) == 0
        assert asks.wait(60) == 0
        assert talking.wait(60) == 0
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
