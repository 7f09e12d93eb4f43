"""`/staffing`: forecast, need, seats and what came, of one day. A plain GET form; the page works without JavaScript."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from api.access.guard import require
from api.access.permissions import Permission
from api.access.principal import Principal
from api.db.transaction import Transaction
from api.http.asked import asked_queue
from api.staffing.half_hours import place_of
from api.staffing.ports import PlannedOperators
from api.staffing.routes import line_of
from api.staffing.service import FARTHEST_AHEAD, FARTHEST_BACK, asked_day, next_open_day, read_staffing
from api.web.login_page import refusal_text
from api.web.rendering import language_of, render
from api.web.roster_view import address_of
from api.web.staffing_chart import calls_chart, operators_chart
from api.web.staffing_view import staffing_view
from api.web.texts import Texts, texts
from ivr.kernel.errors import Invalid
from ivr.kernel.jalali import day_short, day_text
from routing.queues import QUEUES

router = APIRouter(include_in_schema=False)

Field = Annotated[str, Query(max_length=80)]


@router.get("/staffing")
async def staffing(
    request: Request,
    session: Transaction,
    principal: Annotated[Principal, Depends(require(Permission.STAFFING_READ))],
    day: Field = "",
    queue: Field = "",
) -> Response:
    say = texts(language_of(request))
    now = request.app.state.clock.now()
    today = place_of(now)[0]
    context: dict[str, Any] = {
        "asked": {"day": day, "queue": queue},
        "queues": [(str(name), say.word("queue", name)) for name in QUEUES],
        "example": day_short(today, say.language),
        "quick": [_link(name, today + timedelta(ahead), queue, say) for name, ahead in (("today", 0), ("tomorrow", 1))],
        "problem": "", "problems": set(), "view": None, "title_day": "", "around": [], "next_open": None, "roster_href": "",
    }  # fmt: skip
    try:
        wanted, of_queue = asked_day(day, now), asked_queue(queue)
    except Invalid as error:
        context["problem"] = _problem(error, today, say)
        context["problems"] = {(error.field or "").rpartition(".")[2]}
        return render(request, "pages/staffing.html", principal, context, status=422)
    line = line_of(request)
    planned: PlannedOperators = request.app.state.planned_operators(session)
    told = await read_staffing(session, wanted, of_queue, line=line, planned=planned, now=now)
    context |= {
        "view": staffing_view(told, now, say),
        "calls_chart": calls_chart(told, say.language),
        "operators_chart": operators_chart(told, say.language),
        "told": told,
        "title_day": day_text(wanted, say.language, weekday=True),
        "around": _around(wanted, today, queue, say),
        "roster_href": address_of(wanted) if principal.may(Permission.ROSTER_READ) else "",
    }
    context["asked"] = {"day": day_short(wanted, say.language), "queue": queue}
    if not told.open and (following := next_open_day(line, of_queue, wanted, now)):
        context["next_open"] = (day_text(following, say.language, weekday=True), _address(following, queue))
    return render(request, "pages/staffing.html", principal, context)


def _problem(error: Invalid, today: date, say: Texts) -> str:
    """What to write instead, in the reader's language."""
    if error.code not in {"day_unreadable", "day_too_far", "day_too_old"}:
        return refusal_text(error, say)
    return say(
        f"staffing.{error.code}",
        example=day_short(today, say.language),
        last=day_short(today + FARTHEST_AHEAD, say.language),
        first=day_short(today - FARTHEST_BACK, say.language),
    )


def _around(day: date, today: date, queue: str, say: Texts) -> list[tuple[str, str, str]]:
    """The days before and after, where they can be asked for: which of both, name, address."""
    neighbours = (("before", day - timedelta(1)), ("after", day + timedelta(1)))
    return [
        (which, day_text(there, say.language, weekday=True), _address(there, queue))
        for which, there in neighbours
        if today - FARTHEST_BACK <= there <= today + FARTHEST_AHEAD
    ]


def _link(name: str, day: date, queue: str, say: Texts) -> tuple[str, str]:
    return say(f"staffing.{name}"), _address(day, queue)


def _address(day: date, queue: str) -> str:
    asked = {"day": day_short(day, "en").replace("/", "-")} | ({"queue": queue} if queue else {})
    return f"/staffing?{urlencode(asked)}"
