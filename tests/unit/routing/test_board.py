"""The live board: what supervisors see after each thing that happens on the floor."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ivr.kernel.ids import CallId, LegId, QueueName, SeatName
from routing.agents import TRANSITIONS, DeviceStatus, SeatState
from routing.board import Board
from routing.live import (
    CallerJoined,
    CallerLeft,
    LiveEvent,
    Member,
    MemberChanged,
    MemberRemoved,
    SeatCalled,
    SeatCompleted,
    SeatConnected,
    SeatMissed,
    Snapshot,
    SnapshotCaller,
)
from routing.queues import QueueSettings
from routing.seats import seat_names

T0 = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
INSURANCE, PENSIONS, SEAT = QueueName("insurance"), QueueName("pensions"), SeatName("seat01")
CALL = CallId("line1420-1.1")


def after(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def member(status: DeviceStatus = DeviceStatus.NOT_IN_USE, **changes: Any) -> Member:
    known = Member(INSURANCE, SEAT, "operator01", status, paused=False, in_call=False, last_call=None, wrapup_seconds=0)
    return replace(known, **changes)


def joined(leg: str = "line1420-1.1", position: int = 1, at: datetime = T0) -> CallerJoined:
    return CallerJoined(INSURANCE, LegId(leg), CallId(leg), position, "…4567", at)


def board(*events: LiveEvent) -> Board:
    found = Board()
    for event in (MemberChanged(member(), T0), *events):
        found.apply(event)
    return found


def seat(found: Board, now: datetime = T0) -> dict[str, Any]:
    return found.to_json(now)["seats"][0]


def queue(found: Board, name: str = "insurance") -> dict[str, Any]:
    return next(q for q in found.to_json(T0)["queues"] if q["name"] == name)


CALLED = SeatCalled(INSURANCE, SEAT, "operator01", CALL, after(1))
CONNECTED = SeatConnected(INSURANCE, SEAT, "operator01", CALL, after(4))
COMPLETED = SeatCompleted(INSURANCE, SEAT, CALL, after(60))
MISSED = SeatMissed(INSURANCE, SEAT, CALL, after(16))


def test_an_empty_board_shows_all_queues_and_all_sixteen_seats() -> None:
    shown = json.loads(json.dumps(Board().to_json(T0)))
    assert [q["name"] for q in shown["queues"]] == ["general", "insurance", "pensions", "treatment"]
    assert [s["seat"] for s in shown["seats"]] == [f"seat{n:02d}" for n in range(1, 17)]
    assert {s["state"] for s in shown["seats"]} == {"offline"}
    assert shown["seats"][0].keys() == {"seat", "agent", "state", "since", "queue", "call_id", "pause_reason", "phone"}


def test_a_waiting_caller_has_position_and_since_and_a_masked_number() -> None:
    found = board(joined(), joined("line1420-1.2", 2, after(3)))
    assert queue(found)["waiting"] == [
        {
            "call_id": "line1420-1.1",
            "leg_id": "line1420-1.1",
            "position": 1,
            "since": "2026-11-21T08:00:00.000Z",
            "caller_masked": "…4567",
            "prio": None,
        },
        {
            "call_id": "line1420-1.2",
            "leg_id": "line1420-1.2",
            "position": 2,
            "since": "2026-11-21T08:00:03.000Z",
            "caller_masked": "…4567",
            "prio": None,
        },
    ]


def test_who_leaves_lets_the_others_move_up() -> None:
    found = board(joined(), joined("line1420-1.2", 2), CallerLeft(INSURANCE, LegId("line1420-1.1"), after(5)))
    assert [(w["leg_id"], w["position"]) for w in queue(found)["waiting"]] == [("line1420-1.2", 1)]


def test_a_caller_let_in_ahead_stands_ahead() -> None:
    found = board(joined(), joined("line1420-1.9", 1, after(3)))
    assert [w["leg_id"] for w in queue(found)["waiting"]] == ["line1420-1.9", "line1420-1.1"]


@pytest.mark.parametrize(
    "event", [joined(), CallerLeft(INSURANCE, LegId("line1420-9.9"), T0), CALLED, CONNECTED, COMPLETED, MISSED]
)
def test_an_event_that_comes_twice_is_one(event: LiveEvent) -> None:
    once, twice = board(event), board(event, event)
    assert once.to_json(after(61)) == twice.to_json(after(61))


def test_a_seat_rings_talks_rests_and_is_free_again() -> None:
    found = board()
    seen = [seat(found)["state"]]
    for event in (CALLED, CONNECTED, COMPLETED):
        found.apply(event)
        seen.append(seat(found, event.at)["state"])
    assert seen == ["available", "ringing", "talking", "wrap_up"]
    assert seat(found, after(64.9))["state"] == "wrap_up"
    assert seat(found, after(66)) == {
        "seat": "seat01", "agent": "operator01", "state": "available", "since": "2026-11-21T08:01:05.000Z", "queue": None, "call_id": None,
        "pause_reason": None, "phone": True,
    }  # fmt: skip


def test_a_seat_rests_as_long_as_the_queue_of_the_talk_says() -> None:
    found = Board(settings={INSURANCE: QueueSettings(wrapup_seconds=30)})
    for event in (MemberChanged(member(), T0), CALLED, CONNECTED, COMPLETED):
        found.apply(event)
    assert seat(found, after(89.9))["state"] == "wrap_up"
    assert seat(found, after(90))["state"] == "available"


def test_while_talking_the_call_and_its_start_are_shown() -> None:
    shown = seat(board(CALLED, CONNECTED), after(30))
    assert (shown["queue"], shown["call_id"], shown["since"]) == ("insurance", CALL, "2026-11-21T08:00:04.000Z")


def test_the_telephones_own_news_between_ring_and_talk_keep_the_call_in_sight() -> None:
    found = board(
        CALLED,
        MemberChanged(member(DeviceStatus.RINGING), after(1)),
        MemberChanged(member(DeviceStatus.IN_USE), after(4)),
    )
    assert (seat(found)["state"], seat(found)["call_id"]) == ("talking", CALL)


def test_a_missed_ring_frees_the_seat() -> None:
    assert seat(board(CALLED, MISSED))["state"] == "available"


def test_a_caller_who_gives_up_while_it_rings_frees_the_seat() -> None:
    found = board(CALLED, MemberChanged(member(DeviceStatus.RINGING), after(1)), MemberChanged(member(), after(3)))
    assert seat(found)["state"] == "available"


def test_the_end_of_another_call_does_not_end_this_talk() -> None:
    other = replace(COMPLETED, call_id=CallId("line1420-9.9"))
    assert seat(board(CONNECTED, other), after(61))["state"] == "talking"


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (DeviceStatus.UNKNOWN, "offline"),
        (DeviceStatus.NOT_IN_USE, "available"),
        (DeviceStatus.IN_USE, "talking"),
        (DeviceStatus.BUSY, "talking"),
        (DeviceStatus.INVALID, "offline"),
        (DeviceStatus.UNAVAILABLE, "offline"),
        (DeviceStatus.RINGING, "ringing"),
        (DeviceStatus.RING_IN_USE, "talking"),
        (DeviceStatus.ON_HOLD, "talking"),
    ],
)
def test_each_telephone_status_has_its_state(status: DeviceStatus, state: str) -> None:
    assert seat(board(MemberChanged(member(status), T0)))["state"] == state


def test_a_seat_is_paused_only_when_it_is_paused_in_all_its_queues() -> None:
    found = board(MemberChanged(member(queue=PENSIONS), T0), MemberChanged(member(paused=True), T0))
    assert seat(found)["state"] == "available"
    found.apply(MemberChanged(member(queue=PENSIONS, paused=True), T0))
    assert seat(found)["state"] == "paused"


def test_the_reason_of_a_pause_is_shown_while_the_seat_is_paused_everywhere() -> None:
    found = board(MemberChanged(member(paused=True, pause_reason="نماز"), T0))
    assert seat(found)["pause_reason"] == "نماز"
    found.apply(MemberChanged(member(queue=PENSIONS), T0))
    assert seat(found)["pause_reason"] is None
    found.apply(MemberChanged(member(queue=PENSIONS, paused=True, pause_reason="ناهار"), T0))
    assert seat(found)["pause_reason"] == "ناهار"


def test_a_vanished_telephone_ends_everything_on_its_seat() -> None:
    found = board(CONNECTED, MemberChanged(member(DeviceStatus.UNAVAILABLE), after(9)))
    assert (seat(found)["state"], seat(found)["call_id"]) == ("offline", None)


def test_available_members_are_counted_by_queue() -> None:
    other = member(seat=SeatName("seat02"), agent="operator02", status=DeviceStatus.UNAVAILABLE)
    found = board(MemberChanged(other, T0))
    assert (queue(found)["members_available"], queue(found)["members_total"]) == (1, 2)
    found.apply(MemberRemoved(INSURANCE, SeatName("seat02"), T0))
    assert queue(found)["members_total"] == 1


def snapshot(*members: Member, callers: tuple[SnapshotCaller, ...] = ()) -> Snapshot:
    return Snapshot((INSURANCE, PENSIONS), members, callers, after(30))


WAITING = SnapshotCaller(INSURANCE, LegId("line1420-1.1"), 1, "…4567", after(1))


def test_a_snapshot_that_agrees_differs_in_nothing_and_keeps_since() -> None:
    """Except for the place in the order, which no event tells: that is a snapshot's news and no difference."""
    found = board(joined())
    assert queue(found)["waiting"][0]["prio"] is None
    before = found.to_json(after(30))
    assert found.replace(snapshot(member(), callers=(WAITING,))) == 0
    assert queue(found)["waiting"][0]["prio"] == WAITING.priority
    next(q for q in before["queues"] if q["name"] == "insurance")["waiting"][0]["prio"] = WAITING.priority
    assert found.to_json(after(30)) == before


