"""A line of its own for load: thirty seats, queues that hold what a burst brings."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.line import Line, start_line, stop_line
from tests.load.traffic import make_speech

SLOT = 2
SEATS = 30
MAX_WAITING = 100
QUEUES = {
    name: {"max_waiting": MAX_WAITING, "wait_limit_seconds": 300}
    for name in ("general", "insurance", "pensions", "treatment")
}


@pytest.fixture(scope="session")
def busy_line() -> Iterator[Line]:
    running = start_line(slot=SLOT, LINE1420_SEATS=str(SEATS), LINE1420_QUEUES=json.dumps(QUEUES))
    try:
        yield running
    finally:
        stop_line(running)


@pytest.fixture(scope="session")
def speech(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_speech(tmp_path_factory.mktemp("speech"))
