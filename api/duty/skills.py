"""Which queues each agent serves, and at which level: read and changed as a whole for one agent, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from pydantic import BaseModel, Field
from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.access.permissions import Role
from api.access.principal import Principal
from api.audit.trail import write_audit
from api.db.duty_tables import AgentSkill
from api.db.notify import notify
from api.db.tables import Person
from api.duty.service import CHANNEL
from ivr.kernel.errors import Invalid, NotFound
from routing.ladder import LEVELS


class AgentSkills(BaseModel):
    """What an agent serves."""

    agent: str = Field(description="Account.")
    name_fa: str
    name_en: str
    skills: dict[str, int] = Field(description="Queue → level, 1 is asked first. Empty: every queue at level 1.")


class SkillsAsked(BaseModel):
    """What an agent shall serve from now on."""

    skills: dict[str, int] = Field(
        max_length=50, description="Queue → level (1, 2 or 3); empty: every queue at level 1."
    )


async def read_skills(session: AsyncSession, agent: str | None = None) -> list[AgentSkills]:
    """Of all operators whose account is active, or of one."""
    query = select(Person).where(Person.role == Role.OPERATOR, Person.active).order_by(Person.username)
    people = list(await session.scalars(query if agent is None else query.where(Person.username == agent)))
    skills: dict[int, dict[str, int]] = {person.id: {} for person in people}
    rows = select(AgentSkill).where(AgentSkill.person_id.in_(skills)).order_by(AgentSkill.queue)
    for row in await session.scalars(rows.execution_options(populate_existing=True)):
        skills[row.person_id][row.queue] = row.level
    return [AgentSkills(agent=p.username, name_fa=p.name_fa, name_en=p.name_en, skills=skills[p.id]) for p in people]


async def put_skills(
    session: AsyncSession,
    by: Principal,
    agent: str,
    skills: Mapping[str, int],
    *,
    queues: Collection[str],
    at: datetime,
) -> AgentSkills:
    """The keeper tells Asterisk at once. Raises `NotFound` for nobody's account, `Invalid` for no such queue or level."""
    strange = sorted(set(skills) - set(queues))
    if strange:
        raise Invalid(
            f"There is no queue {strange[0][:40]!r}; take one of {', '.join(queues)}.",
            code="no_such_queue",
            field="body.skills",
        )
    if any(level not in LEVELS for level in skills.values()):
        raise Invalid("A level is 1, 2 or 3; 1 is asked first.", code="no_such_level", field="body.skills")
    person = await session.scalar(
        select(Person).where(Person.username == agent, Person.role == Role.OPERATOR, Person.active).with_for_update()
    )
    if person is None:
        raise NotFound("There is no operator of this name.", field="path.agent")
    before = (await read_skills(session, agent))[0].skills
    after = dict(sorted(skills.items()))
    if before != after:
        await session.execute(delete(AgentSkill).where(AgentSkill.person_id == person.id))
        if after:
            rows = [{"person_id": person.id, "queue": queue, "level": level} for queue, level in after.items()]
            await session.execute(insert(AgentSkill), rows)
        details = {"before": before, "after": after}
        await write_audit(session, at=at, actor=by, action="skills.changed", target=f"agent:{agent}", details=details)
        await notify(session, CHANNEL, agent)
    return (await read_skills(session, agent))[0]
