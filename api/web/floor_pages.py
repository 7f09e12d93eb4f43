"""`/floor`: the live board. The server draws the first state; islands/floor.ts keeps it moving from the stream.

Who leads the floor has a small menu at each seat: pause, let take calls, sign out, through the use cases of the JSON API.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from api.access.guard import require
from api.access.permissions import Permission
from api.access.principal import Principal
from api.db.transaction import Transaction
from api.duty.routes import Lead, Seat, now_of
from api.duty.service import duty_at, pause, resume, sign_out
from api.floor.feed import BoardFeed
from api.http.errors import within_page
from api.leading.asking import Hearings
from api.reports.standard import GOAL
from api.settings import ApiSettings
from api.web.floor_parts import alarms_part
from api.web.floor_view import PAUSE_LIMITS, STATES, floor_view, island_words
from api.web.leading_pages import under_way_now
from api.web.people_names import names_of_agents
from api.web.queue_today_view import occupancy_text, queues_today
from api.web.rendering import language_of, render
from api.web.texts import texts
from routing.duty import PauseCause

router = APIRouter(include_in_schema=False)

_GRACE = timedelta(seconds=2)
"""The island waits this much longer than the server before it calls the data stale by itself, for the way here."""


@router.get("/floor")
async def floor(
    request: Request,
    session: Transaction,
    principal: Annotated[Principal, Depends(require(Permission.FLOOR_READ))],
    hearings: Hearings,
) -> Response:
    feed: BoardFeed = request.app.state.board_feed
    settings: ApiSettings = request.app.state.settings
    language = language_of(request)
    say = texts(language)
    board = (await feed.fresh(session)).shown_to(principal).model_dump(mode="json")
    people = await names_of_agents(session, language)
    context = {
        "board": board,
        "view": floor_view(board, people, request.app.state.clock.now(), say),
        "words": island_words(say),
        "people": people,
        "states": STATES,
        "limits": PAUSE_LIMITS,
        "stale_after": stale_after(settings),
        **await under_way_now(request, session, principal, hearings),
        "goal": GOAL,
        "today_of": queues_today(board, GOAL, say),
        "busy": {seat["seat"]: occupancy_text(board, seat["agent"], say) for seat in board["seats"]},
        **await alarms_part(request, session, principal),
    }
    return render(request, "pages/floor.html", principal, context)


@router.post("/floor/seats/{seat}/pause")
async def pause_seat(request: Request, session: Transaction, principal: Lead, seat: Seat) -> Response:
    await pause(session, await duty_at(session, seat), PauseCause.SUPERVISOR, at=now_of(request), by=principal)
    return _done(request)


@router.post("/floor/seats/{seat}/resume")
async def resume_seat(request: Request, session: Transaction, principal: Lead, seat: Seat) -> Response:
    await resume(session, await duty_at(session, seat), tuple(PauseCause), at=now_of(request), by=principal)
    return _done(request)


@router.post("/floor/seats/{seat}/sign-out")
async def sign_out_seat(request: Request, session: Transaction, principal: Lead, seat: Seat) -> Response:
    await sign_out(session, await duty_at(session, seat), at=now_of(request), by=principal, how="supervisor")
    return _done(request)


def stale_after(settings: ApiSettings) -> float:
    """Seconds after which an island calls the board stale by itself."""
    return (settings.board_stale + _GRACE).total_seconds()


def _done(request: Request) -> Response:
    """A page that stays open moves by the stream; without JavaScript it is drawn anew."""
    return Response(status_code=204) if within_page(request) else RedirectResponse("/floor", 303)
