"""Agents at their seats for the pages' tests, and what the board says of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from playwright.async_api import Page

from api.db.duty_tables import DutyRow
from api.db.engine import Sessions
from api.duty.service import pause, sign_in
from ivr.kernel.clock import SystemClock
from routing.duty import PauseCause
from routing.seats import seat_names
from tests.browser.day import board_json, publish


async def sits(sessions: Sessions, number: int, *causes: PauseCause, minutes: float = 5) -> int:
    """Operator `number` has been at their seat for three hours, and paused for so many minutes; the duty's id."""
    now = SystemClock().now()
    agent, seat = f"operator{number:02d}", f"seat{number:02d}"
    async with sessions.begin() as session:
        duty = await sign_in(session, agent, seat, seats=seat_names(), at=now - timedelta(hours=3), by="test")
        row = await session.get(DutyRow, duty.id)
        assert row is not None
        for cause in causes:
            await pause(session, row, cause, at=now - timedelta(minutes=minutes), by="test")
            row.missed = 2 if cause is PauseCause.MISSED_CALLS else 0
        return duty.id


async def the_board_says(sessions: Sessions, number: int, waiting: Any = None, **changed: Any) -> None:
    """The seeded board with this seat changed."""
    now = SystemClock().now()
    board = board_json(now, waiting)
    board["seats"][number - 1] |= {"since": now.isoformat()} | changed
    async with sessions.begin() as session:
        await publish(session, board, now)


def state_of(page: Page) -> Any:
    return page.get_by_test_id("my-state")