def test_a_snapshot_corrects_what_was_missed_and_counts_it() -> None:
    found = board(joined(), CONNECTED)
    late = SnapshotCaller(INSURANCE, LegId("line1420-1.7"), 1, "withheld", after(20))
    assert (
        found.replace(snapshot(member(), callers=(late,))) == 4
    )  # one gone, one new, a seat that does not talk: two states
    assert [w["leg_id"] for w in queue(found)["waiting"]] == ["line1420-1.7"]
    assert queue(found)["waiting"][0]["since"] == "2026-11-21T08:00:20.000Z"
    assert seat(found, after(30))["state"] == "available"


def test_a_seat_missing_from_the_snapshot_is_offline() -> None:
    found = board()
    found.replace(snapshot())
    assert seat(found)["state"] == "offline"
    assert queue(found)["members_total"] == 0


def test_a_snapshot_after_a_restart_of_ours_knows_the_rest_after_a_talk() -> None:
    found = Board()
    found.replace(snapshot(member(last_call=after(28))))
    assert seat(found, after(30))["state"] == "wrap_up"
    assert seat(found, after(34))["state"] == "available"


def test_the_board_takes_only_steps_that_people_can_take() -> None:
    found, seen = board(), [SeatState.AVAILABLE]
    for event in (
        CALLED,
        MISSED,
        CALLED,
        CONNECTED,
        COMPLETED,
        MemberChanged(member(paused=True), after(70)),
        MemberChanged(member(), after(80)),
    ):
        found.apply(event)
        state = SeatState(seat(found, event.at)["state"])
        if state is not seen[-1]:
            assert state in TRANSITIONS[seen[-1]]
            seen.append(state)
    assert len(seen) == 8


def test_a_floor_of_thirty_places_shows_thirty_seats() -> None:
    shown = Board(places=seat_names(30)).to_json(T0)["seats"]
    assert (len(shown), shown[-1]["seat"], shown[-1]["state"]) == (30, "seat30", "offline")


def test_a_seat_beyond_our_places_that_asterisk_still_has_is_shown_behind_them() -> None:
    found = Board(places=seat_names(2))
    found.apply(MemberChanged(member(seat=SeatName("seat30"), agent="operator30"), T0))
    assert [s["seat"] for s in found.to_json(T0)["seats"]] == ["seat01", "seat02", "seat30"]
    assert found.to_json(T0)["seats"][2]["state"] == "available"
