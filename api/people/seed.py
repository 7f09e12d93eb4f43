"""Accounts and tokens that a line starts with. Doing it twice changes nothing; a changed password or token is taken over."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from api.access.permissions import DOOR_SCOPES, READ_SCOPES, Role
from api.access.secrets_of import hash_of, hash_password, password_fits
from api.access.sessions import close_all_sessions
from api.db.tables import ApiToken, Person
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
    **{f"operator{number:02d}": Role.OPERATOR for number in range(1, 17)},
    "casework": Role.CASEWORK,
    "manager": Role.MANAGER,
    "admin": Role.ADMIN,
}


async def seed(session: AsyncSession, settings: ApiSettings) -> None:
    """Demo accounts (unless switched off) and the two tokens of the settings."""
    if settings.demo_accounts:
        for username, password in settings.demo_passwords.items():
            if username not in DEMO_ACCOUNTS:
                raise Invalid(
                    f"LINE1420_DEMO_PASSWORDS names {username[:40]!r}, which is no demo account; "
                    f"there are: {', '.join(DEMO_ACCOUNTS)}.",
                    field="LINE1420_DEMO_PASSWORDS",
                )
            await seed_person(session, username, DEMO_ACCOUNTS[username], password.get_secret_value())
    await seed_token(session, "api", settings.api_token.get_secret_value(), READ_SCOPES)
    await seed_token(session, "doors", settings.door_token.get_secret_value(), DOOR_SCOPES)


async def seed_person(session: AsyncSession, username: str, role: Role, password: str) -> None:
    """The account with this password; a changed password ends the account's sessions."""
    if not password:
        raise Invalid(f"The account {username} needs a password.", field="LINE1420_DEMO_PASSWORDS")
    name_fa, name_en = _names(username, role)
    person = await session.scalar(select(Person).where(Person.username == username))
    if person is None:
        session.add(
            Person(
                username=username,
                name_fa=name_fa,
                name_en=name_en,
                role=role.value,
                password_hash=await hash_password(password),
                active=True,
            )
        )
        await session.flush()
    elif not await password_fits(password, person.password_hash):
        person.password_hash = await hash_password(password)
        await close_all_sessions(session, person.id)


async def seed_token(session: AsyncSession, name: str, token: str, scopes: tuple[str, ...]) -> None:
    """The token under this name; an empty setting leaves everything as it is."""
    if not token:
        return
    values = {"token_hash": hash_of(token), "name": name, "scopes": list(scopes)}
    statement = insert(ApiToken).values(values)
    await session.execute(statement.on_conflict_do_update(index_elements=["name"], set_=values))


def _names(username: str, role: Role) -> tuple[str, str]:
    if role is Role.OPERATOR:
        number = username.removeprefix("operator")
        return f"کارشناس پاسخ‌گویی {number.translate(_PERSIAN_DIGITS)}".strip(), f"Operator {number}".strip()
    return _NAMES[role]
