"""What a scan of ledger bytes gives: accepted and rejected rows, and where to go on.

A scanner is a pure function over bytes that starts at a row boundary. It consumes whole rows only; a half row at the
end is left for the next scan, so that a stored offset is always a boundary and a restart needs no other state.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from routing.events import LedgerEvent

# Controls, surrogates and direction overrides: PostgreSQL refuses the first two, pages are twisted by the last.
_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")

RAW_KEPT = 8_192
"""Bytes of a rejected row that are kept aside; enough to see what it was."""


@dataclass(frozen=True, slots=True)
class AcceptedRow:
    """A row that became an event; `offset` is where it starts in its file."""

    offset: int
    event: LedgerEvent


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that broke the pattern: counted and kept aside, never folded."""

    offset: int
    reason: str
    raw: bytes


Row = AcceptedRow | RejectedRow


@dataclass(frozen=True, slots=True)
class Scan:
    """Rows in file order; `end` is the offset after the last consumed byte."""

    rows: tuple[Row, ...]
    end: int


class Scanner(Protocol):
    """Reads rows from `data`, which starts at `offset` of its file.

    `now` bounds the future; `final` says that nothing will be appended any more (the file was rotated away), so a half
    row at the end is rejected instead of left.
    """

    def __call__(self, data: bytes, offset: int, now: datetime, *, final: bool = False) -> Scan: ...


def clean(raw: bytes) -> str:
    """Text that every later reader can bear: bad UTF-8 (Asterisk cuts names in mid-character) and controls become U+FFFD."""
    return clean_text(raw.decode("utf-8", "replace"))


def clean_text(text: str) -> str:
    return text if text.isprintable() else _UNFIT.sub("\ufffd", text)  # nothing unfit is printable, nearly all text is


def rejected(offset: int, reason: str, raw: bytes) -> RejectedRow:
    return RejectedRow(offset, reason, raw[:RAW_KEPT])
