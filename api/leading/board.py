"""The stored board of this node, as deeds need it: with the legs of callers, which pages are not told."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from api.db.tables import BoardState
from api.leading.floor_now import FloorNow
from api.priority.waiting import with_standing


async def floor_now(session: AsyncSession, node: str, step_seconds: int) -> FloorNow:
    """An empty floor before the first word of the listener."""
    row = await session.get(BoardState, node, populate_existing=True)
    return FloorNow(await with_standing(session, row.board, step_seconds) if row else {})
