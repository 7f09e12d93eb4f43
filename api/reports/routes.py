"""`GET /api/v1/figures`: the figures of a day or a month."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query, Request

from api.access.guard import require
from api.access.permissions import Permission
from api.access.principal import Principal
from api.db.transaction import Transaction
from api.http.asked import asked_queue
from api.http.routers import api_router
from api.reports.periods import read_period
from api.reports.schemas import FiguresView
from api.reports.service import read_figures

router = api_router("figures")

_LONGEST = 40
"""Characters of what somebody writes as a day."""


@router.get("/figures", summary="The figures of a day or month")
async def get_figures(
    request: Request,
    session: Transaction,
    _principal: Annotated[Principal, Depends(require(Permission.FIGURES_READ))],
    day: Annotated[
        str | None,
        Query(
            max_length=_LONGEST,
            description="Jalali day of Tehran, any digits (a year from 1700 on is Gregorian). Default: today.",
            examples=["1405-09-07"],
        ),
    ] = None,
    month: Annotated[
        str | None, Query(max_length=_LONGEST, description="Jalali month, instead of a day.", examples=["1405-09"])
    ] = None,
    queue: Annotated[str | None, Query(max_length=100, description="Only visits to this queue.")] = None,
) -> FiguresView:
    """Counted from our own records at the moment of asking, by the formulas that `standard` names, of the whole line and
    of each queue, by half hour of the day, and for a month by day. Visits belong to the half hour in which they entered.
    """
    now = request.app.state.clock.now()
    return await read_figures(session, read_period(day, month, now), asked_queue(queue), now)
