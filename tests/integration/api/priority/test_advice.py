"""The one look-up of the door tells who a caller is to the line, and whom they stand before."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx2
import pytest

from api.db.engine import Sessions
from api.db.priority_tables import CallerGroup, GroupMember
from api.priority.waiting import with_counted_waits
from ivr.kernel.clock import SystemClock
from tests.integration.api.priority.callers import NOON, called


@pytest.fixture
async def chronic(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        session.add(CallerGroup(code="chronic", name_fa="بیماران", name_en="Chronic", priority=5, retired_at=None))
        await session.flush()
        session.add(
            GroupMember(
                group_code="chronic",
                caller="+982188001420",
                since=SystemClock().now() - timedelta(days=1),
                note="",
                added_by="t",
            )
        )


async def advice(client: httpx2.AsyncClient, headers: dict[str, str], **asked: str) -> httpx2.Response:
    return await client.get("/api/v1/line/advice", params={"queue": "insurance", **asked}, headers=headers)


def standing(answer: httpx2.Response) -> tuple[Any, ...]:
    assert answer.status_code == 200, answer.text
    body = answer.json()
    return tuple(body[name] for name in ("priority", "group", "repeat", "province"))


async def test_a_member_of_a_group_is_known(
    client: httpx2.AsyncClient, door_token_headers: dict[str, str], chronic: None
) -> None:
    assert standing(await advice(client, door_token_headers, caller="02188001420")) == (5, "chronic", 0, "tehran")
    assert standing(await advice(client, door_token_headers, caller="09121234567")) == (0, None, 0, None)


@pytest.mark.parametrize("asked", [{}, {"caller": ""}, {"caller": "anonymous"}, {"caller": "'; --"}])
async def test_a_hidden_number_is_nobodys(
    client: httpx2.AsyncClient, door_token_headers: dict[str, str], asked: dict[str, str]
) -> None:
    assert standing(await advice(client, door_token_headers, **asked)) == (0, None, 0, None)


async def test_a_number_without_end_is_refused_and_the_door_never_sends_one(
    client: httpx2.AsyncClient, door_token_headers: dict[str, str]
) -> None:
    assert (await advice(client, door_token_headers, caller="9" * 41)).status_code == 422


async def test_waits_are_counted_with_the_head_start_of_those_who_have_one(sessions: Sessions) -> None:
    raised = await called(sessions, None, ago=timedelta(seconds=20), priority=5, repeat=1)
    board = {
        "queues": [
            {
                "name": "insurance",
                "waiting": [
                    {"call_id": call_id, "since": (NOON - timedelta(seconds=seconds)).isoformat()}
                    for call_id, seconds in ((raised, 20), ("line1420-0.0", 90))
                ],
            }
        ]
    }
    async with sessions() as session:
        told = await with_counted_waits(session, board, 30, NOON)
    assert [caller["priority"] for caller in told["queues"][0]["waiting"]] == [170, 90]
