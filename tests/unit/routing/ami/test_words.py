"""AMI messages become typed events and snapshots; what makes no sense fails here, loudly."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.kernel.errors import Invalid
from ivr.kernel.ids import CallId, SeatName
from routing.agents import DeviceStatus
from routing.ami.message import AmiMessage, Malformed
from routing.ami.normalise import normalise
from routing.ami.resync import snapshot
from routing.live import (
    UNNAMED,
    CallerJoined,
    CallerLeft,
    HoldChanged,
    MemberChanged,
    SeatCalled,
    SeatCompleted,
    SeatConnected,
    SeatMissed,
)

T0 = datetime(2026, 11, 21, 23, 11, tzinfo=UTC)
TRACE = Path(__file__).parents[3] / "traces" / "ami_join_ring_talk_complete.txt"
MESSAGES = [AmiMessage.parse(text) for text in TRACE.read_bytes().decode().split("\r\n\r\n") if text.strip()]


def event(name: str, **headers: str) -> AmiMessage:
    return AmiMessage.parse("\r\n".join(f"{key}: {value}" for key, value in {"Event": name, **headers}.items()))


MEMBER = {
    "Queue": "insurance", "MemberName": "operator01", "Interface": "PJSIP/seat01", "LastCall": "1795302650", "InCall": "0",
    "Status": "1", "Paused": "0", "Wrapuptime": "0", "Penalty": "0",
}  # fmt: skip
JOIN = {
    "Queue": "insurance",
    "Uniqueid": "line1420-1.1",
    "Linkedid": "line1420-1.0",
    "CallerIDNum": "09121234567",
    "Position": "1",
}


def test_a_real_call_is_told_in_order() -> None:
    told = [normalise(message, T0) for message in MESSAGES if not message.action_id]
    assert [type(item) for item in told if item is not None and not isinstance(item, MemberChanged)] == [
        CallerJoined, SeatCalled, CallerLeft, SeatConnected, SeatCompleted,
    ]  # fmt: skip
    statuses = [item.member.status for item in told if isinstance(item, MemberChanged)]
    assert statuses == [DeviceStatus.RINGING] * 2 + [DeviceStatus.IN_USE] * 2 + [DeviceStatus.NOT_IN_USE] * 2


def test_a_real_snapshot_is_read_whole() -> None:
    ids = {message.action_id for message in MESSAGES if message.event == "QueueMember"}
    first = [message for message in MESSAGES if message.action_id == "q1"]
    assert ids
    found = snapshot(first, T0)
    assert found.queues == ("insurance", "pensions")
    assert [(m.queue, m.seat, m.agent, m.status) for m in found.members] == [
        ("insurance", "seat01", "operator01", DeviceStatus.NOT_IN_USE),
        ("insurance", "seat02", "operator02", DeviceStatus.UNAVAILABLE),
        ("pensions", "seat01", "operator01", DeviceStatus.NOT_IN_USE),
    ]
    with pytest.raises(Malformed):
        snapshot(first[:-1], T0)
    with pytest.raises(Malformed):
        snapshot(first[:2] + first[3:], T0)


def test_a_waiting_caller_in_a_snapshot_waits_since_then() -> None:
    entry = event(
        "QueueEntry", Queue="insurance", Position="1", Uniqueid="line1420-1.1", CallerIDNum="09121234567", Wait="7"
    )
    found = snapshot([entry, event("QueueStatusComplete", ListItems="1")], T0)
    assert found.callers[0].since == T0 - timedelta(seconds=7)
    assert found.callers[0].caller == "…4567"


def test_a_caller_s_number_is_masked_at_the_door() -> None:
    found = normalise(event("QueueCallerJoin", **JOIN), T0)
    assert isinstance(found, CallerJoined)
    assert (found.call_id, found.leg_id, found.caller) == ("line1420-1.0", "line1420-1.1", "…4567")


@pytest.mark.parametrize("missing", JOIN)
def test_a_missing_header_is_named(missing: str) -> None:
    with pytest.raises(Malformed, match=missing):
        normalise(event("QueueCallerJoin", **{k: v for k, v in JOIN.items() if k != missing}), T0)


@pytest.mark.parametrize("changes", [{"Position": "first"}, {"Uniqueid": "../x"}, {"Queue": "a b"}])
def test_a_value_that_makes_no_sense_is_refused(changes: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        normalise(event("QueueCallerJoin", **JOIN | changes), T0)


def test_an_abandon_is_no_news_because_it_also_comes_for_time_outs() -> None:
    assert normalise(event("QueueCallerAbandon", **JOIN), T0) is None


@pytest.mark.parametrize("name", ["Newchannel", "FullyBooted", "", "Evil"])
def test_unknown_events_are_nothing(name: str) -> None:
    assert normalise(event(name), T0) is None


@pytest.mark.parametrize(
    "interface", ["PJSIP/trunk", "Local/seat01@x", "PJSIP/seat00", "PJSIP/seat100", "PJSIP/seat01/x"]
)
def test_a_member_that_is_no_seat_is_left_out(interface: str) -> None:
    assert normalise(event("QueueMemberStatus", **MEMBER | {"Interface": interface}), T0) is None


@pytest.mark.parametrize(("name", "kind"), [("AgentComplete", SeatCompleted), ("AgentRingNoAnswer", SeatMissed)])
def test_an_end_is_heard_although_the_caller_s_channel_is_forgotten_already(
    name: str, kind: type[SeatCompleted | SeatMissed]
) -> None:
    ended = {"Queue": "insurance", "Interface": "PJSIP/seat01", "MemberName": "operator01", "DestUniqueid": "a-1.2"}
    found = normalise(event(name, **ended, DestLinkedid="a-1.1"), T0)
    assert isinstance(found, kind)
    assert found.call_id == "a-1.1"
    neither = normalise(event(name, **ended), T0)
    assert isinstance(neither, kind)
    assert neither.call_id == UNNAMED
    both = normalise(event(name, **ended, DestLinkedid="a-9.9", Linkedid="a-1.1"), T0)
    assert isinstance(both, kind)
    assert both.call_id == "a-1.1"


HOLD = {"Channel": "PJSIP/seat01-0000002a", "Uniqueid": "a-1.2", "Linkedid": "a-1.1", "MusicClass": "default"}


@pytest.mark.parametrize(("name", "on_hold"), [("Hold", True), ("Unhold", False)])
def test_a_hold_is_of_the_seat_that_presses_it(name: str, on_hold: bool) -> None:
    assert normalise(event(name, **HOLD), T0) == HoldChanged(SeatName("seat01"), CallId("a-1.1"), on_hold, T0)
    assert normalise(event(name, **HOLD | {"Channel": "PJSIP/trunk-00000001"}), T0) is None
    with pytest.raises(Malformed, match="Linkedid"):
        normalise(event(name, Channel="PJSIP/seat01-0000002a"), T0)


@pytest.mark.parametrize(
    ("name", "news"), [("QueueMemberPause", False), ("QueueMemberStatus", True), ("QueueMemberAdded", True)]
)
def test_only_a_pause_tells_no_news_of_the_telephone(name: str, news: bool) -> None:
    found = normalise(event(name, **MEMBER), T0)
    assert isinstance(found, MemberChanged)
    assert found.status_is_news is news


def test_a_status_nobody_knows_is_unknown() -> None:
    found = normalise(event("QueueMemberStatus", **MEMBER | {"Status": "42"}), T0)
    assert isinstance(found, MemberChanged)
    assert found.member.status is DeviceStatus.UNKNOWN


def test_the_first_of_a_doubled_header_counts_and_empty_values_are_kept() -> None:
    message = AmiMessage.parse("Event: X\r\nQueue: general\r\nQueue: forged\r\nPausedReason: ")
    assert (message["Queue"], message["PausedReason"]) == ("general", "")


def test_a_misspelt_header_fails_and_messages_can_be_copied() -> None:
    message = event("QueueCallerJoin", **JOIN)
    with pytest.raises(Malformed):
        message["Qeue"]
    assert copy.deepcopy(message) == message == pickle.loads(pickle.dumps(message))


@given(st.text())
def test_any_text_is_a_message(text: str) -> None:
    AmiMessage.parse(text)
