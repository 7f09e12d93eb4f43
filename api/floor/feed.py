"""One reader of the board for each web process, and any number of pages that watch it.

A page never waits in a queue of messages: it is woken when something changed and takes what is true then. A slow page
therefore misses pictures in between and never gets an old one, and costs no memory. A picture is put into words once,
however many pages take it. While no page watches nothing is read; the first to come reads before it is shown anything.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from api.access.permissions import Permission
from api.access.principal import Principal
from api.advice.facts import Facts, read_facts
from api.advice.service import waits_of
from api.db.engine import Sessions
from api.db.notify import Listener
from api.db.tables import BoardState
from api.floor.beside import Beside
from api.floor.day import day_mark
from api.floor.opening import Opening
from api.floor.schemas import AlarmsOnBoard, BoardNow, DayNow
from api.floor.today import Today, count_today
from api.floor.view import StoredBoard, board_now, people_here
from api.priority.waiting import with_standing
from api.settings import ApiSettings
from ivr.kernel.clock import Clock
from ivr.kernel.ids import QueueName
from routing.queues import QUEUES
from routing.seats import seat_names

log = structlog.get_logger(__name__)

HEARTBEAT = 2.0
"""Seconds: a quiet stream still tells the board's age this often, so that "stale" shows within 10 s."""
SHORTEST = 0.05
"""Seconds between two pictures on one stream: with the listener's own pace a change is on the screen within 200 ms."""
SHORTEST_EACH = 0.002
"""Seconds which each further stream adds to that, up to `LONGEST`: a hundred screens get five pictures a second."""
LONGEST = 0.2
AGES = 0.25
"""Seconds after which the same picture is put into words again, because its age stands in it."""
COUNT_AGAIN = 1.0
"""Seconds between two counts of today's figures."""
CATCH_UP = 1.0
"""Seconds at most before the first watcher is shown what there is, however slow the database."""


