"""The one look-up of the door tells who a caller is to the line, and whom they stand before."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx2
import pytest

from api.db.engine import Sessions
from api.db.priority_tables import CallerGroup, GroupMember
from api.priority.waiting import with_counted_waits, with_standing
from ivr.kernel.clock import SystemClock
from ivr.kernel.tracking_code import TrackingCode
from routing.priority import queue_prio
from tests.integration.api.advice.floor import call_back
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


async def test_what_asterisk_says_of_a_place_counts_and_a_call_back_shows_its_callers_priority(
    sessions: Sessions,
) -> None:
    """Somebody without priority was put before others by a supervisor, and somebody with one was lowered."""
    lowered = await called(sessions, None, ago=timedelta(seconds=20), priority=5, repeat=1)
    held = f"line1420-cb{TrackingCode.from_number(7)}.1"
    async with sessions.begin() as session:
        session.add(call_back(7, priority=2))
    now = int(NOON.timestamp())
    waits = [
        ("line1420-0.0", 90, queue_prio(now - 90, 0, 30) + 100),
        (lowered, 20, queue_prio(now - 20, 1, 30)),
        (held, 3, queue_prio(now - 300, 2, 30)),
    ]
    waiting = [
        {"call_id": call_id, "since": (NOON - timedelta(seconds=seconds)).isoformat(), "prio": prio}
        for call_id, seconds, prio in waits
    ]
    board = {"queues": [{"name": "insurance", "waiting": waiting}]}
    async with sessions() as session:
        shown = await with_standing(session, board, 30)
        counted = await with_counted_waits(session, board, 30, NOON)
    assert [(one["priority"], one["repeat"]) for one in shown["queues"][0]["waiting"]] == [(3, 0), (1, 1), (2, 0)]
    assert [one["priority"] for one in counted["queues"][0]["waiting"]] == [190, 50, 360]
