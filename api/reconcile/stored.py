"""What the database holds of the calls of one day: plain values for comparing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.db.tables import CallRecordRow, CaseRow, RecordingRow, VisitRow

_AT_ONCE = 5_000
SPEAKS = ("archived", "repaired", "truncated")
"""States of a message's sound that must have led to a case."""


@dataclass(frozen=True, slots=True)
class StoredCall:
    """One call record."""

    arrived_at: datetime
    disposition: str | None
    score: int | None


@dataclass(frozen=True, slots=True)
class StoredVisit:
    """One visit."""

    call_id: str
    n: int
    queue: str
    entered_at: datetime
    waited_seconds: float | None
    outcome: str | None


@dataclass(frozen=True, slots=True)
class StoredSound:
    """One row about sound."""

    recording_id: str
    call_id: str
    kind: str
    state: str


@dataclass(frozen=True, slots=True)
class StoredCase:
    """One case."""

    code: str
    call_id: str
    kind: str
    recording_id: str | None


@dataclass(slots=True)
class StoredDay:
    """Everything about the calls of the day."""

    calls: dict[str, StoredCall] = field(default_factory=dict)
    visits: list[StoredVisit] = field(default_factory=list)
    sounds: dict[str, StoredSound] = field(default_factory=dict)
    cases: dict[str, StoredCase] = field(default_factory=dict)


async def stored_day(
    session: AsyncSession, node: str, since: datetime, until: datetime, offered: Iterable[str]
) -> StoredDay:
    """Records that arrived in [since, until) or are among `offered`, and what hangs on them."""
    day = StoredDay()
    columns = (CallRecordRow.call_id, CallRecordRow.arrived_at, CallRecordRow.disposition, CallRecordRow.score)
    arrived = (CallRecordRow.node == node, CallRecordRow.arrived_at >= since, CallRecordRow.arrived_at < until)
    for row in await session.execute(select(*columns).where(*arrived)):
        day.calls[row.call_id] = StoredCall(row.arrived_at, row.disposition, row.score)
    wanted = sorted({*offered, *day.calls})
    for first in range(0, len(wanted), _AT_ONCE):
        some = wanted[first : first + _AT_ONCE]
        for row in await session.execute(select(*columns).where(CallRecordRow.call_id.in_(some))):
            day.calls[row.call_id] = StoredCall(row.arrived_at, row.disposition, row.score)
        for visit in await session.scalars(select(VisitRow).where(VisitRow.call_id.in_(some))):
            day.visits.append(
                StoredVisit(visit.call_id, visit.n, visit.queue, visit.entered_at, visit.waited_seconds, visit.outcome)
            )
        sounds = select(RecordingRow.recording_id, RecordingRow.call_id, RecordingRow.kind, RecordingRow.state)
        for row in await session.execute(sounds.where(RecordingRow.call_id.in_(some))):
            day.sounds[row.recording_id] = StoredSound(row.recording_id, row.call_id, row.kind, row.state)
        cases = select(CaseRow.code, CaseRow.call_id, CaseRow.kind, CaseRow.recording_id)
        for row in await session.execute(cases.where(CaseRow.call_id.in_(some))):
            day.cases[row.code] = StoredCase(row.code, row.call_id, row.kind, row.recording_id)
    return day
