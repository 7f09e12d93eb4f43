"""How far behind the ledger is, as the alarm sees it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from prometheus_client import REGISTRY

from api.processes.ledger_watch import LedgerWatch
from routing.events import LedgerEvent, Source
from routing.ledger import queue_log
from routing.ledger.follower import Pace
from routing.ledger.rows import AcceptedRow
from routing.ledger.tail import Tail
from routing.ports import LedgerBatch, Position
from tests.builders import NOON
from tests.fakes.recordings import StillClock


def batch(rows: int) -> LedgerBatch:
    event = LedgerEvent(Source.QUEUE_LOG, "ABANDON", NOON, fields={"queue": "general", "agent": ""})
    return LedgerBatch(
        Source.QUEUE_LOG, Position("file-a", 100 * rows), tuple(AcceptedRow(100 * n, event) for n in range(rows)), ()
    )


def lag(watch: LedgerWatch) -> float:
    watch.measure()
    found = REGISTRY.get_sample_value("line1420_ledger_lag_seconds", {"source": Source.QUEUE_LOG.value})
    assert found is not None
    return found


def test_a_line_that_is_never_quiet_is_not_late_and_one_that_catches_up_is(tmp_path: Path) -> None:
    clock = StillClock(NOON)
    watch = LedgerWatch(Tail(tmp_path / "queue_log", Source.QUEUE_LOG, queue_log.scan), clock)
    for _ in range(60):
        clock.at += timedelta(seconds=2)
        watch.stored(batch(rows=3))
    assert lag(watch) == 0, "every store has read all that was there"
    for _ in range(60):
        clock.at += timedelta(seconds=2)
        watch.stored(batch(rows=Pace().backlog))
    assert lag(watch) == 120, "a backlog has more behind it"
    watch.caught_up()
    assert lag(watch) == 0
