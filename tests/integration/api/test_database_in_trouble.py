"""A database that is slow, full, cut off or frozen in the middle of a request: 503 within a bound, and the next one works."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx2
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.db.engine import Sessions, connect, sessions_of
from api.db.transaction import Transaction
from api.main import create_app
from api.settings import ApiSettings
from tests.patience import quickest_awaited, until


@pytest.fixture
async def small(sessions: Sessions, settings: ApiSettings) -> AsyncIterator[FastAPI]:
    """The application with two connections and a time limit of 3 s, and routes that do to the database what a test wants."""
    app = create_app(settings.model_copy(update={"database_pool": 1, "statement_timeout": timedelta(seconds=3)}))

    async def slow(session: Transaction, seconds: float) -> float:
        await session.execute(text("SELECT pg_sleep(:seconds)"), {"seconds": seconds})
        return seconds

    async def hold(session: Transaction) -> None:
        await session.execute(text("SELECT 1"))
        app.state.held += 1
        await app.state.release.wait()  # a connection in hand and nothing asked of it
        app.state.held -= 1

    async def cut_off(session: Transaction) -> int:
        pid = await session.scalar(text("SELECT pg_backend_pid()"))
        async with sessions.begin() as other:
            await other.execute(text("SELECT pg_terminate_backend(:pid, 30000)"), {"pid": pid})
        return (await session.execute(text("SELECT 1"))).scalar_one()

    async def fail_with(session: Transaction, state: str) -> None:
        await session.execute(text(f"DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '{state}'; END $$"))

    app.state.held, app.state.release = 0, asyncio.Event()
    for path, route in {"slow": slow, "hold": hold, "cut": cut_off, "fail": fail_with}.items():
        app.get(f"/test/{path}")(route)
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
async def browser(small: FastAPI) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=small, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://line.test", timeout=30) as client:
        yield client


def is_unavailable(answer: httpx2.Response) -> bool:
    return (answer.status_code, answer.json()["error"]["code"], answer.headers["retry-after"]) == (
        503,
        "unavailable",
        "5",
    )


async def works(browser: httpx2.AsyncClient) -> bool:
    answers = [await browser.get("/test/slow", params={"seconds": 0}) for _ in range(4)]  # more than the pool holds
    return all(answer.status_code == 200 for answer in answers)


async def test_a_statement_past_its_time_limit_is_503_and_the_connection_goes_on(browser: httpx2.AsyncClient) -> None:
    async def unavailable_after() -> float:
        started = time.perf_counter()
        assert is_unavailable(await browser.get("/test/slow", params={"seconds": 20}))
        seconds = time.perf_counter() - started
        assert await works(browser)
        return seconds

    assert await quickest_awaited(unavailable_after, 7) < 7


async def test_an_exhausted_pool_is_503_within_its_bound_and_frees_itself(
    small: FastAPI, browser: httpx2.AsyncClient
) -> None:
    async def unavailable_after() -> float:
        small.state.release.clear()
        holding = [asyncio.create_task(browser.get("/test/hold")) for _ in range(2)]
        await until(lambda: small.state.held == 2)
        started = time.perf_counter()
        assert is_unavailable(await browser.get("/test/slow", params={"seconds": 0}))
        seconds = time.perf_counter() - started
        small.state.release.set()
        assert {(await answer).status_code for answer in holding} == {200}
        assert await works(browser)
        return seconds

    assert await quickest_awaited(unavailable_after, 4.5) < 4.5
    page = (await browser.get("/metrics")).text
    assert 'line1420_database_pool_timeouts_total{process="web"} 0.0' not in page


async def test_a_back_end_ended_in_mid_transaction_is_503_and_leaves_no_dead_connection(
    browser: httpx2.AsyncClient,
) -> None:
    for _ in range(3):
        assert is_unavailable(await browser.get("/test/cut"))
        assert await works(browser)


@pytest.mark.parametrize("state", ["40P01", "40001", "53100", "53200", "53300", "55P03", "57P01", "58030"])
async def test_what_passes_by_itself_is_503(browser: httpx2.AsyncClient, state: str) -> None:
    assert is_unavailable(await browser.get("/test/fail", params={"state": state}))
    assert await works(browser)


@pytest.mark.parametrize("state", ["23505", "22P02", "42P01"])
async def test_a_statement_that_is_wrong_stays_a_bug_of_ours(browser: httpx2.AsyncClient, state: str) -> None:
    answer = await browser.get("/test/fail", params={"state": state})
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "internal")


async def test_requests_given_up_in_mid_query_do_not_poison_the_pool(
    small: FastAPI, browser: httpx2.AsyncClient
) -> None:
    sessions: Sessions = small.state.sessions

    async def ask(session: AsyncSession) -> None:
        await session.execute(text("SELECT pg_sleep(0.4)"))

    async def request() -> None:
        async with sessions.begin() as session:
            await ask(session)

    for pause in (0.01, 0.05, 0.1, 0.2):
        given_up = [asyncio.create_task(request()) for _ in range(2)]
        await asyncio.sleep(pause)
        for task in given_up:
            task.cancel()
        await asyncio.gather(*given_up, return_exceptions=True)
        assert await works(browser)


async def test_a_time_limit_around_a_query_gives_the_connection_up(small: FastAPI, browser: httpx2.AsyncClient) -> None:
    sessions: Sessions = small.state.sessions
    for _ in range(4):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05), sessions.begin() as session:
                await session.execute(text("SELECT pg_sleep(0.4)"))
        assert await works(browser)


async def test_a_frozen_server_is_given_up_and_found_again(database_url: str) -> None:
    limit, silent = timedelta(seconds=3), timedelta(seconds=1)
    engine = connect(database_url, application="frozen", pool=1, statement_timeout=limit, server_silent=silent)
    sessions = sessions_of(engine)
    try:
        async with sessions() as session:
            pid = await session.scalar(text("SELECT pg_backend_pid()"))
        os.kill(pid, signal.SIGSTOP)  # this back end only: what a frozen server is to its client
        try:
            started = time.perf_counter()
            with pytest.raises((TimeoutError, OSError)):
                async with asyncio.timeout(60), sessions() as session:
                    await session.execute(text("SELECT 1"))
            assert time.perf_counter() - started < 30
        finally:
            os.kill(pid, signal.SIGCONT)
        async with sessions() as session:
            assert await session.scalar(text("SELECT 1")) == 1
            assert await session.scalar(text("SELECT pg_backend_pid()")) != pid
    finally:
        await engine.dispose()
