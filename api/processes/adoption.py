"""Adopt one piece of the spool: lock it, archive it, write everything that follows, commit, and only then clear.

Each piece is one transaction under a lock of its own name, so that a job, a sweep and a second worker may all come upon
it at the same moment and it is still handled once. A death at any line leaves either the file or the row.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.cases.ports import CallbackNotes
from api.cases.repository import CaseRows
from api.db.engine import Sessions
from api.playback.expected import ExpectedSound
from api.playback.repository import RecordingRows
from api.processes.spool_watch import RECORDINGS
from api.processes.volumes import Volumes
from api.reactions import CallbackRequested, Means, react
from ivr.kernel.failpoints import hit_here
from ivr.kernel.ids import CallId, MessageId, RecordingId
from ivr.kernel.spool_notes import CallbackNote
from recordings.naming import call_of_fallback, call_of_talk
from recordings.pipeline import NO_ROOM, Later, Nothing, Outcome, Pipeline
from recordings.ports import FoundMessage
from recordings.recording import Recording, State, Talk

log = structlog.get_logger(__name__)

PIECE_LIMIT = timedelta(minutes=10)
"""One piece may take this long; an hour of talk needs seconds. Whatever hangs longer is given up and tried again."""
_IDLE_LIMIT = PIECE_LIMIT + timedelta(seconds=30)
"""The server hears nothing of us while sound is joined, hashed and stored, and must not end the transaction meanwhile."""

_BEGIN = text(
    "SELECT pg_try_advisory_xact_lock(hashtextextended(:name, 1420)),"
    " set_config('idle_in_transaction_session_timeout', :idle, true)"
)
"""One trip: the lock of a piece, and time to work on it under the lock."""


class Settled(StrEnum):
    """What became of a piece."""

    DONE = "done"
    LATER = "later"
    """Not ready, or in another worker's hands: the sweeper comes again."""


