"""From the spool to the archive: find, check, join, store, read back, compare. Twice is the same as once.

`archive_talk` and `archive_message` end when the archive's copy was read back and its hash agreed; the spool copy is
still there. The caller writes the recording down in its transaction and calls `clear` after the commit, so at no moment
does sound exist only in memory or only in a place nobody knows of.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic

from ivr.kernel.clock import Clock
from ivr.kernel.errors import Invalid, Unavailable
from ivr.kernel.ids import CallId, MessageId, RecordingId
from recordings import steps
from recordings.events import RecordingArchived
from recordings.naming import archive_key, call_of_fallback
from recordings.ports import Archive, AudioTool, FoundMessage, FoundTalk, Sound, Spool, SpoolFile
from recordings.quality import hear, message_state, talk_state
from recordings.recording import Kind, Recording, State, Talk
from recordings.steps import FileSeen, Next, Patience
from recordings.waveform import peaks

NO_ROOM = "disk: there was too little room to record"
"""Why a talk has no sound, when the line itself chose so."""
NOT_A_SOUND = Sound(seconds=0.0, channels=1, rate=8000, finished=True)
"""What a file without a readable head counts as: nothing to hear, nothing to wait for."""


@dataclass(frozen=True, slots=True)
class Later:
    """Not yet: a file is still being written or has not come."""

    recording_id: RecordingId


@dataclass(frozen=True, slots=True)
class Nothing:
    """There is no sound and none was expected; the files, if any, may be cleared."""

    recording_id: RecordingId


Outcome = RecordingArchived | Later | Nothing


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The use cases. `scratch` is a folder on the archive's side for files in the making."""

    spool: Spool
    audio: AudioTool
    archive: Archive
    clock: Clock
    scratch: Path
    message_min_seconds: float = 1.0
    patience: Patience = field(default_factory=Patience)
    looks: dict[Path, tuple[SpoolFile, float]] = field(default_factory=dict)
    """Open files as they were seen first in this shape, and when, on the clock that never jumps."""

    async def archive_talk(
        self, talk: Talk, *, ended_at: datetime | None, goes_on: bool = False, disk_full: bool = False
    ) -> Outcome:
        """Archive one talk as stereo wav, caller left, operator right. `ended_at`: when the call ended, if it did; `goes_on`: it
        is known not to have; `disk_full`: the spool has no room, which explains sound that was cut off."""
        found = self.spool.talk(talk.recording_id)
        if talk.unrecorded and found.rx is None and found.tx is None:
            return _missing(talk.recording_id, talk.call_id, Kind.TALK, NO_ROOM, talk.expected_seconds)
        legs = [await self._measured(file) for file in (found.rx, found.tx)]
        seen = [_seen(file, sound) for file, sound in zip((found.rx, found.tx), legs, strict=True)]
        step = steps.next_for_talk(
            (seen[0], seen[1]), expected=talk.cut or bool(talk.expected_seconds), call_ended_at=ended_at, goes_on=goes_on,
            now=self.clock.now(), patience=self.patience,
        )  # fmt: skip
        if step is Next.WAIT:
            return Later(talk.recording_id)
        if step is Next.DISCARD:
            return Nothing(talk.recording_id)
        if step is Next.MISSING:
            reason = "neither leg is in the spool"
            return _missing(talk.recording_id, talk.call_id, Kind.TALK, reason, talk.expected_seconds)
        if not all(leg is None or leg.finished for leg in seen) and await self._grows(found.rx, found.tx):
            return Later(talk.recording_id)
        return RecordingArchived(await self._take_talk(talk, found, seen, disk_full=disk_full))

    async def archive_message(
        self,
        message: MessageId,
        *,
        ended_at: datetime | None,
        goes_on: bool = False,
        call_id: CallId | None = None,
        cut_off: str | None = None,
    ) -> Outcome:
        """Archive one voice message. `ended_at`: when its call ended; None while it goes on or when nobody knows. `goes_on`: it
        is known to go on.

        `call_id` is for messages whose sidecar is gone; otherwise the sidecar or the name tells it. `cut_off`: why the
        recording ended before the caller did, if it did.
        """
        found = self.spool.message(message)
        sound = await self._measured(found.file)
        step = steps.next_for_message(
            _seen(found.file, sound),
            kept=found.kept,
            call_ended_at=ended_at,
            goes_on=goes_on,
            now=self.clock.now(),
            patience=self.patience,
        )
        recording_id = RecordingId(message)
        if step is Next.WAIT:
            return Later(recording_id)
        call_id = found.sidecar.call_id if found.sidecar else call_of_fallback(message) or call_id
        if step is Next.MISSING or found.file is None or sound is None:
            missing = _missing(recording_id, call_id, Kind.MESSAGE, "no sound file in the spool", None)
            return RecordingArchived(missing.recording, found.sidecar)
        if not sound.finished and await self._grows(found.file):
            return Later(recording_id)
        return RecordingArchived(await self._take_message(found, found.file, sound, call_id, cut_off), found.sidecar)

    async def proved(self, key: str, sha256: str) -> bool:
        """Read the archive's copy once more and compare: may the spool copy go?"""
        digest, _ = await self.archive.digest(key)
        return digest == sha256

    def clear(self, recording_id: RecordingId) -> None:
        """Remove the spool copy. Call only after the recording is committed."""
        self.spool.clear(recording_id)

    async def is_written(self, found: FoundTalk) -> bool:
        """Whether a leg is open and was touched a moment ago: `archive_talk` would only say `Later`, whatever its call."""
        for file in (found.rx, found.tx):
            if file and timedelta(0) <= self.clock.now() - file.changed_at < self.patience.unfinished:
                sound = await self._measured(file)
                if sound and not sound.finished:
                    return True
        return False

    def look(self) -> None:
        """Remember how every file of the spool looks now; what is taken soon after need not be watched from then on."""
        pieces = [(found.rx, found.tx) for found in self.spool.talks()]
        pieces += [(found.file, None) for found in self.spool.messages()]
        files = [file for piece in pieces for file in piece if file is not None]
        fresh = {file.path: self.looks.get(file.path) for file in files}
        self.looks.clear()
        for file in files:
            before = fresh[file.path]
            self.looks[file.path] = before if before and before[0] == file else (file, monotonic())

    async def _grows(self, *files: SpoolFile | None) -> bool:
        """Whether somebody still writes one of these open files. Their age alone does not tell: after a jump of the
        clock a file that is being recorded looks an hour old, and taking it would lose the rest of it."""
        for file in files:
            if file is None:
                continue
            seen, since = self.looks.get(file.path, (None, 0.0))
            if seen != file:
                since = monotonic()
            self.looks[file.path] = (file, since)
            await asyncio.sleep(max(0.0, self.patience.watched.total_seconds() - (monotonic() - since)))
            if self.spool.seen_again(file) != file:
                return True
        return False

    async def _take_talk(
        self, talk: Talk, found: FoundTalk, seen: list[FileSeen | None], *, disk_full: bool
    ) -> Recording:
        work = self.scratch / f"{talk.recording_id}.wav"
        try:
            left, right = (file.path if file and leg and leg.seconds else None
                           for file, leg in zip((found.rx, found.tx), seen, strict=True))  # fmt: skip
            if left is None and right is None:
                reason = "both legs hold no sound"
                return _missing(talk.recording_id, talk.call_id, Kind.TALK, reason, talk.expected_seconds).recording
            sound = await self.audio.join(left, right, work)
            absent = "caller" if left is None else "operator" if right is None else None
            state, reason = talk_state(
                sound.seconds, expected_seconds=talk.expected_seconds, absent_leg=absent,
                finished=all(leg.finished for leg in seen if leg),
            )  # fmt: skip
            if disk_full and state is State.TRUNCATED:
                reason = f"{reason}; the spool's disk is full"
            return await self._store(
                work,
                sound,
                talk.recording_id,
                talk.call_id,
                Kind.TALK,
                state,
                reason,
                talk.began_at,
                talk.expected_seconds,
            )
        finally:
            _remove(work)

    async def _take_message(
        self, found: FoundMessage, file: SpoolFile, spooled: Sound, call_id: CallId | None, cut_off: str | None
    ) -> Recording:
        recording_id = RecordingId(found.message)
        began_at = found.sidecar.started_at if found.sidecar else file.changed_at
        if spooled is NOT_A_SOUND:
            reason = "the file in the spool is not a sound"
            return Recording(recording_id, call_id, Kind.MESSAGE, State.EMPTY, reason, seconds=0.0)
        work = self.scratch / f"{recording_id}.wav"
        try:
            sound = await self.audio.copy(file.path, work)
            samples = await self.audio.samples(work)
            heard = await asyncio.to_thread(hear, samples[:, 0], sound.rate)
            state, reason = message_state(
                heard, finished=spooled.finished, min_seconds=self.message_min_seconds, cut_off=cut_off
            )
            return await self._store(work, sound, recording_id, call_id, Kind.MESSAGE, state, reason, began_at, None)
        finally:
            _remove(work)

    async def _store(
        self, work: Path, sound: Sound, recording_id: RecordingId, call_id: CallId | None, kind: Kind, state: State,
        reason: str | None, began_at: datetime, expected_seconds: float | None,
    ) -> Recording:  # fmt: skip
        key = archive_key(recording_id, began_at)
        outline = await asyncio.to_thread(peaks, await self.audio.samples(work))
        ours = await self.archive.put(key, work)
        theirs, size = await self.archive.digest(key)
        if theirs != ours:
            raise Unavailable(f"the archive's copy of {recording_id} differs from the original; it stays in the spool")
        return Recording(
            recording_id, call_id, kind, state, reason, sound.seconds, expected_seconds, sound.channels, size, theirs, key,
            outline,
        )  # fmt: skip

    async def _measured(self, file: SpoolFile | None) -> Sound | None:
        if file is None:
            return None
        try:
            return await self.audio.measure(file.path)
        except Invalid:
            # A file without even a head: Record() on a full disk, or one that is being created this moment.
            quiet = self.clock.now() - file.changed_at
            return NOT_A_SOUND if quiet >= self.patience.unfinished else Sound(0.0, 1, 8000, finished=False)
        except FileNotFoundError:
            return None


def _seen(file: SpoolFile | None, sound: Sound | None) -> FileSeen | None:
    return FileSeen(sound.finished, sound.seconds, file.changed_at) if file and sound else None


def _missing(
    recording_id: RecordingId, call_id: CallId | None, kind: Kind, reason: str, expected_seconds: float | None
) -> RecordingArchived:
    return RecordingArchived(
        Recording(recording_id, call_id, kind, State.MISSING, reason, expected_seconds=expected_seconds)
    )


def _remove(path: Path) -> None:
    with suppress(FileNotFoundError):
        path.unlink()
