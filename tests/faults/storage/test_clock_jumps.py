"""The machine's clock jumps under a running line (all our processes and the database; Asterisk, in its sandbox, keeps the
true time): calls go on, nothing is lost, nothing storms, and what is told afterwards has no negative span."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.storage.conftest import SLOT
from tests.line import Line, start_line, stop_line
from tests.scenarios.on_the_line.callers import Scenario, eventually, scenario

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

FAKE = next(iter(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")), None)
JUMPS = ("+3600", "-3600", "-30", "+86400")


@pytest.fixture(scope="module")
def clock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The control file: seconds by which every process of the line is off."""
    if FAKE is None:
        pytest.skip("libfaketime is not installed (apt-get install libfaketime)")
    control = tmp_path_factory.mktemp("clock") / "offset"
    control.write_text("+0")
    return control


@pytest.fixture(scope="module")
def line(clock: Path) -> Iterator[Line]:
    running: Line | None = None
    shielded = {
        "LD_PRELOAD": str(FAKE),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "NO_FAKE_STAT": "1",
    }
    try:
        running = start_line(slot=SLOT, **shielded)
        for name in shielded:
            running.environment.pop(name)
        yield running
    finally:
        if running is not None:
            stop_line(running)


@pytest.fixture
def play(line: Line, tmp_path: Path) -> Iterator[Scenario]:
    with scenario(line, tmp_path) as running:
        yield running


def cpu_seconds(line: Line) -> float:
    """Processor time of every process of ours so far."""
    ticks = 0
    for pid in line.supervision.pids().values():
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def rested(measure: Callable[[], float], seconds: float) -> float:
    before = measure()
    time.sleep(seconds)
    return measure() - before


@pytest.mark.parametrize("jump", JUMPS)
def test_a_call_over_a_jump_is_recorded_and_told_whole(play: Scenario, line: Line, clock: Path, jump: str) -> None:
    number = f"0217200{JUMPS.index(jump):04d}"
    clock.write_text("+0")
    play.operator("seat06", talk_seconds=6.0)
    pids = line.supervision.pids()
    caller = play.caller(number).pause(1).press("11", between_seconds=1).pause(14).press("4").until_bye(60).dial()
    eventually(lambda: list((line.var / "spool" / "calls").glob("*.wav")), seconds=30, what="the talk began")
    clock.write_text(jump)
    busy = rested(lambda: cpu_seconds(line), 5.0)
    assert busy < 5.0, "a jump is no reason to spin"
    play.finish(caller)
    record = play.record(number, seconds=60)
    assert record["disposition"] == "answered"
    assert record["arrived_at"] <= record["ended_at"]
    assert all(visit["waited_seconds"] >= 0 and visit["talked_seconds"] > 4 for visit in record["visits"])
    sound = play.archived(number, seconds=60)["recordings"][0]
    assert sound["state"] == "archived"
    assert line.supervision.pids() == pids, "nobody died of it"
    board = play.board()
    assert board["link"] == "live", json.dumps(board)[:300]
    clock.write_text("+0")
