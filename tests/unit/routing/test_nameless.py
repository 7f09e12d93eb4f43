"""Ends of talks and of ringing that Asterisk tells without the call they belong to."""

from __future__ import annotations

import pytest

from ivr.kernel.ids import CallId, QueueName, SeatName
from routing.agents import DeviceStatus
from routing.live import UNNAMED, LiveEvent, MemberChanged, SeatCalled, SeatCompleted, SeatConnected, SeatMissed
from routing.nameless import named
from tests.unit.routing.test_board import CALL, INSURANCE, SEAT, after, board, member
from tests.unit.routing.test_listener import MEMBER, watched

RINGS = SeatCalled(INSURANCE, SEAT, "operator01", CALL, after(1))
TALKS = SeatConnected(INSURANCE, SEAT, "operator01", CALL, after(2))
ENDS = SeatCompleted(INSURANCE, SEAT, UNNAMED, after(9))
MISSES = SeatMissed(INSURANCE, SEAT, UNNAMED, after(9))


@pytest.mark.parametrize(("before", "end"), [((TALKS,), ENDS), ((RINGS,), MISSES)])
def test_an_end_without_a_name_is_the_end_of_what_the_seat_does(
    before: tuple[LiveEvent, ...], end: SeatCompleted | SeatMissed
) -> None:
    found = board(*before, MemberChanged(member(DeviceStatus.IN_USE), after(2)))
    event = named(end, found)
    assert isinstance(event, SeatCompleted | SeatMissed)
    assert event.call_id == CALL
    found.apply(event)
    found.apply(MemberChanged(member(), after(9)))
    assert found.to_json(after(20))["seats"][0]["state"] == "available"


@pytest.mark.parametrize(
    "end",
    [
        SeatCompleted(QueueName("pensions"), SEAT, UNNAMED, after(9)),
        SeatCompleted(INSURANCE, SeatName("seat77"), UNNAMED, after(9)),
        SeatCompleted(INSURANCE, SEAT, CallId("line1420-9.9"), after(9)),
        MISSES,
    ],
)
def test_what_does_not_fit_is_left_as_it_is(end: LiveEvent) -> None:
    assert named(end, board(TALKS)) == end


async def test_a_talk_whose_end_has_no_name_ends_on_the_board() -> None:
    async with watched(snapshot_every=60) as floor:
        await floor.until(lambda: True)
        about = {"Queue": "insurance", "MemberName": "operator01", "Interface": "PJSIP/seat01"}
        floor.ami.session.send(Event="AgentConnect", **about, Linkedid="a-1.1")
        floor.ami.session.send(Event="QueueMemberStatus", **MEMBER | about | {"Status": "2"})
        await floor.until(lambda: floor.wall.last.board["seats"][0]["state"] == "talking")
        floor.ami.session.send(Event="AgentComplete", **about, TalkTime="2", Reason="caller")
        floor.ami.session.send(Event="QueueMemberStatus", **MEMBER | about)
        await floor.until(lambda: floor.wall.last.board["seats"][0]["call_id"] is None)
        assert floor.listener.counts.rejected == 0
