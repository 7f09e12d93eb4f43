"""Fakes of `recordings/ports.py`: one `Disk` in memory that a spool, an audio tool and an archive share.

Faults are switches: `corrupt` makes the archive keep other bytes than it was given, `down` makes it refuse.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ivr.kernel.errors import Invalid, NotFound, Unavailable
from ivr.kernel.ids import MessageId, RecordingId
from ivr.kernel.spool_notes import Sidecar
from recordings.naming import checked_key, leg_names, message_of_file, talk_of_file
from recordings.ports import FoundMessage, FoundTalk, Sound, SpoolFile
from tests.sounds import wav_bytes

ROOT = Path("/fake-spool")


@dataclass
class StillClock:
    """A clock that stands until it is moved."""

    at: datetime

    def now(self) -> datetime:
        return self.at


@dataclass
class Disk:
    """Files by path, each with its bytes and its last change."""

    files: dict[Path, tuple[bytes, datetime]] = field(default_factory=dict)

    def write(self, path: Path, data: bytes, at: datetime) -> Path:
        self.files[path] = (data, at)
        return path


@dataclass
class FakeSpool:
    disk: Disk
    sidecars: dict[MessageId, Sidecar] = field(default_factory=dict)
    cleared: list[RecordingId] = field(default_factory=list)

    def talks(self) -> list[FoundTalk]:
        names = [path.name for path in self.disk.files if path.parent == ROOT / "calls"]
        return [self.talk(one) for one in sorted({found[0] for found in map(talk_of_file, names) if found})]

    def talk(self, recording_id: RecordingId) -> FoundTalk:
        rx, tx = (self._seen(ROOT / "calls" / name) for name in leg_names(recording_id))
        return FoundTalk(recording_id, rx, tx)

    def messages(self) -> list[FoundMessage]:
        names = [path.name for path in self.disk.files if path.parent == ROOT / "messages"]
        ids = {found.message for name in names if (found := message_of_file(name))} | set(self.sidecars)
        return [self.message(one) for one in sorted(ids)]

    def message(self, message: MessageId) -> FoundMessage:
        kept = self._seen(ROOT / "messages" / f"{message}.wav")
        part = self._seen(ROOT / "messages" / f"{message}.part.wav")
        newest = max((file for file in (kept, part) if file), key=lambda file: file.changed_at, default=None)
        return FoundMessage(message, newest, kept is not None, self.sidecars.get(message))

    def seen_again(self, file: SpoolFile) -> SpoolFile | None:
        return self._seen(file.path)

    def clear(self, recording_id: RecordingId) -> None:
        self.cleared.append(recording_id)
        self.sidecars.pop(MessageId(recording_id), None)
        for path in list(self.disk.files):
            if (
                path.name.removesuffix(".wav").removesuffix(".part").removesuffix(".rx").removesuffix(".tx")
                == recording_id
            ):
                del self.disk.files[path]

    def _seen(self, path: Path) -> SpoolFile | None:
        if path not in self.disk.files:
            return None
        data, changed_at = self.disk.files[path]
        return SpoolFile(path, changed_at, len(data))


@dataclass
class FakeAudio:
    """Knows the 44-byte head only."""

    disk: Disk
    clock: StillClock

    async def measure(self, path: Path) -> Sound:
        data = self._read(path)
        if data[:4] != b"RIFF" or len(data) < 44:
            raise Invalid(f"{path.name} is not a wav file")
        channels, rate = int.from_bytes(data[22:24], "little"), int.from_bytes(data[24:28], "little")
        finished = int.from_bytes(data[40:44], "little") == len(data) - 44
        return Sound((len(data) - 44) // (2 * channels) / rate, channels, rate, finished)

    async def samples(self, path: Path) -> NDArray[np.int16]:
        sound = await self.measure(path)
        return np.frombuffer(self._read(path)[44:], dtype="<i2").reshape(-1, sound.channels)

    async def join(self, left: Path | None, right: Path | None, target: Path) -> Sound:
        if left is None and right is None:
            raise Invalid("there is no sound to write")
        tracks = [(await self.samples(one))[:, 0] if one else np.zeros(0, np.int16) for one in (left, right)]
        frames = max(len(track) for track in tracks)
        both = np.zeros((frames, 2), np.int16)
        for channel, track in enumerate(tracks):
            both[: len(track), channel] = track
        self.disk.write(target, wav_bytes(both, channels=2), self.clock.at)
        return await self.measure(target)

    async def copy(self, source: Path, target: Path) -> Sound:
        self.disk.write(target, wav_bytes((await self.samples(source))[:, 0]), self.clock.at)
        return await self.measure(target)

    def _read(self, path: Path) -> bytes:
        try:
            return self.disk.files[path][0]
        except KeyError:
            raise FileNotFoundError(path) from None


@dataclass
class FakeArchive:
    disk: Disk | None = None
    kept: dict[str, bytes] = field(default_factory=dict)
    corrupt: bool = False
    down: bool = False

    async def put(self, key: str, path: Path) -> str:
        if self.down:
            raise Unavailable("the archive does not answer")
        data = self.disk.files[path][0] if self.disk else path.read_bytes()
        self.kept[checked_key(key)] = data[:-1] + b"\x7f" if self.corrupt else data
        return hashlib.sha256(data).hexdigest()

    async def digest(self, key: str) -> tuple[str, int]:
        if checked_key(key) not in self.kept:
            raise NotFound("the archive has no such sound")
        return hashlib.sha256(self.kept[key]).hexdigest(), len(self.kept[key])

    async def stream(self, key: str, first: int, last: int) -> AsyncIterator[bytes]:
        if checked_key(key) not in self.kept:
            raise NotFound("the archive has no such sound")
        data = self.kept[key][first : last + 1]
        for at in range(0, len(data), 65536):
            yield data[at : at + 65536]
