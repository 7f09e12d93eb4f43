"""What who leads the floor may change of an agent, and what agents may change of themselves. Each deed is one change in the
caller's transaction, audited under `agent:<account>` with before and after; of a PIN only whether there was one."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from api.access.confirm import NotConfirmed, confirm
from api.access.principal import Principal
from api.access.secrets_of import hash_password
from api.agents.repository import agent_row, locked_person, replace_skills, skills_of
from api.agents.skills import asked_skills, served
from api.agents.trail import target_of
from api.audit.trail import write_audit
from api.db.duty_tables import Agent
from api.db.engine import Sessions
from api.db.notify import notify
from api.db.tables import Person
from api.duty.new_pins import new_pin
from api.duty.pin_tries import forget_tries
from api.duty.pins import check_pin
from api.duty.repository import open_row
from api.duty.service import CHANNEL
from ivr.kernel.errors import Conflict, Invalid
from ivr.kernel.ids import QueueName

_NUMBER = re.compile(r"[0-9]{3,6}")


async def change_skills(
    session: AsyncSession,
    principal: Principal,
    agent: str,
    given: Mapping[str, int],
    *,
    queues: Collection[QueueName],
    now: datetime,
    expected: Mapping[str, int] | None = None,
) -> bool:
    """The agent serves these queues from now on, also in a duty that is open: the keeper is told. Whether that is new. Raises
    `Conflict` when the skills are not what the asker saw (`expected`) any more."""
    skills = asked_skills(given, queues)
    person = await locked_person(session, agent)
    before = await skills_of(session, person.id)
    if before == skills:
        return False
    if expected is not None and served(before, queues) != dict(expected):
        raise Conflict("Somebody has changed these skills since you looked. Look again.", code="skills_moved_on")
    await replace_skills(session, person.id, skills)
    told = {"before": served(before, queues), "after": served(skills, queues)}
    await _audit(session, principal, agent, "agent.skills_changed", told, now)
    duty = await open_row(session, agent=agent)
    await notify(session, CHANNEL, duty.seat if duty else "")
    return True


async def change_number(
    session: AsyncSession,
    principal: Principal,
    agent: str,
    number: str | None,
    *,
    now: datetime,
    expected: str | None = None,
) -> bool:
    """The agent keys in this number from now on, or signs in at the desk page only (None). The PIN goes with the old number:
    whether it is a good one depends on it. Whether anything changed. Raises `Conflict` when the number is not what the asker
    saw (`expected`, empty for none) any more, or another agent's."""
    if number is not None and not _NUMBER.fullmatch(number):
        raise Invalid("An agent number has three to six digits.", code="number_form", field="body.number")
    person = await locked_person(session, agent)
    row = await agent_row(session, person.id)
    before = row.number if row else None
    if before == number:
        return False
    if expected is not None and (before or "") != expected:
        raise Conflict("Somebody has changed this number since you looked. Look again.", code="number_moved_on")
    try:
        async with session.begin_nested():
            if row is not None:
                await session.delete(row)
                await session.flush()
            if number is not None:
                session.add(Agent(person_id=person.id, number=number, pin_hash=None))
                await session.flush()
    except IntegrityError as error:
        raise Conflict(
            "Another agent has this number; choose another one.", code="number_taken", field="body.number"
        ) from error
    await _audit(session, principal, agent, "agent.number_changed", {"before": before, "after": number}, now)
    return True


async def reset_pin(session: AsyncSession, principal: Principal, agent: str, *, now: datetime) -> str:
    """A new PIN, to be told to the agent now: it cannot be read again. Wrong tries at the old one are forgotten."""
    number = await session.scalar(
        select(Agent.number).join(Person, Person.id == Agent.person_id).where(Person.username == agent)
    )
    pin = new_pin(number or "")
    pin_hash = await hash_password(pin)  # slow by design, so before anything is locked
    row = await _numbered(session, agent)
    if row.number != number:
        raise Conflict("The agent's number has just changed. Look again.", code="conflict")
    await _set_pin(session, principal, agent, row, pin_hash, "agent.pin_set", now)
    return pin


async def change_own_pin(
    sessions: Sessions, principal: Principal, password: str, pin: str, *, now: datetime, tries: int, window: timedelta
) -> NotConfirmed | None:
    """The agent's own new PIN, when the password is right; it is tried as seldom as at the login. Raises `Invalid` for a PIN
    that anybody guesses, `Conflict` for who has no number yet."""
    agent = principal.username
    async with sessions.begin() as session:
        number = (await _numbered(session, agent)).number
    check_pin(pin, number)
    if refused := await confirm(sessions, principal, password, now=now, tries=tries, window=window):
        if refused.kind == "wrong":
            async with sessions.begin() as session:
                await _audit(session, principal, agent, "agent.pin_refused", {}, now)
        return refused
    pin_hash = await hash_password(pin)
    async with sessions.begin() as session:
        row = await _numbered(session, agent)
        check_pin(pin, row.number)
        await _set_pin(session, principal, agent, row, pin_hash, "agent.pin_changed", now)
    return None


async def _numbered(session: AsyncSession, agent: str) -> Agent:
    """The agent's row, locked with its person."""
    person = await locked_person(session, agent)
    row = await agent_row(session, person.id)
    if row is None:
        raise Conflict("A PIN belongs to an agent number; give the agent a number first.", code="number_missing")
    return row


async def _set_pin(
    session: AsyncSession, principal: Principal, agent: str, row: Agent, pin_hash: str, action: str, now: datetime
) -> None:
    before = "set" if row.pin_hash else "none"
    row.pin_hash = pin_hash
    await session.flush()
    await forget_tries(session, row.number, now=now)
    await _audit(session, principal, agent, action, {"before": before, "after": "set"}, now)


async def _audit(
    session: AsyncSession, principal: Principal, agent: str, action: str, told: Mapping[str, object], now: datetime
) -> None:
    await write_audit(session, at=now, actor=principal, action=action, target=target_of(agent), details=told)
