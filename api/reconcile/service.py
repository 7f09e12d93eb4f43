"""Reconcile one day and keep the outcome; find out which day is due."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.db.engine import Sessions
from api.db.tables import Reconciliation
from api.reconcile.comparing import as_json, differences_of, is_alarm, totals_of
from api.reconcile.ledger_files import events_between
from api.reconcile.stored import stored_day
from api.reconcile.told import ToldDay, told_day
from ivr.kernel.clock import TEHRAN
from routing.ledger import cel, queue_log

AT = time(2, 30)
"""Tehran time; calls of the day before are long over, and nobody looks at the line."""
_LONGEST_CALL = timedelta(hours=5)
"""Rows of a call lie at most this long after its first."""
_MADE_UP_FOR = timedelta(days=6)
"""Rotated ledgers are kept for a week at least."""
_KEPT = 1_000
"""Differences written down; more are only counted."""


@dataclass(frozen=True, slots=True)
class Ledgers:
    """Where Asterisk writes."""

    node: str
    cel: Path
    queue_log: Path


def span_of(day: date) -> tuple[datetime, datetime]:
    """A day of Tehran as [first instant, first instant of the next)."""
    begin = datetime.combine(day, time(), TEHRAN)
    return begin, datetime.combine(day + timedelta(days=1), time(), TEHRAN)


def due_day(now: datetime) -> date:
    """The newest day that should have been reconciled by `now`."""
    here = now.astimezone(TEHRAN)
    return here.date() - timedelta(days=1 if here.time() >= AT else 2)


def settled_at(day: date) -> datetime:
    """From when on the day may be compared: its calls are over and its sounds are put away."""
    return datetime.combine(day + timedelta(days=1), AT, TEHRAN)


def next_day(last: Reconciliation | None, now: datetime) -> date | None:
    """The day to compare now, or None. `last` is the newest outcome.

    Nights in which nobody ran are made up for, oldest first, as far back as ledgers are surely kept. An outcome of a day
    that was not settled yet (somebody asked by hand) does not stand in for the night's.
    """
    due = due_day(now)
    if last is None:
        return due
    if last.ran_at < settled_at(last.day):
        return due if due <= last.day and now >= settled_at(last.day) else None
    return max(last.day + timedelta(days=1), due - _MADE_UP_FOR) if last.day < due else None


async def read_ledgers(ledgers: Ledgers, day: date, now: datetime) -> ToldDay:
    """What the files say of the day, read beside the event loop."""
    since, until = span_of(day)

    def read() -> ToldDay:
        ends = until + _LONGEST_CALL
        return told_day(
            events_between(ledgers.cel, cel.scan, since - _LONGEST_CALL, ends, now),
            events_between(ledgers.queue_log, queue_log.scan, since - _LONGEST_CALL, ends, now),
            since,
            until,
        )

    return await asyncio.to_thread(read)


async def reconcile(sessions: Sessions, ledgers: Ledgers, day: date, now: datetime) -> Reconciliation:
    """Compare, write the outcome down, return it. Running it again adds another outcome; the newest counts."""
    told = await read_ledgers(ledgers, day, now)
    async with sessions.begin() as session:
        stored = await stored_day(session, ledgers.node, *span_of(day), told.offered)
        differences = await asyncio.to_thread(differences_of, told, stored)
        outcome = Reconciliation(
            node=ledgers.node,
            day=day,
            ran_at=now,
            alarm=is_alarm(differences, max(len(told.offered), len(stored.calls))),
            difference_count=len(differences),
            totals=await asyncio.to_thread(totals_of, told, stored),
            differences=as_json(differences[:_KEPT]),
        )
        session.add(outcome)
    return outcome


async def newest(session: AsyncSession, node: str) -> Reconciliation | None:
    """The last run for the newest day that was reconciled."""
    query = select(Reconciliation).where(Reconciliation.node == node)
    return await session.scalar(query.order_by(Reconciliation.day.desc(), Reconciliation.id.desc()).limit(1))
