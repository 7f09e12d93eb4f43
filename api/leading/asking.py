"""What a request hands to the deeds: the exchange, the board, the files, the time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Path, Request

from api.access.guard import require
from api.access.permissions import Permission
from api.access.principal import Principal
from api.db.engine import Sessions
from api.db.transaction import Transaction
from api.floor.opening import Opening
from api.leading.announcements import Shelf
from api.leading.board import floor_now
from api.leading.floor_now import FloorNow
from api.leading.listening import Listening
from api.settings import ApiSettings
from ivr.kernel.errors import NotFound
from ivr.kernel.opening import waits_until
from routing.leading import Lead
from routing.seats import seat_names


def settings_of(request: Request) -> ApiSettings:
    return request.app.state.settings


def now_of(request: Request) -> datetime:
    return request.app.state.clock.now()


def opening_of(request: Request) -> Opening:
    return request.app.state.opening


def is_open(request: Request) -> Callable[[str], bool]:
    """Whether a queue lets callers in at this moment."""
    opening, now = opening_of(request), now_of(request)
    return lambda queue: opening.is_open(queue, now)


def until(request: Request) -> Callable[[str], int | None]:
    """The second (since 1970) at which a wait in a queue ends for who enters it at this moment; None while it does not close soon."""
    calendar, now, settings = opening_of(request).calendar(), now_of(request), settings_of(request)

    def ends(queue: str) -> int | None:
        found = waits_until(calendar, queue, now, settings.wait_after_closing, settings.clock_open)
        return None if found is None else int(found.timestamp())

    return ends


def step_of(request: Request) -> int:
    """Seconds of waiting as which one step of priority counts."""
    return settings_of(request).routing.step_seconds


def sessions_of(request: Request) -> Sessions:
    """For what must stay written when the request's own transaction is rolled back."""
    return request.app.state.sessions


def shelf_of(request: Request) -> Shelf:
    """The folder that the doors read."""
    return Shelf(settings_of(request).var)


async def _lead(request: Request) -> Lead:
    return request.app.state.lead


async def _floor(request: Request, session: Transaction) -> FloorNow:
    return await floor_now(session, settings_of(request).systemname, step_of(request))


def listening_of(request: Request) -> Listening:
    state = request.app.state
    return Listening(state.lead, state.sessions, state.clock)


async def _listening(request: Request) -> Listening:
    return listening_of(request)


def _seat(request: Request, seat: Annotated[str, Path(max_length=20, description="`seat01` …")]) -> str:
    names = seat_names(settings_of(request).seats)
    if seat not in names:
        raise NotFound(f"There is no seat {seat!r}; there are {names[0]} to {names[-1]}.", code="no_such_seat")
    return seat


Exchange = Annotated[Lead, Depends(_lead)]
Floor = Annotated[FloorNow, Depends(_floor)]
Hearings = Annotated[Listening, Depends(_listening)]
Seat = Annotated[str, Depends(_seat)]
Call = Annotated[str, Path(max_length=100, description="The caller's call.")]
Ident = Annotated[str, Path(pattern=r"^[0-9a-f]{12}$", description="As the list tells it.")]

Looker = Annotated[Principal, Depends(require(Permission.FLOOR_READ))]
Leader = Annotated[Principal, Depends(require(Permission.CALLERS_LEAD))]
Actor = Annotated[Principal, Depends(require(Permission.LINE_ACT))]
Hearer = Annotated[Principal, Depends(require(Permission.TALK_LISTEN))]
Whisperer = Annotated[Principal, Depends(require(Permission.TALK_WHISPER))]
Barger = Annotated[Principal, Depends(require(Permission.TALK_BARGE))]
