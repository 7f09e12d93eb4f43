"""The spool on disk: `calls/` written by MixMonitor, `messages/` by Record() and by the voice_message door.

The directory is the truth for voice messages: what lies here is adopted even if every process that knew of it has died.
Only regular files with a name of ours count; a link planted here is never followed.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import structlog

from ivr.kernel.clock import from_epoch
from ivr.kernel.errors import Invalid
from ivr.kernel.ids import MessageId, RecordingId
from ivr.kernel.spool_notes import Sidecar, read_sidecar
from recordings.naming import leg_names, message_of_file, talk_of_file
from recordings.ports import FoundMessage, FoundTalk, SpoolFile

SIDECAR_LIMIT = 16_384
"""Bytes of a sidecar that are read; the door writes a few hundred."""

_log = structlog.get_logger()


class SpoolDirectory:
    """`recordings.ports.Spool` over a folder; the folders are made when they are not there."""

    def __init__(self, root: Path) -> None:
        self._calls = root / "calls"
        self._messages = root / "messages"
        for folder in (self._calls, self._messages):
            folder.mkdir(parents=True, exist_ok=True)

    def talks(self) -> list[FoundTalk]:
        ids = {found[0] for name in _names(self._calls) if (found := talk_of_file(name))}
        talks: list[FoundTalk] = []
        for recording_id in sorted(ids):
            try:
                talks.append(self.talk(recording_id))
            except OSError:
                talks.append(FoundTalk(recording_id, None, None))
        return talks

    def talk(self, recording_id: RecordingId) -> FoundTalk:
        rx, tx = (_seen(self._calls / name) for name in leg_names(recording_id))
        return FoundTalk(recording_id, rx, tx)

    def messages(self) -> list[FoundMessage]:
        ids = {found.message for name in _names(self._messages) if (found := message_of_file(name))}
        messages: list[FoundMessage] = []
        for message in sorted(ids):
            try:
                messages.append(self.message(message))
            except OSError:
                messages.append(FoundMessage(message, None, kept=False, sidecar=None))
        return messages

    def message(self, message: MessageId) -> FoundMessage:
        kept = _seen(self._messages / f"{message}.wav")
        part = _seen(self._messages / f"{message}.part.wav")
        # Both can lie here when the door died between "redo" and its rename: the newer sound is the caller's last word.
        newest = max((file for file in (kept, part) if file), key=lambda file: file.changed_at, default=None)
        sidecar, unread = self._sidecar(message)
        return FoundMessage(message, newest, kept is not None, sidecar, unread)

    def seen_again(self, file: SpoolFile) -> SpoolFile | None:
        return _seen(file.path)

    def clear(self, recording_id: RecordingId) -> None:
        names = [self._calls / name for name in leg_names(recording_id)]
        names += [self._messages / f"{recording_id}{end}" for end in (".wav", ".part.wav", ".json")]
        for path in names:
            with suppress(FileNotFoundError):
                path.unlink()

    def _sidecar(self, message: MessageId) -> tuple[Sidecar | None, bool]:
        """The sidecar, and whether one lies there that cannot be read."""
        path = self._messages / f"{message}.json"
        try:
            with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
                raw = file.read(SIDECAR_LIMIT + 1)
            if len(raw) > SIDECAR_LIMIT:
                raise ValueError("the sidecar is too long")
            return read_sidecar(json.loads(raw), message), False
        except (OSError, ValueError, KeyError, TypeError, Invalid) as error:
            if isinstance(error, OSError) and error.errno in (errno.ENOENT, errno.ELOOP):  # ELOOP: a link, not ours
                return None, False
            if isinstance(error, OSError) and error.errno != errno.EIO:
                raise  # of ours, and passing: no file too many, no memory
            _log.error("sidecar_unreadable", message=message, problem=str(error)[:200])
            return None, True


def _names(folder: Path) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_file(follow_symlinks=False):
                yield entry.name


def _seen(path: Path) -> SpoolFile | None:
    try:
        status = path.lstat()
    except FileNotFoundError:
        return None
    # S_ISREG: a link or a pipe with a right name is not ours.
    if (status.st_mode & 0o170000) != 0o100000:
        return None
    return SpoolFile(path, from_epoch(status.st_mtime), status.st_size)
