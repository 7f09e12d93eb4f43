"""What a snapshot of Asterisk's changes on the live board, and what it counts as a difference."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from ivr.kernel.ids import CallId, LegId, QueueName, SeatName
from routing.agents import DeviceStatus
from routing.board import Board
from routing.live import (
    CallerJoined,
    CallerLeft,
    LiveEvent,
    Member,
    MemberChanged,
    MemberRemoved,
    Snapshot,
    SnapshotCaller,
)

T0 = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
INSURANCE, SEAT = QueueName("insurance"), SeatName("seat01")
WAITING = SnapshotCaller(INSURANCE, LegId("line1420-1.1"), 1, "…4567", T0)


def after(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def member(seat: str = SEAT, **changes: Any) -> Member:
    known = Member(INSURANCE, SeatName(seat), f"operator{seat[4:]}", DeviceStatus.NOT_IN_USE, False, False, None, 0)
    return replace(known, **changes)


def joined(queue: str = INSURANCE) -> CallerJoined:
    return CallerJoined(QueueName(queue), LegId("line1420-1.1"), CallId("line1420-1.1"), 1, "…4567", T0)


def board(*events: LiveEvent) -> Board:
    found = Board()
    for event in (MemberChanged(member(), T0), *events):
        found.apply(event)
    return found


def snapshot(*members: Member, callers: tuple[SnapshotCaller, ...] = ()) -> Snapshot:
    return Snapshot((INSURANCE, QueueName("pensions")), members, callers, after(30))


def queue(found: Board, name: str = INSURANCE) -> dict[str, Any]:
    return next(q for q in found.to_json(T0)["queues"] if q["name"] == name)


def test_a_seat_that_serves_no_queue_any_more_is_offline_as_a_snapshot_would_say() -> None:
    found = board(MemberRemoved(INSURANCE, SEAT, after(5)))
    assert found.to_json(after(6))["seats"][0]["state"] == "offline"
    assert found.replace(snapshot()) == 0


def test_a_queue_that_only_a_broken_event_named_goes_with_the_next_snapshot() -> None:
    found = board(joined("insuranke"))
    assert queue(found, "insuranke")["waiting"]
    found.replace(snapshot(member()))
    assert [q["name"] for q in found.to_json(T0)["queues"]] == ["general", "insurance", "pensions", "treatment"]


def test_a_snapshot_counts_a_lost_member_a_lost_pause_and_a_lost_place() -> None:
    other = member("seat02", status=DeviceStatus.UNAVAILABLE)
    found = board(MemberChanged(member(paused=True, pause_reason="x"), T0), MemberChanged(other, T0), joined())
    first = SnapshotCaller(INSURANCE, LegId("line1420-1.0"), 1, "…1", T0)
    second = replace(WAITING, position=2)
    # a pause and the state it showed; a member; a caller who is new and one who stands further back
    assert found.replace(snapshot(member(), callers=(first, second))) == 4 + 1 + 3


def test_what_was_heard_while_a_snapshot_was_on_its_way_is_no_difference() -> None:
    late = CallerLeft(INSURANCE, LegId("line1420-1.1"), after(29))
    found = board(joined(), late)
    assert found.replace(snapshot(member(), callers=(WAITING,)), meanwhile=[late]) == 0
    assert queue(found)["waiting"] == []


def test_a_seat_that_only_a_broken_event_named_goes_with_the_next_snapshot() -> None:
    found = board(MemberChanged(member("seat77"), T0))
    assert found.to_json(T0)["seats"][-1]["seat"] == "seat77"
    found.replace(snapshot(member()))
    assert [seat["seat"] for seat in found.to_json(T0)["seats"]] == list(found.places)


def test_a_caller_who_is_moved_waits_on_and_one_who_comes_again_waits_anew() -> None:
    leg, began = LegId("line1420-1.1"), "2026-11-21T08:00:00.000Z"
    found = board(joined(), CallerLeft(INSURANCE, leg, after(30)))
    found.apply(replace(joined("pensions"), at=after(30.2)))
    assert queue(found, "pensions")["waiting"][0]["since"] == began
    found.apply(CallerLeft(QueueName("pensions"), leg, after(40)))
    found.apply(replace(joined(), at=after(55)))
    assert queue(found)["waiting"][0]["since"] == "2026-11-21T08:00:55.000Z"


def test_a_snapshot_tells_the_places_and_the_order_that_comes_of_them() -> None:
    second = LegId("line1420-1.2")
    found = board(joined(), replace(joined(), leg_id=second, call_id=CallId(second), position=2))
    raised = replace(WAITING, leg_id=second, priority=11)
    found.replace(snapshot(member(), callers=(raised, replace(WAITING, position=2))))
    told = [(one["leg_id"], one["position"], one["prio"]) for one in queue(found)["waiting"]]
    assert told == [(second, 1, 11), ("line1420-1.1", 2, 0)]
