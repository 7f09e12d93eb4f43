"""One piece of sound: what it is, in which state it reached us, and where it lies."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from ivr.kernel.ids import CallId, RecordingId


class Kind(StrEnum):
    """What was recorded."""

    TALK = "talk"
    """Caller (left) and operator (right), one stay in one queue."""
    MESSAGE = "message"
    """What a caller left, one channel."""


class State(StrEnum):
    """How the sound reached the archive. Decided once; only `missing` may later become something better."""

    ARCHIVED = "archived"
    REPAIRED = "repaired"
    """The header was never finished (Asterisk was killed): the sound is whole as far as it was written."""
    TRUNCATED = "truncated"
    """Clearly shorter than the talk was, or one voice is missing."""
    EMPTY = "empty"
    """A message without speech: kept for audit, leads to no case."""
    MISSING = "missing"
    """Expected and not there; `reason` says what was looked for."""


@dataclass(frozen=True, slots=True)
class Recording:
    """The result of the pipeline for one piece of sound. `peaks` holds one list a channel, values 0 to 1."""

    recording_id: RecordingId
    call_id: CallId | None
    kind: Kind
    state: State
    reason: str | None = None
    seconds: float | None = None
    expected_seconds: float | None = None
    channels: int | None = None
    bytes: int | None = None
    sha256: str | None = None
    archive_key: str | None = None
    peaks: list[list[float]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Talk:
    """What the call record says about a talk that must have sound: the id it has in the spool and its length."""

    recording_id: RecordingId
    call_id: CallId
    began_at: datetime
    expected_seconds: float | None
    cut: bool = False
    """A restart of Asterisk ended it: there must be sound, but nobody knows how much."""
    unrecorded: str | None = None
    """Why no recording was started at all, in the dialplan's word: `disk`."""
