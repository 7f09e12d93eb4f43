"""How alarms stand, for whoever shows it: the floor asks through a port of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from api.alarms.repository import looked_at, open_rows


@dataclass(frozen=True, slots=True)
class Standing:
    """Of all that stand."""

    mark: str
    """Which they are and whose."""
    standing: int
    unacknowledged: int
    looked_at: datetime | None


class AlarmsFromRows:
    """Read from the rows; the index on what stands makes it cheap."""

    async def now(self, session: AsyncSession) -> Standing:
        rows = await open_rows(session)
        return Standing(
            mark="-".join(f"{row.id}{'.' if row.owner else ''}" for row in rows),
            standing=len(rows),
            unacknowledged=sum(row.owner is None for row in rows),
            looked_at=await looked_at(session),
        )
