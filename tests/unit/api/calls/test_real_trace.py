"""The ledgers of two real calls (Asterisk 22.10.1, SIPp): 1, 1, four seconds of talk, score 4; and a hangup in the menu."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from api.calls.fold import fold
from routing.events import LedgerEvent
from routing.ledger import cel, queue_log
from routing.ledger.rows import AcceptedRow, Row

TRACES = Path(__file__).parents[3] / "traces"
LATER = datetime(2026, 12, 1, tzinfo=UTC)


def events_of(rows: tuple[Row, ...]) -> list[LedgerEvent]:
    accepted = [row.event for row in rows if isinstance(row, AcceptedRow)]
    assert len(accepted) == len(rows)
    return accepted


def test_the_fold_of_a_real_ledger():
    told = events_of(cel.scan((TRACES / "cel_answered_scored_and_menu_hangup.csv").read_bytes(), 0, LATER).rows)
    queue = events_of(queue_log.scan((TRACES / "queue_log_answered_scored.txt").read_bytes(), 0, LATER).rows)
    records = {}
    for call_id in {event.call_id for event in told if event.call_id}:
        rows = [replace(event, call_id=call_id) for event in queue if event.leg_id == call_id]
        records[call_id] = fold([*(event for event in told if event.call_id == call_id), *rows])
    answered, left = records["line1420-1795304452.0"], records["line1420-1795304452.1"]
    assert answered is not None
    assert left is not None
    assert (answered.disposition, answered.score, answered.problems) == ("answered", 4, ())
    [visit] = answered.visits
    assert (visit.queue, visit.agent, visit.seat, visit.ended_by) == ("insurance", "operator01", "seat01", "agent")
    assert visit.waited_seconds == pytest.approx(1.0, abs=0.1)
    assert visit.talked_seconds == pytest.approx(4.0, abs=0.1)
    assert [(step.node, step.key) for step in answered.menu_path] == [("main", "1"), ("operators", "1")]
    assert (left.disposition, left.caller, left.visits) == ("menu_abandoned", "+982188776655", ())
