"""What is measured on the floor, from a picture that somebody drew by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.alarms.readings import Seen, read_floor
from api.reports.counts import VisitCounts
from routing.alarms import AlarmKind
from routing.queues import QUEUES

NOON = datetime(2026, 11, 28, 8, 30, tzinfo=UTC)


def ago(seconds: float) -> str:
    return (NOON - timedelta(seconds=seconds)).isoformat()


def a_picture(**changed: Any) -> dict[str, Any]:
    picture: dict[str, Any] = {
        "queues": [
            {"name": "insurance", "waiting": [{"since": ago(140)}, {"since": ago(20)}], "members_total": 3},
            {"name": "general", "waiting": [], "members_total": 0},
        ],
        "seats": [
            {"seat": "seat01", "agent": "a", "state": "talking", "since": ago(9), "pause_reason": None},
            {"seat": "seat02", "agent": "b", "state": "paused", "since": ago(1000), "pause_reason": "break"},
            {"seat": "seat03", "agent": "c", "state": "paused", "since": ago(60), "pause_reason": "meal"},
            {"seat": "seat04", "agent": "d", "state": "paused", "since": ago(9000), "pause_reason": "supervisor"},
            {"seat": "seat05", "agent": None, "state": "offline", "since": None, "pause_reason": None},
        ],
    }
    return picture | changed


def read(
    board: dict[str, Any] | None, *, age: float = 1, planned: int | None = 6, closed: frozenset[str] = frozenset(),
    by_queue: dict[str, VisitCounts] | None = None, standing: tuple[tuple[AlarmKind, str, str], ...] = (),
) -> dict[tuple[str, str, str], float | None]:  # fmt: skip
    seen = Seen(board, age, by_queue or {}, planned)
    return dict(
        read_floor(seen, NOON, stale_seconds=6, is_open=lambda queue, _: queue not in closed, standing=standing)
    )


def test_a_seat_that_is_no_more_pauses_no_more() -> None:
    gone, here = (AlarmKind.OVERDUE_PAUSE, "", "seat16"), (AlarmKind.OVERDUE_PAUSE, "", "seat02")
    found = read(a_picture(), standing=(gone, here))
    assert (found[gone], found[here]) == (None, 100)
    assert gone not in read(a_picture(), age=7, standing=(gone,)), "an old picture ends nothing"


def test_each_queue_tells_how_many_wait_and_how_long() -> None:
    found = read(a_picture())
    assert found[AlarmKind.LONGEST_WAIT, "insurance", ""] == 140
    assert found[AlarmKind.WAITING, "insurance", ""] == 2
    assert found[AlarmKind.LONGEST_WAIT, "pensions", ""] is None
    assert found[AlarmKind.WAITING, "pensions", ""] == 0


def test_nobody_is_here_only_while_a_queue_is_open() -> None:
    found = read(a_picture(), closed=frozenset({"pensions"}))
    assert [found[AlarmKind.NOBODY_HERE, queue, ""] for queue in ("insurance", "general", "pensions")] == [0, 1, 0]


def test_people_missing_are_those_planned_and_not_signed_in() -> None:
    assert read(a_picture(), planned=6)[AlarmKind.SEATS_MISSING, "", ""] == 2
    assert read(a_picture(), planned=1)[AlarmKind.SEATS_MISSING, "", ""] == 0, "more than planned is nobody missing"
    assert read(a_picture(), planned=None)[AlarmKind.SEATS_MISSING, "", ""] is None, "where nobody plans"


def test_a_pause_is_overdue_by_its_own_limit() -> None:
    found = read(a_picture())
    overdue = {seat: found[AlarmKind.OVERDUE_PAUSE, "", f"seat0{seat}"] for seat in (1, 2, 3, 4, 5)}
    assert overdue == {1: None, 2: 100, 3: 0, 4: None, 5: None}


@pytest.mark.parametrize(("ended", "level"), [(19, None), (20, 0.5)])
def test_a_service_level_is_judged_once_there_is_enough_of_it(ended: int, level: float | None) -> None:
    counts = VisitCounts(offered=ended, answered=ended, answered_in_time=ended // 2)
    assert read(a_picture(), by_queue={"insurance": counts})[AlarmKind.SERVICE_LEVEL, "insurance", ""] == level


def test_of_a_stale_picture_only_its_age_is_known() -> None:
    found = read(a_picture(), age=6.5)
    assert found[AlarmKind.STALE, "", ""] == 6.5
    assert {kind for kind, _, _ in found} == {AlarmKind.STALE, AlarmKind.SERVICE_LEVEL}, "counted from the ledgers"


def test_before_the_first_picture_the_age_is_that_of_our_watching() -> None:
    found = read(None, age=60)
    assert found[AlarmKind.STALE, "", ""] == 60
    assert (AlarmKind.NOBODY_HERE, "general", "") not in found


def test_every_queue_of_the_house_is_read() -> None:
    assert {queue for kind, queue, _ in read({"queues": [], "seats": []}) if kind is AlarmKind.WAITING} == set(QUEUES)
