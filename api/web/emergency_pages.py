"""`/emergency`: queues closed or opened out of their hours, and what every caller is told, with what was done before.

Plain forms; a refused one comes back with what was typed and what is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, UploadFile
from fastapi.responses import RedirectResponse, Response

from api.access.principal import Principal
from api.db.transaction import Transaction
from api.leading import announcements, closures
from api.leading.asking import Actor, Ident, now_of, opening_of, settings_of, shelf_of
from api.leading.schemas import AnnouncementView, ClosingView
from api.web.emergency_form import SPANS, instants
from api.web.leading_view import queues_of, until
from api.web.login_page import refusal_text
from api.web.rendering import language_of, render
from api.web.texts import texts
from ivr.kernel.announcements import LONGEST_SECONDS
from ivr.kernel.errors import Conflict, Invalid, LineError, NotFound, Unavailable
from ivr.kernel.hours import CASEWORK

router = APIRouter(prefix="/emergency", include_in_schema=False)

PAST = 20
"""So many of what is over are shown."""
_STATUS = {Invalid: 422, NotFound: 404, Conflict: 409, Unavailable: 503}

Text = Annotated[str, Form(max_length=600)]
Short = Annotated[str, Form(max_length=40)]


@router.get("")
async def page(request: Request, principal: Actor) -> Response:
    return await _page(request, principal)


@router.post("/closures")
async def close(
    request: Request, session: Transaction, principal: Actor,
    kind: Short = "closure", section: Short = "", begins: Short = "", lasts: Short = "", reason: Text = "",
) -> Response:  # fmt: skip
    now = now_of(request)
    typed = {"kind": kind, "section": section, "begins": begins, "lasts": lasts, "reason": reason}
    try:
        start, end = instants(begins, lasts, now)
        asked = closures.Closing(kind == "opening", section, start, end, reason)
        await closures.close(
            session, settings_of(request).var / "closures.toml", asked,
            sections=opening_of(request).calendar().sections, at=now, by=principal,
        )  # fmt: skip
    except (Invalid, Conflict, Unavailable) as error:
        return await _page(request, principal, "closure", error, typed)
    return RedirectResponse("/emergency", 303)


@router.post("/closures/{ident}/end")
async def end_closure(request: Request, session: Transaction, principal: Actor, ident: Ident) -> Response:
    path = settings_of(request).var / "closures.toml"
    try:
        await closures.end(session, path, ident, at=now_of(request), by=principal)
    except (Invalid, NotFound, Conflict, Unavailable) as error:
        return await _page(request, principal, "closure", error)
    return RedirectResponse("/emergency", 303)


@router.post("/announcements")
async def announce(
    request: Request, session: Transaction, principal: Actor,
    text: Text = "", queues: Annotated[list[str], Form(max_length=40)] = [],  # noqa: B006
    begins: Short = "", lasts: Short = "", sound: UploadFile | None = None,
) -> Response:  # fmt: skip
    now = now_of(request)
    typed = {"text": text, "queues": queues, "begins": begins, "lasts": lasts}
    try:
        start, end = instants(begins, lasts, now)
        data = await sound.read() if sound is not None else b""
        if not data:
            raise Invalid("Choose the recorded sound.", code="sound_missing", field="form.sound")
        asked = announcements.Asked(data, text, tuple(queues), start, end)
        await announcements.announce(
            session, shelf_of(request), asked, queues=settings_of(request).queues, at=now, by=principal
        )
    except (Invalid, Unavailable) as error:
        return await _page(request, principal, "announcement", error, typed)
    return RedirectResponse("/emergency", 303)


@router.post("/announcements/{ident}/end")
async def end_announcement(request: Request, session: Transaction, principal: Actor, ident: Ident) -> Response:
    try:
        await announcements.end(session, shelf_of(request), ident, at=now_of(request), by=principal)
    except (NotFound, Conflict, Unavailable) as error:
        return await _page(request, principal, "announcement", error)
    return RedirectResponse("/emergency", 303)


async def _page(
    request: Request, principal: Principal, wrong: str = "", error: LineError | None = None,
    typed: Mapping[str, Any] | None = None,
) -> Response:  # fmt: skip
    now, say = now_of(request), texts(language_of(request))
    problems = {wrong: refusal_text(error, say) or say("error.invalid")} if error else {}
    try:
        found = await closures.changes(settings_of(request).var / "closures.toml")
        closings = [ClosingView.of(one, now, found) for one in found]
    except (Invalid, Unavailable) as broken:
        closings, problems = [], {"closure": refusal_text(broken, say) or say("refusal.closures_by_hand")} | problems
    try:
        told = [AnnouncementView.of(one, now) for one in await announcements.announcements(shelf_of(request))]
    except Unavailable as broken:
        told, problems = [], {"announcement": refusal_text(broken, say)} | problems
    closings.sort(key=lambda one: one.starts_at, reverse=True)
    context = {
        "problems": problems,
        "typed": {wrong: typed or {}},
        "sections": [name for name in opening_of(request).calendar().sections if name != CASEWORK],
        "queues": list(settings_of(request).queues),
        "spans": SPANS,
        "closings": [one for one in closings if one.ends_at > now],
        "past_closings": [one for one in closings if one.ends_at <= now][:PAST],
        "announcements": [one for one in told if not one.over],
        "past_announcements": [one for one in told if one.over][:PAST],
        "most_seconds": int(LONGEST_SECONDS),
        "until": lambda instant: until(instant, now, say),
        "queues_of": lambda names: queues_of(names, say),
    }
    status = next((code for kind, code in _STATUS.items() if isinstance(error, kind)), 200)
    return render(request, "pages/emergency.html", principal, context, status=status)
