"""`/api/v1/agents` for those who lead the floor, `/api/v1/me/pin` for agents themselves."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path, Request
from starlette.responses import Response

from api.access.confirm import NotConfirmed
from api.access.guard import require
from api.access.permissions import Permission
from api.access.principal import Principal
from api.access.unconfirmed import answer_unconfirmed
from api.agents import service
from api.agents.repository import known_agent, known_agents
from api.agents.schemas import AgentCard, Agents, NewPin, NumberAsked, OwnPin, SkillsAsked
from api.db.transaction import Transaction
from api.http.errors import error_responses
from api.http.routers import api_router
from api.settings import ApiSettings

router = api_router("agents")

Reader = Annotated[Principal, Depends(require(Permission.AGENTS_READ))]
Editor = Annotated[Principal, Depends(require(Permission.AGENTS_EDIT))]
Own = Annotated[Principal, Depends(require(Permission.DUTY_OWN))]
AgentName = Annotated[str, Path(max_length=64, description="Account of the operator.", examples=["operator01"])]


@router.get("/agents", summary="Operators with their numbers, skills and seats")
async def get_agents(request: Request, session: Transaction, _principal: Reader) -> Agents:
    known = await known_agents(session, request.app.state.clock.now())
    return Agents(items=[AgentCard.of(one) for one in known])


@router.get("/agents/{agent}", summary="One operator", responses=error_responses(404))
async def get_agent(agent: AgentName, request: Request, session: Transaction, _principal: Reader) -> AgentCard:
    return AgentCard.of(await known_agent(session, agent, request.app.state.clock.now()))


@router.put("/agents/{agent}/skills", summary="What an operator serves", responses=error_responses(400, 404, 409, 413))
async def put_skills(
    agent: AgentName, asked: SkillsAsked, request: Request, session: Transaction, principal: Editor
) -> AgentCard:
    """Also in a duty that is open: the exchange follows within seconds."""
    settings: ApiSettings = request.app.state.settings
    now = request.app.state.clock.now()
    await service.change_skills(
        session, principal, agent, asked.skills, queues=tuple(settings.queues), now=now, expected=asked.expected
    )
    return AgentCard.of(await known_agent(session, agent, now))


@router.put("/agents/{agent}/number", summary="An operator's number", responses=error_responses(400, 404, 409, 413))
async def put_number(
    agent: AgentName, asked: NumberAsked, request: Request, session: Transaction, principal: Editor
) -> AgentCard:
    """Another number needs a PIN of its own: the old one is taken away."""
    now = request.app.state.clock.now()
    await service.change_number(session, principal, agent, asked.number, now=now, expected=asked.expected)
    return AgentCard.of(await known_agent(session, agent, now))


@router.post(
    "/agents/{agent}/pin", status_code=201, summary="A new PIN for an operator", responses=error_responses(404, 409)
)
async def post_pin(agent: AgentName, request: Request, session: Transaction, principal: Editor) -> NewPin:
    """Tell it to the operator now: it is kept as a hash, and this answer is the only one that holds it."""
    return NewPin(pin=await service.reset_pin(session, principal, agent, now=request.app.state.clock.now()))


@router.put("/me/pin", status_code=204, summary="My own PIN", responses=error_responses(400, 409, 413, 429))
async def put_own_pin(asked: OwnPin, request: Request, principal: Own) -> Response:
    """With my password, which may be tried as seldom as at the login."""
    refused = await change_own(request, principal, asked.password.get_secret_value(), asked.pin.get_secret_value())
    return Response(status_code=204) if refused is None else answer_unconfirmed(refused)


async def change_own(request: Request, principal: Principal, password: str, pin: str) -> NotConfirmed | None:
    """With the limits of this line."""
    settings: ApiSettings = request.app.state.settings
    return await service.change_own_pin(
        request.app.state.sessions,
        principal,
        password,
        pin,
        now=request.app.state.clock.now(),
        tries=settings.login_tries,
        window=settings.login_window,
    )
