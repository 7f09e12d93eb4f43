"""How often a process was started."""

from __future__ import annotations

from pathlib import Path

from ivr.kernel.starts import count_start


def test_each_start_is_counted_also_when_the_count_was_spoilt(tmp_path: Path) -> None:
    file = tmp_path / "a" / "x.starts"
    assert [count_start(file) for _ in range(3)] == [1, 2, 3]
    file.write_text("three", encoding="ascii")
    assert count_start(file) == 1


def test_a_process_starts_where_nothing_can_be_counted(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("no folder", encoding="ascii")
    assert count_start(tmp_path / "a" / "x.starts") == 1
