"""The ledger files of a day, whole: the one being written and what was rotated away, packed or not."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, cast

from ivr.kernel.clock import from_epoch
from routing.events import LedgerEvent
from routing.ledger.rows import AcceptedRow, Scanner

_PIECE = 1 << 20


def events_between(path: Path, scan: Scanner, since: datetime, until: datetime, now: datetime) -> list[LedgerEvent]:
    """Accepted rows of `path` and its rotated siblings with an instant in [since, until). Raises OSError."""
    found: list[LedgerEvent] = []
    for file in _files(path, since):
        for event in _events(file, scan, now):
            if since <= event.at < until:
                found.append(event)
    return found


def _files(path: Path, since: datetime) -> Iterator[Path]:
    """Each content once: a file that is being copied away begins with the same line as its copy, and one is longer."""
    longest: dict[bytes, tuple[int, Path]] = {}
    for file in sorted(path.parent.glob(f"{path.name}*")):
        if not file.is_file() or from_epoch(file.stat().st_mtime) < since - timedelta(days=1):
            continue
        with _opened(file) as content:
            first, size = content.readline(1 << 16), content.seek(0, 2)
        if first and (first not in longest or longest[first][0] < size):
            longest[first] = (size, file)
    yield from (file for _, file in longest.values())


def _events(file: Path, scan: Scanner, now: datetime) -> Iterator[LedgerEvent]:
    rest, offset = b"", 0
    with _opened(file) as content:
        while True:
            piece = content.read(_PIECE)
            data = rest + piece
            scanned = scan(data, offset, now, final=not piece)
            yield from (row.event for row in scanned.rows if isinstance(row, AcceptedRow))
            if not piece:
                return
            rest, offset = data[scanned.end - offset :], scanned.end


def _opened(file: Path) -> BinaryIO:
    return cast("BinaryIO", gzip.open(file)) if file.suffix == ".gz" else file.open("rb")
