"""`/roster/shifts`: the shifts that turns are made from. They are made and given up, never changed (decision 28)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import RedirectResponse, Response

from api.access.permissions import Permission
from api.access.principal import Principal
from api.db.transaction import Transaction
from api.roster import changing
from api.roster.repository import RosterRows
from api.roster.routes import Planner, Reader
from api.roster.schemas import ShiftView
from api.web.login_page import refusal_text
from api.web.rendering import language_of, render
from api.web.shift_form import FIELDS, Problems, Typed, shift_typed, typed_shift
from api.web.shift_view import shift_row, weekday_names
from api.web.texts import texts
from ivr.kernel.errors import Invalid, NotFound

router = APIRouter(prefix="/roster/shifts", include_in_schema=False)

ShiftId = Annotated[int, Path(ge=1, le=2**31 - 1)]
_SAVED = {"added", "retired", "gone"}


@router.get("")
async def shifts_page(
    request: Request, session: Transaction, principal: Reader, saved: Annotated[str, Query(max_length=10)] = ""
) -> Response:
    return await _page(request, session, principal, Typed(), {}, saved=saved)


@router.post("")
async def add(request: Request, session: Transaction, principal: Planner) -> Response:
    form = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    typed = typed_shift(form)
    shift, problems = shift_typed(typed)
    if shift is not None:
        try:
            await changing.add_shift(session, principal, shift, request.app.state.clock.now())
        except Invalid as error:  # its code means something else already
            problems[(error.field or "").removeprefix("body.")] = error
    if problems:
        return await _page(request, session, principal, typed, problems)
    return RedirectResponse("/roster/shifts?saved=added", 303)


@router.post("/{shift_id}/retire")
async def retire(shift_id: ShiftId, request: Request, session: Transaction, principal: Planner) -> Response:
    try:
        await changing.retire_shift(session, principal, shift_id, request.app.state.clock.now())
    except NotFound:  # somebody was faster; what was wanted is so
        return RedirectResponse("/roster/shifts?saved=gone", 303)
    return RedirectResponse("/roster/shifts?saved=retired", 303)


async def _page(
    request: Request, session: Transaction, principal: Principal, typed: Typed, problems: Problems, saved: str = ""
) -> Response:
    say = texts(language_of(request))
    context: dict[str, Any] = {
        "shifts": [shift_row(ShiftView.of(shift), say) for shift in await RosterRows(session).shifts()],
        "may_edit": principal.may(Permission.ROSTER_EDIT),
        "typed": typed,
        "problems": {name: refusal_text(error, say) or say("error.invalid") for name, error in problems.items()},
        "first_problem": next((name for name in FIELDS if name in problems), ""),
        "weekdays": list(enumerate(weekday_names(say))),
        "saved": saved if saved in _SAVED else "",
    }
    return render(request, "pages/shifts.html", principal, context, status=422 if problems else 200)
