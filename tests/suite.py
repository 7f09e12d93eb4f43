"""The suite in lanes side by side: `python -m tests.suite [--all]`, what `make test` and `make test-all` run.

Most of the suite waits for real calls, and one after the other the lanes take half an hour on two cores, the long ones
hours. Each lane that needs a whole line has one of its own, on its own ports. Each is an ordinary pytest run; its report
is printed whole when it ends, and the exit code is that of the worst.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.line import SLOT_SHIFT


@dataclass(frozen=True)
class Kind:
    """How lanes share the machine: how many of a kind run at once, and how nice they are to the others."""

    at_once: int
    niceness: int
    alone: bool = False
    """Starts when nothing else runs, and nothing else starts beside it."""


CALLS = Kind(at_once=4, niceness=0)
"""Robots on a telephone cannot wait for a processor; these lanes mostly wait for the telephone."""
LONG_CALLS_AT_ONCE = 3
"""Beside the long lanes, which measure how long people wait."""
LIGHT = Kind(at_once=1, niceness=0)
"""Robots too, but a bare exchange that hardly needs a processor: it runs beside those."""
WORK = Kind(at_once=3, niceness=10)
"""Tests that only think take what the calls leave, and a little more while lines are starting. All of `make test` at once: a
lane thinks on one processor, so the last one alone would leave the other idle."""
LONG_WORK_AT_ONCE = 2
"""Beside the long lanes, as with calls."""
_FEWER = {CALLS: LONG_CALLS_AT_ONCE, WORK: LONG_WORK_AT_ONCE}
ALONE = Kind(at_once=1, niceness=0, alone=True)
"""What takes both processors by itself, or measures how long people wait."""


@dataclass(frozen=True)
class Lane:
    """One pytest run. `shift` moves the slots of its lines, so that two lanes of the same folder run side by side."""

    name: str
    kind: Kind
    options: Sequence[str]
    shift: int = 0


def _long(name: str, kind: Kind, *options: str, shift: int = 0) -> Lane:
    return Lane(name, kind, ("-m", "slow", *options), shift)


_ROOMS = [
    f"tests/integration/api/{room}"
    for room in (
        "advice",
        "agents",
        "callbacks",
        "duty",
        "floor",
        "leading",
        "priority",
        "reports",
        "roster",
        "staffing",
    )
]
_OWN_LANES = {
    "calls on the whole line": (CALLS, ["tests/scenarios/on_the_line"]),
    "a busy line": (CALLS, ["tests/load"]),
    "processes that die": (CALLS, ["tests/faults/rounds"]),
    "agents at their seats": (CALLS, ["tests/scenarios/agents"]),
    "small disks": (CALLS, ["tests/faults", "--ignore=tests/faults/rounds"]),
    "call backs": (CALLS, ["tests/scenarios/callbacks"]),
    "the exchange alone": (LIGHT, ["tests/asterisk"]),
    "database and web": (WORK, ["tests/integration", *(f"--ignore={room}" for room in _ROOMS)]),
    "rooms of the web": (WORK, _ROOMS),
    "pages and commands": (WORK, ["tests/browser", "tests/scenarios/test_two_commands.py"]),
}
_REST = ["tests", *(f"--ignore={path}" for _, paths in _OWN_LANES.values() for path in paths if path[0] != "-")]
DEFAULT = [
    *(Lane(name, kind, ("-m", "not slow", *paths)) for name, (kind, paths) in _OWN_LANES.items()),
    Lane("everything else", WORK, ("-m", "not slow", *_REST)),
]
"""What `make test` runs, the longest first."""
LONG = [
    _long("many examples", WORK, "tests/unit", "tests/integration", "--ignore=tests/unit/agi_scripts"),
    _long("many examples for doors", WORK, "tests/unit/agi_scripts"),
    _long("an hour of load", CALLS, "tests/load/test_steady.py", "tests/load/test_screens.py", shift=2),
    _long("every fault at every step", CALLS, "tests/faults/rounds", shift=4),
    _long("a day replayed", CALLS, "tests/scenarios/day"),
    _long("small disks and flaps", CALLS, "tests/faults/storage", "tests/asterisk", shift=6),
    _long("agents for longer", CALLS, "tests/scenarios/agents", shift=2),
    _long("two hundred callers", CALLS, "tests/scenarios/callbacks", shift=-5),
]
"""What takes longest begins first. Twelve slots have ports; no two of these lanes and those above may have the same one."""
LAST = [
    _long("a newcomer", WORK, "tests/scenarios/test_two_commands.py"),
    _long("the end of the day", ALONE, "tests/scenarios/closing"),
    _long("bursts", ALONE, "tests/load/test_burst.py"),
    _long("five million calls", ALONE, "tests/load/test_history.py"),
]
TELL_EVERY_SECONDS = 60.0
END_SECONDS = 90.0
"""A lane that was interrupted may need so long to stop its line."""


def _progress(report: Path) -> str:
    """How far a lane is, from pytest's own percentages."""
    found = re.findall(r"\[ *(\d+)%\]", report.read_text("utf-8", "replace"))
    return f"{found[-1]} %" if found else "starting"


