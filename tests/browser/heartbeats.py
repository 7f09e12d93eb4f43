"""A listener of whom nothing is asked but that it lives."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from sqlalchemy import func, update

from api.db.engine import Sessions
from api.db.notify import notify
from api.db.tables import BoardState
from ivr.kernel.clock import SystemClock


async def heartbeats(sessions: Sessions) -> None:
    """What the listener does when nothing moves, until cancelled: a board that was fresh stays so, however busy the machine is."""
    while True:
        await asyncio.sleep(1.5)
        now = SystemClock().now()
        async with sessions.begin() as session:
            fresh = BoardState.as_of > now - timedelta(seconds=9)
            await session.execute(
                update(BoardState)
                .where(fresh)
                .values(as_of=func.greatest(BoardState.as_of, now), version=BoardState.version + 1)
            )
            await notify(session, "board", "line1420")
