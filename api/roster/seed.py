"""The shifts that a line starts with. A line that has, or ever had, a shift of its own keeps what it has."""

from __future__ import annotations

from datetime import time

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.db.roster_tables import ShiftRow
from api.roster.rows import shift_values
from routing.roster.shifts import Break, Hours, Shift

DEFAULT_SHIFTS = (
    Shift("ص", "M", "صبح", "Morning", Hours(time(8), time(14)), (Break(time(10), 15), Break(time(12), 30))),
    Shift("ع", "A", "عصر", "Afternoon", Hours(time(14), time(20)), (Break(time(16), 15), Break(time(18), 30))),
)
"""The two shifts of the line's opening hours, Saturday to Thursday, each with a short and a long break."""


async def seed_shifts(session: AsyncSession) -> None:
    """Doing it twice changes nothing."""
    if await session.scalar(select(ShiftRow.id).limit(1)) is None:
        await session.execute(insert(ShiftRow), [shift_values(shift) for shift in DEFAULT_SHIFTS])
