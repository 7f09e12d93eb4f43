"""Real bytes of both ledgers, mutated, cut and rotated anywhere: no crash, well-formed rows, and reading in steps gives
what reading from the beginning gives."""

from __future__ import annotations

import gzip
import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivr.kernel.milestones import Milestone
from routing.events import LedgerEvent, Source
from routing.ledger import cel, queue_log
from routing.ledger.rows import AcceptedRow, Scanner
from routing.ledger.tail import Tail
from routing.ports import Position

NOW = datetime(2026, 11, 22, tzinfo=UTC)
TRACES = Path(__file__).resolve().parents[3] / "traces"
PERSIAN = "«سلام، من مریم هستم» ".encode()


@dataclass(frozen=True)
class Ledger:
    source: Source
    scan: Scanner
    bytes: bytes


def _real(pattern: str) -> bytes:
    """In the order of time, as one file holds them."""
    found = [path.read_bytes() for path in TRACES.glob(pattern)]
    return b"".join(sorted(found, key=lambda data: re.findall(rb"\d{10}", data[:200])[:1]))


LEDGERS = {
    "cel": Ledger(Source.CEL, cel.scan, _real("cel_*.csv")),
    "queue_log": Ledger(Source.QUEUE_LOG, queue_log.scan, _real("queue_log_*.txt")),
}

positions = st.floats(0, 1, exclude_max=True)
mutations = st.lists(
    st.tuples(
        positions,
        st.sampled_from(["cut", "flip", "insert", "repeat", "zeros"]),
        st.one_of(
            st.binary(min_size=1, max_size=20),
            st.sampled_from([b'"', b'""', b"\n", b"|", b"\xd8", PERSIAN, PERSIAN[:-1], b'"HANGUP","1.0",', b"\r\n"]),
        ),
    ),
    max_size=4,
)
cuts = st.lists(positions, max_size=6)
chunks = st.sampled_from([70_000, 100_000, 1 << 20])
TIME = re.compile(rb"\d{9,10}(?:\.\d{6})?")
PACE = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def mutated(data: bytes, changes: Sequence[tuple[float, str, bytes]]) -> bytes:
    for where, how, piece in changes:
        at = int(where * len(data))
        match how:
            case "cut":
                data = data[:at] + data[at + 7 * len(piece) :]
            case "flip":
                data = data[:at] + piece + data[at + len(piece) :]
            case "insert":
                data = data[:at] + piece + data[at:]
            case "repeat":
                data = data[: at + 300] + data[at:]
            case _:  # what a power cut leaves of a file
                data = data[:at] + bytes(len(piece) * 40) + data[at:]
    return data


def well_formed(event: LedgerEvent) -> None:
    assert event.at.tzinfo is not None
    assert event.at.year < 2027
    for text in (event.name, *event.fields, *event.fields.values(), event.call_id or "", event.leg_id or ""):
        assert not re.search("[\x00-\x08\x0b-\x1f\ud800-\udfff]", text), "PostgreSQL refuses such text"
    if event.source is Source.CEL:
        assert event.call_id
        assert event.leg_id
        assert event.name in set(Milestone) or re.fullmatch(r"[A-Z_]{3,40}|user\.[\w.-]+", event.name)
    else:
        assert event.fields["queue"] is not None


def read_all(tail: Tail, position: Position | None) -> tuple[list[LedgerEvent], int, Position | None]:
    events: list[LedgerEvent] = []
    rejected = 0
    while (batch := tail.read_new(position, NOW)) is not None:
        assert batch.position != position, "a batch goes on"
        events += [row.event for row in batch.events]
        rejected += len(batch.rejected)
        position = batch.position
    return events, rejected, position


@pytest.mark.parametrize("name", LEDGERS)
@PACE
@given(changes=mutations)
def test_whatever_the_bytes_accepted_rows_are_well_formed(name: str, changes: list[tuple[float, str, bytes]]) -> None:
    ledger = LEDGERS[name]
    data = mutated(ledger.bytes, changes)
    scan = ledger.scan(data, 0, NOW, final=True)
    assert scan.end == len(data)
    for row in scan.rows:
        if isinstance(row, AcceptedRow):
            well_formed(row.event)


@pytest.mark.parametrize("name", LEDGERS)
@PACE
@given(changes=mutations, parts=cuts, chunk=chunks, how=st.sampled_from(["grow", "rename", "copytruncate", "packed"]))
def test_reading_in_steps_equals_reading_from_the_beginning(
    name: str, changes: list[tuple[float, str, bytes]], parts: list[float], chunk: int, how: str
) -> None:
    """The file grows piece by piece, cut anywhere (also within a letter), and the reader looks after each; rotated
    only between whole rows, as Asterisk's own writes are."""
    ledger = LEDGERS[name]
    data = mutated(ledger.bytes, changes)
    ends = sorted({int(part * len(data)) for part in parts} | {len(data)})
    if how != "grow":
        ends = sorted({data.rfind(b"\n", 0, end) + 1 for end in ends} | {len(data)})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger"
        tail = Tail(path, ledger.source, ledger.scan, chunk=chunk)
        told: list[LedgerEvent] = []
        position, begun, turned = None, 0, 0
        files: list[bytes] = []
        for end in ends:
            with path.open("ab") as file:
                file.write(data[begun:end])
            begun = end
            events, _, position = read_all(tail, position)
            told += events
            if how != "grow" and end < len(data) and path.stat().st_size:
                files.append(path.read_bytes())
                turned += 1
                _rotate(path, how, turned)
        files.append(path.read_bytes())
        tail.close()
        fresh: list[LedgerEvent] = []
        for number, content in enumerate(files):
            scan = ledger.scan(content, 0, NOW, final=number < len(files) - 1)
            fresh += [row.event for row in scan.rows if isinstance(row, AcceptedRow)]
        if not _in_order(files):
            return  # only a mutation makes two files with one first line, or one that says it began before the last
        assert told == fresh


def _rotate(path: Path, how: str, number: int) -> None:
    old = path.with_name(f"ledger.{number:03d}")
    if how == "copytruncate":
        shutil.copy(path, old)
        path.write_bytes(b"")
    else:
        path.rename(old)
        if how == "packed":
            old.with_name(old.name + ".gz").write_bytes(gzip.compress(old.read_bytes()))
            old.unlink()


def _in_order(files: list[bytes]) -> bool:
    heads = [content.split(b"\n", 1)[0][:256] for content in files if content]
    times = [float(found.group()) if (found := TIME.search(head)) else 0.0 for head in heads]
    return len(set(heads)) == len(heads) and times == sorted(times)
