"""The message box on disk: `<spool>/messages`, `<spool>/codes`, `<spool>/callbacks`. The directory is the truth.

Each step leaves something that a sweeper can understand if we die right after it: a code is reserved by creating its
file, a sidecar is written whole or not at all, a kept message is renamed from `.part.wav` to `.wav`.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from ivr.kernel.disk_space import may_record_talk, may_take_message
from ivr.kernel.errors import Unavailable
from ivr.kernel.ids import MessageId
from ivr.kernel.spool_notes import CallbackNote, Sidecar, on_disk
from ivr.kernel.tracking_code import TrackingCode
from recordings.adapters.spool_codes import reserve_code, sync_folder
from recordings.adapters.volumes import space_at

Result = TypeVar("Result")


class SpoolBox:
    """`agi_scripts.message_box.MessageBox` on the local disk; every file operation runs beside the loop."""

    def __init__(self, spool: Path, room: int) -> None:
        self._spool = spool.absolute()
        self._room = room

    async def has_room(self) -> bool:
        return await _beside(lambda: may_take_message(space_at(self._spool / "messages"), self._room))

    async def may_record_talks(self) -> bool:
        try:
            return await _beside(lambda: may_record_talk(space_at(self._spool / "calls")))
        except Unavailable:
            return True  # a disk that cannot be measured is no reason to lose a recording

    async def reserve_code(self) -> TrackingCode:
        return await _beside(lambda: reserve_code(self._spool))

    async def prepare(self, sidecar: Sidecar) -> None:
        await _beside(lambda: _write_json(self._spool / "messages", sidecar.message, on_disk(sidecar)))

    async def note_callback(self, note: CallbackNote) -> None:
        await _beside(lambda: _write_json(self._spool / "callbacks", note.code, on_disk(note)))

    def message(self, message: MessageId) -> SpoolMessage:
        return SpoolMessage(self._spool / "messages", message)


class SpoolMessage:
    """One message between its beep and the caller's word."""

    def __init__(self, folder: Path, message: MessageId) -> None:
        self._part = folder / f"{message}.part.wav"
        self._kept = folder / f"{message}.wav"
        self._sidecar = folder / f"{message}.json"

    @property
    def sound(self) -> Path:
        return self._part

    async def keep(self) -> None:
        await _beside(self._keep)

    async def is_kept(self) -> bool:
        return await _beside(self._is_kept)

    def _is_kept(self) -> bool:
        """Where nothing is left, not even the sidecar, the worker has taken it over already."""
        return not self._part.exists() and (self._kept.exists() or not self._sidecar.exists())

    def _keep(self) -> None:
        if self._is_kept():
            return
        with self._part.open("rb") as sound:
            os.fsync(sound.fileno())
        self._part.rename(self._kept)
        sync_folder(self._kept.parent)


async def _beside(work: Callable[[], Result]) -> Result:
    try:
        return await asyncio.to_thread(work)
    except OSError as error:
        raise Unavailable(f"the message box cannot be written or read: {error.strerror}", code="spool") from error


def _write_json(folder: Path, name: str, content: dict[str, object]) -> None:
    """Whole or not at all, and on the disk when this returns."""
    target = _folder(folder) / f"{name}.json"
    draft = target.with_suffix(".json.tmp")
    with open(os.open(draft, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o640), "w", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(target)
    sync_folder(folder)


def _folder(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    return path
