"""`make check-line` as an operator meets it: what cannot be looked at is no breach, and no success either."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ivr.kernel.clock import SystemClock
from tests.faults.checker.__main__ import verdict
from tests.faults.checker.report import Breach, Report
from tests.integration.conftest import free_port


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--grace", "0"], "the database does not answer"),
        (["--since", "yesterday"], "not possible"),
        (["--since", "1405-09-02", "--until", "1405-09-01"], "--until is not after --since"),
    ],
    ids=["no database", "no day", "an empty span"],
)
def test_what_is_not_possible_is_told_with_an_exit_code_of_its_own(
    arguments: list[str], says: str, tmp_path: Path
) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LINE1420_")}
    url = f"postgresql+asyncpg://line1420@127.0.0.1:{free_port()}/line1420"
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.checker", *arguments],
        env=environment | {"LINE1420_VAR": str(tmp_path), "LINE1420_DATABASE_URL": url},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2, done.stdout + done.stderr
    assert says in done.stderr
    assert "BREACHES" not in done.stdout


@pytest.mark.parametrize(
    ("breaches", "checked", "skipped", "code"),
    [
        ((), {"calls": 3}, {}, 0),
        ((), {"calls": 3}, {"I11": "no samples"}, 0),
        ((), {"calls": 3}, {"I7": "Asterisk did not answer"}, 2),
        ((), {"calls": 3}, {"I11, channels left over": "Asterisk did not answer"}, 2),
        ((), {"calls": 0}, {}, 2),
        ((Breach("I1", "a call", "it is gone"),), {"calls": 3}, {"I7": "Asterisk did not answer"}, 1),
    ],
    ids=[
        "all well",
        "one look at a line shows no growth",
        "the board was not proved",
        "nor the channels",
        "no call",
        "a breach",
    ],
)
def test_only_what_was_proved_whole_is_a_success(
    breaches: tuple[Breach, ...], checked: dict[str, int], skipped: dict[str, str], code: int
) -> None:
    now = SystemClock().now()
    told, sentence = verdict(Report(now, now, breaches, checked, skipped))
    assert told == code
    assert bool(sentence) == (code == 2)


def test_a_span_that_is_over_needs_no_asterisk() -> None:
    now = SystemClock().now()
    report = Report(now, now, (), {"calls": 3}, {"I7": "Asterisk did not answer"})
    assert verdict(report, past=True) == (0, "")
