"""The groups that a line starts with, as yet without members. A line that has, or ever had, one of its own keeps what it has."""

from __future__ import annotations

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.db.priority_tables import CallerGroup

DEFAULT_GROUPS = (
    ("chronic", "بیماران خاص و صعب‌العلاج", "Chronic illness", 5),
    ("elderly", "سالمندان", "Elderly", 3),
)
"""Code, names, priority: those whom the organisation itself names for a response by identified need."""


async def seed_groups(session: AsyncSession) -> None:
    """Doing it twice changes nothing."""
    if await session.scalar(select(CallerGroup.code).limit(1)) is None:
        values = [
            {"code": code, "name_fa": fa, "name_en": en, "priority": priority}
            for code, fa, en, priority in DEFAULT_GROUPS
        ]
        await session.execute(insert(CallerGroup), values)
