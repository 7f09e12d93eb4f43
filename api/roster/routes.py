"""`/api/v1/roster`: shifts, months, days, cells, swaps."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path, Request

from api.access.guard import require
from api.access.permissions import Permission
from api.access.principal import Principal
from api.db.transaction import Transaction
from api.http.errors import error_responses
from api.http.routers import api_router
from api.roster import changing
from api.roster.asking import asked_day, asked_month
from api.roster.cells import Change
from api.roster.forms import CellForm, ShiftForm, SwapForm, plan_of, shift_from
from api.roster.notices import change_view, notices_of
from api.roster.ports import OpeningHours
from api.roster.reading import RosterLine, read_day, read_month
from api.roster.repository import RosterRows
from api.roster.schemas import Changed, RosterDay, RosterMonth, ShiftView
from api.settings import ApiSettings
from routing.roster.rules import Cell
from routing.seats import seat_names

router = api_router("roster", "/roster")

Reader = Annotated[Principal, Depends(require(Permission.ROSTER_READ))]
Planner = Annotated[Principal, Depends(require(Permission.ROSTER_EDIT))]
Month = Annotated[str, Path(max_length=40, description="Jalali month.", examples=["1405-09"])]
Day = Annotated[str, Path(max_length=40, description="Jalali or Gregorian day of Tehran.", examples=["1405-09-08"])]
AgentName = Annotated[str, Path(max_length=64, description="Account of the operator.", examples=["operator01"])]


def roster_line_of(request: Request) -> RosterLine:
    """What the roster knows of this line."""
    settings: ApiSettings = request.app.state.settings
    hours: OpeningHours = request.app.state.opening
    return RosterLine(hours.calendar(), seat_names(settings.seats), request.app.state.operators_needed)


@router.get("/shifts", summary="Shifts from which turns are made")
async def get_shifts(session: Transaction, _principal: Reader) -> list[ShiftView]:
    return [ShiftView.of(shift) for shift in await RosterRows(session).shifts()]


@router.post("/shifts", status_code=201, summary="Add a shift", responses=error_responses(400, 413))
async def post_shift(form: ShiftForm, request: Request, session: Transaction, principal: Planner) -> ShiftView:
    """Its codes must not mean anything else in a cell of the roster."""
    now = request.app.state.clock.now()
    return ShiftView.of(await changing.add_shift(session, principal, shift_from(form), now))


@router.delete("/shifts/{shift_id}", summary="Give a shift up", responses=error_responses(404))
async def delete_shift(
    shift_id: Annotated[int, Path(ge=1, le=2**31 - 1, description="Id of the shift.")],
    request: Request,
    session: Transaction,
    principal: Planner,
) -> ShiftView:
    """No further turn is made from it. Turns that were planned stay, with the hours and breaks they had."""
    now = request.app.state.clock.now()
    return ShiftView.of(await changing.retire_shift(session, principal, shift_id, now))


@router.get("/months/{month}", summary="The roster of a Jalali month")
async def get_month(month: Month, request: Request, session: Transaction, principal: Reader) -> RosterMonth:
    """Every planned turn, how many are planned for each shift beside the need that is foretold, and how plan and actual
    agreed up to now. An operator gets their own turns."""
    now = request.app.state.clock.now()
    return await read_month(session, principal, asked_month(month, now), line=roster_line_of(request), now=now)


@router.get("/days/{day}", summary="Plan beside actual of a day")
async def get_day(day: Day, request: Request, session: Transaction, principal: Reader) -> RosterDay:
    """Turns, duties and pauses of each agent who was planned or seen. An operator gets their own."""
    now = request.app.state.clock.now()
    return await read_day(session, principal, asked_day(day, now), line=roster_line_of(request), now=now)


@router.put(
    "/days/{day}/agents/{agent}", summary="Plan the turns of an agent", responses=error_responses(400, 404, 409, 413)
)
async def put_cell(
    day: Day, agent: AgentName, form: CellForm, request: Request, session: Transaction, principal: Planner
) -> Changed:
    """All turns of this agent that begin on this day; what is not in the list is removed. Sending it twice changes
    nothing more. Work on a holiday is allowed and told in `notices`."""
    now, line = request.app.state.clock.now(), roster_line_of(request)
    cell = (agent, asked_day(day, now))
    shifts = await RosterRows(session).shifts()
    plans = [plan_of(turn, shifts, line.seats) for turn in form.turns]
    changes = await changing.change_cell(session, principal, cell, plans, now=now, expected=form.expected)
    return changed(changes, line)


@router.delete("/days/{day}/agents/{agent}", summary="Remove the turns of an agent", responses=error_responses(404))
async def delete_cell(
    day: Day, agent: AgentName, request: Request, session: Transaction, principal: Planner
) -> Changed:
    """Those that begin on this day."""
    now = request.app.state.clock.now()
    cell = (agent, asked_day(day, now))
    return changed(await changing.change_cell(session, principal, cell, [], now=now), roster_line_of(request))


@router.post("/swaps", summary="Two agents swap their turns", responses=error_responses(400, 404, 413))
async def post_swap(form: SwapForm, request: Request, session: Transaction, principal: Planner) -> Changed:
    """On one day both simply change hands; on two days each gets the other's turns on the other's day. One action: when a
    rule is broken on either side, nothing is changed."""
    now = request.app.state.clock.now()
    cells: list[Cell] = [
        (name.agent, asked_day(name.day, now, f"body.{side}.day"))
        for side, name in (("one", form.one), ("other", form.other))
    ]
    changes = await changing.swap_cells(session, principal, *cells, now=now)
    return changed(changes, roster_line_of(request))


def changed(changes: list[Change], line: RosterLine) -> Changed:
    """What a change was, on the wire."""
    return Changed(changes=[change_view(change) for change in changes], notices=notices_of(changes, line.calendar))
