"""`/figures`: what was achieved in a day or month, of the whole line and of each queue."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from api.access.guard import require
from api.access.permissions import Permission
from api.access.principal import Principal
from api.db.transaction import Transaction
from api.http.asked import asked_queue
from api.reports.periods import Kind, Period, day_of, month_of, read_period, today
from api.reports.service import read_figures
from api.web import shown
from api.web.figures_view import figures_view
from api.web.login_page import refusal_text
from api.web.people_names import names_of_agents
from api.web.rendering import language_of, render
from api.web.texts import Texts, texts
from api.web.working_view import working_rows
from ivr.kernel import jalali
from ivr.kernel.clock import TEHRAN
from ivr.kernel.errors import Invalid
from routing.queues import QUEUES

router = APIRouter(include_in_schema=False)

Field = Annotated[str, Query(max_length=80)]


@router.get("/figures")
async def figures(
    request: Request,
    session: Transaction,
    principal: Annotated[Principal, Depends(require(Permission.FIGURES_READ))],
    day: Field = "",
    month: Field = "",
    queue: Field = "",
) -> Response:
    say = texts(language_of(request))
    now = request.app.state.clock.now()
    context: dict[str, Any] = {"problem": "", "kind": Kind.MONTH if month else Kind.DAY, "typed": month or day}
    try:
        period, one = read_period(day, month, now), asked_queue(queue)
        told = await read_figures(session, period, one, now)
        context |= {"figures": told, "typed": _typed(period, say.language), **figures_view(told, period, say)}
        context |= {
            "neighbours": _neighbours(period, queue, now, say),
            "calls_href": _calls_of(period, queue, say.language),
            "working": working_rows(told, await names_of_agents(session, say.language), say),
        }
    except Invalid as error:
        context |= {"problem": _problem(error, now, say), "figures": None, "neighbours": [], "title": ""}
    context |= {
        "asked_queue": queue,
        "queues": [(str(name), say.word("queue", name)) for name in QUEUES],
        "example": _typed(month_of(_day(now)) if context["kind"] is Kind.MONTH else today(now), say.language),
        "quick": _quick(queue, now, say),
        "day_href": lambda day: _href(day_of(day), queue),
    }
    return render(request, "pages/figures.html", principal, context, status=422 if context["problem"] else 200)


def _problem(error: Invalid, now: datetime, say: Texts) -> str:
    """What to type instead, in the reader's language."""
    known = say.family("figures").get(error.code)
    if known is None:
        return refusal_text(error, say)
    return known.format(day=_typed(today(now), say.language), month=_typed(month_of(_day(now)), say.language))


def _neighbours(period: Period, queue: str, now: datetime, say: Texts) -> list[tuple[str, str]]:
    """The period before, the next one unless it has not begun, and from a day its whole month."""
    ways = [(say(f"figures.before_{period.kind}"), _href(period.before, queue))]
    if period.next.since <= now:
        ways.append((say(f"figures.next_{period.kind}"), _href(period.next, queue)))
    if period.kind is Kind.DAY:
        name = jalali.month_text(period.first, say.language)
        ways.append((say("figures.whole_month", month=name), _href(month_of(period.first), queue)))
    return ways


def _quick(queue: str, now: datetime, say: Texts) -> list[tuple[str, str]]:
    """The periods people ask for most."""
    day, month = today(now), month_of(_day(now))
    names = (("today", day), ("yesterday", day.before), ("this_month", month), ("last_month", month.before))
    return [(say(f"figures.{name}"), _href(period, queue)) for name, period in names]


def _href(period: Period, queue: str) -> str:
    asked = {period.kind.value: period.name, "queue": queue}
    return f"/figures?{urlencode({name: value for name, value in asked.items() if value})}"


def _calls_of(period: Period, queue: str, language: str) -> str:
    """The list of the very calls: who reads a figure can look behind it."""
    last = period.after - timedelta(days=1)
    days = {"from": jalali.day_short(period.first, language), "to": jalali.day_short(last, language)}
    return f"/calls?{urlencode({**days, **({'queue': queue} if queue else {})})}"


def _typed(period: Period, language: str) -> str:
    """As people write it into the field: `۱۴۰۵/۰۹/۰۷` or `۱۴۰۵/۰۹`."""
    return shown.digits(period.name.replace("-", "/"), language)


def _day(now: datetime) -> Any:
    return now.astimezone(TEHRAN).date()
