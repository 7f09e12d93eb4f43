"""What all tests share: one whole line for the session, started only when a test asks for it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.line import Line, start_line, stop_line

# How long an example takes says nothing where other lanes have the processors; what must be quick is measured elsewhere.
settings.register_profile("line", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("line")

QUEUES = {
    # Scenarios count seconds between keys: only callers for treatment hear how long they will wait.
    "general": {"wait_limit_seconds": 60, "tell_wait": False},
    "insurance": {"wait_limit_seconds": 60, "tell_wait": False},
    # Short limits, so that a caller can wait past them within a test.
    "pensions": {"wait_limit_seconds": 8, "tell_wait": False},
    "treatment": {"wait_limit_seconds": 60, "max_waiting": 1, "handle_seconds": 50},
}


@pytest.fixture(scope="session")
def line() -> Iterator[Line]:
    """The whole line: Asterisk, PostgreSQL, doors, readers, worker and web, as `make run` starts them."""
    running = start_line(LINE1420_QUEUES=json.dumps(QUEUES))
    try:
        yield running
    finally:
        stop_line(running)
