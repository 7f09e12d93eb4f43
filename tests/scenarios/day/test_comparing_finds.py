"""The comparison of board and Asterisk turns red at every kind of planted difference, and only there."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.scenarios.day.comparing import judged, said_by, shown_by, wrong
from tests.scenarios.day.troubles import misplaced

NOW = 1_795_888_800.0


def member(
    seat: str, *, queue: str = "insurance", status: str = "1", reason: str = "", last: int = 0
) -> dict[str, str]:
    return {
        "Event": "QueueMember", "Queue": f"q-{queue}", "Name": f"operator{seat[-2:]}", "Location": f"PJSIP/{seat}",
        "Status": status, "Paused": str(int(bool(reason))), "PausedReason": reason, "LastCall": str(last),
    }  # fmt: skip


def on_roll(seat: str, status: str = "1") -> dict[str, str]:
    return member(seat, queue="all-seats", status=status)


FLOOR = [
    {"Event": "QueueParams", "Queue": "q-insurance"},
    member("seat01"), member("seat02", status="2"), member("seat03", reason="meal"), member("seat04", reason="wrap_up"),
    {"Event": "QueueEntry", "Queue": "q-insurance", "Position": "2", "Uniqueid": "b"},
    {"Event": "QueueEntry", "Queue": "q-insurance", "Position": "1", "Uniqueid": "a"},
    {"Event": "QueueParams", "Queue": "all-seats"},
    on_roll("seat01"), on_roll("seat02", "2"), on_roll("seat03"), on_roll("seat04"), on_roll("seat05"),
    on_roll("seat06", "5"),
]  # fmt: skip


def seat(name: str, state: str, *, agent: bool = True, reason: str | None = None, phone: bool = True) -> dict[str, Any]:
    who = f"operator{name[-2:]}" if agent else None
    return {"seat": name, "agent": who, "state": state, "pause_reason": reason, "phone": phone}


BOARD = {
    "queues": [
        {
            "name": "insurance",
            "waiting": [{"call_id": "a", "position": 1}, {"call_id": "b", "position": 2}],
            "members_total": 4,
        }
    ],
    "seats": [
        seat("seat01", "available"), seat("seat02", "talking"), seat("seat03", "paused", reason="meal"),
        seat("seat04", "wrap_up", reason="wrap_up"), seat("seat05", "offline", agent=False),
        seat("seat06", "offline", agent=False, phone=False),
    ],
}  # fmt: skip


def with_seat01(status: str = "1", last: int = 0) -> list[dict[str, str]]:
    """The floor, with another state of this seat: every queue tells the same of a telephone."""
    mine, roll = member("seat01", status=status, last=last), on_roll("seat01", status)
    return [mine if told is FLOOR[1] else roll if told is FLOOR[8] else told for told in FLOOR]


def of_board(floor: list[dict[str, str]], board: dict[str, Any]) -> list[tuple[str, str]]:
    return list(wrong(shown_by(board), [said_by(floor, NOW)]))


def test_the_same_floor_is_no_difference() -> None:
    assert of_board(FLOOR, BOARD) == []


@pytest.mark.parametrize(
    ("path", "value", "subject"),
    [
        (("queues", 0, "waiting"), [], ("waiting", "insurance")),
        (("queues", 0, "waiting", 0, "call_id"), "c", ("waiting", "insurance")),
        (("queues", 0, "waiting", 0, "position"), 3, ("waiting", "insurance")),
        (("queues", 0, "members_total"), 3, ("members", "insurance")),
        (("seats", 0, "state"), "ringing", ("seat", "seat01")),
        (("seats", 0, "state"), "wrap_up", ("seat", "seat01")),
        (("seats", 0, "agent"), "operator09", ("seat", "seat01")),
        (("seats", 0, "state"), "holding", ("seat", "seat01")),
        (("seats", 2, "pause_reason"), "prayer", ("seat", "seat03")),
        (("seats", 2, "state"), "available", ("seat", "seat03")),
        (("seats", 3, "state"), "paused", ("seat", "seat04")),
        (("seats", 4, "state"), "available", ("seat", "seat05")),
        (("seats", 5, "phone"), True, ("seat", "seat06")),
    ],
)
def test_a_planted_difference_is_found(path: tuple[Any, ...], value: object, subject: tuple[str, str]) -> None:
    board: Any = copy.deepcopy(BOARD)
    place = board
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert of_board(FLOOR, board) == [subject]


@pytest.mark.parametrize(
    ("dropped", "subject"),
    [(1, ("members", "insurance")), (5, ("waiting", "insurance")), (-1, ("seat", "seat06"))],
    ids=["a member is gone", "a caller is gone", "a telephone is not on the roll"],
)
def test_what_only_the_board_knows_is_found(dropped: int, subject: tuple[str, str]) -> None:
    floor = [*FLOOR]
    del floor[dropped]
    assert subject in of_board(floor, BOARD)


def test_a_seat_may_rest_right_after_a_talk_and_not_for_long() -> None:
    board: Any = copy.deepcopy(BOARD)
    board["seats"][0]["state"] = "wrap_up"
    just, long_ago = with_seat01(last=int(NOW) - 2), with_seat01(last=int(NOW) - 9)
    assert of_board(just, board) == []
    assert of_board(long_ago, board) == [("seat", "seat01")]


def test_a_second_behind_is_right_and_two_are_a_difference() -> None:
    """The board shows seat01 free. Asterisk said so in the first second; in the next one it did not any more."""
    free = said_by(FLOOR, NOW)
    rings, talks = said_by(with_seat01("6"), NOW), said_by(with_seat01("2"), NOW)
    lagging = wrong(shown_by(BOARD), [free, rings, rings])
    assert lagging == {}
    first, then = wrong(shown_by(BOARD), [rings, rings, talks]), wrong(shown_by(BOARD), [talks, talks, talks])
    real, healed = judged(first, then)
    assert [words.split(":")[0] for words in real] == ["seat seat01"]
    assert healed == []
    assert judged(first, {}) == ([], [*first.values()])


def test_agents_who_are_not_where_they_were_are_named() -> None:
    said = said_by(FLOOR, NOW)
    right = {"seat01": "", "seat02": "", "seat03": "meal", "seat04": ""}
    assert misplaced(right, said) == []
    assert [text[:6] for text in misplaced(right | {"seat03": "prayer"}, said)] == ["seat03"]
    assert [text[:6] for text in misplaced(right | {"seat03": ""}, said)] == ["seat03"]
    assert [text[:6] for text in misplaced(right | {"seat01": "break"}, said)] == ["seat01"]
    assert [text[:6] for text in misplaced(right | {"seat05": ""}, said)] == ["seat05"]
    del right["seat02"]
    assert [text[:6] for text in misplaced(right, said)] == ["seat02"]
