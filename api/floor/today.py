"""Today's figures for the board: the day that `api.reports` counts for everybody, as far as it has come.

The day begins at midnight in Tehran. *Calls* are counted by arrival, *visits* (stays in queues) by entry; the two are
different measures and never share a number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from api.reports.counts import AgentTime, CallCounts, VisitCounts
from api.reports.periods import today
from api.reports.repository import count_calls, count_visits
from api.reports.working import agents_time


@dataclass(frozen=True, slots=True)
class Today:
    """What was counted since midnight."""

    since: datetime
    calls: CallCounts
    visits: VisitCounts
    by_queue: Mapping[str, VisitCounts] = field(default_factory=dict)
    by_half_hour: Mapping[int, VisitCounts] = field(default_factory=dict)
    agents: Mapping[str, AgentTime] = field(default_factory=dict)


async def count_today(session: AsyncSession, now: datetime) -> Today:
    """Some index scans; some milliseconds for a day of some thousand calls."""
    day = today(now)
    calls = await count_calls(session, day)
    tally = await count_visits(session, day)
    agents = await agents_time(session, day, now)
    return Today(day.since, calls, tally.whole, tally.by_queue, tally.by_half_hour, agents)
