"""`/desk`: an agent's own page. Signing in at a seat, then one state, what runs out, and what may be done about it.

islands/duty.ts loads `/desk/panel` whenever the agent's seat changes on the board and at least every 15 s; each load says
that the page is still open. Every deed is a form that works without JavaScript, through the use cases of the JSON API.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.access.principal import Principal
from api.agents.repository import known_agent
from api.db.transaction import Transaction
from api.duty.at_desk import sit_down
from api.duty.repository import duty_of, open_duties, open_row
from api.duty.routes import Own, now_of, wrap_up_limits
from api.duty.schemas import duty_now
from api.duty.service import (
    OWN_RESUMES,
    desk_seen,
    finish_wrap_up,
    own_cause,
    own_duty,
    pause,
    resume,
    sign_out,
)
from api.floor.feed import BoardFeed
from api.leading.asking import listening_of
from api.settings import ApiSettings
from api.web.desk_view import at_seat, mark_of, places
from api.web.floor_pages import stale_after
from api.web.floor_view import age_words, picture_age
from api.web.people_names import names_of_agents
from api.web.rendering import language_of, render
from api.web.texts import texts
from ivr.kernel.errors import Unavailable
from routing.duty import OWN_CAUSES

router = APIRouter(prefix="/desk", include_in_schema=False)


@router.get("")
async def desk(
    request: Request, session: Transaction, principal: Own, pin: Annotated[str, Query(max_length=10)] = ""
) -> Response:
    return await desk_page(request, session, principal, {"pin_saved": pin == "saved"})


async def desk_page(
    request: Request, session: AsyncSession, principal: Principal, own_pin: Mapping[str, Any], status: int = 200
) -> Response:
    """The page, with what there is to say of the agent's own PIN."""
    known = await known_agent(session, principal.username, now_of(request))
    context = {"known": known, "pin_saved": False, "pin_problems": {}, **own_pin}
    return render(
        request, "pages/desk.html", principal, context | await _context(request, session, principal), status=status
    )


@router.get("/panel")
async def panel(request: Request, session: Transaction, principal: Own) -> Response:
    """The part of the page that changes."""
    return render(request, "parts/desk_panel.html", principal, await _context(request, session, principal))


@router.post("/sign-in")
async def begin(
    request: Request, session: Transaction, principal: Own, seat: Annotated[str, Form(max_length=40)] = ""
) -> Response:
    await sit_down(session, _settings(request), principal, seat, now_of(request))
    return _back()


@router.post("/sign-out")
async def end(request: Request, session: Transaction, principal: Own) -> Response:
    await sign_out(session, await own_duty(session, principal.username), at=now_of(request), by=principal)
    return _back()


@router.post("/pause")
async def begin_pause(
    request: Request, session: Transaction, principal: Own, cause: Annotated[str, Form(max_length=40)] = ""
) -> Response:
    wanted, row = own_cause(cause), await own_duty(session, principal.username)
    await pause(session, row, wanted, at=now_of(request), by=principal)
    return _back()


@router.post("/ready")
async def ready(request: Request, session: Transaction, principal: Own) -> Response:
    row = await own_duty(session, principal.username)
    await resume(session, row, OWN_RESUMES, at=now_of(request), by=principal)
    return _back()


@router.post("/wrap-up-done")
async def end_wrap_up(request: Request, session: Transaction, principal: Own) -> Response:
    await finish_wrap_up(session, await own_duty(session, principal.username), at=now_of(request))
    return _back()


async def _context(request: Request, session: AsyncSession, principal: Principal) -> dict[str, Any]:
    """What page and panel show. Reading it is the sign that the agent is there."""
    settings, now = _settings(request), now_of(request)
    say = texts(language_of(request))
    feed: BoardFeed = request.app.state.board_feed
    board = await feed.fresh(session)
    row = await open_row(session, agent=principal.username)
    context: dict[str, Any] = {
        "board": board.model_dump(mode="json"),
        "waiting": {queue.name: [call.since for call in queue.waiting] for queue in board.queues},
        "picture": picture_age(board.model_dump(mode="json"), say),
        "words": age_words(say),
        "stale_after": stale_after(settings),
        "signs_in": settings.sign_in == "desk",
        "causes": [cause.value for cause in OWN_CAUSES],
        "mine": None,
        "heard": False,
        "places": [],
        "mark": "",
    }
    if row is not None:
        await desk_seen(session, row, now)
        duty = duty_now(await duty_of(session, row), now, wrap_up_limits(request))
        mine = at_seat(duty, board, now, say, phone_limit=settings.phone_gone_limit)
        heard = await _is_heard(request, duty.seat)
        return context | {"mine": mine, "mark": mine.mark + ("h" if heard else ""), "heard": heard}
    limits = wrap_up_limits(request)
    duties = [duty_now(duty, now, limits) for duty in await open_duties(session)]
    seats = places(board, duties, await names_of_agents(session, say.language))
    return context | {"places": seats, "mark": mark_of(seats, board.stale)}


async def _is_heard(request: Request, seat: str) -> bool:
    """Whether somebody listens to the agent's talk; not asked where agents are not told."""
    if not _settings(request).listening_told:
        return False
    try:
        return any(one.seat == seat for one in await listening_of(request).now())
    except Unavailable:
        return False


def _settings(request: Request) -> ApiSettings:
    return request.app.state.settings


def _back() -> Response:
    return RedirectResponse("/desk", 303)
