"""How often one may try a password: per account *and* per address, counted in the database.

Nobody is locked out by somebody else's malice. An account under attack from elsewhere only makes an *unknown* address
wait; an address from which this account logged in before keeps a count of its own. Each failure beyond the free ones
doubles the wait, up to a limit, and waiting is all: the right password after the wait always works.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from api.db.tables import LoginAttempt

_LONGEST_WAIT = timedelta(minutes=5)
_FIRST_WAIT = timedelta(seconds=2)
_ADDRESS_FACTOR = 4
"""A whole office may share one address, so it gets more free tries than one account."""
_ACCOUNT_FACTOR = 4
"""So does an account tried from many addresses together: one person mistypes, many addresses are an attack."""
_TRUSTED_FOR = timedelta(days=30)
"""An address that logged in to an account within this time is known to it."""


@dataclass(frozen=True, slots=True)
class _Failures:
    count: int
    last: datetime | None

    def wait(self, now: datetime, free: int) -> timedelta:
        if self.count < free or self.last is None:
            return timedelta(0)
        pause = min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** min(self.count - free, 16))
        return max(timedelta(0), self.last + pause - now)


async def wait_before_try(
    session: AsyncSession, username: str, address: str, *, now: datetime, tries: int, window: timedelta
) -> timedelta:
    """How long this address must wait before it may try this account; zero when it may at once.

    Holds a lock on the account until the transaction ends, so that a hundred tries sent together count one by one.
    """
    await session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 1420))"), {"key": f"login:{username}"}
    )
    since = now - window
    here = (LoginAttempt.username == username, LoginAttempt.address == address)
    pair = await _failures(session, since, *here)
    waits = [pair.wait(now, tries)]
    known = await session.scalar(
        select(LoginAttempt.id).where(*here, LoginAttempt.succeeded, LoginAttempt.at > now - _TRUSTED_FOR).limit(1)
    )
    if known is None:
        account = await _failures(session, since, LoginAttempt.username == username)
        anyone_here = await _failures(session, since, LoginAttempt.address == address)
        waits += [account.wait(now, tries * _ACCOUNT_FACTOR), anyone_here.wait(now, tries * _ADDRESS_FACTOR)]
    return max(waits)


async def _failures(session: AsyncSession, since: datetime, *where: ColumnElement[bool]) -> _Failures:
    last_success = (
        select(func.max(LoginAttempt.at)).where(*where, LoginAttempt.succeeded).correlate(None).scalar_subquery()
    )
    counted = and_(
        *where, LoginAttempt.at > since, ~LoginAttempt.succeeded, LoginAttempt.at > func.coalesce(last_success, since)
    )
    count, last = (await session.execute(select(func.count(), func.max(LoginAttempt.at)).where(counted))).one()
    return _Failures(count, last)


async def remember_try(session: AsyncSession, username: str, address: str, *, at: datetime, succeeded: bool) -> None:
    """Write the try down, right or wrong; forget what is too old to matter."""
    session.add(LoginAttempt(username=username, address=address, at=at, succeeded=succeeded))
    await session.execute(delete(LoginAttempt).where(LoginAttempt.at < at - _TRUSTED_FOR))
    await session.flush()
