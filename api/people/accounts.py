"""Accounts of the house: made, renamed, closed and opened again, given a new password. For the administrator.

Passwords that we make are told once, in the answer to the deed, and kept as hashes. Each deed is audited under
`person:<account>`. Nobody is ever deleted: calls, cases and turns name them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from api.access.confirm import NotConfirmed, confirm
from api.access.permissions import Role
from api.access.principal import Principal
from api.access.secrets_of import hash_password, new_password
from api.access.sessions import close_all_sessions, close_other_sessions
from api.audit.trail import write_audit
from api.db.duty_tables import DutyRow
from api.db.engine import Sessions
from api.db.tables import Person
from ivr.kernel.errors import Conflict, Invalid, NotFound
from ivr.kernel.persian_text import clean

_USERNAME = re.compile(r"[a-z][a-z0-9._-]{1,31}")
LONGEST_NAME = 60
SHORTEST_PASSWORD = 10
"""Characters; a sentence of some words is easy to keep, and nobody has to mix signs into it."""


@dataclass(frozen=True, slots=True)
class Account:
    """Who someone is to the line."""

    username: str
    name_fa: str
    name_en: str
    role: Role


async def people_of(session: AsyncSession) -> list[Person]:
    """Everybody, those who can log in first."""
    return list(await session.scalars(select(Person).order_by(Person.active.desc(), Person.role, Person.username)))


async def person_of(session: AsyncSession, username: str, *, lock: bool = False) -> Person:
    """Raises `NotFound`."""
    query = select(Person).where(Person.username == username)
    person = await session.scalar(query.with_for_update(key_share=True) if lock else query)
    if person is None:
        raise NotFound("There is no account of this name.", code="account_unknown")
    return person


async def open_account(session: AsyncSession, by: Principal | str, asked: Account, *, now: datetime) -> str:
    """A new account; its password, to be told to the person now. Raises `Invalid` for words that make no account, `Conflict`
    for a name that is taken."""
    account = checked(asked)
    password = new_password()
    person = Person(
        username=account.username,
        name_fa=account.name_fa,
        name_en=account.name_en,
        role=account.role.value,
        password_hash=await hash_password(password),
        active=True,
    )
    try:
        async with session.begin_nested():
            session.add(person)
            await session.flush()
    except IntegrityError as error:
        raise Conflict("This account exists already; choose another name.", code="account_taken", field="body.username") from error  # fmt: skip
    told = {"role": account.role.value, "name_fa": account.name_fa, "name_en": account.name_en}
    await _audit(session, by, account.username, "person.added", told, now)
    return password


async def rename(
    session: AsyncSession, principal: Principal, username: str, name_fa: str, name_en: str, *, now: datetime
) -> bool:
    """What people call them. Whether anything changed."""
    person = await person_of(session, username, lock=True)
    new = checked(Account(username, name_fa, name_en, Role(person.role)), known=True)
    before = {"name_fa": person.name_fa, "name_en": person.name_en}
    after = {"name_fa": new.name_fa, "name_en": new.name_en}
    if before == after:
        return False
    person.name_fa, person.name_en = new.name_fa, new.name_en
    await _audit(session, principal, username, "person.renamed", {"before": before, "after": after}, now)
    return True


async def set_active(
    session: AsyncSession, principal: Principal, username: str, *, active: bool, now: datetime
) -> bool:
    """Close an account, which logs the person out everywhere, or open it again. Raises `Conflict` for one's own account, so
    that an administrator is left, and for who is on duty at a seat: callers would be sent to somebody who is gone."""
    person = await person_of(session, username, lock=True)
    if person.active is active:
        return False
    if not active and username == principal.username:
        raise Conflict("Nobody closes their own account; another administrator does.", code="own_account")
    if not active:
        on_duty = exists().where(DutyRow.person_id == person.id, DutyRow.ended_at.is_(None))
        if await session.scalar(select(on_duty)):
            raise Conflict("This operator is on duty at a seat; sign them out on the floor first.", code="on_duty")
        await close_all_sessions(session, person.id)
    person.active = active
    before, after = ("open", "closed") if not active else ("closed", "open")
    await _audit(session, principal, username, "person.closed" if not active else "person.opened",
                 {"before": before, "after": after}, now)  # fmt: skip
    return True


async def reset_password(session: AsyncSession, by: Principal | str, username: str, *, now: datetime) -> str:
    """A new password, to be told to the person now; who was logged in with the old one is logged out."""
    password = new_password()
    password_hash = await hash_password(password)  # slow by design, so before anything is locked
    person = await person_of(session, username, lock=True)
    person.password_hash = password_hash
    await close_all_sessions(session, person.id)
    await _audit(session, by, username, "person.password_reset", {}, now)
    return password


async def change_own_password(
    sessions: Sessions,
    principal: Principal,
    password: str,
    wanted: str,
    *,
    here: str | None,
    now: datetime,
    tries: int,
    window: timedelta,
) -> NotConfirmed | None:
    """One's own new password, when the old one is right; one stays logged in `here` (the session's token) and nowhere else.
    Raises `Invalid` for a short one."""
    if not SHORTEST_PASSWORD <= len(wanted) <= 1024:
        raise Invalid(
            f"A password has at least {SHORTEST_PASSWORD} characters.", code="password_short", field="body.wanted"
        )
    if refused := await confirm(sessions, principal, password, now=now, tries=tries, window=window):
        if refused.kind == "wrong":
            async with sessions.begin() as session:
                await _audit(session, principal, principal.username, "person.password_refused", {}, now)
        return refused
    password_hash = await hash_password(wanted)
    async with sessions.begin() as session:
        person = await person_of(session, principal.username, lock=True)
        person.password_hash = password_hash
        await close_other_sessions(session, person.id, here)
        await _audit(session, principal, principal.username, "person.password_changed", {}, now)
    return None


def checked(asked: Account, *, known: bool = False) -> Account:
    """The account with its names as they are kept. Raises `Invalid` that names the field; a `known` name is as it is."""
    username = asked.username.strip().casefold()
    if not known and not _USERNAME.fullmatch(username):
        raise Invalid(
            "An account's name has 2 to 32 small Latin letters, digits, dots or dashes, and begins with a letter.",
            code="username_form",
            field="body.username",
        )
    name_fa, name_en = _name("name_fa", asked.name_fa), _name("name_en", asked.name_en)
    return Account(username, name_fa, name_en, asked.role)


def _name(field: str, text: str) -> str:
    name = clean(text, LONGEST_NAME + 1)
    if not 1 <= len(name) <= LONGEST_NAME:
        raise Invalid(f"A name has 1 to {LONGEST_NAME} letters.", code="name_form", field=f"body.{field}")
    return name


async def _audit(
    session: AsyncSession, by: Principal | str, username: str, action: str, told: Mapping[str, object], now: datetime
) -> None:
    await write_audit(session, at=now, actor=by, action=action, target=f"person:{username}", details=told)
