"""`/cases` and `/cases/{code}`: reading for those who may, taking and answering for casework."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, TypeVar
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import select

from api.access.guard import require
from api.access.permissions import Permission
from api.access.principal import Principal
from api.cases.case import CaseKind, CaseState
from api.cases.repository import CaseFilter, CaseRows
from api.cases.schemas import CaseDetail, CaseView
from api.cases.service import answer_case, find_case, take_case
from api.db.tables import Person
from api.db.transaction import Transaction
from api.playback.repository import RecordingRows
from api.playback.schemas import RecordingView
from api.web.case_view import due_mark, left_out, stretches, working_words
from api.web.rendering import language_of, render
from api.web.texts import texts
from ivr.kernel.errors import Invalid, NotFound
from ivr.kernel.ids import RecordingId
from ivr.kernel.tracking_code import TrackingCode

router = APIRouter(prefix="/cases", include_in_schema=False)

Reader = Annotated[Principal, Depends(require(Permission.CASES_READ))]
Caseworker = Annotated[Principal, Depends(require(Permission.CASES_WORK))]

_PAGE = 50
Kind = TypeVar("Kind", bound=StrEnum)


@router.get("")
async def list_cases(
    request: Request,
    session: Transaction,
    principal: Reader,
    state: Annotated[str, Query(max_length=20)] = "",
    kind: Annotated[str, Query(max_length=20)] = "",
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> Response:
    say = texts(language_of(request))
    now = request.app.state.clock.now()
    wanted = CaseFilter(_one_of(CaseState, state, "state"), _one_of(CaseKind, kind, "kind"))
    cases, following = await CaseRows(session).page(principal, wanted, now=now, limit=_PAGE, cursor=cursor)
    asked = {"state": state, "kind": kind}
    context = {
        "items": [
            CaseView.of(case, now).model_dump() | {"due": due_mark(case.state, case.due_at, now, say)} for case in cases
        ],
        "next": f"/cases?{urlencode({**asked, 'cursor': following})}" if following else None,
        "asked": asked,
        "states": [(value.value, say.word("case_state", value)) for value in CaseState],
        "kinds": [(value.value, say.word("case_kind", value)) for value in CaseKind],
    }
    return render(request, "pages/cases.html", principal, context)


@router.get("/{tracking_code}")
async def read_case(tracking_code: str, request: Request, session: Transaction, principal: Reader) -> Response:
    language = language_of(request)
    say = texts(language)
    now = request.app.state.clock.now()
    case = CaseDetail.of(await find_case(CaseRows(session), _code(tracking_code)), now)
    recording = None
    if case.recording_id:
        found = await RecordingRows(session).visible(principal, RecordingId(case.recording_id))
        recording = RecordingView.of(found) if found else None
    name = Person.name_fa if language == "fa" else Person.name_en
    handler = await session.scalar(select(name).where(Person.username == case.taken_by)) if case.taken_by else None
    context = {
        "case": case,
        "recording": recording,
        "due": due_mark(case.state, case.due_at, now, say),
        "stretches": stretches(case, say),
        "allowance": working_words(timedelta(seconds=case.deadline.allowance_seconds), say),
        "left_out": left_out(case, language),
        "handler": handler or case.taken_by,
        "may_work": principal.may(Permission.CASES_WORK),
    }
    return render(request, "pages/case.html", principal, context)


@router.post("/{tracking_code}/take")
async def take(tracking_code: str, request: Request, session: Transaction, principal: Caseworker) -> Response:
    code = _code(tracking_code)
    await take_case(CaseRows(session), principal, code, request.app.state.clock.now())
    return RedirectResponse(f"/cases/{code}", 303)


@router.post("/{tracking_code}/answer")
async def answer(
    tracking_code: str,
    request: Request,
    session: Transaction,
    principal: Caseworker,
    text: Annotated[str, Form(max_length=8000)] = "",
) -> Response:
    code = _code(tracking_code)
    await answer_case(CaseRows(session), principal, code, text, request.app.state.clock.now())
    return RedirectResponse(f"/cases/{code}", 303)


def _code(text: str) -> TrackingCode:
    try:
        return TrackingCode.parse(text)
    except Invalid as error:
        raise NotFound("No case can have this code; check it digit by digit.") from error


def _one_of(kind: type[Kind], value: str, field: str) -> Kind | None:
    if not value:
        return None
    try:
        return kind(value)
    except ValueError as error:
        known = ", ".join(kind)
        raise Invalid(f"{field} may be one of {known}.", field=f"query.{field}") from error
