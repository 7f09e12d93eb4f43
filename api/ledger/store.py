"""Where the followers put what they read: rows, position, records, notifications and jobs in one transaction.

Reading is at least once, the keys of the rows make it once: a batch stored twice changes nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from api.db.engine import Sessions
from api.db.tables import CallRecordRow, FollowerPosition
from api.db.tables import RejectedRow as RejectedTable
from api.ledger.closing import close_after_restart, close_forgotten, newest_start, open_calls, outlives
from api.ledger.folding import refold
from api.ledger.locks import lock_node
from api.ledger.rows import append_batch, calls_of_legs, learn_legs
from ivr.kernel.errors import Unavailable
from ivr.kernel.failpoints import hit_here
from routing.events import Source
from routing.ports import LedgerBatch, Position

log = structlog.get_logger(__name__)


class PostgresLedger:
    """`routing.ports.LedgerStore` over PostgreSQL, for one node."""

    def __init__(self, sessions: Sessions, node: str) -> None:
        self._sessions = sessions
        self._node = node
        self._start: datetime | None = None
        """When Asterisk last began anew, as far as this process read of it."""
        self._asked = False
        """Whether what was stored before this process counts in it, too."""

    async def position(self, source: Source) -> Position | None:
        try:
            async with self._sessions() as session:
                row = await session.get(FollowerPosition, (self._node, source.value))
                return Position(row.file_id, row.file_offset) if row else None
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            raise _away(error) from error

    async def store(self, batch: LedgerBatch) -> None:
        try:
            # Known before it is stored: a start that is then not stored costs some questions, one that is missed a call.
            self._start = max((*_starts(batch), *filter(None, (self._start,))), default=None)
            async with self._sessions.begin() as session:
                await self._store(session, batch)
                await hit_here("follower.before_commit")
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            raise _away(error) from error

    async def alive(self, source: Source, looked: datetime) -> None:
        """Say that a look which began at `looked` found nothing new: this ledger is read so far. `/ready` looks at it, and who
        judges by the ledger's silence. Raises `Unavailable`."""
        key = (FollowerPosition.node == self._node, FollowerPosition.source == source.value)
        try:
            async with self._sessions.begin() as session:
                await session.execute(update(FollowerPosition).where(*key).values(updated_at=looked))
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            raise _away(error) from error

    async def sweep(self, now: datetime, limit: timedelta) -> int:
        """Close calls that were forgotten; returns how many. Raises `Unavailable`."""
        try:
            async with self._sessions.begin() as session:
                await lock_node(session, self._node)
                # of a start that lay ahead when it was stored: its hour may have come
                cut = await close_after_restart(session, self._node, await open_calls(session, self._node))
                await refold(session, cut)
                lost = await close_forgotten(session, self._node, now, limit)
                await refold(session, lost)
                return len(lost)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            raise _away(error) from error

    async def open_too_long(self, now: datetime, limit: timedelta) -> int:
        """Calls older than `limit` that are not over; those without a sign of life are closed by `sweep`. Raises `Unavailable`."""
        try:
            async with self._sessions() as session:
                return len(await open_calls(session, self._node, before=now - limit))
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            raise _away(error) from error

    async def _store(self, session: AsyncSession, batch: LedgerBatch) -> None:
        """All of one batch, inside the caller's transaction."""
        node = self._node
        await lock_node(session, node)
        events = [accepted.event for accepted in batch.events]
        at_hand = await append_batch(session, node, batch)
        if batch.rejected:
            await _keep_aside(session, node, batch)
        if batch.source is Source.CEL:
            legs = {str(e.leg_id): str(e.call_id) for e in reversed(events) if e.leg_id and e.call_id}
            await learn_legs(session, legs)
        touched = {str(event.call_id) for event in events if event.call_id}
        touched |= await calls_of_legs(session, {str(e.leg_id) for e in events if e.leg_id and not e.call_id})
        await refold(session, touched, at_hand=at_hand)
        if _starts(batch):
            await refold(session, await close_after_restart(session, node, await open_calls(session, node)))
        elif events and not outlives(await self._newest_start(session), min(event.at for event in events)):
            await refold(session, await close_after_restart(session, node, await _open_among(session, touched)))
        await _remember(session, node, batch)

    async def _newest_start(self, session: AsyncSession) -> datetime | None:
        """Under the node's lock: what the other follower has just stored counts."""
        if not self._asked:
            stored = await newest_start(session, self._node)
            self._start, self._asked = max((at for at in (self._start, stored) if at), default=None), True
        return self._start


def _starts(batch: LedgerBatch) -> list[datetime]:
    """Instants at which Asterisk began anew."""
    return [accepted.event.at for accepted in batch.events if accepted.event.name == "QUEUESTART"]


async def _open_among(session: AsyncSession, call_ids: set[str]) -> list[str]:
    query = select(CallRecordRow.call_id).where(
        CallRecordRow.call_id.in_(sorted(call_ids)), CallRecordRow.ended_at.is_(None)
    )
    return list(await session.scalars(query))


async def _keep_aside(session: AsyncSession, node: str, batch: LedgerBatch) -> None:
    rows: list[dict[str, Any]] = [
        {
            "node": node,
            "source": batch.source.value,
            "file_id": batch.position.file_id,
            "file_offset": row.offset,
            "reason": row.reason,
            "raw": row.raw,
        }
        for row in batch.rejected
    ]
    for first in range(0, len(rows), 1_000):
        await session.execute(insert(RejectedTable).values(rows[first : first + 1_000]).on_conflict_do_nothing())


async def _remember(session: AsyncSession, node: str, batch: LedgerBatch) -> None:
    """`updated_at` becomes the instant that the rows have as their `written_at`, so that a batch, behind which there may be
    more, is not taken for the end of the ledger (`api.callbacks.silence`). Without rows it stays as it was."""
    statement = insert(FollowerPosition).values(
        node=node, source=batch.source.value, file_id=batch.position.file_id, file_offset=batch.position.offset
    )
    moved: dict[str, Any] = {
        "file_id": statement.excluded.file_id,
        "file_offset": statement.excluded.file_offset,
    }
    if batch.events:
        moved["updated_at"] = func.now()
    await session.execute(statement.on_conflict_do_update(index_elements=["node", "source"], set_=moved))


def _away(error: BaseException) -> Unavailable:
    cause = getattr(error, "orig", None) or error  # never the message: it quotes rows, and rows name callers
    log.warning("ledger.store_failed", error=type(error).__name__, cause=type(cause).__name__)
    return Unavailable(f"the ledger's database does not take rows now ({type(error).__name__}); it is tried again")
