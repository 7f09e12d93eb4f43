"""Machines ask whether the line works; and the database goes away and comes back."""

import re
from datetime import timedelta

import httpx2
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from api.db.engine import Sessions
from api.db.tables import BoardState, FollowerPosition
from ivr.kernel.clock import SystemClock
from tests.integration.conftest import Server


async def report(sessions: Sessions, *, board_age: float, follower_age: float) -> None:
    now = SystemClock().now()
    async with sessions.begin() as session:
        session.add(
            BoardState(node="line1420", epoch="e", version=1, as_of=now - timedelta(seconds=board_age), board={})
        )
        session.add(
            FollowerPosition(
                node="line1420",
                source="cel",
                file_id="f",
                file_offset=0,
                updated_at=now - timedelta(seconds=follower_age),
            )
        )


def seconds_in(pattern: str, reason: str) -> int:
    found = re.search(pattern, reason)
    assert found is not None, reason
    return int(found[1])


async def test_ready_when_board_and_follower_are_fresh(client: httpx2.AsyncClient, sessions: Sessions) -> None:
    await report(sessions, board_age=1, follower_age=2)
    answer = await client.get("/ready")
    assert (answer.status_code, answer.json()["reasons"]) == (200, [])
    assert 1 <= answer.json()["board_age_seconds"] < 60


async def test_each_thing_that_is_not_right_is_named(client: httpx2.AsyncClient, sessions: Sessions) -> None:
    fresh = (await client.get("/ready")).json()
    assert not fresh["ready"]
    assert ["board is never seen" in fresh["reasons"][0], "never reported" in fresh["reasons"][1]] == [True, True]
    await report(sessions, board_age=70, follower_age=90)
    old = await client.get("/ready")
    assert old.status_code == 503
    board, follower = old.json()["reasons"]
    assert 70 <= seconds_in(r"board is (\d+) s old", board) <= 130
    assert 90 <= seconds_in(r"last heard (\d+) s ago", follower) <= 150


async def test_a_database_of_another_version_is_not_ready(client: httpx2.AsyncClient, sessions: Sessions) -> None:
    async with sessions.begin() as session:
        was = await session.scalar(text("SELECT version_num FROM alembic_version"))
        await session.execute(text("UPDATE alembic_version SET version_num = 'older'"))
    try:
        answer = await client.get("/ready")
    finally:
        async with sessions.begin() as session:
            await session.execute(text("UPDATE alembic_version SET version_num = :was"), {"was": was})
    assert answer.status_code == 503
    assert "run the migrations" in answer.json()["reasons"][0]


async def test_measures_are_for_prometheus_and_name_no_caller(client: httpx2.AsyncClient, sessions: Sessions) -> None:
    await report(sessions, board_age=1, follower_age=2)
    await client.get("/api/v1/calls/line1420-1.1")
    measures = (await client.get("/metrics")).text
    assert "line1420_board_age_seconds" in measures
    assert 'line1420_http_requests_total{method="GET"' in measures
    assert "line1420-1.1" not in measures


async def test_the_database_goes_away_and_comes_back(
    client: httpx2.AsyncClient, app: FastAPI, api_token_headers: dict[str, str], postgres_server: Server
) -> None:
    async def ask() -> httpx2.Response:
        return await client.get("/api/v1/me", headers=api_token_headers)

    assert (await ask()).status_code == 200
    postgres_server.stop()
    try:
        for _ in range(3):
            away = await ask()
            assert (away.status_code, away.json()["error"]["code"]) == (503, "unavailable")
            assert away.headers["retry-after"] == "5"
        assert (await client.get("/live")).status_code == 200
        ready = await client.get("/ready")
        assert ready.status_code == 503
        assert "database does not answer" in ready.json()["reasons"][0]
        assert (await client.get("/metrics")).status_code == 200
    finally:
        postgres_server.start()
    for _ in range(12):  # more than the pool holds: no dead connection is left in it
        assert (await ask()).status_code == 200


async def test_connections_cut_by_the_server_are_replaced(
    client: httpx2.AsyncClient, api_token_headers: dict[str, str], sessions: Sessions
) -> None:
    for _ in range(3):
        assert (await client.get("/api/v1/me", headers=api_token_headers)).status_code == 200
        async with sessions() as session:
            cut = await session.scalars(
                text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'line1420-web'")
            )
            assert cut.all()


@pytest.mark.parametrize(("path", "status"), [("/live", 200), ("/ready", 503), ("/metrics", 200)])
async def test_watchers_need_no_session(client: httpx2.AsyncClient, path: str, status: int) -> None:
    assert (await client.get(path)).status_code == status  # nobody follows the ledger here: not ready, and said so
