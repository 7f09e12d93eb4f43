"""Where the ledgers and the database disagree about a day. Pure; what is expected to differ is counted, not listed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from api.reconcile.stored import SPEAKS, StoredDay, StoredVisit
from api.reconcile.told import Entry, ToldDay
from ivr.kernel.clock import TEHRAN

ALLOWED_SHARE = 0.001
"""More differences than this share of the day's calls are an alarm …"""
GRAVE = frozenset({"case", "score"})
"""… and any single one about these is."""
_SAME_ENTRY = timedelta(seconds=2.5)
_MOMENT = 2.0
"""Seconds; who hung up sooner may never have reached the queue that the record says they entered."""
_NOT_ENTERED = ("no_agents", "refused_full")
_LOST = ("lost_by_restart", "lost_unknown")


@dataclass(frozen=True, slots=True)
class Difference:
    """One disagreement. `about`: `call`, `visit`, `recording`, `case` or `score`; `subject` is an id, never a number."""

    about: str
    subject: str
    ledger: str
    stored: str


def differences_of(told: ToldDay, stored: StoredDay) -> list[Difference]:
    """Every difference, calls first."""
    return [
        *_calls(told, stored),
        *_visits(told, stored),
        *_recordings(told, stored),
        *_cases(told, stored),
        *_scores(told, stored),
    ]


def is_alarm(differences: list[Difference], calls: int) -> bool:
    """Whether somebody must be told."""
    return any(one.about in GRAVE for one in differences) or len(differences) > ALLOWED_SHARE * calls


def totals_of(told: ToldDay, stored: StoredDay) -> dict[str, Any]:
    """What was counted on both sides; `queues` by queue and Tehran hour of entering."""
    states = Counter(sound.state for sound in stored.sounds.values())
    return {
        "ledger_rows": told.rows,
        "calls": {"ledger": len(told.offered), "stored": len(stored.calls)},
        "visits": {
            "ledger": len(told.entries) + sum(sum(queues.values()) for queues in told.turned_away.values()),
            "stored": len(stored.visits),
        },
        "recordings": {"ledger": len(told.talks) + len(told.messages), "stored": len(stored.sounds), **states},
        "cases": {"callbacks_asked": len(told.callbacks), "stored": len(stored.cases)},
        "scores": {
            "ledger": len(told.scores),
            "stored": sum(call.score is not None for call in stored.calls.values()),
        },
        "dispositions": dict(Counter(str(call.disposition) for call in stored.calls.values())),
        "queues": _by_hour(told, stored),
    }


def _calls(told: ToldDay, stored: StoredDay) -> Iterator[Difference]:
    for call in sorted(told.offered.keys() - stored.calls.keys()):
        yield Difference("call", call, "offered", "no record")
    if not told.rows and stored.calls:
        yield Difference("call", "all", "no ledger file reaches back to this day", f"{len(stored.calls)} records")
    for call in sorted(stored.calls.keys() - told.seen) if told.rows else ():
        yield Difference("call", call, "unknown", "has a record")
    for call, record in sorted(stored.calls.items()):
        if record.disposition is None:
            yield Difference("call", call, "a day is over", "still open")


def _visits(told: ToldDay, stored: StoredDay) -> Iterator[Difference]:
    pairs, surplus = _paired(told, stored)
    for entry, visit in pairs:
        if visit is None and entry.call_id in stored.calls:
            yield Difference("visit", entry.call_id, f"entered {entry.queue} at {entry.at.isoformat()}", "no visit")
    away = {call: Counter(queues) for call, queues in told.turned_away.items()}
    for visit in surplus:
        if visit.outcome in _NOT_ENTERED and away.get(visit.call_id, Counter())[visit.queue] > 0:
            away[visit.call_id][visit.queue] -= 1
        elif visit.outcome not in _LOST and (visit.waited_seconds or 0.0) >= _MOMENT:
            yield Difference("visit", visit.call_id, "no entry", f"visit {visit.n} in {visit.queue}")
    stored_ends: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for _, visit in pairs:
        if visit is not None:
            stored_ends[visit.call_id][(visit.queue, str(visit.outcome))] += 1
    for call, ends in sorted(told.ends.items()):
        for (queue, outcome), count in ends.items():
            if call in stored.calls and stored_ends[call][(queue, outcome)] != count:
                other = ", ".join(f"{q} {o}" for q, o in sorted(stored_ends[call]) if q == queue) or "nothing"
                yield Difference("visit", call, f"{queue} {outcome} × {count}", other)


