"""I1, I2, I5 and I10: every call has one record with one true end, its score, and instants that make sense."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from ivr.kernel.clock import TEHRAN
from tests.faults.checker import limits
from tests.faults.checker.evidence import Evidence, Row
from tests.faults.checker.facts import Facts, possible_ends
from tests.faults.checker.report import Breach, Tell
from tests.faults.checker.timeline import timeline
from tests.faults.checker.witness import Witness

DISPOSITIONS = frozenset(
    {
        "answered", "abandoned", "timed_out", "closed_out", "no_agents", "left_message", "callback_requested", "self_served",
        "menu_abandoned", "after_hours", "refused_full", "system_drop", "lost_by_restart", "lost_unknown",
    }
)  # fmt: skip


def one_record_each(evidence: Evidence, facts: dict[str, Facts]) -> Iterator[Breach]:
    """I1, from the ledgers: offered ↔ one record; one disposition when over; nothing open past the grace; rows stored once."""
    for call in evidence.judged:
        record, told = evidence.records.get(call), facts[call]

        def breach(text: str, call: str = call) -> Breach:
            return Breach("I1", call, text, timeline(evidence, call))

        if record is None:
            if evidence.due(evidence.offered[call]):
                yield breach("was offered and has no record")
            continue
        in_files = bool(told.rows or told.queue_rows)
        if not in_files and evidence.ledgers_begin and record["arrived_at"] > evidence.ledgers_begin:
            yield breach("has a record, and no ledger knows of it")
        yield from _ending(evidence, record, told, breach)
        yield from _stored_once(evidence, call, breach)


def _ending(evidence: Evidence, record: Row, told: Facts, breach: Tell) -> Iterator[Breach]:
    disposition, ended = record["disposition"], record["ended_at"]
    if (disposition is None) != (ended is None):
        yield breach(f"disposition {disposition!r} does not go with its end {ended}")
    if disposition is None:
        over = told.ended_at or told.cut_at
        sign = evidence.last_sign(told.call) or record["arrived_at"]
        if evidence.due(over):
            yield breach("is over and still open in the record")
        elif over is None and sign < evidence.now - timedelta(seconds=limits.CALL_OPEN + limits.GRACE):
            yield breach("shows no life and is still open in the record")
        return
    if disposition not in DISPOSITIONS:
        yield breach(f"{disposition!r} is no disposition")
    if disposition == "lost_unknown":
        sign = evidence.last_sign(told.call) or record["arrived_at"]
        if sign > evidence.now - timedelta(seconds=limits.CALL_OPEN):
            yield breach("was given up as lost while it could still be alive")


def _stored_once(evidence: Evidence, call: str, breach: Tell) -> Iterator[Breach]:
    """Every row of the files is in the database once (queue_log's count as I3): none skipped at a rotation, none read twice."""
    rows = evidence.cel_of.get(call, [])
    stored = evidence.stored_rows.get((call, "cel"), 0)
    if rows and stored != len(rows) and evidence.due(rows[-1].at):
        yield breach(f"CEL holds {len(rows)} rows, the database {stored}")
    in_queue = Counter(row.leg for row in evidence.queue_rows_of.get(call, ()))
    for leg, count in in_queue.items():
        stored = evidence.stored_rows.get((leg, "queue_log"), 0)
        if stored != count and evidence.due(max(row.at for row in evidence.queue_rows_of[call])):
            yield replace(breach(f"queue_log holds {count} rows of {leg}, the database {stored}"), invariant="I3")


def witnesses_found(evidence: Evidence, facts: dict[str, Facts]) -> Iterator[Breach]:
    """I1, I2 and I5, from what callers saw: one call for each who was answered, with the end and the score they know."""
    by_number: dict[str, list[str]] = defaultdict(list)
    for row in evidence.cel:
        if row.name == "offered" and evidence.in_span(row.at) and row.call not in by_number[row.number]:
            by_number[row.number].append(row.call)
    for witness in evidence.witnesses:
        calls = by_number.get(witness.number, [])
        if len(calls) > 1:
            yield _of(witness, "I1", f"dialled once and is {len(calls)} calls: {', '.join(calls)}", evidence, calls[0])
        if not calls:
            if witness.answered_at and not _rows_lost(evidence, witness.answered_at):
                yield _of(witness, "I1", "was answered, and no ledger knows of it", evidence, None)
            continue
        if record := evidence.records.get(calls[0]):
            yield from _agrees(evidence, witness, record, facts.get(calls[0]))


def _agrees(evidence: Evidence, witness: Witness, record: Row, told: Facts | None) -> Iterator[Breach]:
    call, disposition = record["call_id"], record["disposition"]
    cut = told is not None and told.cut_at is not None
    allowed = witness.may_end_as | ({"lost_by_restart"} if cut else set())
    if disposition and witness.may_end_as and disposition not in allowed:
        text = f"ended as {disposition}, the journey «{witness.journey}» may end as {', '.join(sorted(allowed))}"
        yield _of(witness, "I2", text, evidence, call)
    if disposition and not cut and not disposition.startswith("lost"):
        for what, seen, stored in (("begin", witness.dialled_at, record["arrived_at"]),
                                   ("end", witness.ended_at, record["ended_at"])):  # fmt: skip
            if what == "end" and seen and stored and seen > stored and _not_told(evidence, witness, stored):
                continue
            if seen and stored and abs((seen - stored).total_seconds()) > limits.WITNESS_CLOCK:
                yield _of(
                    witness, "I2", f"saw its {what} {(seen - stored).total_seconds():+.1f} s apart", evidence, call
                )
    if disposition and witness.score is not None and record["score"] != witness.score:
        yield _of(witness, "I5", f"gave {witness.score} and heard it confirmed, the record says {record['score']}",
                  evidence, call)  # fmt: skip
    if disposition and witness.left_message and told is not None and not _has_message(evidence, told):
        yield _of(witness, "I4", "left a message, and no sound of it is written down", evidence, call)


def _has_message(evidence: Evidence, told: Facts) -> bool:
    rows = (evidence.recordings_by_id.get(name) for name in told.messages)
    return any(row is not None and row["state"] not in ("empty", "missing") for row in rows)


def _not_told(evidence: Evidence, witness: Witness, ended: datetime) -> bool:
    """Asterisk was told to restart: it ends its calls, writes that down and may be gone before a BYE is sent. The caller hears
    nothing more, and hangs up some time."""
    boot = evidence.boot_after(ended)
    return witness.ended_by != "line" and boot is not None and (boot - ended).total_seconds() < limits.RESTART


def _rows_lost(evidence: Evidence, at: datetime) -> bool:
    """Asterisk was killed so soon after that its rows may not have reached the file."""
    boot = evidence.boot_after(at)
    return boot is not None and not any(
        at + timedelta(seconds=limits.LOST_WITH_ASTERISK) < row.at < boot for row in evidence.cel
    )


def _of(witness: Witness, kind: str, text: str, evidence: Evidence, call: str | None) -> Breach:
    subject = f"{call or 'caller'} ({witness.journey}, …{witness.number[-4:]})"
    return Breach(kind, subject, text, timeline(evidence, call, witness))


def ends_agree(evidence: Evidence, facts: dict[str, Facts]) -> Iterator[Breach]:
    """I2, from the ledgers alone: the disposition is one that the rows allow; lost by a restart only where one was."""
    for call in evidence.judged:
        record = evidence.records.get(call)
        if record is None or record["disposition"] is None or not facts[call].rows:
            continue
        may = possible_ends(evidence, facts[call])
        if record["disposition"] not in may:
            yield Breach(
                "I2", call, f"is called {record['disposition']}, the ledgers say {' or '.join(sorted(may))}",
                timeline(evidence, call),
            )  # fmt: skip


def scores_kept(evidence: Evidence, facts: dict[str, Facts]) -> Iterator[Breach]:
    """I5, from the ledgers: the last score keyed is the record's, and no record has one that nobody keyed."""
    for call in evidence.judged:
        record, told = evidence.records.get(call), facts[call]
        if record is None or not told.rows:
            continue
        keyed = told.scores[-1] if told.scores else None
        if record["score"] != keyed and (keyed is None or evidence.due(evidence.last_sign(call))):
            yield Breach("I5", call, f"score {keyed} in CEL, {record['score']} in the record", timeline(evidence, call))
        if told.scores and not any(row.said.get("offered") == "1" for row in told.said("score")):
            yield Breach("I5", call, "has a score that was never asked for", timeline(evidence, call))


def times_make_sense(evidence: Evidence) -> Iterator[Breach]:
    """I10: nothing negative, nothing longer than a day, everything in order."""
    for call in evidence.judged:
        record = evidence.records.get(call)
        if record is None:
            continue
        rows = [(record["arrived_at"], record["answered_at"], record["ended_at"])]
        visits = evidence.visits_of.get(call, [])
        rows += [(visit["entered_at"], visit["connected_at"], visit["ended_at"]) for visit in visits]
        rows += [(record["arrived_at"], visit["entered_at"], record["ended_at"]) for visit in visits]
        for row in rows:
            known = [at for at in row if at is not None]
            spans = [(later - earlier).total_seconds() for earlier, later in pairwise(known)]
            if any(span < -_slack(row, rows) or span > limits.LONGEST for span in spans):
                yield Breach("I10", call, f"times are out of order or too far apart: {_shown(known)}",
                             timeline(evidence, call))  # fmt: skip
        for visit in visits:
            for name in ("waited_seconds", "talked_seconds"):
                if visit[name] is not None and not 0 <= visit[name] <= limits.LONGEST:
                    yield Breach("I10", call, f"visit {visit['n']}: {name} is {visit[name]:.3f}",
                                 timeline(evidence, call))  # fmt: skip
        if [visit["n"] for visit in visits] != list(range(1, len(visits) + 1)):
            yield Breach("I10", call, f"visits are numbered {[v['n'] for v in visits]}", timeline(evidence, call))
    for row in evidence.recordings:
        seconds = row["seconds"]
        if seconds is not None and not 0 <= seconds <= limits.LONGEST:
            yield Breach("I10", row["recording_id"], f"its sound is {seconds} s long")


def _slack(row: tuple[Any, ...], rows: list[tuple[Any, ...]]) -> float:
    """The call's own row has one clock; a visit's instants may come from queue_log's whole seconds."""
    return limits.CLOCKS if row is rows[0] else limits.WHOLE_SECOND


def _shown(instants: list[datetime]) -> str:
    return " → ".join(f"{at.astimezone(TEHRAN):%Y-%m-%d %H:%M:%S.%f}" for at in instants)
