"""`spool/codes`: one empty file for each tracking code ever given. Whoever makes the file has the code; nobody else can.

Doors and worker draw from it alike, while the database is down as well.
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from ivr.kernel.errors import Unavailable
from ivr.kernel.tracking_code import LENGTH, TrackingCode

_CODES = 10 ** (LENGTH - 1)
_TRIES = 50
"""Draws until a free code must have come; with a tenth of all codes given, one in 10^50 calls would fail."""


def reserve_code(spool: Path) -> TrackingCode:
    """A code that nobody else has or will get, on the disk when this returns. Raises `Unavailable`, or `OSError`."""
    codes = spool / "codes"
    codes.mkdir(parents=True, exist_ok=True)
    for _ in range(_TRIES):
        code = TrackingCode.from_number(secrets.randbelow(_CODES))
        with suppress(FileExistsError):
            os.close(os.open(codes / code, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o640))
            sync_folder(codes)
            return code
    raise Unavailable("no free tracking code was found; look whether spool/codes is overfull", code="codes_full")


def sync_folder(folder: Path) -> None:
    """A new name in `folder` outlives a loss of power after this."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