def _recordings(told: ToldDay, stored: StoredDay) -> Iterator[Difference]:
    for recording, call in sorted({**told.talks, **told.messages}.items()):
        if recording not in stored.sounds and call in stored.calls:
            yield Difference("recording", recording, "was recorded", "no row")
    for recording, sound in sorted(stored.sounds.items()):
        if sound.kind == "talk" and sound.state != "missing" and recording not in told.talks:
            yield Difference("recording", recording, "no talk was recorded", f"a row ({sound.state})")


def _cases(told: ToldDay, stored: StoredDay) -> Iterator[Difference]:
    of_sound = Counter(case.recording_id for case in stored.cases.values() if case.recording_id)
    for recording, sound in sorted(stored.sounds.items()):
        if sound.kind == "message":
            wanted = 1 if sound.state in SPEAKS else 0
            if of_sound[recording] != wanted:
                yield Difference(
                    "case", recording, f"{wanted} expected ({sound.state})", f"{of_sound[recording]} cases"
                )
    for code, call in sorted(told.callbacks.items()):
        if code not in stored.cases and call in stored.calls:
            yield Difference("case", code, "a call back was promised", "no case")
    for _, case in sorted(stored.cases.items()):
        if case.recording_id is None and case.code not in told.callbacks:
            yield Difference("case", case.code, "nothing led to it", f"a case ({case.kind})")


def _scores(told: ToldDay, stored: StoredDay) -> Iterator[Difference]:
    for call, record in sorted(stored.calls.items()):
        if call in told.offered and record.score != told.scores.get(call):
            yield Difference("score", call, str(told.scores.get(call)), str(record.score))


def _paired(told: ToldDay, stored: StoredDay) -> tuple[list[tuple[Entry, StoredVisit | None]], list[StoredVisit]]:
    """Entries with their visits, and visits without an entry. One clock is cut to whole seconds, so not by equality."""
    free: dict[str, list[StoredVisit]] = defaultdict(list)
    for visit in sorted(stored.visits, key=lambda visit: visit.n):
        free[visit.call_id].append(visit)
    pairs: list[tuple[Entry, StoredVisit | None]] = []
    for entry in sorted(told.entries, key=lambda entry: entry.at):
        mine = free.get(entry.call_id, [])
        found = next((v for v in mine if v.queue == entry.queue and abs(v.entered_at - entry.at) < _SAME_ENTRY), None)
        if found is not None:
            mine.remove(found)
        pairs.append((entry, found))
    return pairs, [visit for visits in free.values() for visit in visits]


def _by_hour(told: ToldDay, stored: StoredDay) -> list[dict[str, Any]]:
    """Sums of each queue and hour: entries by queue_log, visits found for them, and what became of those."""
    sums: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    pairs, _ = _paired(told, stored)
    for entry, visit in pairs:
        row = sums[(entry.queue, _hour(entry.at))]
        row["entered"] += 1
        row["visits"] += visit is not None
        row[str(visit.outcome) if visit else "unknown"] += 1
    return [{"queue": queue, "hour": hour, **counts} for (queue, hour), counts in sorted(sums.items())]


def _hour(at: datetime) -> str:
    return f"{at.astimezone(TEHRAN):%H:00}"


def as_json(differences: list[Difference]) -> list[dict[str, str]]:
    """For the table."""
    return [asdict(one) for one in differences]
