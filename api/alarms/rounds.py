"""One look at the floor: what begins, what ends, what has grown worse, in one transaction, and word of it to the pages.

Exactly one process looks at a time, however many run: a look holds a lock of the database. What stands is in rows and survives
every restart; how long a value that raises nothing yet has been bad is in memory, so a restart delays an alarm by at most its
own `after`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from api.alarms.ports import Opening, PlannedOperators
from api.alarms.readings import Mark, Readings, Seen, read_floor
from api.alarms.repository import CHANNEL, open_rows
from api.alarms.rules import rules_in_force
from api.db.alarm_tables import AlarmRow, AlarmWatchRow
from api.db.notify import notify
from api.db.tables import BoardState
from api.reports.counts import VisitTally
from api.reports.periods import HALF_HOUR, today
from api.reports.repository import count_visits
from routing.alarms import AlarmKind, Rule, Standing, judge

log = structlog.get_logger(__name__)

_LOCK = 14_200_011
"""Of the one who looks; held to the end of the transaction."""
COUNT_EVERY = timedelta(seconds=10)
"""Between two counts of the day's visits: a service level moves slowly."""
PLAN_EVERY = timedelta(seconds=60)
_TENTH = 1.1
"""A value is written down again when it is worse by so much: a wait that grows by the second is no news each second."""


@dataclass(slots=True)
class _Known:
    """What is not asked for anew at each look."""

    tally: VisitTally | None = None
    counted_at: datetime | None = None
    planned: int | None = None
    plan_read_at: datetime | None = None


class Rounds:
    """`look(session, now)` is one round; the caller's transaction holds it."""

    def __init__(
        self,
        node: str,
        opening: Opening,
        planned: Callable[[AsyncSession], PlannedOperators],
        stale_after: timedelta,
        began: datetime,
    ) -> None:
        self._node = node
        self._opening = opening
        self._planned = planned
        self._stale_after = stale_after
        self._began = began
        self._known = _Known()
        self._standing: dict[Mark, Standing] = {}

    async def look(self, session: AsyncSession, now: datetime) -> bool:
        """Whether it was ours to look. Nothing that was seen counts when the transaction fails: call `forget` then."""
        if not await session.scalar(select(func.pg_try_advisory_xact_lock(_LOCK))):
            return False
        rules = await rules_in_force(session)
        seen = await self._seen(session, now)
        standing = {_mark(row): row for row in await open_rows(session)}
        stale_seconds = self._stale_after.total_seconds()
        readings = read_floor(seen, now, stale_seconds=stale_seconds, is_open=self._opening.is_open, standing=standing)
        changed = False
        for mark in sorted({*readings, *standing}):
            rule = rules.get((mark[0], mark[1]))
            changed |= self._judge(session, mark, rule, readings, standing.get(mark), now)
        looked = {"node": self._node, "looked_at": now}
        await session.execute(
            insert(AlarmWatchRow).values(looked).on_conflict_do_update(index_elements=["node"], set_=looked)
        )
        if changed:
            await session.flush()
            await notify(session, CHANNEL, self._node)
        return True

    def forget(self) -> None:
        """What was judged was not written down: judge it anew from the rows."""
        self._standing.clear()

    def _judge(
        self,
        session: AsyncSession,
        mark: Mark,
        rule: Rule | None,
        readings: Readings,
        row: AlarmRow | None,
        now: datetime,
    ) -> bool:
        """Whether the page has something new to show."""
        raised = row is not None
        before = self._standing.get(mark, Standing(raised))
        if before.raised is not raised:  # another process looked meanwhile
            before = Standing(raised)
        if rule is None or not rule.on:  # a queue that is no more, or a limit that nobody wants
            after = Standing()
        elif mark in readings:
            after = judge(rule, before, readings[mark], now)
        else:
            after = Standing(raised)  # not known: it stands as it stood, and any wait begins anew
        self._standing[mark] = after
        value = readings.get(mark)
        if row is None:
            if not after.raised or rule is None or value is None:
                return False
            kind, queue, subject = mark
            session.add(
                AlarmRow(
                    kind=kind.value, queue=queue, subject=subject, threshold=rule.threshold, value=value, worst=value,
                    began_at=now,
                )
            )  # fmt: skip
            log.info("alarms.began", kind=kind.value, queue=queue, subject=subject, value=round(value, 3))
            return True
        if rule is not None and value is not None and _worse_by_a_tenth(rule, value, row.worst):
            row.worst = value
        if after.raised:
            return False
        row.ended_at = max(now, row.began_at)
        log.info("alarms.ended", kind=row.kind, queue=row.queue, subject=row.subject)
        return True

    async def _seen(self, session: AsyncSession, now: datetime) -> Seen:
        known = self._known
        row = await session.get(BoardState, self._node, populate_existing=True)
        if known.tally is None or known.counted_at is None or not timedelta() <= now - known.counted_at < COUNT_EVERY:
            known.tally, known.counted_at = await count_visits(session, today(now)), now
        if known.plan_read_at is None or not timedelta() <= now - known.plan_read_at < PLAN_EVERY:
            begins = now - (now - today(now).since) % HALF_HOUR
            counts = await self._planned(session).through([(begins, begins + HALF_HOUR)], None)
            known.planned, known.plan_read_at = (counts[0] if counts else None), now
        return Seen(
            board=row.board if row else None,
            age_seconds=max((now - (row.as_of if row else self._began)).total_seconds(), 0.0),
            by_queue=known.tally.by_queue,
            planned=known.planned,
        )


def _mark(row: AlarmRow) -> Mark:
    return AlarmKind(row.kind), row.queue, row.subject


def _worse_by_a_tenth(rule: Rule, value: float, worst: float) -> bool:
    return value * _TENTH <= worst and value < worst if rule.falls else value >= worst * _TENTH and value > worst
