"""Who hears what: the right is checked on the record, the hearing is written down and committed, then sound flows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from api.access.principal import Principal
from api.playback.ports import HearingLog, RecordingStore
from ivr.kernel.errors import NotFound, Unavailable
from ivr.kernel.ids import RecordingId
from recordings.byte_range import ByteRange, parse_range
from recordings.ports import Archive
from recordings.recording import Recording


@dataclass(frozen=True, slots=True)
class Hearing:
    """An open tap: `body` yields exactly the bytes of `part`, or the whole of `size` bytes."""

    recording: Recording
    part: ByteRange | None
    size: int
    body: AsyncIterator[bytes]


async def find(store: RecordingStore, principal: Principal, recording_id: RecordingId) -> Recording:
    """What is known of one recording. `NotFound` also when it exists and is not for this principal."""
    found = await store.visible(principal, recording_id)
    if found is None:
        raise NotFound("There is no such recording, or it is not yours to hear.")
    return found


async def open_sound(
    recording: Recording, principal: Principal, range_header: str | None, *, archive: Archive, log: HearingLog
) -> Hearing:
    """Check the range, write the hearing down, open the archive. Raises before anything was sent, or not at all.

    The first piece is fetched here, so that an archive that does not answer becomes a clear refusal and not a sound
    that breaks off.
    """
    size = recording.bytes or 0
    if recording.archive_key is None or size == 0:
        raise NotFound(f"This recording has no sound: {recording.reason or recording.state.value}.", code="no_sound")
    part = parse_range(range_header, size)
    await log.note(principal, recording, part)
    first, last = (part.first, part.last) if part else (0, size - 1)
    pieces = archive.stream(recording.archive_key, first, last)
    try:
        head = await anext(pieces)
    except (NotFound, OSError, StopAsyncIteration) as error:
        raise Unavailable(
            "The archive does not give this sound now. Please try again, or tell the administrator."
        ) from error
    return Hearing(recording, part, size, _whole(head, pieces))


async def _whole(head: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield head
    async for piece in rest:
        yield piece
