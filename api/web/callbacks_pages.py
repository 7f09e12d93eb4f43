"""`/callbacks`: who is called back, in order, and what became of those who were; cancelling for those who may."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from api.access.permissions import Permission
from api.callbacks.keeping import cancel
from api.callbacks.reading import all_callbacks
from api.callbacks.routes import Canceller, Reader
from api.db.transaction import Transaction
from api.settings import ApiSettings
from api.web.callbacks_view import callback_figures, callback_row, queues_of
from api.web.people_names import names_of_agents
from api.web.rendering import language_of, render
from api.web.texts import texts
from ivr.kernel.errors import Invalid, NotFound
from ivr.kernel.tracking_code import TrackingCode

router = APIRouter(prefix="/callbacks", include_in_schema=False)


@router.get("")
async def list_callbacks(request: Request, session: Transaction, principal: Reader) -> Response:
    language = language_of(request)
    say = texts(language)
    now = request.app.state.clock.now()
    settings: ApiSettings = request.app.state.settings
    found = await all_callbacks(
        session, now, step_seconds=settings.routing.step_seconds, automatic=settings.callbacks.on
    )
    people = await names_of_agents(session, language)
    context = {
        "automatic": found.automatic,
        "queues": queues_of(found.open, now, say),
        "over": [callback_row(one, now, say, people) for one in found.over],
        "figures": callback_figures(found.today, say),
        "may_cancel": principal.may(Permission.CALLBACKS_CANCEL),
    }
    return render(request, "pages/callbacks.html", principal, context)


@router.post("/{tracking_code}/cancel")
async def cancel_one(tracking_code: str, request: Request, session: Transaction, principal: Canceller) -> Response:
    try:
        code = TrackingCode.parse(tracking_code)
    except Invalid as error:
        raise NotFound("No call back can have this code; check it digit by digit.") from error
    await cancel(session, principal, code, request.app.state.clock.now())
    return RedirectResponse("/callbacks", 303)
