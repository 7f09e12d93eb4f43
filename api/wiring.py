"""What the web process is made of: engine, sessions, archive, the listener for word from other processes, and the board."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from api.db.engine import Sessions, connect, sessions_of
from api.db.notify import Listener
from api.floor.beside import Beside
from api.floor.feed import BoardFeed
from api.floor.opening import Opening
from api.settings import ApiSettings
from ivr.kernel.clock import Clock
from recordings.adapters.archive import LocalArchive
from recordings.ports import Archive
from routing.seats import seat_names

log = structlog.get_logger(__name__)

PART_RESTS = 2.0
"""Seconds at most before a part that failed begins anew."""

BOARD_CHANNEL = "board"
"""Said by the listener process: the board changed."""
CALLS_CHANNEL = "calls"
"""Said by the follower: a call record changed; the payload is its call id."""
ALARMS_CHANNEL = "alarms"
"""Said by the worker and by whoever takes one: alarms of the floor stand differently."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything with a beginning and an end."""

    engine: AsyncEngine
    sessions: Sessions
    words: Listener
    archive: Archive
    board: BoardFeed
    opening: Opening
    tasks: tuple[asyncio.Task[None], ...]


def start_parts(settings: ApiSettings, clock: Clock, beside: Callable[[Opening], Beside]) -> Parts:
    """`beside` makes what stands beside the board, of the hours in force. Nothing here waits for the database: a page that
    cannot reach it says so, and works again once it is back."""
    engine = connect(
        settings.database_url,
        application="line1420-web",
        pool=settings.database_pool,
        statement_timeout=settings.statement_timeout,
    )
    words = Listener(
        settings.database_url, (BOARD_CHANNEL, CALLS_CHANNEL, ALARMS_CHANNEL), resync=settings.notify_resync
    )
    sessions = sessions_of(engine)
    opening = Opening(settings.var / "closures.toml", settings.clock_open)
    board = BoardFeed(
        sessions,
        words,
        clock,
        opening,
        node=settings.systemname,
        stale_after=settings.board_stale,
        places=seat_names(settings.seats),
        beside=beside(opening),
    )
    tasks = (
        asyncio.create_task(_kept(words.run), name="notify-listener"),
        asyncio.create_task(_kept(board.follow_board), name="board-feed"),
        asyncio.create_task(_kept(board.follow_calls), name="figures-feed"),
        asyncio.create_task(_kept(board.follow_alarms), name="alarms-feed"),
    )
    return Parts(engine, sessions, words, LocalArchive(settings.archive), board, opening, tasks)


async def _kept(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Work that must not end by itself: an error of ours is told and the work begun anew, or every screen would go
    blind while the process looks well."""
    while True:
        try:
            await work()
            log.error("web.part_ended", part=work.__qualname__)
        except Exception:
            log.exception("web.part_failed", part=work.__qualname__)
        await asyncio.sleep(random.uniform(0.5, 1.0) * PART_RESTS)  # noqa: S311 - not in step


async def stop_parts(parts: Parts) -> None:
    """In the other direction."""
    for task in reversed(parts.tasks):
        while not task.done():  # Python 3.11's wait_for loses a cancellation that meets its result: ask again
            task.cancel()
            await asyncio.wait({task}, timeout=1)
    await asyncio.gather(*parts.tasks, return_exceptions=True)
    await parts.engine.dispose()
