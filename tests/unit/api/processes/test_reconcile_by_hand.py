"""`make reconcile` for a day that is not over: its calls would be called lost, and the alarm would stand all night."""

from __future__ import annotations

import subprocess
import sys


def test_a_day_that_is_not_over_is_not_compared() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "api.processes.reconcile", "--day", "1500-01-01"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1
    assert "can be compared from 02:30 of the next day on; until then: make check-line" in done.stderr
    assert "Traceback" not in done.stderr
