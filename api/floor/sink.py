"""Where the listener shows its board: one row for each node, and word to whoever looks at it."""

from __future__ import annotations

import json

import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from api.db.engine import Sessions
from ivr.kernel.errors import Unavailable
from routing.ports import BoardPublication

log = structlog.get_logger(__name__)

CHANNEL = "board"
"""Notification channel; the payload is node, epoch and version."""

# Not worth waiting for the disk: what a power cut takes is replaced within two seconds.
_PUBLISH = text(
    "WITH unhurried AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true) AS said),"
    " kept AS (INSERT INTO board_state (node, epoch, version, as_of, board)"
    " VALUES (:node, :epoch, :version, :as_of, CAST(:board AS jsonb))"
    " ON CONFLICT (node) DO UPDATE SET epoch = excluded.epoch, version = excluded.version, as_of = excluded.as_of,"
    " board = excluded.board)"
    " SELECT pg_notify(:channel, :word) FROM unhurried"
)


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
            "board": json.dumps({**publication.board, "link": publication.link.value}, ensure_ascii=False),
            "channel": CHANNEL,
            "word": f"{self._node} {publication.epoch} {publication.version}",
        }
        try:
            async with self._sessions() as session:
                # One statement is its own transaction: row and word come together or not at all.
                await session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
                await session.execute(_PUBLISH, values)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            raise Unavailable(f"the board was not stored ({type(error).__name__}); the next one replaces it") from error
