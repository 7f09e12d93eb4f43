"""`spool/codes` and `spool/callbacks`, shared with the doors: a code is given once, a call back asked for is not lost."""

from __future__ import annotations

import json
import os
import secrets
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import structlog

from api.cases.ports import CallbackNote
from ivr.kernel.clock import aware
from ivr.kernel.errors import Invalid, Unavailable
from ivr.kernel.ids import CallId
from ivr.kernel.phone_number import parse_caller, stored_form
from ivr.kernel.tracking_code import LENGTH, TrackingCode

_TRIES = 50
_NOTE_LIMIT = 16_384
_log = structlog.get_logger()


class SpoolCodes:
    """`Codes`: an empty file per code, made so that only one can make it."""

    def __init__(self, spool: Path) -> None:
        self._folder = spool / "codes"

    def reserve(self) -> TrackingCode:
        self._folder.mkdir(parents=True, exist_ok=True)
        for _ in range(_TRIES):
            code = TrackingCode.from_number(secrets.randbelow(10 ** (LENGTH - 1)))
            with suppress(FileExistsError):
                os.close(os.open(self._folder / code, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o640))
                return code
        raise Unavailable("no free tracking code was found; look whether spool/codes is overfull", code="codes_full")


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
        code = TrackingCode(data["code"])
        if code != path.stem:
            raise ValueError("the note names another code")
        return CallbackNote(
            code=code,
            call_id=CallId(data["call_id"]),
            number=stored_form(parse_caller(str(data["number"])[:40])),
            keyed=bool(data.get("keyed")),
            queue=str(data.get("queue") or "")[:40],
            when=str(data.get("when") or "")[:40],
            asked_at=aware(datetime.fromisoformat(data["asked_at"])),
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, Invalid) as error:
        _log.error("callback_note_unreadable", name=path.name[:40], problem=str(error)[:200], alarm=True)
        return None
