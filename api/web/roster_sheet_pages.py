"""`/roster/sheet`: a month's spreadsheet out and in. What it would change is shown first, and applied only as it was shown."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request, UploadFile
from fastapi.responses import RedirectResponse, Response

from api.access.guard import require
from api.access.permissions import Permission
from api.access.principal import Principal
from api.db.transaction import Transaction
from api.roster.asking import asked_month
from api.roster.importing import SheetRefused, apply_sheet, look_at_sheet
from api.roster.notices import change_view, notices_of
from api.roster.routes import roster_line_of
from api.roster.sheets.opening import MOST_BYTES
from api.roster.sheets.understanding import BadCell
from api.web import shown
from api.web.login_page import refusal_text
from api.web.people_names import names_of_everybody
from api.web.rendering import language_of, render
from api.web.roster_cell_pages import notice_texts
from api.web.roster_view import address_of
from api.web.texts import Texts, texts
from ivr.kernel.errors import Conflict, Invalid
from ivr.kernel.jalali import day_short, day_text, month_text

router = APIRouter(prefix="/roster/sheet", include_in_schema=False)

Planner = Annotated[Principal, Depends(require(Permission.ROSTER_EDIT))]
_LONGEST_FORM = MOST_BYTES * 4 // 3 + 4
"""A file as base64."""


@router.get("")
async def sheet_page(
    request: Request, principal: Planner, month: Annotated[str, Query(max_length=40)] = ""
) -> Response:
    first = asked_month(month, request.app.state.clock.now(), "query.month")
    return _page(request, principal, first)


@router.post("")
async def look(
    request: Request,
    session: Transaction,
    principal: Planner,
    month: Annotated[str, Form(max_length=40)] = "",
    sheet: UploadFile | None = None,
) -> Response:
    """What the file would change, or every cell that is wrong in it."""
    say, now = texts(language_of(request)), request.app.state.clock.now()
    first = asked_month(month, now, "form.month")
    data = await sheet.read() if sheet is not None else b""
    try:
        if not data:
            raise Invalid("Choose a file.", code="sheet_missing", field="form.sheet")
        found = await look_at_sheet(session, principal, first, data, line=roster_line_of(request))
    except SheetRefused as refused:
        return _page(request, principal, first, {"bad": [_bad(one, say) for one in refused.bad]}, status=422)
    except Invalid as error:
        return _page(request, principal, first, {"problem": _problem(error, say)}, status=422)
    names = await names_of_everybody(session, say.language)
    changes = [change_view(change) for change in found.changes]
    context = {
        "looked": True,
        "changes": [
            {
                "agent": names.get(change.agent, change.agent),
                "day": day_text(change.day, say.language, weekday=True),
                "href": address_of(change.day),
                "before": (change.before_fa if say.language == "fa" else change.before_en) or say("site.none"),
                "after": (change.after_fa if say.language == "fa" else change.after_en) or say("site.none"),
                "kind": "removed" if not change.after else "planned" if not change.before else "changed",
            }
            for change in changes
        ],
        "notices": notice_texts(notices_of(found.changes, roster_line_of(request).calendar), names, say),
        "left_alone": [names.get(agent, agent) for agent in found.left_alone],
        "expected": found.fingerprint,
        "sheet": base64.urlsafe_b64encode(data).decode(),
    }
    return _page(request, principal, first, context)


@router.post("/apply")
async def apply(
    request: Request,
    session: Transaction,
    principal: Planner,
    month: Annotated[str, Form(max_length=40)] = "",
    expected: Annotated[str, Form(max_length=40)] = "",
    sheet: Annotated[str, Form(max_length=_LONGEST_FORM)] = "",
) -> Response:
    """The changes that were shown, whole or not at all."""
    say, now = texts(language_of(request)), request.app.state.clock.now()
    first = asked_month(month, now, "form.month")
    try:
        data = base64.b64decode(sheet, altchars=b"-_", validate=True)
        line = roster_line_of(request)
        done = await apply_sheet(session, principal, first, data, expected, line=line, now=now)
    except binascii.Error:
        return _page(request, principal, first, {"problem": say("refusal.sheet_broken")}, status=422)
    except SheetRefused as refused:
        return _page(request, principal, first, {"bad": [_bad(one, say) for one in refused.bad]}, status=422)
    except Conflict:
        return _page(request, principal, first, {"problem": say("refusal.roster_moved_on")}, status=409)
    key = day_short(first, "en")[:7].replace("/", "-")
    return RedirectResponse(f"/roster?month={key}&imported={len(done.changes)}", 303)


def _page(
    request: Request, principal: Principal, first: date, more: Mapping[str, Any] | None = None, *, status: int = 200
) -> Response:
    say = texts(language_of(request))
    key = day_short(first, "en")[:7].replace("/", "-")
    context: dict[str, Any] = {
        "key": key,
        "title": month_text(first, say.language),
        "month_href": f"/roster?month={key}",
        "sheet_href": f"/api/v1/roster/months/{key}/sheet?language={say.language}",
        "most": shown.number(MOST_BYTES // 1000, say.language),
        "looked": False, "problem": "", "bad": [], "changes": [], "notices": [], "left_alone": [],
    }  # fmt: skip
    return render(request, "pages/roster_sheet.html", principal, context | dict(more or {}), status=status)


def _bad(one: BadCell, say: Texts) -> dict[str, str]:
    """A bad cell in the reader's language; in English the message says it in full."""
    known = {**say.family("refusal"), **say.family("roster_cell")}.get(one.code)
    text = one.message if say.language == "en" or known is None else known.format(found=one.found)
    return {"sheet": one.sheet, "cell": one.cell, "found": one.found, "text": text}


def _problem(error: Invalid, say: Texts) -> str:
    """What is wrong with the file; a formula with its cell."""
    cell = (error.field or "").removeprefix("body.") if error.code == "sheet_formula" else ""
    told = refusal_text(error, say)
    return say("roster_sheet.at", problem=told, cell=cell) if cell else told
