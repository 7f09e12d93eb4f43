"""Guessing passwords: few guesses are checked, the person is never kept out for long, and the house stays quick."""

from __future__ import annotations

import asyncio
import random
import resource
import time
from datetime import UTC, datetime, timedelta

import httpx2
import pytest
from fastapi import FastAPI

from api.access import secrets_of
from api.access.login_limits import begin_try, mark_success
from api.db.engine import Sessions
from tests.integration.conftest import PASSWORD

TRIES, WINDOW = 5, timedelta(minutes=15)
SOURCES = 50
LONGEST_WAIT = timedelta(minutes=15)


@pytest.mark.parametrize(
    "guesses",
    [
        pytest.param(300, id="quick"),
        pytest.param(10_000, id="thorough", marks=[pytest.mark.slow, pytest.mark.timeout(1200)]),
    ],
)
async def test_few_guesses_are_checked_and_the_person_waits_minutes_at_most(sessions: Sessions, guesses: int) -> None:
    """An hour of guessing at one account from fifty addresses. Its owner tries from an address of their own, too."""
    choice = random.Random(1420)
    now = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
    began, checked = now, 0
    longest = timedelta(0)
    async with sessions.begin() as session:  # the owner was here yesterday
        attempt = await begin_try(session, "qa", "10.0.0.1", now=now - timedelta(days=1), tries=TRIES, window=WINDOW)
        assert isinstance(attempt, int)
        await mark_success(session, attempt)
    for guess in range(guesses):
        now = began + timedelta(hours=1) * guess / guesses
        address = f"203.0.113.{choice.randrange(SOURCES)}"
        async with sessions.begin() as session:
            turn = await begin_try(session, "qa", address, now=now, tries=TRIES, window=WINDOW)
        checked += isinstance(turn, int)
        if guess % (guesses // 60) == 0:
            for owner in ("10.0.0.1", "198.51.100.7"):  # at their desk, and travelling
                async with sessions.begin() as session:
                    turn = await begin_try(session, "qa", owner, now=now, tries=TRIES, window=WINDOW)
                    await session.rollback()
                longest = max(longest, turn if isinstance(turn, timedelta) else timedelta(0))
                assert isinstance(turn, int) or owner != "10.0.0.1", "kept out at their own desk by somebody else"
    assert checked <= 60, f"{checked} guesses were checked in an hour"
    assert longest <= LONGEST_WAIT


async def test_a_flood_of_logins_costs_bounded_memory_and_stalls_nobody(
    app: FastAPI, client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch, real_passwords: None
) -> None:
    """Each check takes 64 MiB and a core: a few at a time, a short line behind them, and the others are sent away."""
    monkeypatch.setattr(secrets_of, "_LONGEST_LINE", 6)
    await client.post("/login", data={"username": "x", "password": "x"})  # what the first one loads
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    async def attempt(number: int) -> int:
        transport = httpx2.ASGITransport(app=app, client=(f"203.0.113.{number}", 1), raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url="http://line.test") as other:
            return (await other.post("/login", data={"username": f"u{number}", "password": PASSWORD})).status_code

    flood = asyncio.gather(*(attempt(number) for number in range(40)))
    gaps, lines, last = [], [0], (time.monotonic(), time.thread_time())
    while not flood.done():
        await asyncio.sleep(0.01)
        now = (
            time.monotonic(),
            time.thread_time(),
        )  # without work of the loop's thread it was the machine that stood still
        gaps.append(min(now[0] - last[0], now[1] - last[1]))
        lines.append(secrets_of._waiting)
        last = now
    answers = await flood
    assert set(answers) == {401, 503}
    assert max(lines) <= 6, "how many of the forty are checked in all depends on how fast they come"
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert grown < 3 * 64, f"{grown:.0f} MiB more"
    assert sorted(gaps)[-1] < 1.0, "the loop stood still"
