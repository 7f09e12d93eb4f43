"""One line for all rounds, and the counts at the end of the run."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.kernel.failpoints import SETTING
from tests.faults.rounds.places import folder_of
from tests.faults.rounds.tally import SEED, Tally
from tests.line import Line, start_line, stop_line

SLOT = 1
QUEUES = {
    name: {"wait_limit_seconds": 120, "ring_seconds": 90, "wrapup_seconds": 30, "tell_wait": False}
    for name in ("general", "insurance", "pensions", "treatment")
}

_TALLIES: list[Tally] = []


@pytest.fixture(scope="session")
def hurt_line(request: pytest.FixtureRequest) -> Iterator[Line]:
    """A line of its own: what is done to it must disturb nobody else's test. The parameter is `LINE1420_SIGN_IN`; a line with
    another one is started anew, after this one has ended."""
    var = Path(tempfile.mkdtemp(prefix="line1420-faults-"))
    sign_in = getattr(request, "param", "telephone")
    settings = {"LINE1420_QUEUES": json.dumps(QUEUES), "LINE1420_SIGN_IN": sign_in, SETTING: str(folder_of(var))}
    running = start_line(slot=SLOT, var=var, **settings)
    try:
        yield running
    finally:
        stop_line(running)


@pytest.fixture(scope="module")
def tally(request: pytest.FixtureRequest) -> Tally:
    """The count of this module's run; its long cases leave a count of their own beside that of the short ones."""
    kind = request.module.__name__.rpartition("test_")[2]
    if request.config.option.markexpr == "slow" and not kind.startswith("all_"):
        kind = f"all_{kind}"
    counted = Tally(SEED, kind)
    _TALLIES.append(counted)
    return counted


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for counted in _TALLIES:
        terminalreporter.write_line(f"fault {counted.kind}: {counted.line()}")
