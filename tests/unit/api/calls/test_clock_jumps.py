"""Asterisk's clock is set forward or back in the middle of a call: the record stays whole and no span is negative."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.calls.fold import fold
from routing.events import LedgerEvent, Source
from routing.ledger import cel, queue_log
from routing.ledger.rows import AcceptedRow

NOW = datetime(2026, 11, 22, tzinfo=UTC)
TRACES = Path(__file__).resolve().parents[3] / "traces"
JUMPS = {"+1h": 3600, "-1h": -3600, "-30s": -30, "+1d": 86_400}


def events() -> list[LedgerEvent]:
    """The first call of a recorded trace, answered and scored, in the order of writing."""
    rows = cel.scan((TRACES / "cel_answered_scored_and_menu_hangup.csv").read_bytes(), 0, NOW).rows
    told = [row.event for row in rows if isinstance(row, AcceptedRow)]
    rows = queue_log.scan((TRACES / "queue_log_answered_scored.txt").read_bytes(), 0, NOW).rows
    legs = {event.leg_id for event in told if event.call_id == told[0].call_id}
    queued = [
        replace(row.event, call_id=told[0].call_id)
        for row in rows
        if isinstance(row, AcceptedRow) and row.event.leg_id in legs
    ]
    return sorted((event for event in [*told, *queued] if event.call_id == told[0].call_id), key=lambda e: e.at)


def jumped(told: Iterable[LedgerEvent], after: int, seconds: int) -> list[LedgerEvent]:
    return [
        replace(event, at=event.at + timedelta(seconds=seconds)) if n >= after else event
        for n, event in enumerate(told)
    ]


@pytest.mark.parametrize("jump", JUMPS)
def test_no_span_is_negative_and_there_is_one_disposition_wherever_it_jumps(jump: str) -> None:
    told = events()
    assert {event.source for event in told} == {Source.CEL, Source.QUEUE_LOG}
    for after in range(1, len(told)):
        record = fold(jumped(told, after, JUMPS[jump]))
        assert record is not None
        assert record.disposition is not None
        assert record.ended_at is not None
        assert record.arrived_at <= record.ended_at
        for visit in record.visits:
            assert (visit.waited_seconds or 0) >= 0
            assert (visit.talked_seconds or 0) >= 0
