"""What hearing needs from the outside; fulfilled by `repository.py`, by `api/audit` and by `recordings/adapters`."""

from __future__ import annotations

from typing import Protocol

from api.access.principal import Principal
from ivr.kernel.ids import RecordingId
from recordings.byte_range import ByteRange
from recordings.recording import Recording


class RecordingStore(Protocol):
    """The written side of recordings, within one transaction."""

    async def visible(self, principal: Principal, recording_id: RecordingId) -> Recording | None:
        """The recording, if it exists and this principal may know of it."""
        ...

    async def keep(self, recording: Recording) -> bool:
        """Write one down. False when it already is; only `missing` may become something better."""
        ...


class HearingLog(Protocol):
    """The audit trail of hearing. Has to be committed when `note` returns."""

    async def note(self, principal: Principal, recording: Recording, part: ByteRange | None) -> None:
        """Raises `Unavailable` when it cannot be written: then nothing may be heard."""
        ...
