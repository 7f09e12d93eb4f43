"""`/agents` and `/agents/{agent}`: who can sit at a seat, what they serve, their number and PIN. Plain forms; the same use
cases as the API's. A new PIN stands in the answer to its form and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from api.access.permissions import Permission
from api.access.principal import Principal
from api.agents import service
from api.agents.repository import known_agent, known_agents
from api.agents.routes import AgentName, Editor, Reader
from api.agents.schemas import AgentCard
from api.agents.trail import deeds_of
from api.db.transaction import Transaction
from api.settings import ApiSettings
from api.web.agents_view import chosen_levels, deeds_view, levels, name_of, row_of, rungs_of, seen_levels, typed_levels
from api.web.login_page import refusal_text
from api.web.people_names import names_of_everybody
from api.web.rendering import language_of, render
from api.web.texts import texts
from ivr.kernel.errors import Conflict, Invalid
from ivr.kernel.ids import QueueName
from ivr.kernel.persian_text import ascii_digits, clean

router = APIRouter(prefix="/agents", include_in_schema=False)

_SAVED = {"skills", "number", "same"}


@router.get("")
async def agents_page(request: Request, session: Transaction, principal: Reader) -> Response:
    say, queues = texts(language_of(request)), _queues(request)
    known = await known_agents(session, request.app.state.clock.now())
    context = {
        "rows": [row_of(AgentCard.of(one), queues, say) for one in known],
        "ladders": [
            (say.word("queue", name), rungs_of(queue.ladder, say)) for name, queue in _settings(request).queues.items()
        ],
        "may_edit": principal.may(Permission.AGENTS_EDIT),
        "may_people": principal.may(Permission.PEOPLE_MANAGE),
    }
    return render(request, "pages/agents.html", principal, context)


@router.get("/{agent}")
async def agent_page(
    agent: AgentName,
    request: Request,
    session: Transaction,
    principal: Reader,
    saved: Annotated[str, Query(max_length=10)] = "",
) -> Response:
    return await _page(request, session, principal, agent, {"saved": saved if saved in _SAVED else ""})


@router.post("/{agent}/skills")
async def save_skills(agent: AgentName, request: Request, session: Transaction, principal: Editor) -> Response:
    queues, now = _queues(request), request.app.state.clock.now()
    form = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    if not any(f"level-{queue}" in form for queue in queues):  # half a form must not pass for a wish
        raise Invalid("The form came without its fields; load the page again.", code="form_incomplete")
    try:
        new = await service.change_skills(
            session,
            principal,
            agent,
            typed_levels(form, queues),
            queues=queues,
            now=now,
            expected=seen_levels(form, queues),
        )
    except (Invalid, Conflict) as error:
        typed: dict[str, Any] = {"typed": form}
        if isinstance(error, Invalid):  # what they looked at stays what it was; a conflict has shown them what is now
            typed["seen"] = {queue: form.get(f"was-{queue}", "") for queue in queues}
        return await _refused(request, session, principal, agent, "skills", error, typed)
    return _back(agent, "skills" if new else "same")


@router.post("/{agent}/number")
async def save_number(
    agent: AgentName,
    request: Request,
    session: Transaction,
    principal: Editor,
    number: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    wanted, now = ascii_digits(clean(number, 40)) or None, request.app.state.clock.now()
    seen = (await request.form()).get("was")  # a declared field is missing when it is empty, and empty is «no number»
    was = seen if isinstance(seen, str) else None
    try:
        new = await service.change_number(session, principal, agent, wanted, now=now, expected=was)
    except (Invalid, Conflict) as error:
        seen_still = isinstance(error, Invalid) and was is not None
        typed = {"number": number} | ({"number_seen": was} if seen_still else {})
        return await _refused(request, session, principal, agent, "number", error, typed)
    return _back(agent, "number" if new else "same")


@router.post("/{agent}/pin")
async def make_pin(agent: AgentName, request: Request, session: Transaction, principal: Editor) -> Response:
    """The answer is the page itself, because nothing keeps the PIN until another page could show it."""
    try:
        pin = await service.reset_pin(session, principal, agent, now=request.app.state.clock.now())
    except Conflict as error:
        return await _refused(request, session, principal, agent, "pin", error, {})
    return await _page(request, session, principal, agent, {"pin": pin})


async def _refused(
    request: Request,
    session: Transaction,
    principal: Principal,
    agent: str,
    form: str,
    error: Invalid | Conflict,
    typed: Mapping[str, Any],
) -> Response:
    say = texts(language_of(request))
    problems = {form: refusal_text(error, say) or say("error.invalid")}
    status = 409 if isinstance(error, Conflict) else 422
    return await _page(request, session, principal, agent, {"problems": problems, **typed}, status=status)


async def _page(
    request: Request,
    session: Transaction,
    principal: Principal,
    agent: str,
    extra: Mapping[str, Any],
    *,
    status: int = 200,
) -> Response:
    say, queues = texts(language_of(request)), _queues(request)
    card = AgentCard.of(await known_agent(session, agent, request.app.state.clock.now()))
    may_edit = principal.may(Permission.AGENTS_EDIT)
    deeds = await deeds_of(session, principal, agent) if may_edit else []
    context = {
        "card": card,
        "name": name_of(card, say),
        "row": row_of(card, queues, say),
        "queues": [(queue, say.word("queue", queue)) for queue in queues],
        "levels": levels(say),
        "chosen": chosen_levels(card, queues, extra.get("typed")),
        "seen": chosen_levels(card, queues, None),
        "may_edit": may_edit,
        "saved": "",
        "pin": "",
        "problems": {},
        "number": card.number or "",
        "number_seen": card.number or "",
        "deeds": deeds_view(deeds, await names_of_everybody(session, say.language) if deeds else {}, say),
        "signs_in": _settings(request).sign_in == "desk",
        **extra,
    }
    return render(request, "pages/agent.html", principal, context, status=status)


def _queues(request: Request) -> tuple[QueueName, ...]:
    return tuple(_settings(request).queues)


def _settings(request: Request) -> ApiSettings:
    return request.app.state.settings


def _back(agent: str, saved: str) -> Response:
    return RedirectResponse(f"/agents/{agent}?saved={saved}", 303)