@dataclass(frozen=True, slots=True)
class Adoption:
    """The worker's hands."""

    sessions: Sessions
    pipeline: Pipeline
    callbacks: CallbackNotes
    means: Means
    volumes: Volumes = field(default_factory=lambda: Volumes({}))
    sms_hook: str = ""

    async def call(self, call_id: CallId) -> Settled:
        """Everything a call that is over may have left. `LATER` when something is not ready."""
        async with self.sessions.begin() as session:
            begun = await ExpectedSound(session).begun_in(call_id)
            asked = await CaseRows(session).callbacks_asked(call_id) if begun.asked_for_call_back else []
        # The ledger knows messages that left no file, the spool those whose milestones are not read yet.
        spooled = [found.message for found in self.pipeline.spool.messages() if _call_of(found) == call_id]
        results = [await self.talk(recording_id) for recording_id in begun.talks]
        results += [await self.message(message) for message in sorted({*begun.messages, *spooled})]
        # The door's notes first: only they have a number that was keyed in.
        for note in [note for note in self.callbacks.all() if note.call_id == call_id] + asked:
            await self.callback(note)
        return Settled.LATER if Settled.LATER in results else Settled.DONE

    async def talk(self, recording_id: RecordingId) -> Settled:
        """One talk, by its files in the spool or by their absence."""
        call_id = call_of_talk(recording_id)
        clear = False
        async with self.sessions.begin() as session:
            if not await _ours(session, recording_id):
                return Settled.LATER
            known = await RecordingRows(session).known(recording_id)
            if known and known.state is not State.MISSING:
                clear = await self._may_clear(known)
            else:
                expected = ExpectedSound(session)
                call = await expected.call(call_id)
                talk = await expected.talk(recording_id, call_id)
                if not self.volumes.take_talks():
                    return Settled.LATER
                if talk is None:
                    found = self.pipeline.spool.talk(recording_id)
                    began = [file.changed_at for file in (found.rx, found.tx) if file]
                    began_at = call.arrived_at if call else min(began, default=self.means.clock.now())
                    talk = Talk(recording_id, call_id, began_at, None)
                outcome = await self.pipeline.archive_talk(
                    talk,
                    ended_at=call.ended_at if call else None,
                    goes_on=call is not None and call.goes_on,
                    disk_full=self.volumes.spool_is_full(),
                )
                if isinstance(outcome, Later):
                    return Settled.LATER
                await hit_here("worker.talk_archived")
                clear = await self._follow(session, outcome, known)
        if clear:
            await hit_here("worker.before_clear")
            self.pipeline.clear(recording_id)
        return Settled.DONE

    async def message(self, message: MessageId) -> Settled:
        """One voice message, by what lies in the spool."""
        recording_id = RecordingId(message)
        clear = False
        async with self.sessions.begin() as session:
            if not await _ours(session, recording_id):
                return Settled.LATER
            known = await RecordingRows(session).known(recording_id)
            if known and known.state is not State.MISSING:
                clear = await self._may_clear(known)
            else:
                expected = ExpectedSound(session)
                found = self.pipeline.spool.message(message)
                call_id = (found.sidecar.call_id if found.sidecar else None) or call_of_fallback(message)
                call_id = call_id or await expected.call_of_message(message)
                if found.unread and await self._may_still_be_told(expected, found, call_id):
                    return Settled.LATER
                call = await expected.call(call_id) if call_id else None
                cut_off = await expected.cut_off(message, call_id) if call_id else None
                if cut_off and self.volumes.spool_is_full():
                    cut_off += "; the spool's disk is full"
                outcome = await self.pipeline.archive_message(
                    message,
                    call_id=call_id,
                    ended_at=call.ended_at if call else None,
                    goes_on=call is not None and call.goes_on,
                    cut_off=cut_off,
                )
                if isinstance(outcome, Later):
                    return Settled.LATER
                await hit_here("worker.message_archived")
                if call_id and not isinstance(outcome, Nothing) and outcome.recording.state is State.MISSING:
                    # A caller who hung up while the door still explained has a sidecar and never had a beep.
                    begun = message in await expected.messages_of(call_id)
                    outcome = outcome if begun else Nothing(recording_id)
                clear = await self._follow(session, outcome, known)
                await hit_here("worker.message_written")
        if clear:
            await hit_here("worker.before_clear")
            self.pipeline.clear(recording_id)
        return Settled.DONE

    async def _may_still_be_told(self, expected: ExpectedSound, found: FoundMessage, call_id: CallId | None) -> bool:
        """Whether the ledger, which knows the code too, may only be behind."""
        age = self.means.clock.now() - found.file.changed_at if found.file else None
        if age is None or not timedelta(0) <= age < self.pipeline.patience.stale:
            return False
        return await expected.told_of(found.message, call_id) is None

    async def callback(self, note: CallbackNote) -> None:
        """One call back that was asked for."""
        async with self.sessions.begin() as session:
            await react(self.means, session, CallbackRequested(note))
        self.callbacks.remove(note.code)

    async def _follow(self, session: AsyncSession, outcome: Outcome, known: Recording | None) -> bool:
        """Do what follows from the outcome; True when the spool copy may go after the commit."""
        if isinstance(outcome, Nothing):
            return True
        if isinstance(outcome, Later):
            return False
        if known is None or outcome.recording.state is not State.MISSING:
            if outcome.recording.state is State.MISSING:
                # Told beforehand is no surprise: the disk has its own alarm.
                chosen = outcome.recording.reason == NO_ROOM
                log.log(logging.WARNING if chosen else logging.ERROR, "recording_missing",
                        recording=outcome.recording.recording_id, reason=outcome.recording.reason, alarm=not chosen)  # fmt: skip
            await react(self.means, session, outcome)
            RECORDINGS.labels(outcome.recording.kind.value, outcome.recording.state.value).inc()
        return outcome.recording.archive_key is not None or outcome.recording.state is State.MISSING

    async def _may_clear(self, known: Recording) -> bool:
        """A spool copy whose recording was written before: a death between commit and clear, or a leg that came late."""
        if known.archive_key is None or known.sha256 is None or known.state is State.TRUNCATED:
            return False
        return await self.pipeline.proved(known.archive_key, known.sha256)


def _call_of(found: FoundMessage) -> CallId | None:
    return found.sidecar.call_id if found.sidecar else call_of_fallback(found.message)


async def _ours(session: AsyncSession, name: str) -> bool:
    idle = f"{_IDLE_LIMIT.total_seconds():.0f}s"
    return bool((await session.execute(_BEGIN, {"name": f"recording:{name}", "idle": idle})).scalar_one())
