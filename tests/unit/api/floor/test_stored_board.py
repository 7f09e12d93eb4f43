"""Of two readings of the board, which one is the older; and what of it is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from api.floor.view import StoredBoard, board_now
from ivr.kernel.ids import QueueName
from routing.ports import BoardLink

NOON = datetime(2026, 11, 28, 8, 30, tzinfo=UTC)


def read(epoch: str, version: int, after: float) -> StoredBoard:
    """`after`: seconds after noon."""
    return StoredBoard(epoch, version, NOON + timedelta(seconds=after), {})


@pytest.mark.parametrize(
    ("one", "other", "older"),
    [
        (read("a", 4, 0), read("a", 5, 0), True),
        (read("a", 5, 0), read("a", 4, 9), False),  # the version counts, whatever the clocks say
        (read("a", 5, 0), read("a", 5, 2), True),  # nothing has changed, and it was still true two seconds later
        (read("a", 5, 2), read("a", 5, 2), False),
        (read("a", 900, 0), read("b", 1, 3), True),
        (read("b", 1, 3), read("a", 900, 0), False),
    ],
)
def test_a_version_counts_within_a_run_and_time_between_two(one: StoredBoard, other: StoredBoard, older: bool) -> None:
    assert one.is_older_than(other) is older


def test_nobody_is_told_a_wait_in_a_queue_that_is_closed() -> None:
    waits = {QueueName("general"): 60.0, QueueName("pensions"): 60.0}
    told = board_now(
        StoredBoard("a", 1, NOON, {"link": BoardLink.LIVE}), None, now=NOON, stale_after=timedelta(seconds=6),
        is_open=lambda name, _: name != "pensions", places=(), waits=lambda board, now: waits,
    )  # fmt: skip
    assert {q.name: q.estimate_seconds for q in told.queues if q.name in waits} == {"general": 60.0, "pensions": None}
