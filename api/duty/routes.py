"""`/api/v1/duty` is the agent's own, `/api/v1/duties` everybody's, for those who lead the floor."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Path, Request

from api.access.guard import require
from api.access.permissions import Permission
from api.access.principal import Principal
from api.db.duty_tables import DutyRow
from api.db.transaction import Transaction
from api.duty.at_desk import sit_down
from api.duty.repository import duty_of, open_duties, open_row
from api.duty.schemas import Duties, DutyNow, PauseAsked, SignIn, duty_now
from api.duty.service import OWN_RESUMES, duty_at, finish_wrap_up, own_cause, own_duty, pause, resume, sign_out
from api.http.errors import error_responses
from api.http.routers import api_router
from api.settings import ApiSettings
from routing.duty import PauseCause

router = api_router("duty")

NOT_ON_DUTY = error_responses(404)

Own = Annotated[Principal, Depends(require(Permission.DUTY_OWN))]
Lead = Annotated[Principal, Depends(require(Permission.DUTY_LEAD))]
Look = Annotated[Principal, Depends(require(Permission.FLOOR_READ))]
Seat = Annotated[str, Path(max_length=20, description="`seat01` …")]


def now_of(request: Request) -> datetime:
    return request.app.state.clock.now()


async def told(request: Request, session: Transaction, row: DutyRow) -> DutyNow:
    """The duty as it is after what was done in this transaction."""
    await session.flush()
    return duty_now(await duty_of(session, row), now_of(request), wrap_up_limits(request))


def wrap_up_limits(request: Request) -> dict[str, int]:
    settings: ApiSettings = request.app.state.settings
    return {name: queue.wrapup_limit_seconds for name, queue in settings.queues.items()}


@router.get("/duties", summary="Who is on duty where")
async def read_duties(request: Request, session: Transaction, _principal: Look) -> Duties:
    limits, now = wrap_up_limits(request), now_of(request)
    return Duties(items=[duty_now(duty, now, limits) for duty in await open_duties(session)])


@router.get("/duty", summary="My duty, or null")
async def read_own(request: Request, session: Transaction, principal: Own) -> DutyNow | None:
    row = await open_row(session, agent=principal.username)
    return None if row is None else await told(request, session, row)


@router.post("/duty", summary="Sign in at a seat", status_code=201, responses=error_responses(400, 409, 413))
async def begin(request: Request, session: Transaction, principal: Own, asked: SignIn) -> DutyNow:
    settings: ApiSettings = request.app.state.settings
    at = now_of(request)
    duty = await sit_down(session, settings, principal, asked.seat, at)
    return duty_now(duty, at, wrap_up_limits(request))


@router.delete("/duty", summary="Sign out", status_code=204, responses=NOT_ON_DUTY)
async def end(request: Request, session: Transaction, principal: Own) -> None:
    await sign_out(session, await own_duty(session, principal.username), at=now_of(request), by=principal)


@router.post("/duty/pauses", summary="Take no calls, and say why", responses=error_responses(400, 404, 413))
async def begin_pause(request: Request, session: Transaction, principal: Own, asked: PauseAsked) -> DutyNow:
    cause, row = own_cause(asked.cause), await own_duty(session, principal.username)
    await pause(session, row, cause, at=now_of(request), by=principal)
    return await told(request, session, row)


@router.post("/duty/ready", summary="Take calls again", responses=NOT_ON_DUTY)
async def ready(request: Request, session: Transaction, principal: Own) -> DutyNow:
    """My pauses and the work after a talk are over. A pause that a supervisor set stays until a supervisor ends it."""
    row = await own_duty(session, principal.username)
    await resume(session, row, OWN_RESUMES, at=now_of(request), by=principal)
    return await told(request, session, row)


@router.delete("/duty/wrap-up", summary="Done with the work after a talk", status_code=204, responses=NOT_ON_DUTY)
async def end_own_wrap_up(request: Request, session: Transaction, principal: Own) -> None:
    await finish_wrap_up(session, await own_duty(session, principal.username), at=now_of(request))


@router.put("/duties/{seat}/pause", summary="Pause the agent at a seat", responses=NOT_ON_DUTY)
async def lead_pause(request: Request, session: Transaction, principal: Lead, seat: Seat) -> DutyNow:
    row = await duty_at(session, seat)
    await pause(session, row, PauseCause.SUPERVISOR, at=now_of(request), by=principal)
    return await told(request, session, row)


@router.delete("/duties/{seat}/pause", summary="Let the agent at a seat take calls", responses=NOT_ON_DUTY)
async def lead_resume(request: Request, session: Transaction, principal: Lead, seat: Seat) -> DutyNow:
    """Whatever the pause was for."""
    row = await duty_at(session, seat)
    await resume(session, row, tuple(PauseCause), at=now_of(request), by=principal)
    return await told(request, session, row)


@router.delete("/duties/{seat}", summary="Sign out the agent at a seat", status_code=204, responses=NOT_ON_DUTY)
async def lead_sign_out(request: Request, session: Transaction, principal: Lead, seat: Seat) -> None:
    await sign_out(session, await duty_at(session, seat), at=now_of(request), by=principal, how="supervisor")