class BoardFeed:
    """`follow_board()` and `follow_calls()` keep it up to date; `fresh()` answers one question; `pictures()` feeds one stream."""

    def __init__(
        self,
        sessions: Sessions,
        words: Listener,
        clock: Clock,
        opening: Opening,
        settings: ApiSettings,
        beside: Beside,
    ) -> None:
        self._sessions = sessions
        self._words = words
        self._clock = clock
        self._opening = opening
        self._settings = settings
        self._places: Sequence[str] = seat_names(settings.seats)
        self._beside = beside
        self._stored: StoredBoard | None = None
        self._today: Today | None = None
        self._facts = Facts()
        """Newest talks and call backs, from which waits are reckoned; counted together with today's figures."""
        self._counted = -COUNT_AGAIN
        self._changed = asyncio.Event()
        self._reading = asyncio.Lock()
        """One reading at a time of our own. Requests read in transactions of theirs and do not wait for it: they would hold
        connections that its holder needs."""
        self._words_of: dict[bool, tuple[asyncio.Event, float, str]] = {}
        """For who may read figures and for who may not: of which change, put into words when, and the words."""
        self.watchers: Counter[str] = Counter()
        """Open streams by who watches."""

    def now(self) -> BoardNow:
        """The newest picture this process has, with its age as of this moment."""
        board = board_now(
            self._stored,
            self._today,
            now=self._clock.now(),
            stale_after=self._settings.board_stale,
            is_open=self._opening.is_open,
            places=self._places,
            waits=self._waits,
        )
        now = self._clock.now()
        board.alarms, board.day_mark = self._beside.alarms_at(now), day_mark(self._today, now)
        return board

    async def fresh(self, session: AsyncSession) -> BoardNow:
        """The picture as the database has it; today's figures are at most a second old."""
        await self._read_board(session)
        await self._read_alarms(session)
        await self._count_if_old(session)
        return self.now()

    def text(self, principal: Principal) -> str:
        """`now()` as JSON, as far as `principal` may see it."""
        time = asyncio.get_running_loop().time()
        figures = principal.may(Permission.FIGURES_READ)
        known = self._words_of.get(figures)
        if known is None or known[0] is not self._changed or time - known[1] >= AGES:
            known = self._words_of[figures] = (self._changed, time, self.now().shown_to(principal).model_dump_json())
        return known[2]

    async def pictures(self, principal: Principal) -> AsyncGenerator[str, None]:
        """At once the newest picture, then one at each change or heartbeat, as JSON. Ends only with its reader."""
        who = principal.actor
        alone = not self.watchers
        self.watchers[who] += 1
        try:
            if alone:
                await self._catch_up()
            while True:
                changed = self._changed
                yield self.text(principal)
                shortest = min(SHORTEST + SHORTEST_EACH * (self.watchers.total() - 1), LONGEST)
                await asyncio.sleep(shortest)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(HEARTBEAT - shortest):
                        await changed.wait()
        finally:
            self.watchers[who] -= 1
            self.watchers += Counter()  # forgets who has no stream left

    async def follow_board(self) -> None:
        """Read the board at each word of the listener while somebody watches, until cancelled."""
        async for _ in self._words.words("board"):
            if self.watchers:
                await self._read("floor.board_not_read", self._read_board)

    async def follow_calls(self) -> None:
        """Count today's figures again when records changed and somebody watches, until cancelled."""
        async for _ in self._words.words("calls"):
            if self.watchers:
                await self._read("floor.today_not_counted", self._count)
                await asyncio.sleep(COUNT_AGAIN)

    async def follow_alarms(self) -> None:
        """Read how alarms stand at each word of it while somebody watches, until cancelled."""
        async for _ in self._words.words("alarms"):
            if self.watchers:
                await self._read("floor.alarms_not_read", self._read_alarms)

    async def alarms(self, session: AsyncSession) -> AlarmsOnBoard | None:
        """How alarms stand by the database, for whoever reads them in the same transaction."""
        await self._read_alarms(session)
        return self._beside.alarms_at(self._clock.now())

    async def day(self, session: AsyncSession) -> DayNow:
        """Today beside its forecast, reckoned once for all pages that ask."""
        await self._read_board(session)  # nobody may have watched for hours
        today = await self._count_if_old(session)
        now = self._clock.now()
        return await self._beside.day(session, today, people_here(self._stored, now, self._settings.board_stale), now)

    async def _catch_up(self) -> None:
        """What the first watcher after a while of none would miss: all that was said meanwhile."""
        try:
            async with asyncio.timeout(CATCH_UP):
                await self._read("floor.board_not_read", self._read_board)
                await self._read("floor.today_not_counted", self._count)
                await self._read("floor.alarms_not_read", self._read_alarms)
        except TimeoutError:
            log.warning("floor.catching_up_late")  # the picture in hand tells its age; a better one follows

    async def _read(self, problem: str, part: Callable[[AsyncSession], Awaitable[object]]) -> None:
        try:
            async with self._reading, self._sessions() as session:
                await part(session)
        except Exception as error:  # noqa: BLE001 - one bad moment must not blind every screen until a restart
            log.warning(problem, error=type(error).__name__)

    async def _read_board(self, session: AsyncSession) -> None:
        row = await session.get(BoardState, self._settings.systemname, populate_existing=True)
        board = await with_standing(session, row.board, self._settings.routing.step_seconds) if row else {}
        read = StoredBoard(row.epoch, row.version, row.as_of, board) if row else None
        before = self._stored
        if read and before and read.is_older_than(before):
            return  # somebody else has read later and was done sooner
        self._stored = read
        if _mark(before) != _mark(read):
            self._wake()

    async def _count_if_old(self, session: AsyncSession) -> Today:
        known = self._today
        if known is None or asyncio.get_running_loop().time() - self._counted >= COUNT_AGAIN:
            return await self._count(session)
        return known

    async def _count(self, session: AsyncSession) -> Today:
        now = self._clock.now()
        today = await count_today(session, now)
        self._facts = await read_facts(session, QUEUES, now)
        self._counted = asyncio.get_running_loop().time()
        if today != self._today:
            self._today = today
            self._wake()
        return today

    async def _read_alarms(self, session: AsyncSession) -> None:
        if await self._beside.read_alarms(session):
            self._wake()

    def _waits(self, board: Mapping[str, Any], now: datetime) -> dict[QueueName, float | None]:
        return waits_of(board, self._facts, self._settings, now)

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


def _mark(stored: StoredBoard | None) -> tuple[object, ...]:
    """What makes a picture another one; its age alone does not."""
    return (stored.epoch, stored.version, stored.board.get("link")) if stored else ()
