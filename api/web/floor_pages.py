"""`/floor`: the live board. The server draws the first state; islands/floor.ts keeps it moving from the stream."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from api.access.guard import require
from api.access.permissions import Permission
from api.access.principal import Principal
from api.db.transaction import Transaction
from api.floor.feed import BoardFeed
from api.settings import ApiSettings
from api.web.floor_view import STATES, floor_view, island_words
from api.web.people_names import names_of_agents
from api.web.rendering import language_of, render
from api.web.texts import texts

router = APIRouter(include_in_schema=False)

_GRACE = timedelta(seconds=2)
"""The island waits this much longer than the server before it calls the data stale by itself, for the way here."""


@router.get("/floor")
async def floor(
    request: Request,
    session: Transaction,
    principal: Annotated[Principal, Depends(require(Permission.FLOOR_READ))],
) -> Response:
    feed: BoardFeed = request.app.state.board_feed
    settings: ApiSettings = request.app.state.settings
    language = language_of(request)
    say = texts(language)
    board = (await feed.fresh(session)).model_dump(mode="json")
    people = await names_of_agents(session, language)
    context = {
        "board": board,
        "view": floor_view(board, people, request.app.state.clock.now(), say),
        "words": island_words(say),
        "people": people,
        "states": STATES,
        "stale_after": (settings.board_stale + _GRACE).total_seconds(),
    }
    return render(request, "pages/floor.html", principal, context)
