"""Sound and notes on disk: the archive by its bytes, the spool by its names, the codes ever given."""

from __future__ import annotations

import hashlib
import wave
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import numpy as np

from tests.faults.checker.evidence import SoundFile, SpoolFile
from tests.faults.checker.limits import LOUD_DBFS

_PIECE_FRAMES = 1 << 18
_MOMENT = 0.03
"""Seconds of sound whose level is taken at once."""


def read_sounds(archive: Path, keys: Iterable[str]) -> dict[str, SoundFile]:
    """The files of these archive keys; a key without a file is left out."""
    found: dict[str, SoundFile] = {}
    for key in keys:
        if (archive / key).is_file():
            status = (archive / key).stat()
            found[key] = _sound(archive / key, status.st_size, status.st_mtime_ns)
    return found


def read_spool(spool: Path) -> list[SpoolFile]:
    """Every regular file that waits in the spool, whatever its name."""
    found: list[SpoolFile] = []
    for folder in ("calls", "messages", "callbacks"):
        for path in sorted((spool / folder).glob("*")) if (spool / folder).is_dir() else []:
            try:
                status = path.lstat()
            except FileNotFoundError:
                continue  # taken in this moment
            found.append(SpoolFile(folder, path.name, datetime.fromtimestamp(status.st_mtime, UTC)))
    return found


def read_codes(spool: Path) -> frozenset[str] | None:
    """Every code that was ever reserved."""
    folder = spool / "codes"
    return frozenset(path.name for path in folder.iterdir()) if folder.is_dir() else None


@cache
def _sound(path: Path, size: int, changed: int) -> SoundFile:
    """Read once while it does not change: a check looks again every two seconds, and a day may have gigabytes."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    seconds, loud = _measured(path)
    return SoundFile(str(path), size, digest, seconds, loud)


def _measured(path: Path) -> tuple[float | None, float]:
    """Length by the wave module, and how much of it is loud on any channel."""
    try:
        with wave.open(str(path)) as sound:
            rate, channels, width, frames = (
                sound.getframerate(), sound.getnchannels(), sound.getsampwidth(), sound.getnframes(),
            )  # fmt: skip
            if width != 2:
                return frames / rate, 0.0
            loud, size = 0, int(rate * _MOMENT)
            held = 0
            while piece := sound.readframes(_PIECE_FRAMES - _PIECE_FRAMES % size):
                samples = np.frombuffer(piece, dtype="<i2").reshape(-1, channels)
                held += len(samples)
                moments = len(samples) // size
                power = np.mean(np.square(samples[: moments * size].astype(np.float64) / 32768).reshape(
                    moments, size, channels), axis=1)  # fmt: skip
                loud += int(np.sum(np.max(power, axis=1) > 10 ** (LOUD_DBFS / 10))) if moments else 0
            # The header may promise more than there is: count what was read.
            return held / rate, loud * _MOMENT
    except (wave.Error, EOFError, ValueError, ZeroDivisionError):
        return None, 0.0
