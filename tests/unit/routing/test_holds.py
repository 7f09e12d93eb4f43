"""A caller on hold: told by an event of its own, asked for only by who may have missed it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ivr.kernel.ids import CallId
from routing.agents import DeviceStatus
from routing.board import Board
from routing.live import HoldChanged, LiveEvent, MemberChanged
from routing.ports import BoardLink
from tests.fakes.asterisk_ami import FakeAmi, Headers, Session
from tests.unit.routing.test_board import CALL, COMPLETED, CONNECTED, SEAT, after, board, member, seat, snapshot
from tests.unit.routing.test_listener import MEMBER, Floor, watched

HELD = HoldChanged(SEAT, CALL, on_hold=True, at=after(20))


def test_an_operator_who_puts_the_caller_on_hold_is_shown_so_until_they_take_them_back() -> None:
    found = board(CONNECTED, MemberChanged(member(DeviceStatus.IN_USE), after(4)), HELD)
    assert (seat(found)["state"], seat(found)["call_id"]) == ("holding", CALL)
    assert seat(found)["since"] == "2026-11-21T08:00:20.000Z"
    found.apply(replace(HELD, on_hold=False, at=after(30)))
    assert (seat(found)["state"], seat(found)["since"]) == ("talking", "2026-11-21T08:00:04.000Z"), "of the whole talk"


def test_a_second_call_of_the_telephone_that_is_held_too_changes_nothing() -> None:
    other = replace(HELD, call_id=CallId("line1420-9.9"))
    found = board(CONNECTED, MemberChanged(member(DeviceStatus.IN_USE), after(4)), HELD, other)
    found.apply(replace(other, on_hold=False))
    assert seat(found)["state"] == "holding"
    found.apply(replace(HELD, on_hold=False))
    found.apply(other)
    assert seat(found)["state"] == "talking", "the caller hears the operator"


@pytest.mark.parametrize(
    "end", [COMPLETED, MemberChanged(member(), after(60)), MemberChanged(member(DeviceStatus.UNAVAILABLE), after(60))]
)
def test_a_hold_ends_with_the_talk_however_that_is_heard_of(end: LiveEvent) -> None:
    found = board(CONNECTED, MemberChanged(member(DeviceStatus.IN_USE), after(4)), HELD, end)
    again = replace(CONNECTED, call_id=CallId("line1420-2.1"), at=after(90))
    for event in (HELD, MemberChanged(member(DeviceStatus.IN_USE), after(90)), again):  # the first comes late
        found.apply(event)
    assert seat(found, after(99))["state"] == "talking"


def test_a_hold_that_was_there_before_the_listener_is_found_by_its_first_snapshot_and_no_other_forgets_it() -> None:
    talks = member(DeviceStatus.IN_USE, in_call=True)
    found = Board()
    found.replace(replace(snapshot(talks), holds={SEAT: {CALL}}))
    assert seat(found)["state"] == "holding"
    assert found.replace(snapshot(talks)) == 0
    assert seat(found)["state"] == "holding"
    found.replace(replace(snapshot(talks), holds={}))
    assert seat(found)["state"] == "talking"


TALKS: list[Headers] = [
    {"Event": "QueueParams", "Queue": "insurance"},
    {
        "Event": "QueueMember",
        "Name": "operator01",
        "Location": "PJSIP/seat01",
        **MEMBER | {"Status": "2", "InCall": "1"},
    },
]
CHANNEL: Headers = {"Channel": "PJSIP/seat01-0000002a", "Linkedid": "a-1.1", "ChannelState": "6"}
OTHERS: list[Headers] = [
    {"Channel": "PJSIP/trunk-00000001", "Linkedid": "a-1.1", "ChannelState": "6"},
    {"Channel": "PJSIP/seat02-0000002b", "Linkedid": "a-1.2", "ChannelState": "5"},  # rings
]


def talks_on_hold(ami: FakeAmi) -> None:
    ami.queue_status, ami.channels, ami.held = list(TALKS), [*OTHERS, CHANNEL], {CHANNEL["Channel"]}


async def shows(floor: Floor, state: str) -> None:
    await floor.until(lambda: floor.wall.seat()["state"] == state)


async def test_a_hold_is_asked_for_after_a_gap_and_after_that_only_heard_of() -> None:
    async with watched(snapshot_every=0.2) as floor:
        await shows(floor, "available")
        talks_on_hold(floor.ami)
        floor.ami.session.drop()
        await shows(floor, "holding")
        asked = len(floor.ami.actions("Getvar"))
        snapshots = floor.listener.counts.snapshots
        await floor.until(lambda: floor.listener.counts.snapshots > snapshots + 2)
        assert [action["Channel"] for action in floor.ami.actions("Getvar")] == [CHANNEL["Channel"]] * asked
        floor.ami.session.send(Event="Unhold", Channel=CHANNEL["Channel"], Linkedid="a-1.1")
        await shows(floor, "talking")
        assert floor.listener.counts.differences == 0


async def test_a_talk_that_ends_while_it_is_asked_for_holds_nobody() -> None:
    async with watched() as floor:
        await floor.until(lambda: floor.listener.state is BoardLink.LIVE)
        talks_on_hold(floor.ami)

        async def gone(session: Session, action: Headers) -> bool:
            if action["Action"] == "Getvar":
                session.send(Response="Error", ActionID=action["ActionID"], Message="No such channel")
            return action["Action"] == "Getvar"

        floor.ami.on_action = gone
        floor.ami.session.drop()
        await shows(floor, "talking")


async def test_many_talks_are_asked_for_together() -> None:
    async with watched() as floor:
        await floor.until(lambda: floor.listener.state is BoardLink.LIVE)
        talks_on_hold(floor.ami)
        floor.ami.channels += [CHANNEL | {"Channel": f"PJSIP/seat{n:02d}-000000{n:02d}"} for n in range(2, 17)]
        waiting: list[Headers] = []

        async def answers_when_all_are_there(session: Session, action: Headers) -> bool:
            if action["Action"] != "Getvar":
                return False
            waiting.append(action)
            for one in waiting if len(waiting) == 16 else ():
                session.reply(one, Variable=one["Variable"], Value=str(int(one["Channel"] in floor.ami.held)))
            return True

        floor.ami.on_action = answers_when_all_are_there
        floor.ami.session.drop()
        await shows(floor, "holding")


async def test_an_exchange_that_refuses_the_question_costs_the_holds_and_not_the_board() -> None:
    async with FakeAmi() as ami:
        talks_on_hold(ami)

        async def refuses(session: Session, action: Headers) -> bool:
            if action["Action"] == "Status":
                session.send(Response="Error", ActionID=action["ActionID"], Message="Permission denied")
            return action["Action"] == "Status"

        ami.on_action = refuses
        floor = Floor(ami)
        await shows(floor, "talking")
        floor.listener.close()
        await floor.task
