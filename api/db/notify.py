"""Word from one process to another: something changed, look again (PostgreSQL NOTIFY and LISTEN).

A notification is at most 8,000 bytes and is lost when nobody listens, so it carries ids and versions and never the
thing itself, and every waiter looks again on its own after a while. `Listener` holds one connection outside the pool;
when that breaks it connects again, and wakes every subscriber, because something may have been said meanwhile.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import asyncpg
import structlog
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncSession

log = structlog.get_logger(__name__)

RESYNC = ""
"""The payload that means: nothing was heard for a while or the wire broke; read the present state."""

LONGEST_WAIT_SECONDS = 5.0
"""Between two tries to reach a database that is away; screens look by themselves as often."""

_PAYLOAD_LIMIT = 7_900


async def notify(session: AsyncSession, channel: str, payload: str) -> None:
    """Say `payload` on `channel` when (and only if) this transaction commits."""
    await notify_each(session, channel, [payload])


async def notify_each(session: AsyncSession, channel: str, payloads: Sequence[str]) -> None:
    """As `notify`, for several payloads in one statement."""
    for payload in payloads:
        if len(payload.encode()) > _PAYLOAD_LIMIT:
            raise ValueError(f"a notification carries ids, not things: {len(payload)} characters on channel {channel}")
    if payloads:
        await session.execute(_NOTIFY, {"channel": channel, "payloads": list(payloads)})


_NOTIFY = text("SELECT pg_notify(:channel, payload) FROM unnest(CAST(:payloads AS text[])) AS payload")


class Listener:
    """Hears `channels` and hands each word to whoever subscribed; one for each process."""

    def __init__(
        self, url: str, channels: tuple[str, ...], *, resync: timedelta, application: str = "line1420-listen"
    ) -> None:
        self._application = application
        self._dsn = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        self._channels = channels
        self._resync = resync.total_seconds()
        self._subscribers: dict[str, set[asyncio.Queue[str]]] = {channel: set() for channel in channels}
        self.connected = asyncio.Event()
        """Set while the wire holds; a test (or a caller) may wait for it."""

    async def run(self) -> None:
        """Listen until cancelled; a broken connection is opened again, after a second at first, later after five."""
        clock, failures = asyncio.get_running_loop().time, 0
        while True:
            began = clock()
            try:
                await self._listen()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("notify.disconnected", error=str(error))
            finally:
                self.connected.clear()
            held = clock() - began > LONGEST_WAIT_SECONDS
            failures = 1 if held else failures + 1
            wait = min(2.0 ** (failures - 1), LONGEST_WAIT_SECONDS) * random.uniform(0.5, 1.0)  # noqa: S311 - not in step
            await asyncio.sleep(wait)

    async def words(self, channel: str) -> AsyncIterator[str]:
        """Payloads said on `channel`; `RESYNC` first and after each gap or silence. Never ends by itself.

        The subscription stands before the first word is handed out, so reading the state at that word misses nothing.
        """
        queue: asyncio.Queue[str] = asyncio.Queue(maxsize=16)
        self._subscribers[channel].add(queue)
        try:
            yield RESYNC
            while True:
                try:
                    async with asyncio.timeout(self._resync):
                        word = await queue.get()
                except TimeoutError:
                    word = RESYNC
                yield word
        finally:
            self._subscribers[channel].discard(queue)

    async def _listen(self) -> None:
        connection = await asyncpg.connect(
            self._dsn, timeout=3, server_settings={"application_name": self._application}
        )
        try:
            for channel in self._channels:
                await connection.add_listener(channel, self._heard)
            lost = asyncio.Event()
            connection.add_termination_listener(lambda _: lost.set())
            self.connected.set()
            for channel in self._channels:
                self._say(channel, RESYNC)
            while not lost.is_set():
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self._resync):
                        await lost.wait()
                await connection.fetchval("SELECT 1", timeout=3)  # a wire cut without a word is found only by asking
        finally:
            self.connected.clear()
            with contextlib.suppress(Exception):
                await connection.close(timeout=1)

    def _heard(self, connection: object, pid: int, channel: str, payload: object) -> None:
        self._say(channel, str(payload))

    def _say(self, channel: str, payload: str) -> None:
        for queue in self._subscribers[channel]:
            while queue.full():  # a slow reader loses the oldest word, which the newest replaces anyway
                queue.get_nowait()
            queue.put_nowait(payload)
