"""Logged-in browsers. The cookie holds a random token, the table its hash; idle and absolute limits both hold."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from api.access.permissions import Role, permissions_of_role
from api.access.principal import Principal
from api.access.secrets_of import hash_of, new_secret
from api.db.tables import Person, Session

_TOUCH = timedelta(seconds=60)
"""`seen_at` is written at most this often, so that a live page does not write for each request."""


async def open_session(
    session: AsyncSession, person: Person, *, now: datetime, limit: timedelta, address: str
) -> tuple[str, str]:
    """A new session: the token for the cookie, and the form token."""
    token, csrf = new_secret(), new_secret()
    session.add(
        Session(
            token_hash=hash_of(token),
            person_id=person.id,
            created_at=now,
            seen_at=now,
            expires_at=now + limit,
            csrf=csrf,
            address=address,
        )
    )
    await session.flush()
    return token, csrf


async def find_session(
    session: AsyncSession, token: str, *, now: datetime, idle: timedelta, address: str
) -> Principal | None:
    """Whose session this is; None when it is unknown, over, idle too long, or its person is no longer active."""
    found = (
        await session.execute(
            select(Session, Person)
            .join(Person, Person.id == Session.person_id)
            .where(Session.token_hash == hash_of(token), Person.active)
        )
    ).one_or_none()
    if found is None:
        return None
    row, person = found
    if now >= row.expires_at or now - row.seen_at > idle:
        return None
    if now - row.seen_at > _TOUCH:
        await session.execute(update(Session).where(Session.token_hash == row.token_hash).values(seen_at=now))
    role = Role(person.role)
    return Principal(
        actor=f"person:{person.username}",
        name_fa=person.name_fa,
        name_en=person.name_en,
        role=role,
        permissions=permissions_of_role(role),
        csrf=row.csrf,
        address=address,
    )


async def close_session(session: AsyncSession, token: str) -> None:
    """Log out here."""
    await session.execute(delete(Session).where(Session.token_hash == hash_of(token)))


async def close_all_sessions(session: AsyncSession, person_id: int) -> None:
    """Log a person out everywhere: a leaver, a changed password."""
    await session.execute(delete(Session).where(Session.person_id == person_id))


async def close_other_sessions(session: AsyncSession, person_id: int, token: str | None) -> None:
    """Log a person out everywhere but where they hold this token."""
    theirs = delete(Session).where(Session.person_id == person_id)
    await session.execute(theirs.where(Session.token_hash != hash_of(token)) if token else theirs)


async def forget_dead_sessions(session: AsyncSession, *, now: datetime, idle: timedelta) -> None:
    """Remove what can never be used again."""
    await session.execute(delete(Session).where((Session.expires_at <= now) | (Session.seen_at < now - idle)))
