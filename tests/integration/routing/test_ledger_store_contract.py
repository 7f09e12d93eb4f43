"""What the follower may expect of a ledger store, of the one in memory and of PostgreSQL alike."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol

import pytest
from sqlalchemy import select

from api.db.engine import Sessions
from api.db.tables import LedgerEventRow
from api.db.tables import RejectedRow as RejectedTable
from api.ledger.store import PostgresLedger
from routing.events import Source
from routing.ledger import queue_log
from routing.ledger.rows import AcceptedRow, RejectedRow
from routing.ports import LedgerBatch, LedgerStore, Position
from tests.fakes.ledger_shelf import Shelf

NOW = datetime(2026, 11, 22, tzinfo=UTC)


class Looking(Protocol):
    """What the test sees of a store."""

    store: LedgerStore

    async def seen(self) -> tuple[list[int], int]:
        """Waits of the stored events in order, and how many rows were kept aside."""
        ...


class LookingAtShelf:
    def __init__(self) -> None:
        self.store = self.shelf = Shelf()

    async def seen(self) -> tuple[list[int], int]:
        return self.shelf.waits, len(self.shelf.rejects)


class LookingAtPostgres:
    def __init__(self, sessions: Sessions) -> None:
        self.store, self._sessions = PostgresLedger(sessions, "line1420"), sessions

    async def seen(self) -> tuple[list[int], int]:
        async with self._sessions() as session:
            rows = (await session.scalars(select(LedgerEventRow).order_by(LedgerEventRow.id))).all()
            aside = (await session.scalars(select(RejectedTable))).all()
            return [int(row.fields["waittime"]) for row in rows], len(aside)


@pytest.fixture(params=["shelf", "postgres"])
def looking(request: pytest.FixtureRequest) -> Looking:
    if request.param == "shelf":
        return LookingAtShelf()
    return LookingAtPostgres(request.getfixturevalue("sessions"))


def batch(text: str, offset: int = 0, file_id: str = "f1") -> LedgerBatch:
    scan = queue_log.scan(text.encode(), offset, NOW)
    return LedgerBatch(
        Source.QUEUE_LOG,
        Position(file_id, scan.end),
        tuple(row for row in scan.rows if isinstance(row, AcceptedRow)),
        tuple(row for row in scan.rows if isinstance(row, RejectedRow)),
    )


def line(n: int) -> str:
    return f"{1795302000 + n}|line1420-1795302000.{n}|q-general|NONE|ABANDON|1|1|{n}\n"


async def test_before_the_first_row_there_is_no_position(looking: Looking) -> None:
    assert await looking.store.position(Source.QUEUE_LOG) is None


async def test_rows_and_position_are_there_after_storing(looking: Looking) -> None:
    first = batch(line(1) + "garbage\n" + line(2))
    await looking.store.store(first)
    assert await looking.seen() == ([1, 2], 1)
    assert await looking.store.position(Source.QUEUE_LOG) == first.position
    assert await looking.store.position(Source.CEL) is None


async def test_the_same_batch_twice_is_once(looking: Looking) -> None:
    await looking.store.store(batch(line(1) + "garbage\n"))
    await looking.store.store(batch(line(1) + "garbage\n"))
    assert await looking.seen() == ([1], 1)


async def test_the_same_offset_in_another_file_is_another_row(looking: Looking) -> None:
    await looking.store.store(batch(line(1)))
    await looking.store.store(batch(line(2), file_id="f2"))
    assert await looking.seen() == ([1, 2], 0)
    assert await looking.store.position(Source.QUEUE_LOG) == Position("f2", len(line(2)))


async def test_a_batch_that_overlaps_adds_only_what_is_new(looking: Looking) -> None:
    await looking.store.store(batch(line(1)))
    await looking.store.store(batch(line(1) + line(2)))
    assert (await looking.seen())[0] == [1, 2]
