"""Rows of `recording`, and the audit of hearing."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, cast

from sqlalchemy import Executable, Row, Table, bindparam, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from api.access.principal import Principal
from api.access.visibility import visible_recordings
from api.audit.trail import write_audit
from api.db.engine import Sessions
from api.db.tables import RecordingRow
from ivr.kernel.clock import Clock
from ivr.kernel.errors import Unavailable
from ivr.kernel.ids import CallId, RecordingId
from recordings.byte_range import ByteRange
from recordings.recording import Kind, Recording, State

_KNOWN = select(*RecordingRow.__table__.columns).where(RecordingRow.recording_id == bindparam("recording"))


def _keep() -> Executable:
    """A sound replaces the word that there is none, and nothing else is ever replaced."""
    addition = insert(cast("Table", RecordingRow.__table__))
    return addition.on_conflict_do_update(
        index_elements=[RecordingRow.recording_id],
        set_={field.name: addition.excluded[field.name] for field in fields(Recording) if field.name != "recording_id"},
        where=(RecordingRow.state == State.MISSING.value) & (addition.excluded.state != State.MISSING.value),
    ).returning(RecordingRow.recording_id)


_KEEP = _keep()
"""Both made once: making them took as long as asking them, for each recording."""


class RecordingRows:
    """`RecordingStore` over one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def visible(self, principal: Principal, recording_id: RecordingId) -> Recording | None:
        query = visible_recordings(principal, select(RecordingRow)).where(RecordingRow.recording_id == recording_id)
        row = (await self._session.execute(query)).scalar_one_or_none()
        return recording_of(row) if row else None

    async def known(self, recording_id: RecordingId) -> Recording | None:
        """For the worker, which hears nothing: what was written down before."""
        row = (await self._session.execute(_KNOWN, {"recording": recording_id})).one_or_none()
        return recording_of(row) if row else None

    async def keep(self, recording: Recording) -> bool:
        values = {field.name: getattr(recording, field.name) for field in fields(recording)}
        values |= {"call_id": recording.call_id or "", "peaks": recording.peaks or None}
        result = await self._session.execute(_KEEP, values)
        return result.scalar_one_or_none() is not None


class CommittedHearings:
    """`HearingLog` that commits each entry in a transaction of its own before it returns."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock

    async def note(self, principal: Principal, recording: Recording, part: ByteRange | None) -> None:
        details = {"call": recording.call_id, "range": part.content_range if part else "all"}
        target = f"recording:{recording.recording_id}"
        try:
            async with self._sessions.begin() as session:
                await write_audit(
                    session,
                    at=self._clock.now(),
                    actor=principal,
                    action="recording.heard",
                    target=target,
                    details=details,
                )
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            raise Unavailable(
                "The audit trail cannot be written now, and without it nothing may be heard. Please try again."
            ) from error


def recording_of(row: RecordingRow | Row[Any]) -> Recording:
    """A row as the value it was made of."""
    return Recording(
        recording_id=RecordingId(row.recording_id),
        call_id=CallId(row.call_id) if row.call_id else None,
        kind=Kind(row.kind),
        state=State(row.state),
        reason=row.reason,
        seconds=row.seconds,
        expected_seconds=row.expected_seconds,
        channels=row.channels,
        bytes=row.bytes,
        sha256=row.sha256,
        archive_key=row.archive_key,
        peaks=row.peaks or [],
    )
