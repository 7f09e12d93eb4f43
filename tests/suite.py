"""The default suite in lanes side by side: `python -m tests.suite`, what `make test` runs.

Most of the suite waits for real calls, and one after the other the lanes take half an hour on two
cores. Each lane that needs a whole line has one of its own, on its own ports. Each is an ordinary pytest run; its report
is printed whole when it ends, and the exit code is that of the worst.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Kind:
    """How lanes share the machine: how many of a kind run at once, and how nice they are to the others."""

    at_once: int
    niceness: int


CALLS = Kind(at_once=2, niceness=0)
"""Robots on a telephone cannot wait for a processor: with a third such lane two cores are so short that they miss their moments."""
WORK = Kind(at_once=1, niceness=15)
"""Tests that only think take what the calls leave."""

LANES: dict[str, tuple[Kind, list[str]]] = {
    "a busy line": (CALLS, ["tests/load"]),
    "calls on the whole line": (CALLS, ["tests/scenarios/on_the_line"]),
    "broken on purpose": (CALLS, ["tests/faults"]),
    "the exchange alone": (CALLS, ["tests/asterisk"]),
    "pages and commands": (WORK, ["tests/browser", "tests/scenarios/test_two_commands.py"]),
}
REST = ["tests", *(f"--ignore={path}" for _, paths in LANES.values() for path in paths)]
TELL_EVERY_SECONDS = 60.0


def _progress(report: Path) -> str:
    """How far a lane is, from pytest's own percentages."""
    found = re.findall(r"\[ *(\d+)%\]", report.read_text("utf-8", "replace"))
    return f"{found[-1]} %" if found else "starting"


def main(options: list[str]) -> int:
    """Run all lanes with the same pytest options; returns 0 only when each is green."""
    lanes = {**LANES, "everything else": (WORK, REST)}
    waiting, running, reports = list(lanes), dict[str, subprocess.Popen[bytes]](), dict[str, Path]()
    worst, told = 0, time.monotonic()
    with tempfile.TemporaryDirectory(prefix="line1420-suite-") as folder:
        try:
            while waiting or running:
                for name in list(waiting):
                    kind, paths = lanes[name]
                    if sum(lanes[other][0] == kind for other in running) < kind.at_once:
                        waiting.remove(name)
                        reports[name] = Path(folder) / f"{len(reports)}.txt"
                        running[name] = _start(kind.niceness, [*options, *paths], reports[name])
                time.sleep(0.5)
                for name in [name for name, lane in running.items() if lane.poll() is not None]:
                    code = abs(running.pop(name).returncode)
                    worst = max(worst, code)
                    print(f"\n===== {name}: {f'exit {code}' if code else 'green'} =====")
                    print(reports[name].read_text("utf-8", "replace"), end="", flush=True)
                if time.monotonic() - told > TELL_EVERY_SECONDS:
                    told = time.monotonic()
                    print(" · ".join(f"{name}: {_progress(reports[name])}" for name in running), flush=True)
        finally:
            for lane in running.values():
                lane.terminate()
                lane.wait()
    return worst


def _start(niceness: int, arguments: list[str], report: Path) -> subprocess.Popen[bytes]:
    command = ["nice", "-n", str(niceness), sys.executable, "-m", "pytest", "-q", "--durations=8", *arguments]
    command += ["-o", f"cache_dir=.pytest_cache/{report.stem}"]  # a cache each: two runs must not write one file
    with report.open("wb") as out:
        return subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
