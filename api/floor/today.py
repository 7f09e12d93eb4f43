"""Today's figures, counted from the same rows that reports and the call list read.

The day begins at midnight in Tehran. *Calls* are counted by arrival, *visits* (stays in queues) by entry; the two are
different measures and never share a number.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.db.tables import CallRecordRow, VisitRow
from ivr.kernel.clock import TEHRAN
from ivr.kernel.measures import Ratio

VARIANT = "SL4"
"""Answered in time over answered + abandoned late + other exits: who gave up within the threshold is left out."""
THRESHOLD_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Today:
    """Counts since midnight. Of calls: `received`, `open_now`, `in_survey`, `by_disposition`; the rest are of visits."""

    since: datetime
    received: int
    open_now: int
    in_survey: int
    by_disposition: dict[str, int]
    entered: int
    answered: int
    abandoned: int
    other_exits: int
    waiting_now: int
    service_level: Ratio
    mean_wait_seconds: float | None
    """Speed of answer: waits of answered visits over their number."""
    mean_talk_seconds: float | None


def midnight(now: datetime) -> datetime:
    """When the day of `now` began in Tehran."""
    return now.astimezone(TEHRAN).replace(hour=0, minute=0, second=0, microsecond=0)


async def count_today(session: AsyncSession, now: datetime) -> Today:
    """Two index scans; about a millisecond for a day of some thousand calls."""
    since = midnight(now)
    call, visit = CallRecordRow, VisitRow
    by_disposition: dict[str, int] = {}
    open_now = in_survey = 0
    calls = (
        select(call.disposition, func.count(), func.count().filter(call.survey_offered))
        .where(call.arrived_at >= since)
        .group_by(call.disposition)
    )
    for disposition, number, surveyed in await session.execute(calls):
        if disposition is None:
            open_now, in_survey = number, surveyed
        else:
            by_disposition[disposition] = number
    visits = (
        select(
            visit.outcome,
            func.count(),
            func.count().filter(visit.waited_seconds <= THRESHOLD_SECONDS),
            func.avg(visit.waited_seconds),
            func.avg(visit.talked_seconds),
        )
        .where(visit.entered_at >= since, visit.outcome.is_distinct_from("refused_full"))
        .group_by(visit.outcome)
    )
    counted = {row[0]: row[1:] for row in await session.execute(visits)}
    answered, answered_in_time, mean_wait, mean_talk = counted.get("answered", (0, 0, None, None))
    abandoned, abandoned_early = counted.get("abandoned", (0, 0, None, None))[:2]
    waiting = counted.get(None, (0,))[0]
    entered = sum(row[0] for row in counted.values())
    others = entered - answered - abandoned - waiting
    return Today(
        since=since,
        received=open_now + sum(by_disposition.values()),
        open_now=open_now,
        in_survey=in_survey,
        by_disposition=by_disposition,
        entered=entered,
        answered=answered,
        abandoned=abandoned,
        other_exits=others,
        waiting_now=waiting,
        service_level=Ratio(answered_in_time, answered + abandoned - abandoned_early + others),
        mean_wait_seconds=mean_wait,
        mean_talk_seconds=mean_talk,
    )
