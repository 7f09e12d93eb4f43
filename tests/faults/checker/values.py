"""I2, I3 and I4, value by value: who, when, how long and which code are what some row of a ledger says.

That a call has its record, its visits and its cases is judged elsewhere; here, that what they say is true. A call that a
start of Asterisk ended is left out: its rows stop somewhere, and its instants may come from its sound.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from tests.faults.checker import limits
from tests.faults.checker.evidence import Evidence, Row
from tests.faults.checker.facts import TERMINAL, Facts
from tests.faults.checker.report import Breach, Tell, shown
from tests.faults.checker.timeline import timeline

_NATIONAL = re.compile(r"0[1-9]\d{9}")
_KINDS = {"complaint", "question", "suggestion"}
_LEFT_BY = {"COMPLETECALLER": "caller", "COMPLETEAGENT": "agent"}


def values_agree(evidence: Evidence, facts: dict[str, Facts]) -> Iterator[Breach]:
    """Every value of a call that is over and that no restart touched."""
    for call in evidence.judged:
        record, told = evidence.records.get(call), facts[call]
        over = bool(record and record["disposition"] and evidence.due(told.ended_at))
        if record is None or not over or not told.rows or told.cut_at or record["disposition"].startswith("lost"):
            continue

        def breach(text: str, call: str = call) -> Breach:
            return Breach("I2", call, text, timeline(evidence, call))

        yield from _of_the_record(evidence, record, told, breach)
        for visit in evidence.visits_of.get(call, []):
            for found in _of_a_visit(evidence, visit, told, breach):
                yield replace(found, invariant="I3")
        for found in _of_cases(evidence, record, told, breach):
            yield replace(found, invariant="I4")


def _of_the_record(evidence: Evidence, record: Row, told: Facts, breach: Tell) -> Iterator[Breach]:
    instants = [row.at for row in evidence.cel_of.get(told.call, ())] + [row.at for row in told.queue_rows]
    if not _near(record["arrived_at"], instants[:1] + [row.at for row in told.queue_rows]):
        yield breach(f"arrived at {shown(record['arrived_at'])}, its first row is of {shown(instants[0])}")
    if record["ended_at"] and not _near(record["ended_at"], instants):
        yield breach(f"ended at {shown(record['ended_at'])}, when no ledger has a row of it")
    visits = evidence.visits_of.get(told.call, [])
    connected = [visit["connected_at"] for visit in visits if visit["connected_at"]]
    if visits and record["answered_at"] != min(connected, default=None):
        yield breach(
            f"was first answered at {shown(record['answered_at'])}, its visits say {shown(min(connected, default=None))}"
        )
    number = next((row.number for row in told.said("offered")), "")
    if _NATIONAL.fullmatch(number) and record["caller"] != f"+98{number[1:]}":
        yield breach(f"is of …{record['caller'][-4:]}, CEL says …{number[-4:]}")
    if record["survey_offered"] != any(row.said.get("offered") == "1" for row in told.said("score")):
        yield breach(f"survey offered: {record['survey_offered']}, CEL says otherwise")


def _of_a_visit(evidence: Evidence, visit: Row, told: Facts, breach: Tell) -> Iterator[Breach]:
    name = f"visit {visit['n']}"
    instants = [row.at for row in evidence.cel_of.get(told.call, ())] + [row.at for row in told.queue_rows]
    entered, connected, ended = visit["entered_at"], visit["connected_at"], visit["ended_at"]
    for what, at in (("entered", entered), ("connected", connected), ("ended", ended)):
        if at and not _near(at, instants):
            yield breach(f"{name}: {what} at {shown(at)}, when no ledger has a row of it")
    left = connected or ended
    spans = {"waited_seconds": (entered, left), "talked_seconds": (connected, ended)}
    for what, (since, until) in spans.items():
        if (visit[what] or 0) > 0 and (not since or not until
                                        or abs((until - since).total_seconds() - visit[what]) > limits.CLOCKS):  # fmt: skip
            yield breach(f"{name}: {what} is {visit[what]:.3f}, its instants are otherwise apart")
    connects = [row for row in told.queue_rows if row.name == "CONNECT" and row.queue == visit["queue"]]
    ends = [row for row in told.queue_rows if row.name in TERMINAL and row.queue == visit["queue"]]
    if len(connects) == 1 == len(ends) and visit["outcome"] == "answered":
        if visit["agent"] != connects[0].agent:
            yield breach(f"{name}: {visit['agent']} answered, queue_log says {connects[0].agent}")
        if ends[0].name in _LEFT_BY and visit["ended_by"] != _LEFT_BY[ends[0].name]:
            yield breach(f"{name}: ended by {visit['ended_by']}, queue_log says {ends[0].name}")
    if visit["seat"] and not any(
        f"PJSIP/{visit['seat']}-" in row.channel + row.peer for row in evidence.cel_of.get(told.call, ())
    ):
        yield breach(f"{name}: {visit['seat']} answered, and CEL has no row of that seat")


def _of_cases(evidence: Evidence, record: Row, told: Facts, breach: Tell) -> Iterator[Breach]:
    mine = [case for case in evidence.cases if case["call_id"] == told.call]
    if record["disposition"] == "left_message" and told.messages and not record["voice_message"]:
        yield breach("left a message, and the record does not say so")
    again = any("spoken_code" in str(case["details"]) for case in mine)
    if mine and not again and record["case_code"] not in {case["code"] for case in mine}:
        yield breach(f"the record names the case {record['case_code']}, its cases are {[c['code'] for c in mine]}")
    for case in mine:
        kinds = {
            row.said.get("kind") for row in told.said("message") if row.said.get("message") == case["recording_id"]
        }
        if kinds & _KINDS and case["kind"] not in kinds:
            yield breach(f"case {case['code']} is a {case['kind']}, the caller chose {', '.join(map(str, kinds))}")
        if kinds and case["caller"] != record["caller"]:
            yield breach(f"case {case['code']} is of …{case['caller'][-4:]}, the call of …{record['caller'][-4:]}")


def _near(at: datetime, instants: Iterable[datetime]) -> bool:
    """queue_log's instants are whole seconds, so a true instant lies within one second of its row."""
    return any(abs((at - known).total_seconds()) <= limits.WHOLE_SECOND for known in instants)
