"""Today's figures for the board: the day that `api.reports` counts for everybody, as far as it has come.

The day begins at midnight in Tehran. *Calls* are counted by arrival, *visits* (stays in queues) by entry; the two are
different measures and never share a number.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from api.reports.counts import CallCounts, VisitCounts
from api.reports.periods import today
from api.reports.repository import count_calls, count_visits


@dataclass(frozen=True, slots=True)
class Today:
    """What was counted since midnight."""

    since: datetime
    calls: CallCounts
    visits: VisitCounts


async def count_today(session: AsyncSession, now: datetime) -> Today:
    """Two index scans; some milliseconds for a day of some thousand calls."""
    day = today(now)
    calls = await count_calls(session, day)
    return Today(day.since, calls, (await count_visits(session, day)).whole)
