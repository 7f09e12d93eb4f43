"""The default suite in two halves side by side: `python -m tests.suite`, what `make test` runs.

Most of the suite waits for real calls, and one after the other the halves take longer than twelve minutes on two cores.
Calls on the whole line stay in one half, because they share one line; everything else is the other half. Each half is
an ordinary pytest run; both reports are printed whole, one after the other, and the exit code is that of the worse.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LINE = "tests/scenarios/on_the_line"
HALVES = {"calls on the whole line": [LINE], "everything else": ["tests", f"--ignore={LINE}"]}
TELL_EVERY_SECONDS = 60.0


def _progress(report: Path) -> str:
    """How far a half is, from pytest's own percentages."""
    found = re.findall(r"\[ *(\d+)%\]", report.read_text("utf-8", "replace"))
    return f"{found[-1]} %" if found else "starting"


def main(options: list[str]) -> int:
    """Run both halves with the same pytest options; returns 0 only when both are green."""
    with tempfile.TemporaryDirectory(prefix="line1420-suite-") as folder:
        running: dict[str, tuple[subprocess.Popen[bytes], Path]] = {}
        for name, paths in HALVES.items():
            report = Path(folder) / f"{len(running)}.txt"
            with report.open("wb") as out:
                command = [sys.executable, "-m", "pytest", "-q", "--durations=8", *options, *paths]
                # A cache each: two runs must not write one file.
                command += ["-o", f"cache_dir=.pytest_cache/{len(running)}"]
                running[name] = (subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT), report)
        told = time.monotonic()
        try:
            while any(half.poll() is None for half, _ in running.values()):
                time.sleep(0.5)
                if time.monotonic() - told > TELL_EVERY_SECONDS:
                    told = time.monotonic()
                    print(
                        " · ".join(f"{name}: {_progress(report)}" for name, (_, report) in running.items()), flush=True
                    )
        finally:
            for half, _ in running.values():
                if half.poll() is None:
                    half.terminate()
                half.wait()
        for name, (half, report) in running.items():
            print(f"\n===== {name}: {'green' if half.returncode == 0 else f'exit {half.returncode}'} =====")
            print(report.read_text("utf-8", "replace"), end="", flush=True)
        return max(abs(half.returncode) for half, _ in running.values())


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
