"""What the two ledgers tell about the calls of one day, counted without the fold. Pure.

A call belongs to the day in which it was offered; its later rows may lie after midnight.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from ivr.kernel.milestones import Milestone
from routing.events import LedgerEvent
from routing.queues import CLOSED, MOVE, our_name

ENDS = {
    "COMPLETECALLER": "answered",
    "COMPLETEAGENT": "answered",
    "BLINDTRANSFER": "answered",
    "ATTENDEDTRANSFER": "answered",
    "ABANDON": "abandoned",
    "EXITWITHTIMEOUT": "timed_out",
    "WITHDRAW": "timed_out",
    "EXITEMPTY": "no_agents",
    "EXITWITHKEY": "left_by_key",
    "SYSCOMPAT": "system_drop",
}
"""Last row of a stay in queue_log → the outcome that its visit must have."""
_WITHDRAWN = {MOVE: "moved", CLOSED: "closed_out"}
"""First word of a withdrawal's reason → the outcome."""
_TURNED_AWAY = {"FULL", "JOINEMPTY", "JOINUNAVAIL"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One ENTERQUEUE."""

    call_id: str
    queue: str
    at: datetime


@dataclass(slots=True)
class ToldDay:
    """The day by the ledgers. Sets and counts of ids; nothing of callers."""

    rows: int = 0
    offered: dict[str, datetime] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    """Every call of which any row was read, whatever its day."""
    entries: list[Entry] = field(default_factory=list)
    ends: dict[str, Counter[tuple[str, str]]] = field(default_factory=lambda: defaultdict(Counter))
    """Call → (queue, outcome) → how often."""
    turned_away: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """Call → queue → how often it did not let the caller in."""
    talks: dict[str, str] = field(default_factory=dict)
    """Recording that was started and got a talk → call."""
    messages: dict[str, str] = field(default_factory=dict)
    """Message that was recorded or kept → call."""
    callbacks: dict[str, str] = field(default_factory=dict)
    """Code of a call back → call."""
    scores: dict[str, int] = field(default_factory=dict)


def told_day(cel: Iterable[LedgerEvent], queue_log: Iterable[LedgerEvent], since: datetime, until: datetime) -> ToldDay:
    """Count the rows (any order) of calls offered in [since, until)."""
    told = ToldDay()
    call_of_leg: dict[str, str] = {}
    caller_legs: set[str] = set()
    rows = sorted(cel, key=lambda event: event.at)
    for row in rows:
        call, leg = str(row.call_id), str(row.leg_id)
        call_of_leg.setdefault(leg, call)
        told.seen.add(call)
        if row.name == Milestone.OFFERED:
            caller_legs.add(leg)
            if since <= row.at < until:
                told.offered.setdefault(call, row.at)
    _walk(told, (row for row in rows if str(row.leg_id) in caller_legs and str(row.call_id) in told.offered))
    told.rows = len(rows)
    for row in queue_log:
        told.rows += 1
        call, queue = call_of_leg.get(str(row.leg_id), str(row.leg_id)), row.fields.get("queue", "")
        if call not in told.offered:
            continue
        if row.name == "ENTERQUEUE":
            told.entries.append(Entry(call, queue, row.at))
        elif row.name in ENDS:
            told.ends[call][(queue, _end(row))] += 1
    return told


def _end(row: LedgerEvent) -> str:
    why = row.fields.get("info", "").partition(",")[0] if row.name == "WITHDRAW" else ""
    return _WITHDRAWN.get(why) or ENDS[row.name]


def _walk(told: ToldDay, rows: Iterable[LedgerEvent]) -> None:
    waiting: dict[str, tuple[str, str]] = {}  # call → (recording, queue) of the stay that goes on
    for row in rows:
        call = str(row.call_id)
        match row.name:
            case Milestone.TALK:
                waiting[call] = (row.fields.get("recording", ""), our_name(row.fields.get("queue", "")))
            case "BRIDGE_ENTER" if call in waiting and waiting[call][0]:
                told.talks[waiting[call][0]] = call
            case Milestone.QUEUE:
                _, queue = waiting.pop(call, ("", ""))
                if row.fields.get("status") in _TURNED_AWAY:
                    told.turned_away[call][queue or our_name(row.fields.get("queue", ""))] += 1
            case Milestone.MESSAGE if row.fields.get("state") in ("recorded", "kept"):
                told.messages[row.fields.get("message", "")] = call
            case Milestone.CALLBACK:
                told.callbacks[row.fields.get("code", "")] = call
            case Milestone.SCORE if row.fields.get("value", "") in tuple("12345"):
                told.scores[call] = int(row.fields["value"])
            case _:
                pass
