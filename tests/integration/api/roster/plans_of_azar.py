"""Agents, shifts, turns and duties for the roster's tests; the clock stands on a Monday of Azar 1405."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx2
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.access.permissions import Role
from api.access.sessions import open_session
from api.db.duty_tables import DutyPauseRow, DutyRow
from api.db.engine import Sessions
from api.db.tables import AuditEntry, Person
from api.roster.seed import seed_shifts

NOW = datetime(2026, 11, 30, 9, 40, tzinfo=UTC)
"""Monday 9 Azar 1405, 13:10 in Tehran."""
TODAY = date(2026, 11, 30)
SATURDAY = date(2026, 12, 5)
"""14 Azar, in the week to come."""
HOLIDAY = date(2026, 12, 31)


class StoppedClock:
    def now(self) -> datetime:
        return NOW


async def add_agents(session: AsyncSession, count: int = 4) -> None:
    """`operator01` …, without passwords: nobody logs in as them here."""
    for number in range(1, count + 1):
        name = f"operator{number:02d}"
        session.add(
            Person(username=name, name_fa=f"کارشناس {number}", name_en=name, role="operator", password_hash="x")
        )
    await session.flush()


async def key_of(session: AsyncSession, role: Role, username: str = "") -> dict[str, str]:
    """The headers of a person of this role; an operator's account must be there already."""
    person = await session.scalar(select(Person).where(Person.username == (username or role.value)))
    if person is None:
        person = Person(username=role.value, name_fa="مریم", name_en="Maryam", role=role.value, password_hash="x")
        session.add(person)
        await session.flush()
    token, csrf = await open_session(session, person, now=NOW, limit=timedelta(hours=1), address="test")
    return {"cookie": f"line1420_session={token}", "x-csrf-token": csrf}


async def begin(sessions: Sessions, agents: int = 4) -> None:
    """Agents and the two shifts of a fresh line."""
    async with sessions.begin() as session:
        await add_agents(session, agents)
        await seed_shifts(session)


async def add_duty(
    session: AsyncSession, agent: str, begins: datetime, ends: datetime | None, pauses: Sequence[tuple[Any, ...]] = ()
) -> None:
    """A stay at a seat; `pauses`: cause, begin, end."""
    person_id = await session.scalar(select(Person.id).where(Person.username == agent))
    assert person_id is not None
    duty = DutyRow(
        person_id=person_id, agent=agent, seat=f"seat{agent[-2:]}", began_at=begins, began_by="desk", ended_at=ends,
        ended_by="agent" if ends else None,
    )  # fmt: skip
    session.add(duty)
    await session.flush()
    for cause, first, last in pauses:
        session.add(
            DutyPauseRow(duty_id=duty.id, cause=cause, began_at=first, began_by=f"person:{agent}", ended_at=last)
        )


def tehran(clock: str, day: date = TODAY) -> datetime:
    """`08:15` on a day of this winter, in UTC."""
    hour, minute = (int(part) for part in clock.split(":"))
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC) - timedelta(hours=3, minutes=30)


async def put(
    client: httpx2.AsyncClient, key: dict[str, str], agent: str, day: date, *turns: dict[str, Any], **more: Any
) -> httpx2.Response:
    """Plan a cell over the API."""
    return await client.put(
        f"/api/v1/roster/days/{day.isoformat()}/agents/{agent}", headers=key, json={"turns": list(turns), **more}
    )


M: dict[str, Any] = {"shift": "M"}
A: dict[str, Any] = {"shift": "ع"}


async def trail(sessions: Sessions) -> list[AuditEntry]:
    """What was written down, oldest first."""
    async with sessions() as session:
        return list(await session.scalars(select(AuditEntry).order_by(AuditEntry.id)))


async def cells(client: httpx2.AsyncClient, key: dict[str, str], month: str = "1405-09") -> dict[tuple[str, str], str]:
    """Every cell of a month with turns, in Latin codes."""
    answer = await client.get(f"/api/v1/roster/months/{month}", headers=key)
    assert answer.status_code == 200, answer.text
    return {(cell["agent"], cell["day"]): cell["en"] for cell in answer.json()["cells"]}
