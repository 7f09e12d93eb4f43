"""Somebody signed out in mid-talk and serves the caller to the end: nobody else sits down there meanwhile."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from api.access.permissions import Role
from api.db.engine import Sessions
from ivr.kernel.ids import CallId, SeatName
from routing.agents import DeviceStatus
from routing.board import Board
from routing.live import HoldChanged, Member, MemberChanged, MemberRemoved, SeatConnected
from routing.seats import ROLL_CALL
from tests.integration.api.advice.floor import INSURANCE, now, publish

SEAT, CALL = SeatName("seat05"), CallId("line1420-1.1")


def left_talking(*, holds: bool = False) -> Board:
    """operator03 was connected at the seat and has left its queue since; its telephone is on the roll."""
    board = Board()
    for queue in (ROLL_CALL, INSURANCE):
        board.apply(MemberChanged(Member(queue, SEAT, "operator03", DeviceStatus.IN_USE, False, True, None, 0), now()))
    board.apply(SeatConnected(INSURANCE, SEAT, "operator03", CALL, now()))
    board.apply(HoldChanged(SEAT, CALL, holds, now()))
    board.apply(MemberRemoved(INSURANCE, SEAT, now()))
    return board


async def sits_down(client: httpx2.AsyncClient, me: dict[str, Any]) -> httpx2.Response:
    return await client.post("/api/v1/duty", headers={"x-csrf-token": me["csrf"]}, json={"seat": SEAT})


@pytest.mark.parametrize("holds", [False, True])
async def test_nobody_sits_down_at_a_seat_whose_talk_goes_on(
    sessions: Sessions, client: httpx2.AsyncClient, log_in: Any, holds: bool
) -> None:
    me = await log_in(Role.OPERATOR)
    await publish(sessions, left_talking(holds=holds))
    refused = await sits_down(client, me)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "seat_in_talk"), refused.text
    await publish(sessions, Board(), version=2)
    assert (await sits_down(client, me)).status_code == 201


async def test_an_old_board_keeps_nobody_from_working(
    sessions: Sessions, client: httpx2.AsyncClient, log_in: Any
) -> None:
    me = await log_in(Role.OPERATOR)
    await publish(sessions, left_talking(), age=70)
    assert (await sits_down(client, me)).status_code == 201
