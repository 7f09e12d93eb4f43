"""Fake and real desk keep the same promises: the real one asks the real application over a socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import uvicorn
from fastapi import FastAPI

from agi_scripts.desk import Desk
from agi_scripts.http_desk import HttpDesk
from agi_scripts.settings import DoorSettings
from api.db.engine import Sessions
from ivr.dialogue.replies import Advice, DeskUnavailable
from ivr.dialogue.verbs import AskAdvice
from tests.fakes.desk import FakeDesk
from tests.integration.api.advice.floor import busy_board, publish
from tests.integration.conftest import DOOR_TOKEN


@pytest.fixture
async def web(app: FastAPI) -> AsyncIterator[str]:
    server = uvicorn.Server(uvicorn.Config(app, port=0, lifespan="off", log_config=None, timeout_graceful_shutdown=2))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await serving


@pytest.fixture(params=["fake", "real"])
async def desk(
    request: pytest.FixtureRequest, web: str, sessions: Sessions, door_token_headers: dict[str, str]
) -> AsyncIterator[Desk]:
    """Insurance has one agent who talks and nobody who waits; of the other queues nothing is known."""
    await publish(sessions, busy_board(talking=1, waiting=0))
    if request.param == "fake":
        yield FakeDesk({"insurance": Advice(180.0, "setting", 600)})
        return
    # A busy machine is no slow desk; the limit has a test of its own.
    given = {"desk_url": web, "door_token": DOOR_TOKEN, "desk_limit": timedelta(seconds=30)}
    real = HttpDesk(DoorSettings.model_validate(given))
    yield real
    await real.close()


async def test_a_queue_with_an_agent_has_an_estimate(desk: Desk) -> None:
    assert await desk.advise(AskAdvice("insurance")) == Advice(180.0, "setting", 600)


@pytest.mark.parametrize("queue", ["pensions", "parking"])
async def test_a_queue_of_which_nothing_is_known_has_none(desk: Desk, queue: str) -> None:
    assert await desk.advise(AskAdvice(queue)) == Advice(None, "", 600)


@pytest.mark.parametrize("kind", ["fake", "real"])
async def test_a_desk_that_is_away_says_so_and_raises_nothing(kind: str) -> None:
    away: Desk = FakeDesk(away=True) if kind == "fake" else HttpDesk(DoorSettings(desk_url="http://127.0.0.1:1"))
    assert await away.advise(AskAdvice("insurance")) == DeskUnavailable()
