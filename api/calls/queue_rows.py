"""The stays in queues as queue_log tells them: whole seconds, but it knows operators' names and who hung up.

One `ENTERQUEUE` opens a stay. A caller stands in one queue at a time, so a `CONNECT` belongs to the newest stay that
is not connected; a terminal row belongs to the oldest stay without one (both may share one second).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from api.calls.ordering import number
from api.calls.record import EndedBy, VisitOutcome
from routing.events import LedgerEvent
from routing.queues import CLOSED, MOVE

_COMPLETED = {
    "COMPLETECALLER": EndedBy.CALLER,
    "COMPLETEAGENT": EndedBy.AGENT,
    "BLINDTRANSFER": EndedBy.TRANSFER,
    "ATTENDEDTRANSFER": EndedBy.TRANSFER,
}
_LEFT = {
    "ABANDON": VisitOutcome.ABANDONED,
    "EXITWITHTIMEOUT": VisitOutcome.TIMED_OUT,
    "EXITEMPTY": VisitOutcome.NO_AGENTS,
    "EXITWITHKEY": VisitOutcome.LEFT_BY_KEY,
    "WITHDRAW": VisitOutcome.TIMED_OUT,  # taken out for a reason that is not ours, not by the caller's wish
    "SYSCOMPAT": VisitOutcome.SYSTEM_DROP,
}
_WITHDRAWN = {MOVE: VisitOutcome.MOVED, CLOSED: VisitOutcome.CLOSED_OUT}
"""By the first word of the reason."""


@dataclass(slots=True)
class Stay:
    """One stay in one queue; `hold` and `talk` are queue_log's own whole seconds."""

    queue: str
    entered_at: datetime
    connected_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: VisitOutcome | None = None
    agent: str | None = None
    agent_leg: str | None = None
    ended_by: EndedBy | None = None
    hold: float | None = None
    talk: float | None = None


def stays_of(rows: Iterable[LedgerEvent]) -> list[Stay]:
    """Stays in order of entering. A row without its ENTERQUEUE (lost) still makes a stay, so that nothing vanishes."""
    stays: list[Stay] = []
    for row in rows:
        queue = row.fields.get("queue", "")
        if row.name == "ENTERQUEUE":
            stays.append(Stay(queue, row.at))
        elif row.name == "CONNECT":
            stay = next((s for s in reversed(stays) if s.queue == queue and s.connected_at is None), None)
            _connect(stay or _begun(stays, queue, row), row)
        elif row.name in _COMPLETED:
            stay = next((s for s in stays if s.queue == queue and s.connected_at and s.ended_at is None), None)
            stay = stay or _begun(stays, queue, row)
            stay.connected_at = stay.connected_at or row.at
            stay.outcome, stay.ended_at, stay.ended_by = VisitOutcome.ANSWERED, row.at, _COMPLETED[row.name]
            stay.talk = number(row.fields.get("calltime"))
            stay.agent = stay.agent or _agent(row)
        elif row.name in _LEFT:
            stay = next((s for s in stays if s.queue == queue and s.connected_at is None and s.ended_at is None), None)
            stay = stay or _begun(stays, queue, row)
            stay.outcome, stay.ended_at = _outcome(row), row.at
    return stays


def _outcome(row: LedgerEvent) -> VisitOutcome:
    why = row.fields.get("info", "").partition(",")[0] if row.name == "WITHDRAW" else ""
    return _WITHDRAWN.get(why) or _LEFT[row.name]


def _begun(stays: list[Stay], queue: str, row: LedgerEvent) -> Stay:
    stays.append(Stay(queue, row.at))
    return stays[-1]


def _connect(stay: Stay, row: LedgerEvent) -> None:
    stay.connected_at, stay.outcome = row.at, VisitOutcome.ANSWERED
    stay.agent, stay.agent_leg = _agent(row), row.fields.get("bridged_leg")
    stay.hold = number(row.fields.get("holdtime"))


def _agent(row: LedgerEvent) -> str | None:
    agent = row.fields.get("agent", "")
    return agent or None
