"""Reads what is new in a ledger file, across rotation, truncation and absence. Files only, no database.

A file is known by the fingerprint of its first line, which names an instant and a call: unlike an inode it survives
copying (`copytruncate`), is never given to another file, and changes when a file is truncated and written anew. When
the current file is another than the one we were reading, the old one is looked for (by its open handle, then beside the
current one) and finished first; then come the files rotated after it, oldest first, then the current one. Rotated files
may be compressed: the fingerprint is that of what is inside.
"""

from __future__ import annotations

import bz2
import gzip
import hashlib
import lzma
import os
import re
import zlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, cast

from routing.events import Source
from routing.ledger.rows import AcceptedRow, RejectedRow, Scanner
from routing.ports import LedgerBatch, Position

CHUNK = 1 << 20
"""Bytes read at a time: some 2,000 rows, one comfortable transaction."""

PACKED_PIECE = 4096
"""Bytes unpacked at a time, so that a torn file gives up all that came before the tear."""

FIRST_LINE = 256
"""Bytes of the first line that go into the fingerprint; both ledgers name time and call within them."""

_TIME = re.compile(rb"\d{9,10}(?:\.\d{6})?")
_OPENERS = {".gz": gzip.open, ".xz": lzma.open, ".bz2": bz2.open}
_UNREADABLE = (".zst", ".zip", ".lz4", ".part")
_TORN = (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile)
"""What a compressed file says that is cut off or was never one; `bz2` says OSError."""


@dataclass(frozen=True, slots=True)
class _File:
    id: str
    path: Path
    began: float
    """Time in its first row; copying and compressing leave it alone, unlike the file's own time."""
    modified: int

    @property
    def packed(self) -> bool:
        return self.path.suffix in _OPENERS


