"""Guessing a PIN at telephones: few guesses are checked, and the agent is never kept out for long. PostgreSQL, a clock of ours."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime, timedelta

import pytest

from api.access.login_limits import mark_success
from api.db.engine import Sessions
from api.duty.pin_tries import AT_SEAT, FROM_STRANGE_SEATS, OF_AGENT, begin_try

AGENT = "107"
SOURCES = 50
CHECKED_IN_AN_HOUR = 20
LONGEST_WAIT = timedelta(minutes=15)
T0 = datetime(2026, 11, 28, 6, 0, tzinfo=UTC)


async def attempt(sessions: Sessions, number: str, seat: str, now: datetime) -> timedelta | int:
    async with sessions.begin() as session:
        return await begin_try(session, number, seat, now=now)


async def would_wait(sessions: Sessions, number: str, seat: str, now: datetime) -> timedelta:
    """Without trying."""
    async with sessions() as session:
        turn = await begin_try(session, number, seat, now=now)
        await session.rollback()
    return turn if isinstance(turn, timedelta) else timedelta(0)


async def signs_in(sessions: Sessions, number: str, seat: str, now: datetime) -> None:
    async with sessions.begin() as session:
        turn = await begin_try(session, number, seat, now=now)
        assert isinstance(turn, int)
        await mark_success(session, turn)


@pytest.mark.parametrize(
    "guesses",
    [
        pytest.param(250, id="quick"),
        pytest.param(10_000, id="thorough", marks=[pytest.mark.slow, pytest.mark.timeout(1200)]),
    ],
)
@pytest.mark.parametrize("number", [AGENT, "199"], ids=["an agent's number", "nobody's number"])
async def test_few_guesses_are_checked_and_the_agent_waits_minutes_at_most(
    sessions: Sessions, guesses: int, number: str
) -> None:
    """An hour of guessing from fifty telephones, in bursts and without a pause. Whose number it is makes no difference."""
    choice = random.Random(1420)
    await signs_in(sessions, number, "seat05", T0 - timedelta(days=1))
    checked, longest = 0, timedelta(0)
    for guess in range(guesses):
        now = T0 + timedelta(hours=1) * guess / guesses
        checked += isinstance(await attempt(sessions, number, f"guess{choice.randrange(SOURCES):02d}", now), int)
        if guess % (guesses // 50) == 0:
            assert not await would_wait(sessions, number, "seat05", now), "kept out at the usual seat by somebody else"
            longest = max(longest, await would_wait(sessions, number, "seat06", now))
    assert checked <= CHECKED_IN_AN_HOUR, f"{checked} guesses were checked in an hour"
    assert longest <= LONGEST_WAIT


async def test_the_hour_holds_at_the_usual_seat_too(sessions: Sessions) -> None:
    """A guesser at the agent's own telephone, who tries whenever the line lets them; and when it is over the agent may."""
    await signs_in(sessions, AGENT, "seat05", T0 - timedelta(days=1))
    now, checked = T0, 0
    while now < T0 + timedelta(hours=1):
        turn = await attempt(sessions, AGENT, "seat05", now)
        checked += isinstance(turn, int)
        now += turn if isinstance(turn, timedelta) else timedelta(seconds=0.1)
    assert OF_AGENT < checked <= CHECKED_IN_AN_HOUR
    assert await would_wait(sessions, AGENT, "seat05", now) <= LONGEST_WAIT
    assert not await would_wait(sessions, AGENT, "seat05", now + LONGEST_WAIT)


async def test_signing_in_rightly_gives_a_guesser_no_further_tries(sessions: Sessions) -> None:
    await signs_in(sessions, AGENT, "seat05", T0 - timedelta(days=1))
    checked = 0
    for minute in range(60):
        now = T0 + timedelta(minutes=minute)
        await signs_in(sessions, AGENT, "seat05", now)
        checked += isinstance(await attempt(sessions, AGENT, f"seat{minute % 4 + 6:02d}", now), int)
    assert checked <= CHECKED_IN_AN_HOUR


async def test_one_telephone_that_tries_everybody_is_held_up(sessions: Sessions) -> None:
    turns = [await attempt(sessions, f"{100 + n}", "seat09", T0 + timedelta(seconds=n)) for n in range(40)]
    assert sum(isinstance(turn, int) for turn in turns) == AT_SEAT
    assert isinstance(await attempt(sessions, "104", "seat05", T0 + timedelta(minutes=1)), int), (
        "elsewhere nobody waits"
    )


async def test_tries_sent_together_count_one_by_one(sessions: Sessions) -> None:
    """As by two web processes: each begins before the others are known to be wrong."""
    turns = await asyncio.gather(*(attempt(sessions, AGENT, f"seat{n:02d}", T0) for n in range(1, 13)))
    assert sum(isinstance(turn, int) for turn in turns) == FROM_STRANGE_SEATS
