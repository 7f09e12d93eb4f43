"""One call as all sources tell it, merged by time: what is printed under a breach."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.faults.checker.evidence import Evidence, Row
from tests.faults.checker.report import Moment
from tests.faults.checker.witness import Witness


def timeline(evidence: Evidence, call: str | None, witness: Witness | None = None) -> tuple[Moment, ...]:
    """All moments of the call, and of the caller, sorted. Holds no telephone number."""
    moments: list[Moment] = []
    if witness is not None:
        moments += _seen(witness)
    if call is not None:
        for row in evidence.cel_of.get(call, ()):
            fields = " ".join(f"{key}={value}" for key, value in row.said.items())
            moments.append(Moment(row.at, "cel", f"{row.name} {row.channel} {fields}".rstrip()))
        for entry in evidence.queue_rows_of.get(call, ()):
            shown = " ".join(v for v in entry.values if len(v) < 9)  # longer ones may be a caller's number
            moments.append(Moment(entry.at, "queue_log", f"{entry.name} {entry.queue} {entry.agent} {shown}".rstrip()))
        moments += _stored(evidence, call)
    return tuple(sorted(moments, key=lambda moment: moment.at))


def _seen(witness: Witness) -> list[Moment]:
    told: list[tuple[datetime | None, str]] = [
        (witness.dialled_at, f"dialled ({witness.journey})"),
        (witness.answered_at, "was answered by the line"),
        (witness.ended_at, f"call ended by {witness.ended_by}"),
        *((at, f"pressed {key}") for at, key in witness.keys),
    ]
    return [Moment(at, "caller", text) for at, text in told if at is not None]


def _stored(evidence: Evidence, call: str) -> list[Moment]:
    moments: list[Moment] = []
    if record := evidence.records.get(call):
        end = record["ended_at"]
        moments.append(Moment(record["arrived_at"], "database", "record: arrived"))
        what = f"record: {record['disposition']} score={record['score']} case={record['case_code']}"
        moments.append(Moment(end or record["arrived_at"], "database", what + ("" if end else " (open)")))
    for visit in evidence.visits_of.get(call, ()):
        text = f"visit {visit['n']}: {visit['queue']} {visit['outcome']} waited={_s(visit, 'waited_seconds')}"
        moments.append(Moment(visit["entered_at"], "database", f"{text} talked={_s(visit, 'talked_seconds')}"))
    for row in evidence.recordings:
        if row["call_id"] == call:
            text = f"recording {row['recording_id']}: {row['kind']} {row['state']} {_s(row, 'seconds')} s"
            reason = f" ({row['reason']})" if row["reason"] else ""
            moments.append(Moment(row["archived_at"], "database", text + reason))
    for row in evidence.cases:
        if row["call_id"] == call:
            moments.append(Moment(row["opened_at"], "database", f"case {row['code']}: {row['kind']}"))
    return moments


def _s(row: Row, name: str) -> str:
    value: Any = row[name]
    return "–" if value is None else f"{value:.2f}"
