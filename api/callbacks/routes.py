"""`/api/v1/callbacks`: who is called back, in which order, and what became of it."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path, Request

from api.access.guard import require
from api.access.permissions import Permission
from api.access.principal import Principal
from api.callbacks.keeping import cancel
from api.callbacks.reading import all_callbacks, one_callback
from api.callbacks.schemas import CallbackDetail, Callbacks
from api.db.transaction import Transaction
from api.http.errors import error_responses
from api.http.routers import api_router
from api.settings import ApiSettings
from ivr.kernel.tracking_code import TrackingCode

router = api_router("callbacks", "/callbacks")

Reader = Annotated[Principal, Depends(require(Permission.CALLBACKS_READ))]
Canceller = Annotated[Principal, Depends(require(Permission.CALLBACKS_CANCEL))]
Code = Annotated[
    str,
    Path(
        description="Tracking code; Persian digits, spaces and dashes are fine.", max_length=60, examples=["123456786"]
    ),
]


@router.get("", summary="Call backs that are open, in order, and the newest that are over")
async def read_callbacks(request: Request, session: Transaction, _principal: Reader) -> Callbacks:
    settings: ApiSettings = request.app.state.settings
    now, step = request.app.state.clock.now(), settings.routing.step_seconds
    return await all_callbacks(session, now, step_seconds=step, automatic=settings.callbacks.on)


@router.get("/{tracking_code}", summary="One call back with every attempt", responses=error_responses(404))
async def read_callback(
    tracking_code: Code, request: Request, session: Transaction, _principal: Reader
) -> CallbackDetail:
    step = request.app.state.settings.routing.step_seconds
    return await one_callback(session, TrackingCode.parse(tracking_code), step_seconds=step)


@router.delete("/{tracking_code}", summary="Take a call back out of the line", responses=error_responses(404, 409))
async def cancel_callback(
    tracking_code: Code, request: Request, session: Transaction, principal: Canceller
) -> CallbackDetail:
    """The case stays, for a person. 409 when it is over, or while the caller's telephone rings."""
    code = TrackingCode.parse(tracking_code)
    await cancel(session, principal, code, request.app.state.clock.now())
    return await one_callback(session, code, step_seconds=request.app.state.settings.routing.step_seconds)
