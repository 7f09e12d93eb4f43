"""Where the listener shows its board: one row for each node, and word to whoever looks at it."""

from __future__ import annotations

import structlog
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError

from api.db.engine import Sessions
from api.db.notify import notify
from api.db.tables import BoardState
from ivr.kernel.errors import Unavailable
from routing.ports import BoardPublication

log = structlog.get_logger(__name__)

CHANNEL = "board"
"""Notification channel; the payload is node, epoch and version."""


class PostgresBoard:
    """`routing.ports.BoardSink` over PostgreSQL."""

    def __init__(self, sessions: Sessions, node: str) -> None:
        self._sessions = sessions
        self._node = node

    async def publish(self, publication: BoardPublication) -> None:
        values = {
            "node": self._node,
            "epoch": publication.epoch,
            "version": publication.version,
            "as_of": publication.as_of,
            "board": {**publication.board, "link": publication.link.value},
        }
        statement = insert(BoardState).values(values)
        newest = {name: statement.excluded[name] for name in values if name != "node"}
        try:
            async with self._sessions.begin() as session:
                # Not worth waiting for the disk: what a power cut takes is replaced within two seconds.
                await session.execute(text("SET LOCAL synchronous_commit TO off"))
                await session.execute(statement.on_conflict_do_update(index_elements=["node"], set_=newest))
                await notify(session, CHANNEL, f"{self._node} {publication.epoch} {publication.version}")
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            raise Unavailable(f"the board was not stored ({type(error).__name__}); the next one replaces it") from error
