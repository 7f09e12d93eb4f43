"""`/roster` and `/roster/day/{day}`: who is to sit when, and how it went. Plain links and forms; works without JavaScript."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from api.access.guard import require
from api.access.permissions import Permission, Role
from api.access.principal import Principal
from api.db.transaction import Transaction
from api.roster.asking import asked_day, asked_month, can_be_asked, today_of
from api.roster.reading import read_day, read_month
from api.roster.routes import roster_line_of
from api.roster.trail import deeds_of
from api.web import shown
from api.web.login_page import refusal_text
from api.web.people_names import names_of_everybody
from api.web.rendering import language_of, render
from api.web.roster_bars import bars_of
from api.web.roster_day_view import day_view, deeds_view
from api.web.roster_view import address_of, month_view
from api.web.texts import Texts, texts
from ivr.kernel.errors import Invalid
from ivr.kernel.jalali import day_short, day_text, month_after, month_begins, month_text

router = APIRouter(prefix="/roster", include_in_schema=False)

Reader = Annotated[Principal, Depends(require(Permission.ROSTER_READ))]
Field = Annotated[str, Query(max_length=40)]


@router.get("")
async def month_page(
    request: Request, session: Transaction, principal: Reader, month: Field = "", imported: Field = ""
) -> Response:
    say, now = texts(language_of(request)), request.app.state.clock.now()
    today = today_of(now)
    context: dict[str, Any] = {
        "typed": month,
        "example": month_typed(today, say),
        "quick": [
            (say("roster.this_month"), f"{_month_href(month_begins(today))}#today"),
            (say("roster.today"), address_of(today)),
        ],
        "may_edit": principal.may(Permission.ROSTER_EDIT),
        "own": principal.role is Role.OPERATOR,
        "imported": shown.digits(imported, say.language) if imported.isdecimal() else "",
        "problem": "", "title": "", "view": None, "neighbours": [],
    }  # fmt: skip
    try:
        first = asked_month(month, now, "query.month")
    except Invalid as error:
        context["problem"] = refusal_text(error, say)
        return render(request, "pages/roster.html", principal, context, status=422)
    told = await read_month(session, principal, first, line=roster_line_of(request), now=now)
    context |= {
        "title": month_text(first, say.language),
        "typed": month_typed(first, say),
        "key": told.month,
        "view": month_view(told, today, say, may_edit=context["may_edit"]),
        "neighbours": [
            (which, month_text(there, say.language), _month_href(there))
            for which, there in (("before", month_begins(first - timedelta(1))), ("after", month_after(first)))
            if can_be_asked(there, now)
        ],
    }
    return render(request, "pages/roster.html", principal, context)


@router.get("/day/{day}")
async def day_page(day: str, request: Request, session: Transaction, principal: Reader) -> Response:
    say, now = texts(language_of(request)), request.app.state.clock.now()
    wanted = asked_day(day, now)
    told = await read_day(session, principal, wanted, line=roster_line_of(request), now=now)
    may_edit = principal.may(Permission.ROSTER_EDIT)
    deeds = await deeds_of(session, principal, wanted) if may_edit else []
    context = {
        "title": day_text(wanted, say.language, weekday=True),
        "view": day_view(told, now, say, may_edit=may_edit),
        "bars": bars_of(told, now, say.language),
        "deeds": deeds_view(deeds, told.shifts, await names_of_everybody(session, say.language) if deeds else {}, say),
        "may_edit": may_edit,
        "month_href": _month_href(month_begins(wanted)),
        "month_name": month_text(wanted, say.language),
        "around": [
            (which, day_text(there, say.language, weekday=True), address_of(there))
            for which, there in (("before", wanted - timedelta(1)), ("after", wanted + timedelta(1)))
            if can_be_asked(there, now)
        ],
    }
    return render(request, "pages/roster_day.html", principal, context)


def month_typed(day: date, say: Texts) -> str:
    """As people write it into the field: `۱۴۰۵/۰۹`."""
    return day_short(day, say.language)[:7]


def _month_href(first: date) -> str:
    return f"/roster?month={day_short(first, 'en')[:7].replace('/', '-')}"
