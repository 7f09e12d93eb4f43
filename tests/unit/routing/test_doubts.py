"""When Asterisk is asked again because two things on the board do not fit."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ivr.kernel.ids import CallId, QueueName, SeatName
from routing.agents import DeviceStatus
from routing.doubts import Doubts
from routing.live import MemberChanged, SeatCompleted, SeatConnected
from tests.unit.routing.test_board import CALL, INSURANCE, SEAT, after, board, member
from tests.unit.routing.test_listener import MEMBER, watched

ONE, OTHER = SeatName("seat01"), SeatName("seat02")
NEVER = float("inf")
NEWS = {
    "Event": "QueueMemberStatus",
    "Queue": "insurance",
    "MemberName": "operator01",
    "Interface": "PJSIP/seat01",
}


def test_a_moment_is_no_doubt_and_what_lasts_is() -> None:
    doubts = Doubts()
    assert doubts.due({ONE}, now=100, checked=90) == 100.75
    assert doubts.due(set(), now=100.2, checked=90) == NEVER
    assert doubts.due({ONE}, now=100.4, checked=90) == 101.15, "a new one begins anew"
    assert doubts.due({ONE}, now=101.2, checked=90) <= 101.2


def test_asterisk_is_not_asked_too_often() -> None:
    assert Doubts().due({ONE}, now=100, checked=99.5) == 102.5


def test_what_asterisk_confirms_is_no_doubt_until_it_has_been_otherwise() -> None:
    doubts = Doubts()
    doubts.due({ONE}, now=100, checked=90)
    doubts.pictured({ONE})
    assert doubts.due({ONE}, now=200, checked=101) == NEVER
    assert doubts.due({ONE, OTHER}, now=201, checked=101) == 201.75
    doubts.due(set(), now=202, checked=101)
    assert doubts.due({ONE}, now=203, checked=101) == 203.75


@given(st.lists(st.sets(st.sampled_from([ONE, OTHER])), max_size=30))
def test_however_it_comes_and_goes_what_has_lasted_is_asked_for(looks: list[set[SeatName]]) -> None:
    doubts, lasted = Doubts(), dict[SeatName, int]()
    for at, seats in enumerate(looks):
        lasted = {seat: lasted.get(seat, at) for seat in seats}
        due = doubts.due(seats, float(at), checked=-10.0)
        assert (due <= at) is any(at - since >= doubts.patience for since in lasted.values())


def test_an_ordinary_talk_leaves_no_doubt() -> None:
    found = board(MemberChanged(member(DeviceStatus.RINGING), after(1)))
    assert found.contradictions() == set()
    found.apply(SeatConnected(INSURANCE, SEAT, "operator01", CALL, after(2)))
    assert found.contradictions() == {SEAT}, "for a moment: the telephone's own news comes next"
    found.apply(MemberChanged(member(DeviceStatus.IN_USE), after(2)))
    assert found.contradictions() == set()
    found.apply(SeatCompleted(INSURANCE, SEAT, CALL, after(60)))
    assert found.contradictions() == set()


def test_a_telephone_that_is_said_to_be_in_use_after_its_talk_is_in_doubt() -> None:
    found = board(
        SeatConnected(QueueName("insurance"), SEAT, "operator01", CallId("line1420-9.1"), after(2)),
        MemberChanged(member(DeviceStatus.IN_USE), after(2)),
        SeatCompleted(QueueName("insurance"), SEAT, CallId("line1420-9.1"), after(9)),
        MemberChanged(member(DeviceStatus.IN_USE), after(9)),
    )
    assert found.contradictions() == {SEAT}


async def test_a_seat_that_talks_to_nobody_is_put_right_long_before_the_next_picture_is_due() -> None:
    async with watched(snapshot_every=60) as floor:
        await floor.until(lambda: True)
        asked = floor.listener.counts.snapshots
        floor.ami.session.send(**MEMBER | NEWS | {"Status": "2"})
        await floor.until(lambda: floor.wall.last.board["seats"][0]["state"] == "talking")
        await floor.until(lambda: floor.wall.last.board["seats"][0]["state"] == "available")
        assert floor.listener.counts.snapshots == asked + 1
        assert floor.listener.counts.differences == 2, "one state gone and one new"
