"""Deeds on the floor beside the seats' menus: a waiting caller, hearing a talk, and what is under way.

Each is a page of its own that works without JavaScript; islands/deeds.ts shows the same part in a dialog over the floor. All
go through the use cases of the JSON API.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from api.access.permissions import Permission
from api.access.principal import Principal
from api.db.transaction import Transaction
from api.http.errors import within_page
from api.leading import announcements, closures, waiting
from api.leading.asking import (
    Barger,
    Call,
    Exchange,
    Floor,
    Hearer,
    Hearings,
    Leader,
    Looker,
    Seat,
    Whisperer,
    is_open,
    now_of,
    sessions_of,
    settings_of,
    shelf_of,
    step_of,
    until,
)
from api.leading.listening import phones
from api.leading.schemas import AnnouncementView, ClosingView
from api.web.leading_view import next_modes, targets, under_way
from api.web.people_names import names_of, names_of_agents
from api.web.rendering import language_of, render
from api.web.texts import texts
from ivr.kernel.errors import Invalid, Unavailable
from routing.leading import Hearing
from routing.priority import MOST

router = APIRouter(prefix="/floor", include_in_schema=False)


@router.get("/under-way")
async def what_is_under_way(request: Request, session: Transaction, principal: Looker, hearings: Hearings) -> Response:
    """Closures, announcements and, for those who may hear too, who hears a talk."""
    return render(
        request, "parts/under_way.html", principal, await under_way_now(request, session, principal, hearings)
    )


async def under_way_now(
    request: Request, session: Transaction, principal: Principal, hearings: Hearings
) -> Mapping[str, Any]:
    """A file that cannot be read, or an exchange that is away, must not take the floor with it: the log has told."""
    now, say = now_of(request), texts(language_of(request))
    try:
        found = await closures.changes(settings_of(request).var / "closures.toml")
        closings = [ClosingView.of(one, now, found) for one in found]
    except (Invalid, Unavailable):
        closings = []
    try:
        told = [AnnouncementView.of(one, now) for one in await announcements.announcements(shelf_of(request))]
    except Unavailable:
        told = []
    try:
        listeners = await hearings.now() if principal.may(Permission.TALK_LISTEN) else ()
    except Unavailable:
        listeners = ()
    people = await names_of(session, say.language, {one.by for one in listeners}) if listeners else {}
    may_act = principal.may(Permission.LINE_ACT)
    return {"under_way": under_way(closings, told, listeners, people, now, say, may_act=may_act)}


@router.get("/waiting/{call_id}")
async def caller(request: Request, principal: Leader, floor: Floor, call_id: Call) -> Response:
    """What may be done for this caller."""
    found, say = floor.waiting(call_id), texts(language_of(request))
    context = {
        "caller": found,
        "targets": targets(found, settings_of(request).queues, floor, is_open(request), say),
        "priorities": range(MOST + 1),
        "step_seconds": step_of(request),
    }
    return _part(request, "caller_deeds", principal, context)


@router.post("/waiting/{call_id}/move")
async def move(
    request: Request, session: Transaction, principal: Leader, lead: Exchange, floor: Floor, call_id: Call,
    queue: Annotated[str, Form(max_length=40)] = "",
) -> Response:  # fmt: skip
    await waiting.move(
        session, lead, floor, call_id, queue,
        queues=settings_of(request).queues, is_open=is_open(request), until=until(request),
        sessions=sessions_of(request), at=now_of(request), by=principal,
    )  # fmt: skip
    return _done(request)


@router.post("/waiting/{call_id}/front")
async def front(
    request: Request, session: Transaction, principal: Leader, lead: Exchange, floor: Floor, call_id: Call
) -> Response:
    await waiting.to_front(
        session, lead, floor, call_id,
        step_seconds=step_of(request), sessions=sessions_of(request), at=now_of(request), by=principal,
    )  # fmt: skip
    return _done(request)


@router.post("/waiting/{call_id}/priority")
async def priority(
    request: Request, session: Transaction, principal: Leader, lead: Exchange, floor: Floor, call_id: Call,
    level: Annotated[int, Form()] = -1,
) -> Response:  # fmt: skip
    await waiting.prioritise(
        session, lead, floor, call_id, level,
        step_seconds=step_of(request), sessions=sessions_of(request), at=now_of(request), by=principal,
    )  # fmt: skip
    return _done(request)


@router.get("/seats/{seat}/listening")
async def talk(
    request: Request, session: Transaction, principal: Hearer, floor: Floor, hearings: Hearings, seat: Seat
) -> Response:
    """Hearing the talk at this seat: on which telephone, and how."""
    heard = floor.talk(seat)
    mine = next((one for one in await hearings.now() if one.seat == seat and one.by == principal.username), None)
    people = await names_of_agents(session, language_of(request))
    whisper, barge = principal.may(Permission.TALK_WHISPER), principal.may(Permission.TALK_BARGE)
    context = {
        "seat": seat,
        "agent": people.get(heard.agent, heard.agent),
        "phones": phones(floor, seat),
        "mode": mine.mode.value if mine else "",
        "next_modes": next_modes(mine.mode if mine else None, whisper=whisper, barge=barge),
        "told": settings_of(request).listening_told,
    }
    return _part(request, "hearing_deeds", principal, context)


@router.post("/seats/{seat}/hear")
async def hear(
    request: Request, principal: Hearer, floor: Floor, hearings: Hearings, seat: Seat,
    phone: Annotated[str, Form(max_length=20)] = "",
) -> Response:  # fmt: skip
    await hearings.begin(floor, seat, phone, principal)
    return _done(request)


@router.post("/seats/{seat}/listen")
async def listen(request: Request, principal: Hearer, hearings: Hearings, seat: Seat) -> Response:
    """Muted again."""
    await hearings.change(seat, Hearing.LISTEN, principal)
    return _done(request)


@router.post("/seats/{seat}/whisper")
async def whisper(request: Request, principal: Whisperer, hearings: Hearings, seat: Seat) -> Response:
    await hearings.change(seat, Hearing.WHISPER, principal)
    return _done(request)


@router.post("/seats/{seat}/barge")
async def barge(request: Request, principal: Barger, hearings: Hearings, seat: Seat) -> Response:
    await hearings.change(seat, Hearing.BARGE, principal)
    return _done(request)


@router.post("/seats/{seat}/leave")
async def leave(request: Request, principal: Hearer, hearings: Hearings, seat: Seat) -> Response:
    await hearings.stop(seat, principal)
    return _done(request)


def _part(request: Request, part: str, principal: Principal, context: Mapping[str, Any]) -> Response:
    """The part alone for a dialog; in a frame for who comes without JavaScript."""
    template = f"parts/{part}.html" if within_page(request) else "pages/deeds.html"
    return render(request, template, principal, {**context, "part": f"parts/{part}.html"})


def _done(request: Request) -> Response:
    return Response(status_code=204) if within_page(request) else RedirectResponse("/floor", 303)
