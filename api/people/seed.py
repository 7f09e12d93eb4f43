"""Accounts and tokens that a line starts with. Doing it twice changes nothing; a changed password or token is taken over.

Each check of a password is slow by design, so forty accounts would cost every start of the line eight seconds of
processor. Whoever kept the `fingerprint` of what was sown last in this database says so, and nobody who is there is looked
at: a password that somebody changed stays theirs until the settings change.
"""

from __future__ import annotations

import asyncio
import hashlib
import json

from pydantic import SecretStr
from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from api.access.permissions import DOOR_SCOPES, READ_SCOPES, Role
from api.access.secrets_of import hash_of, hash_password, password_fits
from api.access.sessions import close_all_sessions
from api.db.duty_tables import Agent
from api.db.tables import ApiToken, Person
from api.duty.pins import check_pin
from api.settings import ApiSettings
from ivr.kernel.errors import Invalid

_NAMES = {
    Role.SUPERVISOR: ("سرپرست", "Supervisor"),
    Role.QA: ("ارزیاب کیفیت", "Quality reviewer"),
    Role.CASEWORK: ("کارشناس رسیدگی", "Case handler"),
    Role.MANAGER: ("مدیر", "Manager"),
    Role.ADMIN: ("مدیر سامانه", "Administrator"),
}
_PERSIAN_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")

DEMO_ACCOUNTS: dict[str, Role] = {
    "supervisor": Role.SUPERVISOR,
    "qa": Role.QA,
    **{f"operator{number:02d}": Role.OPERATOR for number in range(1, 100)},
    "casework": Role.CASEWORK,
    "manager": Role.MANAGER,
    "admin": Role.ADMIN,
}


async def fingerprint(session: AsyncSession, settings: ApiSettings) -> str:
    """Of the demo accounts' passwords and PINs and of this database, 64 hexadecimal digits."""
    database = await session.scalar(text("SELECT system_identifier::text FROM pg_control_system()"))
    told = [{name: word.get_secret_value() for name, word in words.items()} for words in _words(settings)]
    return hashlib.sha256(json.dumps([database, *told], sort_keys=True).encode()).hexdigest()


async def seed(session: AsyncSession, settings: ApiSettings, *, sown: str = "") -> None:
    """Demo accounts (unless switched off) and the two tokens of the settings. `sown`: `fingerprint` of the last time."""
    if settings.demo_accounts:
        passwords, pins = (
            {name: word.get_secret_value() for name, word in words.items()} for words in _words(settings)
        )
        known = sown == await fingerprint(session, settings)
        await _seed_people(session, passwords, known=known)
        await _seed_agents(session, pins, known=known)
    await seed_token(session, "api", settings.api_token.get_secret_value(), READ_SCOPES)
    await seed_token(session, "doors", settings.door_token.get_secret_value(), DOOR_SCOPES)


def _words(settings: ApiSettings) -> tuple[dict[str, SecretStr], dict[str, SecretStr]]:
    return settings.demo_passwords, settings.demo_pins


async def _seed_people(session: AsyncSession, passwords: dict[str, str], *, known: bool) -> None:
    for username in passwords:
        if username not in DEMO_ACCOUNTS:
            raise Invalid(
                f"LINE1420_DEMO_PASSWORDS names {username[:40]!r}, which is no demo account; "
                f"there are: {', '.join(name for name in DEMO_ACCOUNTS if not name.startswith('operator'))}, "
                "operator01 to operator99.",
                field="LINE1420_DEMO_PASSWORDS",
            )
    found = await session.scalars(select(Person).where(Person.username.in_(passwords)))
    people = {person.username: person for person in found}
    asked = [name for name in passwords if not known or name not in people]
    # they run side by side; the rows are written one after the other
    hashes = await asyncio.gather(*(_new_hash(people.get(name), name, passwords[name]) for name in asked))
    for username, password_hash in zip(asked, hashes, strict=True):
        await _put(session, people.get(username), username, DEMO_ACCOUNTS[username], password_hash)


def demo_number(username: str) -> str:
    """Operator 07 is agent number 107."""
    return f"1{username.removeprefix('operator')}"


async def _seed_agents(session: AsyncSession, pins: dict[str, str], *, known: bool) -> None:
    """Each demo operator's number and PIN. Whoever has a number keeps it."""
    for username, pin in pins.items():
        if DEMO_ACCOUNTS.get(username) is not Role.OPERATOR:
            raise Invalid(
                f"LINE1420_DEMO_PINS names {username[:40]!r}; there are operator01 to operator99.",
                field="LINE1420_DEMO_PINS",
            )
        check_pin(pin, demo_number(username))
    query = select(Person).where(Person.role == Role.OPERATOR, Person.username.in_(DEMO_ACCOUNTS))
    people = {person.id: person.username for person in await session.scalars(query)}
    values = [{"person_id": person_id, "number": demo_number(username)} for person_id, username in people.items()]
    if not values:
        return
    await session.execute(insert(Agent).values(values).on_conflict_do_nothing())
    agents = list(await session.scalars(select(Agent).where(Agent.person_id.in_(people))))
    asked = [agent for agent in agents if not known or agent.pin_hash is None]
    hashes = await asyncio.gather(*(_new_pin_hash(agent, pins.get(people[agent.person_id])) for agent in asked))
    for agent, pin_hash in zip(asked, hashes, strict=True):
        agent.pin_hash = pin_hash
    await session.flush()


async def _new_pin_hash(agent: Agent, pin: str | None) -> str | None:
    """The hash to keep: the old one while it fits, and while no PIN is given."""
    if pin is None or (agent.pin_hash is not None and await password_fits(pin, agent.pin_hash)):
        return agent.pin_hash
    return await hash_password(pin)


async def seed_person(session: AsyncSession, username: str, role: Role, password: str) -> None:
    """The account with this password; a changed password ends the account's sessions."""
    person = await session.scalar(select(Person).where(Person.username == username))
    await _put(session, person, username, role, await _new_hash(person, username, password))


async def _new_hash(person: Person | None, username: str, password: str) -> str | None:
    """The hash to store, or None when the account has this password already."""
    if not password:
        raise Invalid(f"The account {username} needs a password.", field="LINE1420_DEMO_PASSWORDS")
    if person is not None and await password_fits(password, person.password_hash):
        return None
    return await hash_password(password)


async def _put(
    session: AsyncSession, person: Person | None, username: str, role: Role, password_hash: str | None
) -> None:
    if password_hash is None:
        return
    if person is None:
        name_fa, name_en = names_of(username, role)
        session.add(
            Person(
                username=username,
                name_fa=name_fa,
                name_en=name_en,
                role=role.value,
                password_hash=password_hash,
                active=True,
            )
        )
        await session.flush()
        return
    person.password_hash = password_hash
    await close_all_sessions(session, person.id)


async def seed_token(session: AsyncSession, name: str, token: str, scopes: tuple[str, ...]) -> None:
    """The token under this name; an empty setting leaves everything as it is."""
    if not token:
        return
    values = {"token_hash": hash_of(token), "name": name, "scopes": list(scopes)}
    statement = insert(ApiToken).values(values)
    await session.execute(statement.on_conflict_do_update(index_elements=["name"], set_=values))


def names_of(username: str, role: Role) -> tuple[str, str]:
    """In Persian and in English."""
    if role is Role.OPERATOR:
        number = username.removeprefix("operator")
        return f"کارشناس پاسخ‌گویی {number.translate(_PERSIAN_DIGITS)}".strip(), f"Operator {number}".strip()
    return _NAMES[role]
