"""`/api/v1/roster/months/{month}/sheet`: the month as a spreadsheet, out and in."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Query, Request, Response

from api.db.transaction import Transaction
from api.http.errors import error_responses
from api.http.routers import api_router
from api.roster.asking import asked_month
from api.roster.importing import Look, apply_sheet, look_at_sheet
from api.roster.notices import change_view, notices_of
from api.roster.reading import RosterLine, read_month
from api.roster.routes import Month, Planner, Reader, roster_line_of
from api.roster.schemas import SheetChanges
from api.roster.sheets.form import MEDIA_TYPE
from api.roster.sheets.writing import month_workbook
from ivr.kernel.errors import Invalid

router = api_router("roster", "/roster")

_BYTES = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
_BODY = {"requestBody": {"required": True, "content": _BYTES}}
"""Whatever type a client calls it: the file itself tells what it is."""


@router.get(
    "/months/{month}/sheet",
    summary="The month as a spreadsheet",
    response_class=Response,
    responses={200: {"content": {MEDIA_TYPE: {}}, "description": "An XLSX workbook."}},
)
async def get_sheet(
    month: Month,
    request: Request,
    session: Transaction,
    principal: Reader,
    language: Annotated[Literal["fa", "en"], Query(description="Of heads, names and codes.")] = "fa",
) -> Response:
    """A row an agent, a column a day, the codes of shifts in the cells and explained on a second sheet. What comes out can
    be filled in and sent back. An operator gets their own row."""
    now = request.app.state.clock.now()
    told = await read_month(session, principal, asked_month(month, now), line=roster_line_of(request), now=now)
    headers = {"Content-Disposition": f'attachment; filename="roster-{told.month}.xlsx"'}
    return Response(month_workbook(told, language), media_type=MEDIA_TYPE, headers=headers)


@router.post(
    "/months/{month}/sheet",
    summary="Take a filled-in spreadsheet",
    responses=error_responses(400, 409, 413),
    openapi_extra=_BODY,
)
async def post_sheet(
    month: Month,
    request: Request,
    session: Transaction,
    principal: Planner,
    apply: Annotated[bool, Query(description="Without it nothing is changed: the answer tells what would be.")] = False,
    expected: Annotated[
        str, Query(max_length=40, description="With `apply`: `expected` of the answer that showed the changes.")
    ] = "",
) -> SheetChanges:
    """The body is the XLSX file. Whole or not at all: when one cell cannot be taken or breaks a rule nothing is changed, and
    the refusal names every such cell and what would be right. An empty cell removes what was planned; agents without a row
    keep theirs."""
    now, line = request.app.state.clock.now(), roster_line_of(request)
    first, data = asked_month(month, now), await request.body()
    if not data:
        raise Invalid("Send the XLSX file as the body.", code="sheet_missing", field="body")
    if not apply:
        return sheet_changes(await look_at_sheet(session, principal, first, data, line=line), line, applied=False)
    look = await apply_sheet(session, principal, first, data, expected, line=line, now=now)
    return sheet_changes(look, line, applied=True)


def sheet_changes(look: Look, line: RosterLine, *, applied: bool) -> SheetChanges:
    """What a sheet changes, on the wire."""
    return SheetChanges(
        changes=[change_view(change) for change in look.changes],
        notices=notices_of(look.changes, line.calendar),
        applied=applied,
        expected=look.fingerprint,
        left_alone=list(look.left_alone),
    )
