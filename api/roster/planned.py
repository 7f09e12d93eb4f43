"""Planned operators for whoever plans with them; the staffing asks through a port of its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from api.roster.repository import RosterRows
from routing.roster.coverage import planned_through


class PlannedFromRoster:
    """People in the plan, counted from the roster's turns of work, within one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._rows = RosterRows(session)

    async def through(self, spans: Sequence[tuple[datetime, datetime]], queue: str | None) -> list[int] | None:
        """How many are planned through the whole of each span; None where no work is planned at all."""
        if not spans:
            return None
        begins, ends = min(first for first, _ in spans), max(last for _, last in spans)
        turns = await self._rows.working_between(begins, ends, queue)
        return [planned_through(turns, *span) for span in spans] if turns else None
