"""Agents as rows. Nothing here decides anything."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.access.permissions import Role
from api.agents.skills import Skills
from api.db.duty_tables import Agent, AgentSkill, DutyRow
from api.db.tables import Person
from ivr.kernel.errors import NotFound
from ivr.kernel.ids import QueueName

LATELY = timedelta(days=30)
"""An agent's usual seat is the one at which most duties of so long began."""


@dataclass(frozen=True, slots=True)
class Known:
    """All that is kept of one agent."""

    username: str
    name_fa: str
    name_en: str
    number: str | None
    has_pin: bool
    skills: Skills
    """As written down; `skills.served` says what it means."""
    usual_seat: str | None
    seat: str | None
    """Where they are on duty now."""
    since: datetime | None


async def known_agents(session: AsyncSession, now: datetime, *, username: str | None = None) -> list[Known]:
    """Operators who can log in, by account; or the one of this name."""
    query = select(Person, Agent).outerjoin(Agent, Agent.person_id == Person.id)
    query = query.where(Person.role == Role.OPERATOR.value, Person.active).order_by(Person.username)
    if username is not None:
        query = query.where(Person.username == username)
    found = (await session.execute(query)).all()
    ids = [person.id for person, _ in found]
    skills: dict[int, dict[QueueName, int]] = defaultdict(dict)
    for skill in await session.scalars(select(AgentSkill).where(AgentSkill.person_id.in_(ids))):
        skills[skill.person_id][QueueName(skill.queue)] = skill.level
    duties = await session.scalars(select(DutyRow).where(DutyRow.person_id.in_(ids), DutyRow.ended_at.is_(None)))
    on_duty = {duty.person_id: duty for duty in duties}
    usual = await _usual_seats(session, ids, now)
    return [
        Known(
            username=person.username,
            name_fa=person.name_fa,
            name_en=person.name_en,
            number=agent.number if agent else None,
            has_pin=bool(agent and agent.pin_hash),
            skills=skills[person.id],
            usual_seat=usual.get(person.id),
            seat=on_duty[person.id].seat if person.id in on_duty else None,
            since=on_duty[person.id].began_at if person.id in on_duty else None,
        )
        for person, agent in found
    ]


async def known_agent(session: AsyncSession, username: str, now: datetime) -> Known:
    """Raises `NotFound`."""
    found = await known_agents(session, now, username=username)
    if not found:
        raise NotFound("There is no operator of this name.", code="agent_unknown")
    return found[0]


async def locked_person(session: AsyncSession, username: str) -> Person:
    """The operator, whom nobody else changes before this transaction ends. Raises `NotFound`."""
    query = select(Person).where(Person.username == username, Person.role == Role.OPERATOR.value, Person.active)
    # a duty that begins meanwhile points to the row, and need not wait
    person = await session.scalar(query.with_for_update(key_share=True))
    if person is None:
        raise NotFound("There is no operator of this name.", code="agent_unknown")
    return person


async def skills_of(session: AsyncSession, person_id: int) -> dict[QueueName, int]:
    rows = await session.scalars(select(AgentSkill).where(AgentSkill.person_id == person_id))
    return {QueueName(row.queue): row.level for row in rows}


async def replace_skills(session: AsyncSession, person_id: int, skills: Mapping[QueueName, int]) -> None:
    """These and no others."""
    await session.execute(delete(AgentSkill).where(AgentSkill.person_id == person_id))
    values = [{"person_id": person_id, "queue": queue, "level": level} for queue, level in skills.items()]
    if values:
        await session.execute(insert(AgentSkill), values)


async def agent_row(session: AsyncSession, person_id: int) -> Agent | None:
    query = select(Agent).where(Agent.person_id == person_id)
    return await session.scalar(query.execution_options(populate_existing=True))


async def _usual_seats(session: AsyncSession, ids: list[int], now: datetime) -> dict[int, str]:
    """Of two seats with as many duties the one used last."""
    query = (
        select(DutyRow.person_id, DutyRow.seat)
        .where(DutyRow.person_id.in_(ids), DutyRow.began_at > now - LATELY)
        .group_by(DutyRow.person_id, DutyRow.seat)
        .order_by(func.count(), func.max(DutyRow.began_at))
    )
    return {person_id: seat for person_id, seat in await session.execute(query)}  # noqa: C416 - the last one stays
