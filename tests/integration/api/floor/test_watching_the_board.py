"""The board from the listener's hand to who asks for it."""

from __future__ import annotations

import asyncio
import itertools
from datetime import datetime, timedelta
from typing import Any

import httpx2
from fastapi import FastAPI
from sqlalchemy import select

from api.access.permissions import Role
from api.db.engine import Sessions
from api.floor.routes import MOST_WATCHERS_EACH
from api.floor.sink import PostgresBoard
from api.ledger.store import PostgresLedger
from ivr.kernel.clock import SystemClock
from ivr.kernel.ids import CallId, LegId, QueueName
from routing.board import Board
from routing.events import Source
from routing.live import CallerJoined
from routing.ports import BoardLink, BoardPublication
from tests.builders import a_call_in_the_menu, an_answered_call
from tests.integration.api.ledger.test_storing_rows import batch_of
from tests.patience import quickest_awaited

NODE = "line1420"


def now() -> datetime:
    return SystemClock().now()


def picture(version: int, *, waiting: bool = False, age: float = 0.0) -> BoardPublication:
    board = Board()
    if waiting:
        caller = LegId("line1420-1.1")
        board.apply(CallerJoined(QueueName("insurance"), caller, CallId(caller), 1, "…4567", now()))
    return BoardPublication(board.to_json(now()), now() - timedelta(seconds=age), version, "epoch-1", BoardLink.LIVE)


async def test_before_the_first_word_the_board_is_whole_and_stale(client: httpx2.AsyncClient, api_token_headers: Any):
    board = (await client.get("/api/v1/board", headers=api_token_headers)).json()
    assert (board["as_of"], board["age_seconds"], board["stale"]) == (None, None, True)
    assert [queue["name"] for queue in board["queues"]] == ["general", "insurance", "pensions", "treatment"]
    assert len(board["seats"]) == 16
    assert board["today"]["received"] == 0


async def test_a_waiting_caller_stands_on_the_board(
    sessions: Sessions, client: httpx2.AsyncClient, api_token_headers: Any
):
    versions = itertools.count(1)

    async def age() -> float:
        version = next(versions)
        await PostgresBoard(sessions, NODE).publish(picture(version, waiting=True))
        board = (await client.get("/api/v1/board", headers=api_token_headers)).json()
        assert (board["stale"], board["link"], board["version"]) == (False, "live", version)
        [waiting] = board["queues"][1]["waiting"]
        assert (waiting["call_id"], waiting["position"]) == ("line1420-1.1", 1)
        assert board["age_seconds"] >= 0
        return board["age_seconds"]

    assert await quickest_awaited(age, 2) < 2


async def test_an_old_board_says_that_it_is_stale(
    sessions: Sessions, client: httpx2.AsyncClient, api_token_headers: Any
):
    versions = itertools.count(1)

    async def age() -> float:
        await PostgresBoard(sessions, NODE).publish(picture(next(versions), age=70))
        board = (await client.get("/api/v1/board", headers=api_token_headers)).json()
        assert board["stale"] is True
        assert board["age_seconds"] >= 70
        return board["age_seconds"]

    assert await quickest_awaited(age, 72) < 72


async def test_who_is_here_is_not_told_from_an_old_board(
    sessions: Sessions, client: httpx2.AsyncClient, api_token_headers: Any
):
    async def here() -> int | None:
        return (await client.get("/api/v1/board/day", headers=api_token_headers)).json()["here"]

    assert await here() is None
    await PostgresBoard(sessions, NODE).publish(picture(1))
    assert await here() == 0, "asked for without anybody who watches"
    await PostgresBoard(sessions, NODE).publish(picture(2, age=70))
    assert await here() is None


async def test_a_reading_that_was_begun_earlier_does_not_replace_a_newer_one(app: FastAPI, sessions: Sessions):
    feed, sink = app.state.board_feed, PostgresBoard(sessions, NODE)
    await sink.publish(picture(1))
    async with sessions() as early, sessions() as late:
        await early.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        await early.scalar(select(1))  # from here on it sees what there is now
        await sink.publish(picture(2, waiting=True))
        assert (await feed.fresh(late)).version == 2
        assert (await feed.fresh(early)).version == 2


async def test_todays_figures_count_calls_and_visits_apart(
    sessions: Sessions, client: httpx2.AsyncClient, api_token_headers: Any, today_stands: datetime
):
    ledger = PostgresLedger(sessions, NODE)
    at = today_stands
    stories = [
        an_answered_call("line1420-1.1", at=at),
        a_call_in_the_menu("line1420-2.1", at=at).joins("general").wait(31).hangs_up_waiting(),
        a_call_in_the_menu("line1420-3.1", at=at).joins("general").wait(3).hangs_up_waiting(),
        a_call_in_the_menu("line1420-4.1", at=at).hangs_up(),
        a_call_in_the_menu("line1420-5.1", at=at).joins("general"),
        a_call_in_the_menu("line1420-6.1", at=at - timedelta(days=2)).hangs_up(),
    ]
    for n, story in enumerate(stories):
        await ledger.store(batch_of(story.events, Source.CEL, n * 10_000))
        await ledger.store(batch_of(story.events, Source.QUEUE_LOG, n * 10_000))
    async with asyncio.timeout(30):  # figures may be a second old
        while (today := (await client.get("/api/v1/board", headers=api_token_headers)).json()["today"])["received"] < 5:
            await asyncio.sleep(0.2)
    assert (today["received"], today["open_now"]) == (5, 1)
    assert today["by_disposition"] == {"answered": 1, "abandoned": 2, "menu_abandoned": 1}
    assert (today["entered"], today["answered"], today["abandoned"], today["waiting_now"]) == (4, 1, 2, 1)
    # one answered in time, one gave up late, one gave up early and is left out
    assert today["service_level"] == {"variant": "SL4", "threshold_seconds": 20, "part": 1, "whole": 2, "value": 0.5}


async def test_who_may_not_look_is_refused(client: httpx2.AsyncClient, log_in: Any, door_token_headers: Any):
    for path in ("/api/v1/board", "/api/v1/board/stream"):
        assert (await client.get(path)).status_code == 401
        assert (await client.get(path, headers=door_token_headers)).status_code == 403
    await log_in(Role.CASEWORK)
    assert (await client.get("/api/v1/board")).status_code == 403


async def test_one_account_cannot_take_every_stream(app: FastAPI, client: httpx2.AsyncClient, log_in: Any):
    me = await log_in(Role.OPERATOR)
    app.state.board_feed.watchers[f"person:{me['username']}"] = MOST_WATCHERS_EACH
    answer = await client.get("/api/v1/board/stream")
    assert answer.status_code == 503
    assert answer.json()["error"]["message"].startswith("Too many screens")
