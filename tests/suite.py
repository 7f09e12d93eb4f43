"""The default suite in lanes side by side: `python -m tests.suite`, what `make test` runs.

Most of the suite waits for real calls, and one after the other the lanes take far longer than twelve minutes on two
cores. Each lane that needs a whole line has one of its own, on its own ports. Each is an ordinary pytest run; the
reports are printed whole, one after the other, and the exit code is that of the worst.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CALLS = 0
WORK = 15
"""How nice a lane is to the others: robots on a telephone cannot wait for a processor, tests that only think can."""

LANES: dict[str, tuple[int, list[str]]] = {
    "calls on the whole line": (CALLS, ["tests/scenarios/on_the_line"]),
    "broken on purpose": (CALLS, ["tests/faults"]),
    "a busy line": (CALLS, ["tests/load"]),
    "the exchange alone": (CALLS, ["tests/asterisk"]),
    "pages and commands": (10, ["tests/browser", "tests/scenarios/test_two_commands.py"]),
}
REST = ["tests", *(f"--ignore={path}" for _, paths in LANES.values() for path in paths)]
TELL_EVERY_SECONDS = 60.0


def _progress(report: Path) -> str:
    """How far a lane is, from pytest's own percentages."""
    found = re.findall(r"\[ *(\d+)%\]", report.read_text("utf-8", "replace"))
    return f"{found[-1]} %" if found else "starting"


def main(options: list[str]) -> int:
    """Run all lanes with the same pytest options; returns 0 only when each is green."""
    with tempfile.TemporaryDirectory(prefix="line1420-suite-") as folder:
        running: dict[str, tuple[subprocess.Popen[bytes], Path]] = {}
        for name, (niceness, paths) in {**LANES, "everything else": (WORK, REST)}.items():
            report = Path(folder) / f"{len(running)}.txt"
            with report.open("wb") as out:
                command = [
                    "nice",
                    "-n",
                    str(niceness),
                    sys.executable,
                    "-m",
                    "pytest",
                    "-q",
                    "--durations=8",
                    *options,
                    *paths,
                ]
                # A cache each: two runs must not write one file.
                command += ["-o", f"cache_dir=.pytest_cache/{len(running)}"]
                running[name] = (subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT), report)
        told = time.monotonic()
        try:
            while any(lane.poll() is None for lane, _ in running.values()):
                time.sleep(0.5)
                if time.monotonic() - told > TELL_EVERY_SECONDS:
                    told = time.monotonic()
                    print(
                        " · ".join(f"{name}: {_progress(report)}" for name, (_, report) in running.items()), flush=True
                    )
        finally:
            for lane, _ in running.values():
                if lane.poll() is None:
                    lane.terminate()
                lane.wait()
        for name, (lane, report) in running.items():
            print(f"\n===== {name}: {'green' if lane.returncode == 0 else f'exit {lane.returncode}'} =====")
            print(report.read_text("utf-8", "replace"), end="", flush=True)
        return max(abs(lane.returncode) for lane, _ in running.values())


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