class Tail:
    """One ledger file, e.g. `…/queue_log`, with its rotated siblings `…/queue_log*`."""

    def __init__(self, path: Path, source: Source, scan: Scanner, *, chunk: int = CHUNK) -> None:
        self.path = path
        self.source = source
        self.lost: list[str] = []
        """Ids of files that vanished, or could not be unpacked, before they were read to the end; rows may be missing from
        the record."""
        self._scan = scan
        self._chunk = chunk
        self._handle: BinaryIO | None = None
        self._handle_id = ""
        self._handle_packed = False
        self._finished = ""

    def read_new(self, position: Position | None, now: datetime) -> LedgerBatch | None:
        """Rows after `position`, or None if there are none now. Raises OSError when a file cannot be read."""
        while True:
            file_id, final = self._file_after(position)
            if file_id is None:
                return None
            offset = position.offset if position and position.file_id == file_id else 0
            batch = self._read(file_id, offset, now, final)
            if batch is not None or not final:
                return batch
            self._finished = file_id
            position = Position(file_id, _DONE)

    def read_ahead(self, position: Position, now: datetime) -> LedgerBatch | None:
        """What follows in the file that is open, while the rows before it are still being stored. Never goes on to
        another file: should the store fail, the open one may be the only way back to its rows."""
        if position.file_id != self._handle_id or not self._still_open(position.file_id):
            return None
        return self._read(position.file_id, position.offset, now, final=False)

    def close(self) -> None:
        if self._handle is not None:
            self._handle.close()
        self._handle, self._handle_id = None, ""

    def _file_after(self, position: Position | None) -> tuple[str | None, bool]:
        """The file to read next, opened, and whether it has been rotated away."""
        current = _identify(self.path)
        if current is not None and position is not None and position.file_id == current.id:
            return self._open(current), False
        rotated = self._rotated(current)
        if position is None:  # the first start ever: everything that is still there counts
            first = rotated[0] if rotated else current
            return (None, False) if first is None else (self._open(first), first is not current and current is not None)
        if position.offset != _DONE and self._still_open(position.file_id):
            return position.file_id, current is not None
        known = next((n for n, file in enumerate(rotated) if file.id == position.file_id), None)
        if known is not None and position.offset != _DONE:
            return self._open(rotated[known]), current is not None
        if known is not None and known + 1 < len(rotated):
            return self._open(rotated[known + 1]), True
        if current is None:
            return None, False
        if known is None and position.file_id != self._finished and position.file_id not in self.lost:
            self.lost.append(position.file_id)
        return self._open(current), False

    def _still_open(self, file_id: str) -> bool:
        """Whether our handle still shows that file: not when it was truncated under us."""
        if self._handle is None or self._handle_id != file_id:
            return False
        if self._handle_packed:
            return True  # nobody writes into one, and going back to its beginning means to unpack it all again
        self._handle.seek(0)
        return _fingerprint(self._handle.read(FIRST_LINE)) == file_id

    def _rotated(self, current: _File | None) -> list[_File]:
        """Readable files beside the current one, oldest first."""
        found = (
            _identify(path)
            for path in self.path.parent.glob(f"{self.path.name}?*")
            if path.suffix not in _UNREADABLE and path.is_file()
        )
        others = (file for file in found if file is not None and (current is None or file.id != current.id))
        # While one is being compressed both lie there: the plain one is whole, so it comes last and stays.
        files = {file.id: file for file in sorted(others, key=lambda file: not file.packed)}
        return sorted(files.values(), key=lambda file: (file.began, file.modified, file.path.name))

    def _open(self, file: _File) -> str:
        if not self._still_open(file.id):
            self.close()
            self._handle, self._handle_id, self._handle_packed = _opened(file.path), file.id, file.packed
        return file.id

    def _read(self, file_id: str, offset: int, now: datetime, final: bool) -> LedgerBatch | None:
        handle = self._handle
        if handle is None or self._handle_id != file_id:
            return None
        data = _unpacked(handle, offset, self._chunk) if self._handle_packed else _plain(handle, offset, self._chunk)
        if data is None:
            # Cut off or not what its name says: what could be unpacked was read, the rest is told, the reader goes on.
            if file_id not in self.lost:
                self.lost.append(file_id)
            return None
        at_end = len(data) < self._chunk
        if not data:
            return None
        scan = self._scan(data, offset, now, final=final and at_end)
        if scan.end == offset:
            return None
        return LedgerBatch(
            source=self.source,
            position=Position(file_id, scan.end),
            events=tuple(row for row in scan.rows if isinstance(row, AcceptedRow)),
            rejected=tuple(row for row in scan.rows if isinstance(row, RejectedRow)),
        )


_DONE = -1
"""Offset of a file that is finished; only within one `read_new`."""


def _opened(path: Path) -> BinaryIO:
    opener = _OPENERS.get(path.suffix)
    return cast("BinaryIO", opener(path, "rb")) if opener else path.open("rb")


def _plain(handle: BinaryIO, offset: int, size: int) -> bytes:
    handle.seek(offset)
    return handle.read(size)


def _unpacked(handle: BinaryIO, offset: int, size: int) -> bytes | None:
    """Up to `size` bytes from `offset` of what is inside; of a torn file as much as there is, then None."""
    data = bytearray()
    try:
        handle.seek(offset)
        while len(data) < size and (piece := handle.read(min(PACKED_PIECE, size - len(data)))):
            data += piece
    except (OSError, *_TORN):
        return bytes(data) or None
    return bytes(data)


def _identify(path: Path) -> _File | None:
    """None while the file is missing or its first line is not whole: there is nothing to read in it yet."""
    try:
        with _opened(path) as file:
            first, stat = file.read(FIRST_LINE), os.fstat(file.fileno())
    except (FileNotFoundError, *_TORN):
        return None
    except OSError:
        if path.suffix in _OPENERS:
            return None
        raise
    file_id = _fingerprint(first)
    if file_id is None:
        return None
    began = _TIME.search(first)
    return _File(file_id, path, float(began.group()) if began else 0.0, stat.st_mtime_ns)


def _fingerprint(first: bytes) -> str | None:
    line, newline, _ = first.partition(b"\n")
    if not newline and len(first) < FIRST_LINE:
        return None
    return hashlib.sha256(line).hexdigest()[:16]
