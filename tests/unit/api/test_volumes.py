"""What is told of the disks, and when."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from api.processes.volumes import REMIND, Volumes
from ivr.kernel.disk_space import Space

MIB = 1 << 20


class Scripted(Volumes):
    """Disks that are as full as the test says."""

    now: Mapping[str, Space] = {}

    def measure(self) -> dict[str, Space]:
        return dict(self.now)


def volumes(**free: float) -> Scripted:
    made = Scripted({})
    made.now = spaces(**free)
    return made


def spaces(**free: float) -> dict[str, Space]:
    """Percent free by volume, each on a disk of its own of 100 MiB."""
    return {name: Space(round(percent * MIB), 100 * MIB, number) for number, (name, percent) in enumerate(free.items())}


def told(watched: Scripted, **free: float) -> list[tuple[str, str, bool]]:
    watched.now = spaces(**free)
    with capture_logs() as rows:
        watched.watch_once()
    return [(row["event"], row["volume"], row.get("alarm", False)) for row in rows]


def test_a_disk_warns_at_a_fifth_and_calls_a_person_at_a_tenth() -> None:
    watched = volumes()
    assert told(watched, spool=50) == []
    assert told(watched, spool=19) == [("disk_getting_full", "spool", False)]
    assert told(watched, spool=18) == []
    assert told(watched, spool=9.9) == [("disk_nearly_full", "spool", True)]
    assert told(watched, spool=9) == []
    assert told(watched, spool=60) == [("disk_has_room_again", "spool", False)]
    assert told(watched, spool=15) == [("disk_getting_full", "spool", False)]


def test_an_alarm_that_stands_is_told_again_every_ten_minutes() -> None:
    watched = volumes()
    rows = [row for _ in range(2 * REMIND) for row in told(watched, spool=5)]
    assert rows == [("disk_nearly_full", "spool", True)] * 2


def test_ledgers_on_their_own_disk_are_told_early() -> None:
    assert told(volumes(), ledger=29, spool=29) == [("disk_nearly_full", "ledger", True)]


def test_ledgers_that_share_a_disk_are_told_like_the_others() -> None:
    watched = volumes()
    shared = Space(25 * MIB, 100 * MIB, 7)
    watched.now = {"ledger": shared, "spool": shared}
    with capture_logs() as rows:
        watched.watch_once()
    assert rows == []


def test_talks_go_to_the_archive_unless_its_own_disk_is_nearly_full() -> None:
    assert volumes(spool=50, archive=50).take_talks()
    assert not volumes(spool=50, archive=9).take_talks()
    assert volumes().take_talks(), "what cannot be measured stops nothing"


def test_a_full_spool_is_known() -> None:
    assert volumes(spool=1).spool_is_full()
    assert not volumes(spool=5).spool_is_full()


@pytest.mark.parametrize("exists", [True, False])
def test_real_folders_are_measured_even_before_they_exist(tmp_path: Path, exists: bool) -> None:
    folder = tmp_path if exists else tmp_path / "not" / "yet"
    (space,) = Volumes({"spool": folder}).measure().values()
    assert 0 < space.free <= space.total
    assert space.device == tmp_path.stat().st_dev
