"""`GET /api/v1/staffing`: the staffing of a day."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query, Request

from api.access.guard import require
from api.access.permissions import Permission
from api.access.principal import Principal
from api.db.transaction import Transaction
from api.http.asked import asked_queue
from api.http.routers import api_router
from api.settings import ApiSettings
from api.staffing.needed import line_from
from api.staffing.ports import OpeningHours, PlannedOperators
from api.staffing.schemas import StaffingDay
from api.staffing.service import asked_day, read_staffing
from api.staffing.view import Line

router = api_router("staffing")

MAY_PLAN = Depends(require(Permission.STAFFING_READ))


def line_of(request: Request) -> Line:
    """What is settled about this line: its settings and the hours that are in force now."""
    settings: ApiSettings = request.app.state.settings
    hours: OpeningHours = request.app.state.opening
    return line_from(settings, hours)


@router.get("/staffing", summary="Forecast and operators needed, by half hour")
async def get_staffing(
    request: Request,
    session: Transaction,
    _principal: Annotated[Principal, MAY_PLAN],
    day: Annotated[
        str | None,
        Query(
            max_length=40,
            description="Jalali `1405-09-08` or Gregorian `2026-11-29`, up to 60 days ahead or ten years back; today if absent.",
            examples=["1405-09-08"],
        ),
    ] = None,
    queue: Annotated[
        str | None, Query(max_length=100, description="Only callers of this queue; all if absent.")
    ] = None,
) -> StaffingDay:
    """Forecast calls and handling time, operators by Erlang C and Erlang A, the seats as the ceiling; for half hours that
    are over the actual calls, and the measured error of the forecast over the day and over the 28 days before."""
    now = request.app.state.clock.now()
    wanted, of_queue = asked_day(day, now), asked_queue(queue)
    planned: PlannedOperators = request.app.state.planned_operators(session)
    return await read_staffing(session, wanted, of_queue, line=line_of(request), planned=planned, now=now)
