"""A ledger store in memory: unique keys, rows and position together, and switches to take it away."""

from __future__ import annotations

from ivr.kernel.errors import Unavailable
from routing.events import Source
from routing.ports import LedgerBatch, Position


class Shelf:
    """`routing.ports.LedgerStore`; the same contract test runs against this and PostgreSQL."""

    def __init__(self) -> None:
        self.rows: dict[tuple[Source, str, int], str] = {}
        """Key of each stored event → its `waittime`."""
        self.rejects: dict[tuple[Source, str, int], str] = {}
        self.positions: dict[Source, Position] = {}
        self.away = False
        self.lose_answers = False

    async def position(self, source: Source) -> Position | None:
        if self.away:
            raise Unavailable("the shelf is away")
        return self.positions.get(source)

    async def store(self, batch: LedgerBatch) -> None:
        if self.away:
            raise Unavailable("the shelf is away")
        for row in batch.events:
            self.rows.setdefault((batch.source, batch.position.file_id, row.offset), row.event.fields["waittime"])
        for row in batch.rejected:
            self.rejects.setdefault((batch.source, batch.position.file_id, row.offset), row.reason)
        self.positions[batch.source] = batch.position
        if self.lose_answers:  # committed, but nobody heard it
            raise Unavailable("the connection broke at the commit")

    @property
    def waits(self) -> list[int]:
        return [int(wait) for wait in self.rows.values()]
