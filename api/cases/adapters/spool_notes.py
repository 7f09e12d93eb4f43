"""`spool/codes` and `spool/callbacks`, shared with the doors: a code is given once, a call back asked for is not lost."""

from __future__ import annotations

import json
import os
from pathlib import Path

import structlog

from ivr.kernel.errors import Invalid
from ivr.kernel.spool_notes import CallbackNote, read_callback
from ivr.kernel.tracking_code import TrackingCode
from recordings.adapters.spool_codes import reserve_code

_NOTE_LIMIT = 16_384
_log = structlog.get_logger()


class SpoolCodes:
    """`Codes`: the same supply as the doors draw from."""

    def __init__(self, spool: Path) -> None:
        self._spool = spool

    def reserve(self) -> TrackingCode:
        return reserve_code(self._spool)


class SpoolCallbacks:
    """`CallbackNotes`: `<code>.json` files that the callback door wrote. Broken ones are logged and left for a person."""

    def __init__(self, spool: Path) -> None:
        self._folder = spool / "callbacks"

    def all(self) -> list[CallbackNote]:
        if not self._folder.is_dir():
            return []
        return [note for path in sorted(self._folder.glob("*.json")) if (note := _read(path))]

    def remove(self, code: TrackingCode) -> None:
        (self._folder / f"{code}.json").unlink(missing_ok=True)


def _read(path: Path) -> CallbackNote | None:
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
            data = json.loads(file.read(_NOTE_LIMIT))
        return read_callback(data, path.stem)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, Invalid) as error:
        _log.error("callback_note_unreadable", name=path.name[:40], problem=str(error)[:200], alarm=True)
        return None