def main(options: list[str]) -> int:
    """Run all lanes with the same further pytest options; returns 0 only when each is green."""
    everything = "--all" in options
    waiting = [*LONG, *DEFAULT, *LAST] if everything else [*DEFAULT]
    further = [option for option in options if option != "--all"]
    running, reports = dict[Lane, subprocess.Popen[bytes]](), dict[str, Path]()
    worst, began = 0, time.monotonic()
    told = began
    with tempfile.TemporaryDirectory(prefix="line1420-suite-") as folder:
        try:
            while waiting or running:
                for lane in list(waiting):
                    if any(other.kind.alone for other in running) or (lane.kind.alone and running):
                        continue
                    most = _FEWER.get(lane.kind, lane.kind.at_once) if everything else lane.kind.at_once
                    if sum(other.kind == lane.kind for other in running) < most:
                        waiting.remove(lane)
                        reports[lane.name] = Path(folder) / f"{len(reports)}.txt"
                        running[lane] = _start(lane, further, reports[lane.name])
                time.sleep(0.5)
                for lane, process in list(running.items()):
                    seconds = _processor_seconds(process.pid)
                    if process.poll() is None:
                        continue
                    code = abs(running.pop(lane).returncode)
                    worst = max(worst, code)
                    after = f"after {time.monotonic() - began:.0f} s, {seconds:.0f} s of processor"
                    print(f"\n===== {lane.name}: {f'exit {code}' if code else 'green'} {after} =====")
                    print(reports[lane.name].read_text("utf-8", "replace"), end="", flush=True)
                if time.monotonic() - told > TELL_EVERY_SECONDS:
                    told = time.monotonic()
                    print(" · ".join(f"{lane.name}: {_progress(reports[lane.name])}" for lane in running), flush=True)
        finally:
            _end(list(running.values()))
    return worst


def _processor_seconds(pid: int) -> float:
    """What a lane has used with all it started and waited for; 0 when it is gone."""
    with contextlib.suppress(OSError, ValueError):
        fields = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
        return sum(int(field) for field in fields[11:15]) / os.sysconf("SC_CLK_TCK")
    return 0.0


def _end(lanes: Sequence[subprocess.Popen[bytes]]) -> None:
    """As Ctrl-C would, so that each stops the line it started; one that does not is ended with all it has."""
    for process in lanes:
        process.send_signal(signal.SIGINT)
    end = time.monotonic() + END_SECONDS
    for process in lanes:
        try:
            process.wait(max(0.1, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            print(f"lane {process.pid} did not end; killed", flush=True)
            os.killpg(process.pid, signal.SIGKILL)


def _stopped(number: int, _frame: object) -> None:
    raise KeyboardInterrupt(signal.Signals(number).name)


def _start(lane: Lane, further: Sequence[str], report: Path) -> subprocess.Popen[bytes]:
    """One lane, a session of its own. Linux shares the processors out among sessions first and only then among the
    processes of each, so a niceness counts only where the session is as nice (`man 7 sched`, autogroup)."""
    niceness = str(lane.kind.niceness)
    command = ["nice", "-n", niceness, sys.executable, "-m", "pytest", "-q", "--durations=8", *lane.options, *further]
    command += ["-o", f"cache_dir=.pytest_cache/{report.stem}"]  # a cache each: two runs must not write one file
    environment = os.environ | {SLOT_SHIFT: str(lane.shift)}
    with report.open("wb") as out:
        process = subprocess.Popen(
            command, stdout=out, stderr=subprocess.STDOUT, env=environment, start_new_session=True
        )
    with contextlib.suppress(OSError):  # a kernel without such groups knows only the niceness of each process
        Path(f"/proc/{process.pid}/autogroup").write_text(niceness, encoding="ascii")
    return process


if __name__ == "__main__":
    for ending in (signal.SIGTERM, signal.SIGHUP):  # the lanes are sessions of their own: nobody else ends them
        signal.signal(ending, _stopped)
    raise SystemExit(main(sys.argv[1:]))
