"""`make administrator NAME=sara`: an administrator's account, or a new password for it. The first account of a line without
demo accounts, and the way back in for a house that has locked itself out. The password is told once, on this terminal."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from api.access.permissions import Role
from api.audit.trail import write_audit
from api.db.engine import Sessions, connect, sessions_of
from api.db.tables import Person
from api.http.logs import start_logging
from api.people.accounts import Account, checked, open_account, reset_password
from api.settings import read_settings
from ivr.kernel.clock import Clock, SystemClock
from ivr.kernel.errors import Conflict, LineError

ACTOR = "system:administrator"


async def let_in(sessions: Sessions, clock: Clock, name: str) -> str:
    """The password of the account, which is open and an administrator's afterwards. Raises `Conflict` when it is somebody
    else's: nobody is made an administrator by a slip of the keyboard."""
    account = checked(Account(name, "راهبر سامانه", "Administrator", Role.ADMIN))
    async with sessions.begin() as session:
        person = await session.scalar(
            select(Person).where(Person.username == account.username).with_for_update(key_share=True)
        )
        if person is None:
            return await open_account(session, ACTOR, account, now=clock.now())
        if person.role != Role.ADMIN:
            raise Conflict(f"{account.username} is an account of role {person.role}; choose another name.")
        if not person.active:  # the trail tells of the way in, too
            person.active = True
            await write_audit(
                session, at=clock.now(), actor=ACTOR, action="person.opened", target=f"person:{account.username}",
                details={"before": "closed", "after": "open"},
            )  # fmt: skip
        return await reset_password(session, ACTOR, account.username, now=clock.now())


async def _main(name: str) -> str:
    engine = connect(read_settings().database_url, application="line1420-administrator", pool=1)
    try:
        return await let_in(sessions_of(engine), SystemClock(), name)
    finally:
        await engine.dispose()


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(usage="make administrator NAME=sara")
    parser.add_argument("name", help="account, in small Latin letters")
    start_logging("administrator", logging.WARNING)
    name = parser.parse_args(arguments).name
    try:
        password = asyncio.run(_main(name))
    except LineError as error:
        raise SystemExit(error.message) from None
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        where = urlsplit(read_settings().database_url)
        raise SystemExit(
            f"The database does not answer at {where.hostname}:{where.port} ({type(error).__name__}). Start the line with: make"
            " run. If it runs, it was started with another LINE1420_VAR or LINE1420_DATABASE_URL; set the same here."
        ) from None
    print(
        f"\n  Account   {name.strip().casefold()}\n  Password  {password}\n\n  It is shown only this once. Log in at /login.\n"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
