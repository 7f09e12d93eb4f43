"""Names of the people behind agents' accounts, for pages; the board and the ledger know accounts only."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.db.tables import Person


async def names_of_agents(session: AsyncSession, language: str) -> dict[str, str]:
    """Account → name in the reader's language, of everyone who can sit on a seat (former operators included)."""
    name = Person.name_fa if language == "fa" else Person.name_en
    rows = await session.execute(select(Person.username, name).where(Person.role == "operator"))
    return {username: shown for username, shown in rows}  # noqa: C416 - rows are tuples to us, not to the type checker


async def names_of_people(session: AsyncSession, accounts: Collection[str], language: str) -> dict[str, str]:
    """Account → name in the reader's language, of these people, whatever their role."""
    if not accounts:
        return {}
    name = Person.name_fa if language == "fa" else Person.name_en
    rows = await session.execute(select(Person.username, name).where(Person.username.in_(accounts)))
    return {username: shown for username, shown in rows}  # noqa: C416 - rows are tuples to us, not to the type checker
