"""A watching screen: what it is told, how soon, and when it is told no more."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import httpx2
import pytest
import uvicorn
from fastapi import FastAPI

from api.access.permissions import Role
from api.db.engine import Sessions
from api.floor import feed
from api.floor.sink import PostgresBoard
from api.ledger.store import PostgresLedger
from api.settings import ApiSettings
from routing.events import Source
from tests.builders import an_answered_call
from tests.integration.api.floor.test_watching_the_board import NODE, picture
from tests.integration.api.ledger.test_storing_rows import batch_of
from tests.integration.conftest import PASSWORD
from tests.patience import LIMIT, one_try_of_several, quickest_awaited, until


@pytest.fixture
async def server(app: FastAPI) -> AsyncIterator[str]:
    """The application behind a real uvicorn: streams do not pass through the in-memory transport."""
    config = uvicorn.Config(app, port=0, lifespan="off", log_config=None, timeout_graceful_shutdown=2)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await serving


class Screen:
    """A page that watches: what it was told, in order."""

    def __init__(self) -> None:
        self.ids: list[int] = []
        self.boards: list[dict[str, Any]] = []
        self.told = asyncio.Event()

    async def watch(self, url: str, headers: dict[str, str]) -> None:
        async with (
            httpx2.AsyncClient(timeout=30) as client,
            client.stream("GET", f"{url}/api/v1/board/stream", headers=headers) as answer,
        ):
            assert answer.headers["content-type"].startswith("text/event-stream")
            async for line in answer.aiter_lines():
                if line.startswith("id:"):
                    self.ids.append(int(line[3:]))
                if line.startswith("data:"):
                    self.boards.append(json.loads(line[5:]))
                    self.told.set()

    async def until(self, true: Any) -> float:
        """Wait for a board of which `true` holds; returns how many seconds it took."""
        begun = asyncio.get_running_loop().time()
        async with asyncio.timeout(LIMIT):
            while not (self.boards and true(self.boards[-1])):
                self.told.clear()
                await self.told.wait()
        return asyncio.get_running_loop().time() - begun


@pytest.fixture
async def screen(server: str, api_token_headers: dict[str, str]) -> AsyncIterator[Screen]:
    screen = Screen()
    watching = asyncio.create_task(screen.watch(server, api_token_headers))
    yield screen
    watching.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await watching


async def test_a_screen_sees_a_caller_join_within_a_second(sessions: Sessions, screen: Screen):
    sink, versions = PostgresBoard(sessions, NODE), itertools.count(1)

    async def joined_after() -> float:
        version = next(versions)
        await sink.publish(picture(version))
        await screen.until(lambda board: board["version"] == version and not board["stale"])
        await sink.publish(picture(next(versions), waiting=True))
        return await screen.until(lambda board: board["queues"][1]["waiting"])

    assert await quickest_awaited(joined_after, 1) < 1
    assert screen.ids == list(range(1, len(screen.ids) + 1))


class TestAListenerThatDies:
    @pytest.fixture
    def settings(self, settings: ApiSettings) -> ApiSettings:
        """As they are shipped."""
        return settings.model_copy(update={"board_stale": ApiSettings.model_fields["board_stale"].default})

    async def test_a_screen_hears_of_it_within_ten_seconds(self, sessions: Sessions, screen: Screen):
        versions = itertools.count(1)

        async def told_after() -> float:
            await PostgresBoard(sessions, NODE).publish(picture(next(versions)))
            await screen.until(lambda board: not board["stale"])
            return await screen.until(lambda board: board["stale"])

        assert await quickest_awaited(told_after, 10) < 10


async def test_a_burst_is_few_pictures(sessions: Sessions, screen: Screen):
    sink = PostgresBoard(sessions, NODE)
    await screen.until(lambda board: True)
    begun, before = asyncio.get_running_loop().time(), len(screen.boards)
    for version in range(1, 60):
        await sink.publish(picture(version, waiting=version % 2 == 1))
    await screen.until(lambda board: board["version"] == 59)
    seconds = asyncio.get_running_loop().time() - begun
    assert len(screen.boards) - before <= seconds * 20 + 2


async def test_new_figures_reach_the_screen(sessions: Sessions, screen: Screen, today_stands: datetime):
    await screen.until(lambda board: board["today"] is not None)
    story = an_answered_call(at=today_stands)
    await PostgresLedger(sessions, NODE).store(batch_of(story.events, Source.CEL))
    await screen.until(lambda board: board["today"]["received"] == 1)


async def test_a_screen_goes_dark_within_ten_seconds_of_its_logout(
    server: str, client: httpx2.AsyncClient, add_person: Any
):
    await add_person(Role.SUPERVISOR)

    async def dark_after() -> float:
        assert (await client.post("/login", data={"username": "supervisor", "password": PASSWORD})).status_code == 303
        me = (await client.get("/api/v1/me")).json()
        cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        screen = Screen()
        watching = asyncio.create_task(screen.watch(server, {"Cookie": cookies}))
        await screen.until(lambda board: True)
        assert (await client.post("/logout", data={"csrf": me["csrf"]})).status_code == 303
        begun = asyncio.get_running_loop().time()
        await asyncio.wait_for(watching, 60)
        return asyncio.get_running_loop().time() - begun

    assert await quickest_awaited(dark_after, 10) <= 10


async def test_a_screen_that_comes_after_a_while_of_none_is_shown_the_right_board_at_once(
    app: FastAPI,
    server: str,
    sessions: Sessions,
    api_token_headers: dict[str, str],
    today_stands: datetime,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(
        feed, "CATCH_UP", LIMIT
    )  # a busy machine is no slow database: the first picture is the right one
    sink, ledger, versions = PostgresBoard(sessions, NODE), PostgresLedger(sessions, NODE), itertools.count(1)
    await asyncio.sleep(0.5)  # the process has begun, nobody watches

    @one_try_of_several
    async def comes_after_a_while() -> None:
        await until(lambda: not app.state.board_feed.watchers)
        await sink.publish(picture(next(versions)))
        version = next(versions)
        await ledger.store(
            batch_of(an_answered_call(f"line1420-{version}.1", at=today_stands).events, Source.CEL, version * 10_000)
        )
        await sink.publish(picture(version, waiting=True))
        await asyncio.sleep(0.5)
        assert not app.state.board_feed.watchers
        screen = Screen()
        watching = asyncio.create_task(screen.watch(server, api_token_headers))
        seconds = await screen.until(lambda board: True)
        first = screen.boards[0]
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        assert seconds < 3
        assert (first["version"], first["stale"]) == (version, False)
        assert first["today"]
        assert first["today"]["received"] == version // 2
        assert first["queues"][1]["waiting"]

    await comes_after_a_while()
