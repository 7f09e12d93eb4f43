"""Of two readings of the board, which one is the older."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from api.floor.view import StoredBoard

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
