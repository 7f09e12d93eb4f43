"""What a door is told of a queue: from the floor as it is, and nothing where that is not known."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from api.access.permissions import Role
from api.db.duty_tables import DutyRow, WrapUpRow
from api.db.engine import Sessions
from api.db.tables import Person
from api.settings import ApiSettings
from routing.ports import BoardLink
from routing.queues import QueueSettings
from tests.integration.api.advice.floor import busy_board, call_back, keep_talks, now, publish
from tests.integration.conftest import settings as plain_settings

__all__ = ["plain_settings"]


@pytest.fixture
def settings(plain_settings: ApiSettings) -> ApiSettings:
    """Open at whatever hour the tests run: the floor shows no wait for a queue that is closed. A board is fresh for a minute."""
    return plain_settings.model_copy(update={"clock_open": "always", "board_stale": timedelta(seconds=60)})


@pytest.fixture
def ask(client: httpx2.AsyncClient, door_token_headers: dict[str, str]) -> Callable[..., Any]:
    async def get(queue: str = "insurance") -> dict[str, Any]:
        answer = await client.get("/api/v1/line/advice", params={"queue": queue}, headers=door_token_headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return get


async def test_a_busy_queue_has_an_estimate_with_what_it_was_made_from(sessions: Sessions, ask: Any) -> None:
    await publish(sessions, busy_board(talking=3, waiting=2))
    async with sessions.begin() as session:
        await keep_talks(session, [100, 140, 60, 100, 100])
    told = await ask()
    # a talk of 100 s and Asterisk's own two seconds of rest; three talks must end, on three seats, and few hang up meanwhile
    assert told["handle_seconds"] == pytest.approx(102, abs=0.2)
    assert told["estimate_seconds"] == pytest.approx(102, rel=0.2)
    assert told["estimate_seconds"] < 102
    shown = {
        name: told[name] for name in ("queue", "basis", "waiting_ahead", "call_backs_ahead", "agents", "agents_free")
    }
    assert shown == {
        "queue": "insurance",
        "basis": "recent",
        "waiting_ahead": 2,
        "call_backs_ahead": 0,
        "agents": 3,
        "agents_free": 0,
    }
    assert told["wait_limit_seconds"] == 600


async def test_work_after_talks_is_part_of_how_long_one_takes(sessions: Sessions, ask: Any) -> None:
    await publish(sessions, busy_board(talking=1, waiting=0))
    async with sessions.begin() as session:
        await keep_talks(session, [100] * 5)
        person = Person(username="a", name_fa="ا", name_en="A", role=Role.OPERATOR, password_hash="", active=True)
        session.add(person)
        await session.flush()
        duty = DutyRow(
            person_id=person.id, agent="a", seat="seat01", began_at=now() - timedelta(hours=3), began_by="desk"
        )
        session.add(duty)
        await session.flush()
        for n in range(5):
            began = now() - timedelta(minutes=10 + n)
            session.add(
                WrapUpRow(
                    duty_id=duty.id,
                    queue="insurance",
                    call_id=f"line1420-1.{n}",
                    began_at=began,
                    ended_at=began + timedelta(seconds=40),
                    ended_by="agent",
                )
            )
    assert (await ask())["handle_seconds"] == pytest.approx(140, abs=0.2)


async def test_a_free_agent_and_nobody_before_is_no_wait(sessions: Sessions, ask: Any) -> None:
    await publish(sessions, busy_board(talking=2, waiting=0, free=1))
    told = await ask()
    assert (told["estimate_seconds"], told["basis"], told["agents_free"]) == (0, "setting", 1)


async def test_nothing_is_told_of_a_queue_that_is_full_and_lets_nobody_in(sessions: Sessions, ask: Any) -> None:
    await publish(sessions, busy_board(talking=2, waiting=50))
    told = await ask()
    assert (told["estimate_seconds"], told["waiting_ahead"]) == (None, 50)
    await publish(sessions, busy_board(talking=2, waiting=49), version=2)
    assert (await ask())["estimate_seconds"] > 0


async def test_call_backs_that_keep_a_place_are_before_a_new_caller(sessions: Sessions, ask: Any) -> None:
    await publish(sessions, busy_board(talking=2, waiting=1))
    before = await ask()
    async with sessions.begin() as session:
        session.add_all([call_back(1), call_back(2)])
        session.add_all(
            [
                call_back(3, queue="pensions"),
                call_back(4, state="reached"),
                call_back(5, state="placed"),
                call_back(6, not_before=now() + timedelta(minutes=10)),
            ]
        )
    told = await ask()
    assert (told["call_backs_ahead"], told["waiting_ahead"]) == (2, 1)
    assert told["estimate_seconds"] > before["estimate_seconds"]


async def test_talks_of_yesterday_count_in_the_morning(sessions: Sessions, ask: Any) -> None:
    await publish(sessions, busy_board(talking=1, waiting=0))
    async with sessions.begin() as session:
        await keep_talks(session, [200] * 6, ago=timedelta(days=2))
        await keep_talks(session, [900] * 6, ago=timedelta(days=2), queue="pensions")
        await keep_talks(session, [900] * 6, ago=timedelta(days=60))
    told = await ask()
    assert (told["basis"], told["handle_seconds"]) == ("past", pytest.approx(202, abs=0.2))


@pytest.mark.parametrize(("age", "link"), [(70.0, BoardLink.LIVE), (0.0, BoardLink.STALE), (0.0, BoardLink.CONNECTING)])
async def test_an_old_board_says_nothing(sessions: Sessions, ask: Any, age: float, link: BoardLink) -> None:
    await publish(sessions, busy_board(talking=3, waiting=2), age=age, link=link)
    told = await ask()
    assert (told["estimate_seconds"], told["waiting_ahead"], told["basis"]) == (None, None, None)
    assert told["wait_limit_seconds"] == 600


async def test_before_the_first_board_nothing_is_said(ask: Any) -> None:
    assert (await ask())["estimate_seconds"] is None


async def test_nobody_serves_and_nothing_is_said(sessions: Sessions, ask: Any) -> None:
    await publish(sessions, busy_board(talking=0, waiting=4))
    told = await ask()
    assert (told["estimate_seconds"], told["waiting_ahead"], told["agents"]) == (None, 4, 0)


async def test_a_queue_whose_callers_are_to_be_told_nothing_has_no_estimate_for_the_doors(
    sessions: Sessions, settings: ApiSettings, app: FastAPI, ask: Any
) -> None:
    await publish(sessions, busy_board(talking=3, waiting=2))
    assert (await ask())["estimate_seconds"] is not None
    quiet = settings.queues | {"insurance": QueueSettings(tell_wait=False)}
    app.state.settings = settings.model_copy(update={"queues": quiet})
    told = await ask()
    assert (told["estimate_seconds"], told["basis"], told["waiting_ahead"]) == (None, None, 2)


async def test_a_queue_that_nobody_knows_is_no_error(sessions: Sessions, ask: Any) -> None:
    """Else a menu with a queue of its own would make the doors leave the desk alone, and cases with it."""
    await publish(sessions, busy_board(talking=3, waiting=2))
    told = await ask("parking")
    assert (told["estimate_seconds"], told["agents"]) == (None, 0)


@pytest.mark.parametrize("queue", ["", "Insurance", "a b", "q-general", "x" * 41, "بیمه", "a\nb"])
async def test_a_name_that_no_queue_can_have_is_refused(
    client: httpx2.AsyncClient, door_token_headers: dict[str, str], queue: str
) -> None:
    answer = await client.get("/api/v1/line/advice", params={"queue": queue}, headers=door_token_headers)
    assert answer.status_code == 422
    assert answer.json()["error"]["field"] == "query.queue"


async def test_the_floor_shows_the_very_estimate_that_callers_are_told(
    sessions: Sessions, client: httpx2.AsyncClient, api_token_headers: dict[str, str], ask: Any
) -> None:
    async with sessions.begin() as session:
        await keep_talks(session, [100] * 5)
        session.add(call_back(1))
    await publish(sessions, busy_board(talking=3, waiting=2))
    board = (await client.get("/api/v1/board", headers=api_token_headers)).json()
    shown = {queue["name"]: queue["estimate_seconds"] for queue in board["queues"]}
    assert shown.pop("insurance") == pytest.approx((await ask())["estimate_seconds"], abs=0.1)
    assert shown == {"general": None, "pensions": None, "treatment": None}
    await publish(sessions, busy_board(talking=3, waiting=2), age=70, version=2)
    board = (await client.get("/api/v1/board", headers=api_token_headers)).json()
    assert [queue["estimate_seconds"] for queue in board["queues"]] == [None] * 4
