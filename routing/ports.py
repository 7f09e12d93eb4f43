"""What routing asks of the house around it: somewhere to store ledger rows, somewhere to show the board."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from routing.events import Source
from routing.ledger.rows import AcceptedRow, RejectedRow
from routing.live import LiveEvent, Snapshot


@dataclass(frozen=True, slots=True)
class Position:
    """How far a ledger has been read: a row boundary in one file.

    `file_id` is a fingerprint of the file's first line, so that a new file on an old inode, or a file that was truncated
    and written anew, is never taken for the one we know, and a rotated copy always is.
    """

    file_id: str
    offset: int


@dataclass(frozen=True, slots=True)
class LedgerBatch:
    """Rows of one file, in file order. Each row's key is (node, source, `position.file_id`, row offset)."""

    source: Source
    position: Position
    """Where to go on after these rows; store it in the same transaction as the rows."""
    events: tuple[AcceptedRow, ...]
    rejected: tuple[RejectedRow, ...]


class LedgerStore(Protocol):
    """Keeps rows and position together. Storing the same batch twice must be harmless."""

    async def position(self, source: Source) -> Position | None:
        """The stored position, or None before the first row ever. Raises `Unavailable` when the store does not answer."""
        ...

    async def store(self, batch: LedgerBatch) -> None:
        """Store rows and position in one transaction. Raises `Unavailable` when it may work later."""
        ...


class BoardLink(StrEnum):
    """How the listener stands to Asterisk."""

    CONNECTING = "connecting"
    LIVE = "live"
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class BoardPublication:
    """The board as it stands. `version` grows with each change of `board` within one `epoch` (one run of the listener)."""

    board: Mapping[str, Any]
    as_of: datetime
    """Last proof that this picture was true: an event, a pong or a snapshot. The clock of staleness."""
    version: int
    epoch: str
    link: BoardLink


class Watcher(Protocol):
    """Hears what the board is folded from, in the same order. Must not wait."""

    def heard(self, event: LiveEvent) -> None: ...

    def pictured(self, snapshot: Snapshot, meanwhile: Sequence[LiveEvent]) -> None:
        """A snapshot. `meanwhile` was heard while it was on its way, and may have happened after it."""
        ...

    def lost(self) -> None:
        """The link ended or events were dropped: what was known is old until the next snapshot."""
        ...


class BoardSink(Protocol):
    """Shows the board. Called at most every 100 ms and at least every 1.5 s; raises `Unavailable` when it cannot now."""

    async def publish(self, publication: BoardPublication) -> None: ...
