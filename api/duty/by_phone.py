"""Signing in at the telephone of a seat: may it be tried now, is the PIN right, and what stands in the trail afterwards."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.access.login_limits import mark_success
from api.access.permissions import Role
from api.access.principal import Principal
from api.access.secrets_of import password_fits
from api.audit.trail import write_audit
from api.db.duty_tables import Agent
from api.db.engine import Sessions
from api.db.tables import Person
from api.duty.pin_tries import begin_try
from api.duty.repository import duty_of, open_row
from api.duty.service import sign_in
from ivr.kernel.clock import Clock
from routing.duty import Duty, PauseCause

SeatState = Literal["free", "ready", "paused", "held", "wrap_up"]


@dataclass(frozen=True, slots=True)
class NotSignedIn:
    """Why: `wrong` (number or PIN), `wait` (too many wrong tries, `seconds` to go), `taken` (the seat, by another) or
    `elsewhere` (the agent, at `seat`)."""

    why: Literal["wrong", "wait", "taken", "elsewhere"]
    seconds: int = 0
    seat: str = ""


async def sign_in_with_pin(
    sessions: Sessions, clock: Clock, asker: Principal, *, seat: str, seats: Collection[str], number: str, pin: str
) -> Duty | NotSignedIn:
    """Try one number and PIN at `seat`. The try stands before the check, its outcome after it, and both stand even when the
    seat then cannot be had."""
    now = clock.now()
    async with sessions.begin() as session:
        turn = await begin_try(session, number, seat, now=now)
        found = await _agent(session, number)
    if isinstance(turn, timedelta):
        return NotSignedIn("wait", math.ceil(turn.total_seconds()))
    username, pin_hash = found or (None, None)
    right = await password_fits(pin, pin_hash)
    async with sessions.begin() as session:
        if username is None or not right:
            details = {"agent": username} if username else {}
            await write_audit(
                session, at=now, actor=asker, action="duty.pin_refused", target=f"seat:{seat}", details=details
            )
            return NotSignedIn("wrong")
        await mark_success(session, turn)
    async with sessions.begin() as session:
        mine = await open_row(session, agent=username, lock=True)
        if mine is not None:
            # at this very seat: the answer to an earlier try got lost on its way
            return await duty_of(session, mine) if mine.seat == seat else NotSignedIn("elsewhere", seat=mine.seat)
        if await open_row(session, seat=seat, lock=True) is not None:
            return NotSignedIn("taken")
        return await sign_in(session, username, seat, seats=seats, at=now, by=f"person:{username}", how="telephone")


def state_of(duty: Duty | None) -> SeatState:
    """What a telephone says of it. A supervisor's pause comes first, because the agent cannot end it."""
    if duty is None:
        return "free"
    if duty.causes:
        return "held" if PauseCause.SUPERVISOR in duty.causes else "paused"
    return "wrap_up" if duty.wrap_up else "ready"


async def number_of(session: AsyncSession, agent: str) -> str | None:
    """The number that the agent keys in, if they have one."""
    query = select(Agent.number).join(Person, Person.id == Agent.person_id).where(Person.username == agent)
    return await session.scalar(query)


async def _agent(session: AsyncSession, number: str) -> tuple[str, str | None] | None:
    query = select(Person.username, Agent.pin_hash).join(Agent, Agent.person_id == Person.id)
    row = (
        await session.execute(query.where(Agent.number == number, Person.active, Person.role == Role.OPERATOR.value))
    ).one_or_none()
    return None if row is None else (row[0], row[1])
