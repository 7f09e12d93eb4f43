"""`GET /api/v1/board` and its stream."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

import structlog
from fastapi import Depends, Request
from sqlalchemy.exc import SQLAlchemyError
from sse_starlette import EventSourceResponse
from sse_starlette.sse import SendTimeoutError
from starlette.types import Receive, Scope, Send

from api.access.guard import identify, require
from api.access.permissions import Permission
from api.access.principal import Principal
from api.db.engine import Sessions
from api.db.transaction import Transaction
from api.floor.feed import BoardFeed
from api.floor.measures import DROPPED
from api.floor.schemas import BoardNow, DayNow
from api.http.routers import api_router
from ivr.kernel.errors import Unavailable

log = structlog.get_logger(__name__)

router = api_router("floor", "/board")

MAY_LOOK = Depends(require(Permission.FLOOR_READ))
SEND_LIMIT = 3.0
"""Seconds: a reader that does not take a picture for so long is cut off and comes again."""
CHECK_AGAIN = 5.0
"""Seconds between two looks whether who watches may still do so: who logs out sees nothing new after ten."""
CUT = "cut"
"""Name in a connection's state of the function that ends it at once, where the server gives one."""
MOST_WATCHERS = 200
"""Streams in one process; a floor has some dozens of screens."""
MOST_WATCHERS_EACH = 60
"""Streams of one account: a wall of screens may share one, but nobody can take every stream and blind the others."""


async def _feed(request: Request) -> BoardFeed:
    return request.app.state.board_feed


Feed = Annotated[BoardFeed, Depends(_feed)]


class BoardStream(EventSourceResponse):
    """A stream whose reader is cut off when it takes nothing; that is counted, and no error of ours.

    Connection and buffers go at once: closing politely would wait for that very reader to take what it does not take.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        except SendTimeoutError:
            DROPPED.inc()
            log.info("floor.reader_dropped", reason="it took no picture within the limit; it comes again by itself")
            cut = scope.get("state", {}).get(CUT)
            if cut is not None:
                cut()
                await asyncio.sleep(0)  # the server learns that it is gone before it misses the answer's end


@router.get("", summary="The floor as it is now")
async def read_board(session: Transaction, feed: Feed, principal: Annotated[Principal, MAY_LOOK]) -> BoardNow:
    """Queues with waiting callers, the seats, today's figures, and the age of the picture."""
    return (await feed.fresh(session)).shown_to(principal)


@router.get("/day", summary="Today beside its forecast")
async def read_day(session: Transaction, feed: Feed, _principal: Annotated[Principal, MAY_LOOK]) -> DayNow:
    """By half hour: what this morning's forecast expected, what came, and people needed, planned and here. Ask again when
    `day_mark` of the board has changed."""
    return await feed.day(session)


@router.get(
    "/stream",
    summary="The floor as it moves",
    response_class=EventSourceResponse,
    responses={200: {"description": "Events named `board`, each with a whole board as its JSON data."}},
)
async def stream_board(request: Request, feed: Feed, principal: Annotated[Principal, MAY_LOOK]) -> EventSourceResponse:
    """Server-sent events: the whole board at once, then at each change (at most twenty a second), and every two seconds
    when nothing changes. `id` counts the events of one stream; every event stands alone, so a gap loses nothing."""
    if feed.watchers.total() >= MOST_WATCHERS or feed.watchers[principal.actor] >= MOST_WATCHERS_EACH:
        raise Unavailable("Too many screens watch the board on this server. Close some, or try again in a moment.")
    return BoardStream(_events(request, feed, principal), send_timeout=SEND_LIMIT, ping=3600)


async def _events(request: Request, feed: BoardFeed, watcher: Principal) -> AsyncGenerator[bytes, None]:
    clock = asyncio.get_running_loop().time
    checked, number = clock(), 0
    async with aclosing(feed.pictures(watcher)) as pictures:
        async for picture in pictures:
            if clock() - checked > CHECK_AGAIN:
                checked = clock()
                if not await _may_still_look(request):
                    return
            number += 1
            yield f"id: {number}\r\nevent: board\r\ndata: {picture}\r\n\r\n".encode()


async def _may_still_look(request: Request) -> bool:
    sessions: Sessions = request.app.state.sessions
    try:
        async with sessions.begin() as session:
            principal = await identify(session, request)
    except (SQLAlchemyError, OSError, TimeoutError):
        return True  # who lost the database has not lost the right to see that the board is old
    return principal is not None and principal.may(Permission.FLOOR_READ)
