"""One reader of the board for each web process, and any number of pages that watch it.

A page never waits in a queue of messages: it is woken when something changed and takes what is true then. A slow page
therefore misses pictures in between and never gets an old one, and costs no memory.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from datetime import timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from api.db.engine import Sessions
from api.db.notify import Listener
from api.db.tables import BoardState
from api.floor.opening import Opening
from api.floor.schemas import BoardNow
from api.floor.today import Today, count_today
from api.floor.view import StoredBoard, board_now
from ivr.kernel.clock import Clock

log = structlog.get_logger(__name__)

HEARTBEAT = 2.0
"""Seconds: a quiet stream still tells the board's age this often, so that "stale" shows within 10 s."""
SHORTEST = 0.2
"""Seconds between two pictures on one stream; faster than people can see is waste."""
COUNT_AGAIN = 1.0
"""Seconds between two counts of today's figures."""


class BoardFeed:
    """`follow_board()` and `follow_calls()` keep it up to date; `fresh()` answers one question; `pictures()` feeds one stream."""

    def __init__(
        self,
        sessions: Sessions,
        words: Listener,
        clock: Clock,
        opening: Opening,
        *,
        node: str,
        stale_after: timedelta,
        places: Sequence[str],
    ) -> None:
        self._sessions = sessions
        self._words = words
        self._clock = clock
        self._opening = opening
        self._node = node
        self._stale_after = stale_after
        self._places = places
        self._stored: StoredBoard | None = None
        self._today: Today | None = None
        self._counted = -COUNT_AGAIN
        self._changed = asyncio.Event()
        self.watchers: Counter[str] = Counter()
        """Open streams by who watches."""

    def now(self) -> BoardNow:
        """The newest picture this process has, with its age as of this moment."""
        return board_now(
            self._stored,
            self._today,
            now=self._clock.now(),
            stale_after=self._stale_after,
            is_open=self._opening.is_open,
            places=self._places,
        )

    async def fresh(self, session: AsyncSession) -> BoardNow:
        """The picture as the database has it; today's figures are at most a second old."""
        await self._read_board(session)
        if asyncio.get_running_loop().time() - self._counted >= COUNT_AGAIN:
            await self._count(session)
        return self.now()

    async def pictures(self, who: str) -> AsyncGenerator[BoardNow, None]:
        """At once the newest picture, then one at each change or heartbeat. Ends only with its reader, `who`."""
        self.watchers[who] += 1
        try:
            while True:
                changed = self._changed
                yield self.now()
                await asyncio.sleep(SHORTEST)
                try:
                    await asyncio.wait_for(changed.wait(), HEARTBEAT - SHORTEST)
                except TimeoutError:
                    continue
        finally:
            self.watchers[who] -= 1
            self.watchers += Counter()  # forgets who has no stream left

    async def follow_board(self) -> None:
        """Read the board at each word of the listener, until cancelled."""
        async for _ in self._words.words("board"):
            try:
                async with self._sessions() as session:
                    await self._read_board(session)
            except Exception as error:  # noqa: BLE001 - one bad moment must not blind every screen until a restart
                log.warning("floor.board_not_read", error=type(error).__name__)

    async def follow_calls(self) -> None:
        """Count today's figures again when records changed, until cancelled."""
        async for _ in self._words.words("calls"):
            try:
                async with self._sessions() as session:
                    await self._count(session)
            except Exception as error:  # noqa: BLE001 - one bad moment must not blind every screen until a restart
                log.warning("floor.today_not_counted", error=type(error).__name__)
            await asyncio.sleep(COUNT_AGAIN)

    async def _read_board(self, session: AsyncSession) -> None:
        row = await session.get(BoardState, self._node, populate_existing=True)
        before = self._stored
        self._stored = StoredBoard(row.epoch, row.version, row.as_of, row.board) if row else None
        if _mark(before) != _mark(self._stored):
            self._wake()

    async def _count(self, session: AsyncSession) -> None:
        today = await count_today(session, self._clock.now())
        self._counted = asyncio.get_running_loop().time()
        if today != self._today:
            self._today = today
            self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


def _mark(stored: StoredBoard | None) -> tuple[object, ...]:
    """What makes a picture another one; its age alone does not."""
    return (stored.epoch, stored.version, stored.board.get("link")) if stored else ()
