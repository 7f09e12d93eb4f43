"""A day that stands still."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from fastapi import FastAPI

from ivr.kernel.clock import SystemClock
from tests.fakes.recordings import StillClock


@pytest.fixture
def today_stands(app: FastAPI) -> datetime:
    """An instant of a day that does not end while the test runs, as it would in the last minute before midnight: the board's own
    clock stands a second after it."""
    at = SystemClock().now()
    app.state.board_feed._clock = StillClock(at + timedelta(seconds=1))
    return at
