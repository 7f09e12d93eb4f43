"""A caller who was moved, after the listener was started anew: the board knows of them only since they came to this queue."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx2
import pytest

from api.access.permissions import Role
from api.db.engine import Sessions
from api.db.tables import LedgerEventRow
from api.leading.board import floor_now
from ivr.kernel.clock import SystemClock, from_epoch
from routing.priority import HORIZON, queue_prio
from tests.fakes.asterisk_floor import Entry, FloorAmi
from tests.integration.api.leading.conftest import CALL

pytestmark = pytest.mark.usefixtures("board")
JOINED = 400
"""Seconds ago; the board says 40."""


@pytest.fixture
async def joined(asterisk: FloorAmi, sessions: Sessions) -> int:
    """The second of the caller's joining, as the dialplan wrote it down with both visits."""
    entry = Entry.joined(CALL, JOINED)
    asterisk.queues["insurance"] = [entry]
    second, now = HORIZON - entry.priority, SystemClock().now()
    async with sessions.begin() as session:
        for place, (queue, ago) in enumerate((("general", JOINED), ("insurance", 40)), 1):
            session.add(
                LedgerEventRow(
                    node="line1420", source="cel", file_id="t", file_offset=place, name="talk", call_id=CALL, leg_id=CALL,
                    at=now - timedelta(seconds=ago), fields={"queue": queue, "joined": str(second)},
                )
            )  # fmt: skip
    return second


async def test_another_priority_is_reckoned_from_their_joining(
    client: httpx2.AsyncClient, log_in: Any, asterisk: FloorAmi, joined: int
) -> None:
    me = await log_in(Role.SUPERVISOR)
    answer = await client.put(
        f"/api/v1/waiting/{CALL}/priority", headers={"x-csrf-token": me["csrf"]}, json={"priority": 3}
    )
    assert answer.json() == {"call_id": CALL, "priority": 3}
    assert asterisk.said[-1]["Priority"] == str(queue_prio(joined, 3, 30))


async def test_their_wait_and_their_priority_are_shown_from_their_joining_on(sessions: Sessions, joined: int) -> None:
    async with sessions() as session:
        caller = (await floor_now(session, "line1420", 30)).caller(CALL)
    assert (caller.since, caller.priority) == (from_epoch(joined), 0)


@pytest.mark.parametrize("told", ["", "x", "-5", "99999999999"])
async def test_a_ledger_that_says_nothing_of_it_leaves_the_board_s_word(sessions: Sessions, told: str) -> None:
    async with sessions.begin() as session:
        session.add(
            LedgerEventRow(
                node="line1420", source="cel", file_id="t", file_offset=1, name="talk", call_id=CALL, leg_id=CALL,
                at=SystemClock().now(), fields={"joined": told} if told else {},
            )
        )  # fmt: skip
    async with sessions() as session:
        caller = (await floor_now(session, "line1420", 30)).caller(CALL)
    assert 39 <= (SystemClock().now() - caller.since).total_seconds() <= 60
