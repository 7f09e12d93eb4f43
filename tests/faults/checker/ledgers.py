"""Asterisk's two ledgers as files, read with the csv module and by nobody's fold; rotated and packed siblings included."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote

from tests.faults.checker.evidence import CelRow, QueueRow

_COLUMNS = 19
_HEAD = re.compile(rb'(?m)^"[A-Z_]{3,40}","\d{9,10}\.\d{6}",')
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def files_of(path: Path, since: datetime | None = None) -> list[Path]:
    """`path` and what was rotated away from it, each content once: a copy in the making begins with the same line.

    Files that were last written before `since` hold nothing of interest and are left out.
    """
    longest: dict[bytes, tuple[int, Path]] = {}
    for file in [path, *path.parent.glob(f"{path.name}?*")]:
        if not file.is_file() or (since and datetime.fromtimestamp(file.stat().st_mtime, UTC) < since):
            continue
        content = _read(file)
        first = content.partition(b"\n")[0]
        if content and (first not in longest or longest[first][0] < len(content)):
            longest[first] = (len(content), file)
    return [file for _, file in longest.values()]


def read_cel(path: Path, since: datetime | None = None) -> tuple[list[CelRow], int]:
    """All rows, and how many stretches were no whole row. Caller text cannot look like a row's head: quotes are doubled."""
    rows: list[CelRow] = []
    damaged = 0
    for file in files_of(path, since):
        for raw in _pieces(_read(file)):
            row = _cel_row(raw)
            if row is None:
                damaged += 1
            else:
                rows.append(row)
    return rows, damaged


def read_queue_log(path: Path, since: datetime | None = None) -> list[QueueRow]:
    """All rows of five fields or more, in the order of the files' first instants and then as written."""
    found: list[list[QueueRow]] = []
    for file in files_of(path, since):
        rows = []
        for line in _read(file).decode("utf-8", "replace").splitlines():
            parts = line.split("|")
            if len(parts) >= 5 and parts[0].isdigit():
                at = _EPOCH + timedelta(seconds=int(parts[0]))
                rows.append(QueueRow(at, parts[1], parts[2].removeprefix("q-"), parts[3], parts[4], tuple(parts[5:])))
        if rows:
            found.append(rows)
    return [row for rows in sorted(found, key=lambda rows: rows[0].at) for row in rows]


def _read(file: Path) -> bytes:
    if file.suffix == ".gz":
        with gzip.open(file) as packed:
            return packed.read()
    return file.read_bytes()


def _pieces(content: bytes) -> Iterator[bytes]:
    heads = [head.start() for head in _HEAD.finditer(content)]
    if heads[:1] != [0] and content[: heads[0] if heads else None].strip():
        yield content[: heads[0] if heads else None]
    for start, end in zip(heads, [*heads[1:], len(content)], strict=True):
        yield content[start:end]


def _cel_row(raw: bytes) -> CelRow | None:
    if not raw.endswith(b"\n"):
        return None  # still being written, or cut off
    text = raw.decode("utf-8", "replace")
    try:
        (fields,) = csv.reader(io.StringIO(text, newline=""), strict=True)
    except (ValueError, csv.Error):
        return None
    if len(fields) != _COLUMNS:
        return None
    seconds, _, micros = fields[1].partition(".")
    at = _EPOCH + timedelta(seconds=int(seconds), microseconds=int(micros))
    extra = _json(fields[18])
    ours = fields[0] == "USER_DEFINED"
    said = _decoded(str(extra.get("extra", ""))) if ours else {key: str(value) for key, value in extra.items()}
    return CelRow(
        at=at,
        name=fields[2] if ours else fields[0],
        leg=fields[3],
        # a supervisor who listens has a call of their own; the row is about the talk they hear
        call=said.get("call") or fields[4] if ours and fields[2] == "listening" else fields[4],
        channel=fields[5],
        peer=fields[6],
        app_data=fields[10],
        number=fields[11],
        said=said,
    )


def _json(text: str) -> dict[str, object]:
    try:
        told = json.loads(text) if text else {}
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _decoded(text: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in text.split("&"))
    return {unquote(key): unquote(value) for key, sign, value in pairs if sign}
