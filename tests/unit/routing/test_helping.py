"""Seats that only help out in a queue are not counted as its own."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ivr.kernel.ids import QueueName, SeatName
from routing.agents import DeviceStatus
from routing.board import Board
from routing.live import Member, MemberChanged, MemberRemoved, Snapshot
from routing.queues import QUEUES, QueueSettings, default_queues

T0 = datetime(2026, 11, 28, 8, tzinfo=UTC)
GENERAL, INSURANCE, _, _ = QUEUES
SETTINGS = default_queues() | {INSURANCE: QueueSettings(relax_seconds=(10, 20), helped_by={GENERAL: 60})}
OWN, HELPS = 0, 3
SEATS = [SeatName(f"seat{n:02d}") for n in (1, 2, 3)]


def member(seat: SeatName, penalty: int, queue: QueueName = INSURANCE, **changes: Any) -> Member:
    told: dict[str, Any] = {
        "paused": False,
        "in_call": False,
        "last_call": None,
        "wrapup_seconds": 0,
        "penalty": penalty,
    }
    return Member(queue, seat, f"of {seat}", DeviceStatus.NOT_IN_USE, **(told | changes))


def queue_of(board: Board, name: QueueName = INSURANCE) -> dict[str, Any]:
    return next(queue for queue in board.to_json(T0)["queues"] if queue["name"] == name)


def counts(board: Board, name: QueueName = INSURANCE) -> tuple[int, ...]:
    names = ("members_available", "members_total", "helpers_available", "helpers_total")
    return tuple(queue_of(board, name)[which] for which in names)


def board_with(*members: Member) -> Board:
    board = Board(settings=SETTINGS)
    for one in members:
        board.apply(MemberChanged(one, T0))
    return board


def test_helpers_are_told_apart_by_their_rung() -> None:
    board = board_with(member(SEATS[0], OWN), member(SEATS[1], HELPS), member(SEATS[1], OWN, GENERAL))
    assert counts(board) == (1, 1, 1, 1)
    assert counts(board, GENERAL) == (1, 1, 0, 0)


def test_a_helper_at_lunch_is_there_and_not_free() -> None:
    paused = {"paused": True, "pause_reason": "meal"}
    board = board_with(member(SEATS[1], HELPS, **paused), member(SEATS[1], OWN, GENERAL, **paused))
    assert counts(board) == (0, 0, 0, 1)


def test_who_gets_the_skill_is_a_helper_no_more_and_who_leaves_is_nothing() -> None:
    board = board_with(member(SEATS[1], HELPS))
    board.apply(MemberChanged(member(SEATS[1], OWN), T0))
    assert counts(board) == (1, 1, 0, 0)
    board.apply(MemberRemoved(INSURANCE, SEATS[1], T0))
    assert counts(board) == (0, 0, 0, 0)


def test_a_snapshot_says_the_same_and_differs_in_nothing() -> None:
    members = (member(SEATS[0], OWN), member(SEATS[1], HELPS), member(SEATS[2], HELPS))
    board = board_with(*members)
    assert board.replace(Snapshot(QUEUES, members, (), T0)) == 0
    assert counts(board) == (1, 1, 2, 2)
