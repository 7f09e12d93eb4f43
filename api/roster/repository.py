"""Rows of shifts and turns, and the people they are for. Reading goes through what a person may see; writing needs the lock."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, delete, exists, insert, or_, select, text, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from api.access.permissions import Role
from api.access.principal import Principal
from api.access.visibility import visible_agents, visible_turns
from api.db.duty_tables import AgentSkill
from api.db.roster_tables import RosterTurnRow, ShiftRow
from api.db.tables import Person
from api.roster.agent import Agent
from api.roster.rows import shift_of, shift_values, turn_of, turn_values
from routing.roster.rules import Cell
from routing.roster.shifts import Shift
from routing.roster.turns import Turn, TurnKind

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('roster', 1420))")


class RosterRows:
    """The roster within one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def lock(self) -> None:
        """One writer at a time until the transaction ends: rules look at turns that another could be changing."""
        await self._session.execute(_LOCK)

    async def shifts(self) -> list[Shift]:
        """Those that turns are made from, in the order of the day."""
        rows = await self._session.scalars(
            select(ShiftRow).where(ShiftRow.retired_at.is_(None)).order_by(ShiftRow.begins, ShiftRow.id)
        )
        return [shift_of(row) for row in rows]

    async def add_shift(self, shift: Shift) -> Shift:
        row = await self._session.scalar(insert(ShiftRow).values(shift_values(shift)).returning(ShiftRow))
        assert row is not None
        return shift_of(row)

    async def retire_shift(self, shift_id: int, at: datetime) -> Shift | None:
        """The shift, which no further turn is made from; None when there is no such shift any more."""
        row = await self._session.scalar(
            update(ShiftRow)
            .where(ShiftRow.id == shift_id, ShiftRow.retired_at.is_(None))
            .values(retired_at=at)
            .returning(ShiftRow)
        )
        return shift_of(row) if row else None

    async def agents(self, principal: Principal, first: date, last: date) -> list[Agent]:
        """Operators who can be planned, and former ones who were planned on one of these days; as far as one may see."""
        had_turns = exists(
            select(RosterTurnRow.id).where(RosterTurnRow.person_id == Person.id, RosterTurnRow.day.between(first, last))
        )
        query = select(Person).where(or_((Person.role == Role.OPERATOR.value) & Person.active, had_turns))
        people = await self._session.scalars(visible_agents(principal, query).order_by(Person.username))
        return [Agent(person.username, person.name_fa, person.name_en, person.active) for person in people]

    async def turns(self, principal: Principal, first: date, last: date) -> list[Turn]:
        """Turns that begin on these days, in order, as far as one may see."""
        return await self._turns_of(principal, first, last)

    async def all_turns(self, first: date, last: date) -> list[Turn]:
        """Everybody's turns, for the rules: a seat is taken whoever may see by whom."""
        return await self._turns_of(None, first, last)

    async def working_between(self, begins: datetime, ends: datetime, queue: str | None) -> list[Turn]:
        """Work that touches this time, of agents who may serve the queue: who has no skill at all serves every one."""
        query = (
            select(RosterTurnRow)
            .where(RosterTurnRow.kind == TurnKind.WORK.value)
            .where(RosterTurnRow.begins_at < ends, RosterTurnRow.ends_at > begins)
        )
        if queue is not None:
            of_agent = select(AgentSkill.queue).where(AgentSkill.person_id == RosterTurnRow.person_id)
            query = query.where(or_(~exists(of_agent), exists(of_agent.where(AgentSkill.queue == queue))))
        return await self._read(query)

    async def replace(self, cells: Collection[Cell], turns: Iterable[Turn], by: str, at: datetime) -> None:
        """These cells hold these turns from now on, and nothing else."""
        await self._session.execute(
            delete(RosterTurnRow).where(tuple_(RosterTurnRow.agent, RosterTurnRow.day).in_(list(cells)))
        )
        new = list(turns)
        if not new:
            return
        found = await self._session.execute(
            select(Person.username, Person.id).where(Person.username.in_({turn.agent for turn in new}))
        )
        ids = {username: person_id for username, person_id in found}  # noqa: C416 - rows are tuples to us only
        values = [
            {"person_id": ids[turn.agent], "agent": turn.agent, "planned_by": by, "planned_at": at, **turn_values(turn)}
            for turn in new
        ]
        await self._session.execute(insert(RosterTurnRow), values)

    async def _turns_of(self, principal: Principal | None, first: date, last: date) -> list[Turn]:
        query = select(RosterTurnRow).where(RosterTurnRow.day.between(first, last))
        return await self._read(query if principal is None else visible_turns(principal, query))

    async def _read(self, query: Select[Any]) -> list[Turn]:
        shifts = {row.id: shift_of(row) for row in await self._session.scalars(select(ShiftRow))}
        rows = await self._session.scalars(query.order_by(RosterTurnRow.begins_at, RosterTurnRow.agent))
        return [turn_of(row, shifts) for row in rows]
