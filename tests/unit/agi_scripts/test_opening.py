"""Which queues are open: hours, overrides by setting, and the file of sudden closures as people really edit it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path

import pytest

from agi_scripts.opening import Opening
from ivr.kernel.hours import load_hours

QUEUES = frozenset({"general", "insurance", "pensions", "treatment"})
WORKDAY = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)  # Saturday 09:30 in Tehran
NIGHT = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
CLOSED = '[[closure]]\nfrom = 2026-11-21T00:00:00Z\nto = 2026-11-22T00:00:00Z\nreason = "برف"\n'


class Fixed:
    def __init__(self, instant: datetime) -> None:
        self.instant = instant

    def now(self) -> datetime:
        return self.instant


def opening(tmp_path: Path, instant: datetime, clock_open: str = "auto") -> Opening:
    calendar = load_hours((files("ivr.data") / "hours.toml").read_text("utf-8")).calendar
    return Opening(calendar, QUEUES, tmp_path / "closures.toml", Fixed(instant), clock_open, timedelta(minutes=10))


@pytest.mark.parametrize(
    ("instant", "clock_open", "expected"),
    [
        (WORKDAY, "auto", QUEUES),
        (NIGHT, "auto", frozenset()),
        (NIGHT, "always", QUEUES),
        (WORKDAY, "never", frozenset()),
    ],
)
async def test_hours_and_their_override(
    tmp_path: Path, instant: datetime, clock_open: str, expected: frozenset[str]
) -> None:
    assert await opening(tmp_path, instant, clock_open).open_queues() == expected


@pytest.mark.parametrize("clock_open", ["auto", "always"])
async def test_a_closure_comes_and_goes_with_its_file(tmp_path: Path, clock_open: str) -> None:
    now = opening(tmp_path, WORKDAY, clock_open)
    file = tmp_path / "closures.toml"
    assert await now.open_queues() == QUEUES
    file.write_text(CLOSED)
    assert await now.open_queues() == frozenset()
    file.write_text(CLOSED + 'section = "pensions"\n')
    assert await now.open_queues() == QUEUES - {"pensions"}
    file.unlink()
    assert await now.open_queues() == QUEUES


async def test_who_enters_before_closing_time_waits_until_some_minutes_after_it(tmp_path: Path) -> None:
    evening = datetime(2026, 11, 21, 16, 10, tzinfo=UTC)  # 19:40 in Tehran; all queues close at 20:00
    assert await opening(tmp_path, evening).waits_until("insurance") == evening + timedelta(minutes=20 + 10)
    assert await opening(tmp_path, WORKDAY).waits_until("insurance") is None
    assert await opening(tmp_path, evening, "always").waits_until("insurance") is None


async def test_who_was_in_the_menu_at_closing_time_has_the_same_end_and_who_comes_later_waits_for_nobody(
    tmp_path: Path,
) -> None:
    closing = datetime(2026, 11, 21, 16, 30, tzinfo=UTC)
    soon, late = closing + timedelta(minutes=3), closing + timedelta(minutes=13)
    assert await opening(tmp_path, soon).waits_until("insurance") == closing + timedelta(minutes=10)
    assert await opening(tmp_path, late).waits_until("insurance") == late
    assert await opening(tmp_path, NIGHT).waits_until("insurance") == NIGHT
    assert await opening(tmp_path, WORKDAY, "never").waits_until("insurance") == WORKDAY


@pytest.mark.parametrize("broken", ["[[closure]]\nfrom = yesterday", "[[closure]]\nfrom = 2026-11-21\n", "\udcff"])
async def test_a_broken_file_changes_nothing(tmp_path: Path, broken: str) -> None:
    now = opening(tmp_path, WORKDAY)
    file = tmp_path / "closures.toml"
    file.write_text(CLOSED)
    assert await now.open_queues() == frozenset()
    file.write_bytes(broken.encode("utf-8", "surrogateescape"))
    assert await now.open_queues() == frozenset()
