"""How often a PIN may be tried at a telephone: per agent number and per seat, counted in the database.

Six digits are few, so few tries are checked: at most `OF_AGENT` wrong ones in any quarter of an hour for one agent number,
wherever they come from, which is 20 in an hour. Seats at which this agent has not signed in lately may use only
`FROM_STRANGE_SEATS` of them, so that a guesser at other telephones never keeps agents out at their usual seats. A new seat
under such an attack waits until the guesser's tries are a quarter of an hour old; the desk page is open meanwhile.

A number that belongs to nobody is counted like any other. A try stands as wrong before it is checked and is set right
afterwards (`api.access.login_limits.mark_success`), so tries sent together to two web processes count one by one. What was
keyed as number may be a PIN in the wrong place: only its hash is kept.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from api.access.secrets_of import hash_of
from api.db.tables import LoginAttempt

WINDOW = timedelta(minutes=15)
OF_AGENT = 5
FROM_STRANGE_SEATS = 3
AT_SEAT = 10
"""Wrong tries at one seat in the window, whichever numbers: many agents sit down there in a day."""
FIRST_PAUSE = timedelta(seconds=2)
"""After one agent's wrong try at one seat; each further one doubles it."""
KNOWN_FOR = timedelta(days=30)
"""A seat at which the agent signed in within this time is a usual one."""


@dataclass(frozen=True, slots=True)
class WrongTry:
    """Of one agent number."""

    at: datetime
    seat: str


def wait(
    of_agent: Sequence[WrongTry], at_seat: Sequence[datetime], usual: Collection[str], seat: str, now: datetime
) -> timedelta:
    """How long this seat must wait before it may try this agent's PIN; nothing when it may at once. Pure.

    `of_agent`: this number's wrong tries anywhere, `at_seat`: those here of any number; `usual`: the agent's usual seats.
    """
    waits = [_until_fewer([one.at for one in of_agent], OF_AGENT, now), _until_fewer(at_seat, AT_SEAT, now)]
    if seat not in usual:
        waits.append(_until_fewer([one.at for one in of_agent if one.seat not in usual], FROM_STRANGE_SEATS, now))
    mine = [one.at for one in of_agent if one.seat == seat and one.at > now - WINDOW]
    if mine:
        waits.append(max(mine) + FIRST_PAUSE * 2 ** (len(mine) - 1) - now)
    return max(timedelta(0), *waits)


def _until_fewer(tries: Sequence[datetime], most: int, now: datetime) -> timedelta:
    """Until fewer than `most` of them lie in the window that ends then."""
    within = sorted(at for at in tries if at > now - WINDOW)
    return within[-most] + WINDOW - now if len(within) >= most else timedelta(0)


async def begin_try(session: AsyncSession, number: str, seat: str, *, now: datetime) -> timedelta | int:
    """How long this seat must wait before it may try this number; or, when it may at once, the try's id.

    Holds a lock on the number and on the seat until the transaction ends.
    """
    who, where = _name_of(number), f"SEAT:{seat}"
    for key in (who, where):  # always in this order
        await session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 1420))"), {"key": key})
    wrong = select(LoginAttempt.at, LoginAttempt.address).where(LoginAttempt.at > now - WINDOW, ~LoginAttempt.succeeded)
    of_agent = (await session.execute(wrong.where(LoginAttempt.username == who))).all()
    at_seat = (await session.execute(wrong.where(LoginAttempt.address == where))).all()
    usual = await session.scalars(
        select(LoginAttempt.address)
        .where(LoginAttempt.username == who, LoginAttempt.succeeded, LoginAttempt.at > now - KNOWN_FOR)
        .distinct()
    )
    longest = wait([WrongTry(at, at_) for at, at_ in of_agent], [at for at, _ in at_seat], set(usual), where, now)
    if longest > timedelta(0):
        return longest
    attempt = LoginAttempt(username=who, address=where, at=now, succeeded=False)
    session.add(attempt)
    await session.execute(delete(LoginAttempt).where(LoginAttempt.at < now - KNOWN_FOR))
    await session.flush()
    return attempt.id


async def forget_tries(session: AsyncSession, number: str, *, now: datetime) -> None:
    """The agent has a new PIN: wrong tries at the old one keep them out no longer. Those at a seat of others still count."""
    mine = (LoginAttempt.username == _name_of(number), LoginAttempt.at > now - WINDOW, ~LoginAttempt.succeeded)
    await session.execute(delete(LoginAttempt).where(*mine))


def _name_of(number: str) -> str:
    """At the login page names are folded to small letters, so nothing that is tried there counts here."""
    return f"AGENT:{hash_of(number)[:32]}"
