"""`/api/v1/skills`: which queues each agent serves, and at which level."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path, Request

from api.access.guard import require
from api.access.permissions import Permission
from api.access.principal import Principal
from api.db.transaction import Transaction
from api.duty.skills import AgentSkills, SkillsAsked, put_skills, read_skills
from api.http.errors import error_responses
from api.http.routers import api_router
from api.settings import ApiSettings

router = api_router("duty", "/skills")

Lead = Annotated[Principal, Depends(require(Permission.DUTY_LEAD))]


@router.get("", summary="Skills of all agents")
async def get_skills(session: Transaction, _principal: Lead) -> list[AgentSkills]:
    return await read_skills(session)


@router.put("/{agent}", summary="Say what an agent serves", responses=error_responses(400, 404, 413))
async def put_agent_skills(
    agent: Annotated[str, Path(max_length=64, description="Account of the operator.", examples=["operator01"])],
    asked: SkillsAsked,
    request: Request,
    session: Transaction,
    principal: Lead,
) -> AgentSkills:
    """All of it: a queue that is not named is served no more. Who is on duty serves accordingly at once."""
    settings: ApiSettings = request.app.state.settings
    at = request.app.state.clock.now()
    return await put_skills(session, principal, agent, asked.skills, queues=settings.queues, at=at)
