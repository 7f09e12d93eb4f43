"""Rotated ledgers that were compressed before the reader came to them."""

from __future__ import annotations

import bz2
import gzip
import lzma
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.routing.ledger.test_tail import Reader, line, write

PACKERS = {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "queue_log"


def pack(path: Path, end: str) -> Path:
    """What logrotate's `compress` does."""
    packed = path.with_name(path.name + end)
    packed.write_bytes(PACKERS[end](path.read_bytes()))
    path.unlink()
    return packed


@pytest.mark.parametrize("end", PACKERS)
def test_rotated_twice_and_packed_while_the_reader_was_down(path: Path, end: str) -> None:
    reader = Reader(path, chunk=200)
    write(path, 1, 2)
    reader.read()
    reader.restart()
    write(path, *range(3, 40))
    path.rename(path.with_name("queue_log.2"))
    pack(path.with_name("queue_log.2"), end)
    write(path, *range(40, 60))
    path.rename(path.with_name("queue_log.1"))
    pack(path.with_name("queue_log.1"), end)
    write(path, 60)
    assert reader.read() == list(range(1, 61))
    assert reader.tail.lost == []
    reader.tail.close()


def test_packed_under_the_reader_s_eyes(path: Path) -> None:
    reader = Reader(path)
    write(path, 1)
    reader.read()
    write(path, 2)
    path.rename(path.with_name("queue_log.1"))
    write(path, 3)
    pack(path.with_name("queue_log.1"), ".gz")
    assert reader.read() == [1, 2, 3]
    assert reader.tail.lost == []
    reader.tail.close()


def test_while_it_is_being_packed_the_plain_file_counts(path: Path) -> None:
    write(path, 1, 2)
    old = path.with_name("queue_log.1")
    path.rename(old)
    whole = gzip.compress(old.read_bytes())
    old.with_name("queue_log.1.gz").write_bytes(whole[:-12])
    write(path, 3)
    reader = Reader(path)
    assert reader.read() == [1, 2, 3]
    assert reader.tail.lost == []
    reader.tail.close()


@pytest.mark.parametrize(
    "tear",
    [lambda whole: whole[: len(whole) // 2], lambda whole: whole[: len(whole) // 2] + bytes(len(whole) // 2)],
    ids=["cut", "zeros"],
)
def test_a_torn_packed_file_gives_what_it_has_and_is_told(path: Path, tear: Callable[[bytes], bytes]) -> None:
    path.write_text("".join(line(n * 7919 % 80_021) for n in range(3_000)))
    packed = pack(path, ".gz")
    old = packed.rename(path.with_name("queue_log.1.gz"))
    old.write_bytes(tear(old.read_bytes()))
    write(path, 80_022)
    reader = Reader(path)
    got = reader.read()
    assert got[-1] == 80_022
    assert len(got) > 500, "the part before the tear is read"
    assert len(reader.tail.lost) == 1
    reader.tail.close()


def test_something_that_only_looks_packed_hinders_nobody(path: Path) -> None:
    path.with_name("queue_log.1.gz").write_bytes(b"not packed at all\n")
    path.with_name("queue_log.2.xz").write_bytes(b"")
    write(path, 1)
    reader = Reader(path)
    assert reader.read() == [1]
    reader.tail.close()
