"""How often one may try a password: per account *and* per address, counted in the database.

Nobody is locked out by somebody else's malice. An account under attack from elsewhere only makes an *unknown* address
wait; an address from which this account logged in before keeps a count of its own. Each failure beyond the free ones
doubles the wait, up to a limit, and waiting is all: the right password after the wait always works.

A try is written down as failed before the password is checked, and set right afterwards: so tries sent together count
one by one, and no connection is held while the slow check runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from api.db.tables import LoginAttempt

_LONGEST_WAIT = timedelta(minutes=5)
_FIRST_WAIT = timedelta(seconds=2)
_ADDRESS_FACTOR = 4
"""A whole office may share one address, so it gets more free tries than one account."""
_ACCOUNT_FACTOR = 4
"""So does an account tried from many addresses together: one person mistypes, many addresses are an attack."""
_ACCOUNT_MEMORY = 4
"""Windows for which failures from everywhere count against an account. With one alone, a guesser with many addresses
was let off every quarter of an hour and had a hundred guesses checked in each hour."""
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


async def begin_try(
    session: AsyncSession, username: str, address: str, *, now: datetime, tries: int, window: timedelta
) -> timedelta | int:
    """How long this address must wait before it may try this account; or, when it may at once, the try's id.

    Holds a lock on the account until the transaction ends.
    """
    await session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 1420))"), {"key": f"login:{username}"}
    )
    since = now - window
    here = (LoginAttempt.username == username, LoginAttempt.address == address)
    last_success = await session.scalar(select(func.max(LoginAttempt.at)).where(*here, LoginAttempt.succeeded))
    forgiven = max(since, last_success) if last_success else since
    waits = [(await _failures(session, forgiven, *here)).wait(now, tries)]
    if last_success is None or last_success < now - _TRUSTED_FOR:
        long_since = now - _ACCOUNT_MEMORY * window
        account = await _failures(session, long_since, LoginAttempt.username == username)
        anyone_here = await _failures(session, since, LoginAttempt.address == address)
        waits += [account.wait(now, tries * _ACCOUNT_FACTOR), anyone_here.wait(now, tries * _ADDRESS_FACTOR)]
    if (longest := max(waits)) > timedelta(0):
        return longest
    attempt = LoginAttempt(username=username, address=address, at=now, succeeded=False)
    session.add(attempt)
    await session.execute(delete(LoginAttempt).where(LoginAttempt.at < now - _TRUSTED_FOR))
    await session.flush()
    return attempt.id


async def _failures(session: AsyncSession, since: datetime, *where: ColumnElement[bool]) -> _Failures:
    query = select(func.count(), func.max(LoginAttempt.at)).where(
        *where, LoginAttempt.at > since, ~LoginAttempt.succeeded
    )
    count, last = (await session.execute(query)).one()
    return _Failures(count, last)


async def mark_success(session: AsyncSession, attempt: int) -> None:
    """The password was right."""
    await session.execute(update(LoginAttempt).where(LoginAttempt.id == attempt).values(succeeded=True))
