"""`/api/v1/cases`: reading for those who may, taking and answering for casework, the state for the doors."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path, Query, Request

from api.access.guard import require
from api.access.permissions import Permission
from api.access.principal import Principal
from api.cases.case import CaseKind, CaseState
from api.cases.repository import CaseFilter, CaseRows
from api.cases.schemas import AnswerForm, CaseDetail, CaseStateView, CaseView
from api.cases.service import answer_case, find_case, take_case
from api.db.transaction import Transaction
from api.http.caller_filter import caller_filter
from api.http.errors import error_responses
from api.http.pages_of import Cursor, Limit, Page
from api.http.routers import api_router
from ivr.kernel.tracking_code import TrackingCode

router = api_router("cases", "/cases")

Reader = Annotated[Principal, Depends(require(Permission.CASES_READ))]
Caseworker = Annotated[Principal, Depends(require(Permission.CASES_WORK))]
Door = Annotated[Principal, Depends(require(Permission.CASE_STATE))]
Code = Annotated[
    str,
    Path(
        description="Tracking code; Persian digits, spaces and dashes are fine.", max_length=60, examples=["123456786"]
    ),
]


@router.get("")
async def list_cases(
    request: Request,
    session: Transaction,
    principal: Reader,
    state: Annotated[CaseState | None, Query(description="Only cases in this state.")] = None,
    kind: Annotated[CaseKind | None, Query(description="Only cases of this kind.")] = None,
    overdue: Annotated[bool | None, Query(description="Only cases whose deadline has (not) passed unanswered.")] = None,
    caller: Annotated[
        str | None,
        Query(
            max_length=40, description="National (0912…) or international (+98912…) form; `withheld` or empty for none."
        ),
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[CaseView]:
    """Cases, newest first."""
    now = request.app.state.clock.now()
    wanted = CaseFilter(state, kind, overdue, caller_filter(caller) if caller else caller)
    cases, following = await CaseRows(session).page(principal, wanted, now=now, limit=limit, cursor=cursor)
    return Page(items=[CaseView.of(case, now) for case in cases], next=following)


@router.get("/{tracking_code}", responses=error_responses(404))
async def read_case(tracking_code: Code, request: Request, session: Transaction, principal: Reader) -> CaseDetail:
    """One case, with the explanation of its deadline. A mistyped code (422) is told apart from an unknown one (404)."""
    case = await find_case(CaseRows(session), TrackingCode.parse(tracking_code))
    return CaseDetail.of(case, request.app.state.clock.now())


@router.get("/{tracking_code}/state", responses=error_responses(404))
async def read_case_state(tracking_code: Code, session: Transaction, principal: Door) -> CaseStateView:
    """For the doors: what a caller who keys the code may hear. Needs a token with the scope `case:state`."""
    case = await find_case(CaseRows(session), TrackingCode.parse(tracking_code))
    return CaseStateView(code=case.code, state=case.state, opened_at=case.opened_at, due_at=case.due_at)


@router.post("/{tracking_code}/take", responses=error_responses(404, 409))
async def take(tracking_code: Code, request: Request, session: Transaction, principal: Caseworker) -> CaseDetail:
    """Take an open case: it is in work, in your name. 409 when somebody was faster."""
    now = request.app.state.clock.now()
    case = await take_case(CaseRows(session), principal, TrackingCode.parse(tracking_code), now)
    return CaseDetail.of(case, now)


@router.post("/{tracking_code}/answer", responses=error_responses(400, 404, 409, 413))
async def answer(
    tracking_code: Code, form: AnswerForm, request: Request, session: Transaction, principal: Caseworker
) -> CaseDetail:
    """Write the answer to a case in work."""
    now = request.app.state.clock.now()
    case = await answer_case(CaseRows(session), principal, TrackingCode.parse(tracking_code), form.text, now)
    return CaseDetail.of(case, now)
