"""`/api/v1/seats/{seat}/…`: what the doors ask when an operator dials at the telephone of a seat. For no person.

Asterisk knows by the telephone's secret which seat it is. Who signs in shows number and PIN; who sits at a seat at which
somebody is signed in may end that duty or pause it, as with a hand on the telephone itself.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path, Request
from pydantic import BaseModel, Field, SecretStr
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import JSONResponse

from api.access.guard import require
from api.access.permissions import Permission
from api.access.principal import Principal
from api.db.transaction import Transaction
from api.duty.by_phone import NotSignedIn, SeatState, number_of, sign_in_with_pin, state_of
from api.duty.repository import duty_of, open_row
from api.duty.service import OWN_RESUMES, duty_at, pause, resume, sign_out
from api.http.errors import error_answer, error_responses
from api.http.routers import api_router
from api.settings import ApiSettings
from ivr.kernel.errors import NotFound
from routing.duty import Duty, PauseCause
from routing.seats import seat_names

router = api_router("duty", "/seats")


class SeatDuty(BaseModel):
    """Who is on duty at a seat, as far as its telephone says it."""

    state: SeatState = Field(description="`held`: paused by a supervisor; `free`: nobody is signed in.")
    agent_number: str | None = Field(description="Null when nobody is signed in, or somebody without a number.")


class PinSignIn(BaseModel):
    """What was keyed."""

    agent_number: str = Field(pattern=r"^[0-9]{1,6}$", examples=["107"])
    pin: SecretStr = Field(min_length=1, max_length=6)


def _seat(request: Request, seat: Annotated[str, Path(max_length=20, description="`seat01` …")]) -> str:
    settings: ApiSettings = request.app.state.settings
    if seat not in seat_names(settings.seats):
        raise NotFound(f"There is no seat {seat!r}; there are seat01 to {seat_names(settings.seats)[-1]}.")
    return seat


Phone = Annotated[Principal, Depends(require(Permission.DUTY_BY_PHONE))]
Seat = Annotated[str, Depends(_seat)]

_REFUSALS = {
    "wrong": (404, "pin_refused", "There is no agent with this number and this PIN."),
    "wait": (429, "too_many_tries", "There were too many wrong tries; wait as long as Retry-After says."),
    "taken": (409, "seat_taken", "Another agent is signed in at this seat."),
    "elsewhere": (409, "agent_elsewhere", "This agent is signed in at the seat that Location names."),
}


@router.get("/{seat}/duty", summary="Who is on duty at this seat", responses=error_responses(404))
async def read_seat(session: Transaction, _principal: Phone, seat: Seat) -> SeatDuty:
    row = await open_row(session, seat=seat)
    return await _told(session, None if row is None else await duty_of(session, row))


@router.post(
    "/{seat}/duty",
    summary="Sign in with number and PIN",
    status_code=201,
    response_model=SeatDuty,
    responses=error_responses(400, 404, 409, 413, 429),
)
async def begin_at_seat(request: Request, principal: Phone, seat: Seat, asked: PinSignIn) -> SeatDuty | JSONResponse:
    """Right number and PIN give the duty, also the second time. Which of the two is wrong is not said."""
    settings: ApiSettings = request.app.state.settings
    outcome = await sign_in_with_pin(
        request.app.state.sessions,
        request.app.state.clock,
        principal,
        seat=seat,
        seats=seat_names(settings.seats),
        number=asked.agent_number,
        pin=asked.pin.get_secret_value(),
    )
    if isinstance(outcome, NotSignedIn):
        return _refused(outcome)
    return SeatDuty(state=state_of(outcome), agent_number=asked.agent_number)


@router.delete("/{seat}/duty", summary="Sign out at this seat", status_code=204, responses=error_responses(404))
async def end_at_seat(request: Request, session: Transaction, _principal: Phone, seat: Seat) -> None:
    row = await duty_at(session, seat)
    await sign_out(session, row, at=request.app.state.clock.now(), by=_at(seat))


@router.put("/{seat}/pause", summary="A break at this seat", responses=error_responses(404))
async def pause_at_seat(request: Request, session: Transaction, _principal: Phone, seat: Seat) -> SeatDuty:
    row = await duty_at(session, seat)
    await pause(session, row, PauseCause.BREAK, at=request.app.state.clock.now(), by=_at(seat))
    return await _told(session, await duty_of(session, row))


@router.post("/{seat}/ready", summary="This seat takes calls again", responses=error_responses(404))
async def ready_at_seat(request: Request, session: Transaction, _principal: Phone, seat: Seat) -> SeatDuty:
    """Pauses and the work after a talk are over; what a supervisor began stays."""
    row = await duty_at(session, seat)
    await resume(session, row, OWN_RESUMES, at=request.app.state.clock.now(), by=_at(seat))
    return await _told(session, await duty_of(session, row))


def _at(seat: str) -> str:
    """The actor in the trail: nobody showed who they are, the telephone did."""
    return f"seat:{seat}"


async def _told(session: AsyncSession, duty: Duty | None) -> SeatDuty:
    await session.flush()
    return SeatDuty(state=state_of(duty), agent_number=await number_of(session, duty.agent) if duty else None)


def _refused(why: NotSignedIn) -> JSONResponse:
    status, code, message = _REFUSALS[why.why]
    headers: dict[str, str] = {}
    if why.seconds:
        headers["Retry-After"] = str(why.seconds)
    if why.seat:
        headers["Location"] = f"/api/v1/seats/{why.seat}/duty"
    return error_answer(status, code, message, headers=headers)
