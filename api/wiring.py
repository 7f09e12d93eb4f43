"""What the web process is made of: engine, sessions, archive, the listener for word from other processes, and the board."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from api.db.engine import PAGES, Sessions, connect, sessions_of
from api.db.notify import Listener
from api.floor.beside import Beside
from api.floor.feed import BoardFeed
from api.floor.opening import Opening
from api.settings import ApiSettings
from ivr.kernel.clock import Clock
from recordings.adapters.archive import LocalArchive
from recordings.ports import Archive
from routing.ami.client import AmiLink, LinkSettings
from routing.ami.inbox import Inbox
from routing.leading import Lead

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
    lead: Lead
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
        settings.database_url, (BOARD_CHANNEL, CALLS_CHANNEL, ALARMS_CHANNEL), resync=settings.notify_resync,
        application=PAGES,
    )  # fmt: skip
    sessions = sessions_of(engine)
    opening = Opening.of(settings)
    board = BoardFeed(sessions, words, clock, opening, settings, beside(opening))
    link, lead_works = lead_link(settings, clock)
    tasks = (
        *(asyncio.create_task(_kept(work), name="lead-link") for work in lead_works),
        asyncio.create_task(_kept(words.run), name="notify-listener"),
        asyncio.create_task(_kept(board.follow_board), name="board-feed"),
        asyncio.create_task(_kept(board.follow_calls), name="figures-feed"),
        asyncio.create_task(_kept(board.follow_alarms), name="alarms-feed"),
    )
    return Parts(engine, sessions, words, LocalArchive(settings.archive), board, opening, Lead(link), tasks)


def lead_link(settings: ApiSettings, clock: Clock) -> tuple[AmiLink, Sequence[Callable[[], Coroutine[Any, Any, None]]]]:
    """A link of the user who may lead the floor, and what keeps it: nothing where this installation has no such user."""
    secret, inbox = settings.ami_lead_secret.get_secret_value(), Inbox()
    link = AmiLink(LinkSettings(settings.ami_host, settings.ami_port, settings.ami_lead_user, secret), inbox, clock)

    async def empty() -> None:
        """It hears nothing but the ups and downs of its own link."""
        while True:
            await inbox.get()
            await asyncio.sleep(0)

    return link, (link.run, empty) if secret else ()


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
