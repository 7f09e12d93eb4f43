"""What the pipeline needs from the outside. Real ones in `recordings/adapters`, fakes in `tests/fakes/recordings`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ivr.kernel.ids import MessageId, RecordingId
from ivr.kernel.spool_notes import Sidecar


@dataclass(frozen=True, slots=True)
class SpoolFile:
    """A regular file of the spool and when it was last written."""

    path: Path
    changed_at: datetime
    size: int = 0
    """Bytes; only compared with itself, to see whether the file grows."""


@dataclass(frozen=True, slots=True)
class FoundTalk:
    """The legs of one talk as far as they are there: `rx` the caller's voice, `tx` the operator's."""

    recording_id: RecordingId
    rx: SpoolFile | None
    tx: SpoolFile | None


@dataclass(frozen=True, slots=True)
class FoundMessage:
    """A voice message: its sound, if any was written, and its sidecar, if it has a readable one.

    `kept`: the caller confirmed it (the door renamed the `.part`). `unread`: a sidecar lies there and cannot be read.
    """

    message: MessageId
    file: SpoolFile | None
    kept: bool
    sidecar: Sidecar | None
    unread: bool = False


@dataclass(frozen=True, slots=True)
class Sound:
    """What a wav file holds. `finished` is False when its header does not match its length."""

    seconds: float
    channels: int
    rate: int
    finished: bool


class Spool(Protocol):
    """Where Asterisk and the doors leave sound. Names that are not ours, links and folders are not seen.

    What the disk does not let us look at is listed by its name alone, so that it hides no other piece; asked for by
    itself it raises `OSError`.
    """

    def talks(self) -> list[FoundTalk]: ...

    def talk(self, recording_id: RecordingId) -> FoundTalk: ...

    def messages(self) -> list[FoundMessage]: ...

    def message(self, message: MessageId) -> FoundMessage: ...

    def seen_again(self, file: SpoolFile) -> SpoolFile | None:
        """The same file as it is now."""
        ...

    def clear(self, recording_id: RecordingId) -> None:
        """Remove every file of a talk or message. Only after its archive copy was proved and written down."""
        ...


class AudioTool(Protocol):
    """Reads and writes wav files, whatever state Asterisk left them in. Raises `Invalid` for what is no sound."""

    async def measure(self, path: Path) -> Sound: ...

    async def samples(self, path: Path) -> NDArray[np.int16]:
        """Frames × channels; may be backed by the file, so do not keep it."""
        ...

    async def join(self, left: Path | None, right: Path | None, target: Path) -> Sound:
        """One stereo file of two mono ones, the shorter (or absent) one padded with silence at its end."""
        ...

    async def copy(self, source: Path, target: Path) -> Sound:
        """The same sound with a right header, one channel."""
        ...


class Archive(Protocol):
    """Where sound stays. Keys come from `recordings/naming.py` only."""

    async def put(self, key: str, path: Path) -> str:
        """Store a file durably and tell its sha256 as read from `path`; storing the same key again replaces it."""
        ...

    async def digest(self, key: str) -> tuple[str, int]:
        """Read back everything: sha256 (hex) and length in bytes. Raises `NotFound`."""
        ...

    def stream(self, key: str, first: int, last: int) -> AsyncIterator[bytes]:
        """Bytes `first` to `last` (included) in pieces. Raises `NotFound` before the first piece."""
        ...
