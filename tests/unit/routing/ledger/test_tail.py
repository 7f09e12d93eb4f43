"""Following a file that is rotated, truncated, copied, missing or half written: nothing lost, nothing twice."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.events import Source
from routing.ledger import queue_log
from routing.ledger.tail import Tail
from routing.ports import Position

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def line(n: int) -> str:
    return f"{1795302000 + n}|line1420-1795302000.{n}|general|NONE|ABANDON|1|1|{n}\n"


class Reader:
    """A follower with its stored position; `restart()` forgets everything else."""

    def __init__(self, path: Path, chunk: int = 1 << 20) -> None:
        self.path, self.chunk = path, chunk
        self.position: Position | None = None
        self.waits: list[int] = []
        self.keys: set[tuple[str, int]] = set()
        self.rejected = 0
        self.tail = Tail(path, Source.QUEUE_LOG, queue_log.scan, chunk=chunk)

    def read(self) -> list[int]:
        while (batch := self.tail.read_new(self.position, NOW)) is not None:
            for row in batch.events:
                key = (batch.position.file_id, row.offset)
                assert key not in self.keys, "a row came twice"
                self.keys.add(key)
                self.waits.append(int(row.event.fields["waittime"]))
            self.rejected += len(batch.rejected)
            self.position = batch.position
        return self.waits

    def restart(self) -> None:
        self.tail.close()
        self.tail = Tail(self.path, Source.QUEUE_LOG, queue_log.scan, chunk=self.chunk)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "queue_log"


@pytest.fixture
def reader(path: Path) -> Iterator[Reader]:
    reader = Reader(path)
    yield reader
    reader.tail.close()


def write(path: Path, *numbers: int) -> None:
    with path.open("a") as file:
        file.write("".join(line(n) for n in numbers))


def test_a_missing_file_is_no_news(reader: Reader) -> None:
    assert reader.read() == []


def test_a_half_line_waits_for_its_end(path: Path, reader: Reader) -> None:
    write(path, 1)
    with path.open("a") as file:
        file.write(line(2)[:20])
    assert reader.read() == [1]
    with path.open("a") as file:
        file.write(line(2)[20:])
    assert reader.read() == [1, 2]


@pytest.mark.parametrize("restarted", [False, True])
def test_rotation_finishes_the_old_file_first(path: Path, reader: Reader, restarted: bool) -> None:
    write(path, 1, 2)
    reader.read()
    write(path, 3)
    path.rename(path.with_name("queue_log.1"))
    write(path, 4)
    if restarted:
        reader.restart()
    assert reader.read() == [1, 2, 3, 4]
    assert reader.tail.lost == []


def test_the_writer_goes_on_in_the_old_file_until_it_is_told(path: Path, reader: Reader) -> None:
    with path.open("a") as file:
        file.write(line(1))
        file.flush()
        reader.read()
        path.rename(path.with_name("queue_log.1"))
        file.write(line(2)[:10])
        file.flush()
        assert reader.read() == [1]
        file.write(line(2)[10:])
    assert reader.read() == [1, 2]
    write(path, 3)
    assert reader.read() == [1, 2, 3]
    assert reader.rejected == 0


def test_reading_ahead_goes_on_in_the_open_file_and_never_to_the_next(path: Path) -> None:
    write(path, 1, 2, 3)
    tail = Tail(path, Source.QUEUE_LOG, queue_log.scan, chunk=len(line(1)) + 10)
    first = tail.read_new(None, NOW)
    assert first is not None
    path.rename(path.with_name("queue_log.1"))
    write(path, 4)
    second = tail.read_ahead(first.position, NOW)
    assert second is not None
    assert [row.event.fields["waittime"] for row in second.events] == ["2"]
    path.with_name("queue_log.1").unlink()
    third = tail.read_ahead(second.position, NOW)
    assert third is not None
    assert tail.read_ahead(third.position, NOW) is None
    again = tail.read_new(first.position, NOW)  # the store had failed: the deleted file is still at hand
    assert again is not None
    assert again.events == second.events
    tail.close()


def test_reading_ahead_sees_that_the_file_was_truncated(path: Path, reader: Reader) -> None:
    write(path, 1, 2)
    reader.read()
    assert reader.position is not None
    path.write_text(line(7) + line(8) + line(9))
    assert reader.tail.read_ahead(reader.position, NOW) is None
    assert reader.read() == [1, 2, 7, 8, 9]


def test_rotated_twice_while_the_reader_was_down(path: Path, reader: Reader) -> None:
    write(path, 1)
    reader.read()
    reader.restart()
    write(path, 2)
    path.rename(path.with_name("queue_log.2"))
    write(path, 3)
    path.rename(path.with_name("queue_log.1"))
    write(path, 4)
    assert reader.read() == [1, 2, 3, 4]


def test_copied_and_truncated(path: Path, reader: Reader) -> None:
    write(path, 1)
    reader.read()
    write(path, 2)
    shutil.copy(path, path.with_name("queue_log.1"))
    path.write_text("")
    assert reader.read() == [1, 2]
    write(path, 3, 4, 5)
    assert reader.read() == [1, 2, 3, 4, 5]


def test_truncated_without_a_copy_says_that_rows_may_be_missing(path: Path, reader: Reader) -> None:
    write(path, 1, 2)
    reader.read()
    path.write_text("".join(line(n) for n in range(3, 9)))
    assert reader.read() == [1, 2, 3, 4, 5, 6, 7, 8]
    assert len(reader.tail.lost) == 1


def test_an_old_file_that_was_deleted_after_reading_is_not_lost(path: Path, reader: Reader) -> None:
    write(path, 1)
    reader.read()
    path.unlink()
    write(path, 2)
    assert reader.read() == [1, 2]
    assert reader.tail.lost == []


def test_the_cut_end_of_a_finished_file_is_kept_aside(path: Path, reader: Reader) -> None:
    write(path, 1)
    with path.open("a") as file:
        file.write(line(2)[:15])
    reader.read()
    path.rename(path.with_name("queue_log.1"))
    write(path, 3)
    assert reader.read() == [1, 3]
    assert reader.rejected == 1


STEPS = st.lists(st.sampled_from(["write", "half", "read", "rotate", "restart", "copytruncate"]), max_size=25)


@settings(max_examples=60, deadline=None)
@given(STEPS, st.sampled_from([64, 200, 1 << 20]))
def test_any_order_of_writing_rotating_and_restarting_gives_every_row_once(steps: list[str], chunk: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "queue_log"
        reader = Reader(path, chunk)
        written, rotations, pending = 0, 0, ""
        for step in [*steps, "write"]:
            if step in ("write", "half") or (step in ("rotate", "copytruncate") and pending):
                with path.open("a") as file:
                    if pending:
                        file.write(pending)
                        pending = ""
                    if step in ("write", "half"):
                        text = line(written)
                        written += 1
                        cut = len(text) if step == "write" else 11
                        file.write(text[:cut])
                        pending = text[cut:]
            if step == "read":
                reader.read()
            elif step == "restart":
                reader.restart()
            elif step in ("rotate", "copytruncate") and path.exists() and path.stat().st_size:
                rotations += 1
                old = path.with_name(f"queue_log.{rotations:03d}")
                if step == "rotate":
                    path.rename(old)
                else:
                    shutil.copy(path, old)
                    path.write_text("")
        try:
            assert reader.read() == list(range(written))
        finally:
            reader.tail.close()
