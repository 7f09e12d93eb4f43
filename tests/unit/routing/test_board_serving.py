"""Whom calls of a queue reach, as the board tells it to those who reckon a wait."""

from __future__ import annotations

from typing import Any

import pytest

from ivr.kernel.ids import CallId, QueueName, SeatName
from routing.agents import DeviceStatus
from routing.duty import WRAP_UP
from routing.live import LiveEvent, MemberChanged, SeatConnected
from tests.unit.routing.test_board import T0, after, board, member

INSURANCE, PENSIONS = QueueName("insurance"), QueueName("pensions")


def serving(*events: LiveEvent) -> dict[str, list[str]]:
    queues: list[dict[str, Any]] = board(*events).to_json(after(60))["queues"]
    return {queue["name"]: queue["serving"] for queue in queues}


def test_who_waits_for_a_call_and_who_talks_both_serve_their_queues_and_no_others() -> None:
    talks = SeatConnected(INSURANCE, SeatName("seat02"), "operator02", CallId("line1420-1.1"), T0)
    found = serving(MemberChanged(member(DeviceStatus.IN_USE, seat=SeatName("seat02")), T0), talks)
    assert found == {"general": [], "insurance": ["seat01", "seat02"], "pensions": [], "treatment": []}


@pytest.mark.parametrize("reason", ["break", "supervisor", ""])
def test_who_is_in_a_pause_does_not(reason: str) -> None:
    assert serving(MemberChanged(member(paused=True, pause_reason=reason), T0))["insurance"] == []


def test_the_work_after_a_talk_is_no_pause() -> None:
    assert serving(MemberChanged(member(paused=True, pause_reason=WRAP_UP), T0))["insurance"] == ["seat01"]


def test_a_pause_in_one_queue_leaves_the_other() -> None:
    found = serving(
        MemberChanged(member(paused=True, pause_reason="training"), T0), MemberChanged(member(queue=PENSIONS), T0)
    )
    assert (found["insurance"], found["pensions"]) == ([], ["seat01"])


def test_a_pause_told_late_does_not_bring_an_old_state_of_the_telephone_back() -> None:
    """Asterisk reads the status before it tells of a pause; news of the telephone can overtake that."""
    found = board(
        MemberChanged(member(DeviceStatus.IN_USE), T0),
        MemberChanged(member(DeviceStatus.NOT_IN_USE), after(5)),
        MemberChanged(member(DeviceStatus.IN_USE), after(5), status_is_news=False),
    )
    assert found.to_json(after(6))["seats"][0]["state"] == "available"


@pytest.mark.parametrize("status", [DeviceStatus.UNAVAILABLE, DeviceStatus.UNKNOWN, DeviceStatus.INVALID])
def test_a_seat_whose_telephone_is_gone_does_not(status: DeviceStatus) -> None:
    assert serving(MemberChanged(member(status), T0))["insurance"] == []
