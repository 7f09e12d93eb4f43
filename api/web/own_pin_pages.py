"""`POST /desk/pin`: agents choose their own telephone PIN on their desk page, with their password. Nothing of it is shown again."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from api.access.confirm import NotConfirmed
from api.agents.routes import change_own
from api.db.transaction import Transaction
from api.duty.routes import Own
from api.web import shown
from api.web.desk_pages import desk_page
from api.web.login_page import refusal_text
from api.web.rendering import language_of
from api.web.texts import Texts, texts
from ivr.kernel.errors import Conflict, Invalid
from ivr.kernel.persian_text import ascii_digits

router = APIRouter(prefix="/desk", include_in_schema=False)

Secret = Annotated[str, Form(max_length=1024)]


@router.post("/pin")
async def change_pin(
    request: Request,
    session: Transaction,
    principal: Own,
    password: Secret = "",
    pin: Secret = "",
    pin_again: Secret = "",
) -> Response:
    say = texts(language_of(request))
    wanted, again = (ascii_digits(text).strip() for text in (pin, pin_again))
    if wanted != again:
        return await desk_page(request, session, principal, {"pin_problems": {"pin_again": say("own_pin.differ")}}, 422)
    try:
        refused = await change_own(request, principal, password, wanted)
    except Invalid as error:
        return await desk_page(request, session, principal, {"pin_problems": {"pin": refusal_text(error, say)}}, 422)
    except Conflict as error:
        return await desk_page(request, session, principal, {"pin_problems": {"pin": refusal_text(error, say)}}, 409)
    if refused is not None:
        problems = {"pin_problems": {"password": password_problem(refused, say)}}
        return await desk_page(request, session, principal, problems, 422 if refused.kind == "wrong" else 429)
    return RedirectResponse("/desk?pin=saved", 303)


def password_problem(refused: NotConfirmed, say: Texts) -> str:
    """Why the password was not taken, in the reader's language."""
    if refused.kind == "wrong":
        return say("refusal.password_wrong")
    return say("own_pin.wait", span=shown.span_words(refused.seconds, say.language))
