"""I3 and I8: every stay in a queue is one visit with one end, and no change of a queue member was sent twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from tests.faults.checker import limits
from tests.faults.checker.evidence import Evidence, QueueRow, Row
from tests.faults.checker.facts import TALKED, TERMINAL, Facts, Stay
from tests.faults.checker.report import Breach, Tell, shown
from tests.faults.checker.timeline import timeline

_OUTCOME = {
    **dict.fromkeys(TALKED, "answered"),
    "ABANDON": "abandoned",
    "EXITWITHTIMEOUT": "timed_out",
    "WITHDRAW": "timed_out",
    "EXITEMPTY": "no_agents",
    "EXITWITHKEY": "left_by_key",
    "SYSCOMPAT": "system_drop",
}
_NEVER_IN = {"no_agents", "refused_full"}
"""Outcomes of callers whom the queue did not let in: queue_log says nothing of them, CEL does."""
_EFFECTS = {"ADDMEMBER", "REMOVEMEMBER", "PAUSE", "UNPAUSE", "PAUSEALL", "UNPAUSEALL"}


def one_visit_each(evidence: Evidence, facts: dict[str, Facts]) -> Iterator[Breach]:
    """I3. Pairs rows one to one, so the sums of each queue and hour follow; what has no partner is named."""
    for call in evidence.judged:
        if call not in evidence.records:
            continue  # I1 has said so
        told = facts[call]
        entries = [row for row in told.queue_rows if row.name == "ENTERQUEUE"]
        free = list(evidence.visits_of.get(call, []))

        def breach(text: str, call: str = call) -> Breach:
            return Breach("I3", call, text, timeline(evidence, call))

        for entry in entries:
            visit = next((v for v in free if _same_entry(v, entry)), None)
            if visit is not None:
                free.remove(visit)
            elif evidence.due(entry.at):
                yield breach(f"entered {entry.queue} at {shown(entry.at)} and has no visit for it")
        for visit in free:
            if told.rows and not _explained(evidence, visit, told):
                yield breach(f"visit {visit['n']} in {visit['queue']} has no ENTERQUEUE")
        yield from _ends(evidence, told, entries, breach)


def _same_entry(visit: Row, entry: QueueRow) -> bool:
    near = abs((visit["entered_at"] - entry.at).total_seconds()) < limits.SAME_ENTRY
    return near and visit["queue"] == entry.queue


def _explained(evidence: Evidence, visit: Row, told: Facts) -> bool:
    """A visit that queue_log does not know: not let in, gone before it began, or rows lost with a killed Asterisk."""
    stay = next((s for s in told.stays if _same_stay(visit, s)), None)
    if stay is None:
        return False
    if visit["outcome"] in _NEVER_IN:
        return stay.status in ("JOINEMPTY", "JOINUNAVAIL", "FULL")
    if stay.left_at and (stay.left_at - stay.began_at).total_seconds() < limits.LOST_WITH_ASTERISK:
        return True  # hung up between the announcement and the queue
    boot = evidence.boot_after(stay.began_at)
    return boot is not None and told.cut_at is not None


def _same_stay(visit: Row, stay: Stay) -> bool:
    near = abs((visit["entered_at"] - stay.began_at).total_seconds()) < limits.SAME_ENTRY
    return near and visit["queue"] == stay.queue


def _ends(evidence: Evidence, told: Facts, entries: list[QueueRow], breach: Tell) -> Iterator[Breach]:
    ended = evidence.records[told.call]["ended_at"] is not None
    visits = [visit for visit in evidence.visits_of.get(told.call, []) if visit["outcome"] not in _NEVER_IN
              or any(_same_entry(visit, entry) for entry in entries)]  # fmt: skip
    if ended:
        for visit in evidence.visits_of.get(told.call, []):
            if visit["outcome"] is None or visit["ended_at"] is None:
                yield breach(f"visit {visit['n']} has no end although the call is over")
    terminals = [row for row in told.queue_rows if row.name in TERMINAL]
    if len(terminals) > len(entries) and not told.cut_at:
        yield breach(f"{len(entries)} entries and {len(terminals)} ends in queue_log")
    lost = told.cut_at is not None or evidence.cut_by_boot(told.call) is not None
    if ended and told.ended_at and evidence.due(told.ended_at) and len(terminals) < len(entries) and not lost:
        boot = evidence.boot_after(told.ended_at)
        if boot is None or (boot - told.ended_at).total_seconds() > limits.LOST_WITH_ASTERISK + limits.WHOLE_SECOND:
            yield breach(f"{len(entries)} entries and only {len(terminals)} ends in queue_log")
    for queue in {row.queue for row in terminals}:
        said = [_outcome(row) for row in terminals if row.queue == queue]
        stored = [v["outcome"] for v in visits if v["queue"] == queue]
        for outcome in said:
            if outcome in stored:
                stored.remove(outcome)
            elif evidence.due(terminals[-1].at):
                yield breach(f"queue_log ends a stay in {queue} as {outcome}, no visit does")


def _outcome(row: QueueRow) -> str:
    """A caller whom a supervisor moved, or who was closed out, was withdrawn with a reason that begins so."""
    why = row.values[3].split(",")[0] if row.name == "WITHDRAW" and row.values[3:4] else ""
    return {"move": "moved", "closed": "closed_out"}.get(why) or _OUTCOME[row.name]


def effects_once(evidence: Evidence) -> Iterator[Breach]:
    """I8, by queue_log: the same change of the same member does not come twice in a row within moments.

    An Asterisk that was killed has forgotten what its database had not written yet, up to a second: saying that again is
    right, so nothing before a start counts.
    """
    last: dict[tuple[str, str], list[QueueRow]] = defaultdict(list)
    for row in evidence.queue_log:
        if row.name == "QUEUESTART":
            last.clear()
        if row.name not in _EFFECTS or not evidence.in_span(row.at):
            continue
        before = last[(row.queue, row.agent)]
        if before and before[-1].name == row.name and before[-1].values == row.values:
            apart = (row.at - before[-1].at).total_seconds()
            if 0 <= apart < limits.SAME_EFFECT:
                yield Breach(
                    "I8", f"{row.queue} {row.agent}", f"{row.name} at {row.at:%H:%M:%S}, twice within {apart:.0f} s"
                )
        before.append(row)
