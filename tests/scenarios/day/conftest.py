"""A line for one replayed day: agents sign in, and its limits are the day's, divided by the run's speed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.line import Line, start_line, stop_line
from tests.load.traffic import make_speech
from tests.scenarios.day.plan import read_profile

SLOT = 7


@pytest.fixture
def day_line() -> Iterator[Line]:
    """Its own for each run: a day's figures must be this run's alone."""
    profile = read_profile()
    limits = {
        "wait_limit_seconds": round(profile.limits["wait"] / profile.speed),
        "wrapup_limit_seconds": round(profile.limits["wrap_up"] / profile.speed),
        "tell_wait": False,  # a sentence lasts as long at any speed
    }
    queues = {name: limits for name, _ in profile.queues.values()}
    queued = json.dumps(queues)
    running = start_line(slot=SLOT, LINE1420_SIGN_IN="desk", LINE1420_QUEUES=queued, LINE1420_LEDGER_REST="PT2S")
    try:
        yield running
    finally:
        stop_line(running)


@pytest.fixture
def speech(tmp_path: Path) -> Path:
    return make_speech(tmp_path)
