"""Who steps back when a disk fills, and in which order."""

from __future__ import annotations

import pytest

from ivr.kernel.disk_space import GIB, DiskLevel, Space, may_archive_talk, may_record_talk, may_take_message

MIB = 1 << 20


def percent_free(percent: float, *, total: int = 100 * MIB, device: int = 1) -> Space:
    return Space(round(total * percent / 100), total, device)


@pytest.mark.parametrize(
    ("percent", "level"),
    [
        (100, DiskLevel.AMPLE),
        (20, DiskLevel.AMPLE),
        (19.9, DiskLevel.LOW),
        (9.9, DiskLevel.SCARCE),
        (4.9, DiskLevel.TIGHT),
        (1.9, DiskLevel.FULL),
        (0, DiskLevel.FULL),
    ],
)
def test_each_level_begins_below_its_share(percent: float, level: DiskLevel) -> None:
    assert percent_free(percent).level is level


def test_a_small_share_of_a_large_disk_warns_and_stops_nothing() -> None:
    disk = percent_free(3, total=4_000 * GIB)
    assert disk.level is DiskLevel.LOW
    assert may_record_talk(disk)
    assert may_take_message(disk, 64 * MIB)


def test_talks_stop_before_messages() -> None:
    disk = percent_free(4)
    assert not may_record_talk(disk)
    assert may_take_message(disk, MIB)
    assert not may_take_message(percent_free(1.9), MIB)


def test_a_message_needs_its_room_in_bytes_too() -> None:
    assert not may_take_message(percent_free(50), 51 * MIB)


def test_a_nearly_full_archive_on_its_own_disk_takes_no_talks() -> None:
    assert may_archive_talk(percent_free(11, device=2), percent_free(50, device=1))
    assert not may_archive_talk(percent_free(9, device=2), percent_free(50, device=1))


def test_on_one_disk_archiving_gives_back_what_it_takes() -> None:
    assert may_archive_talk(percent_free(3, device=1), percent_free(3, device=1))


def test_a_file_system_that_tells_no_size_counts_as_empty_room() -> None:
    assert Space(0, 0).level is DiskLevel.AMPLE
