"""What the two ledgers say happened in one call, told without our fold: the checker's own, cruder reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.faults.checker.evidence import CelRow, Evidence, QueueRow
from tests.faults.checker.limits import LOST_WITH_ASTERISK, MESSAGE_BEGAN

_LEFT = {
    "ABANDON": "abandoned",
    "EXITWITHTIMEOUT": "timed_out",
    "WITHDRAW": "timed_out",
    "EXITEMPTY": "no_agents",
    "EXITWITHKEY": "abandoned",
    "SYSCOMPAT": "system_drop",
}
_STATUS = {
    "FULL": "refused_full",
    "JOINEMPTY": "no_agents",
    "JOINUNAVAIL": "no_agents",
    "LEAVEEMPTY": "no_agents",
    "LEAVEUNAVAIL": "no_agents",
    "TIMEOUT": "timed_out",
    "WITHDRAW": "timed_out",
    "LIMIT": "timed_out",
    "KEY": "abandoned",
    "MOVED": "abandoned",
    "CLOSED": "closed_out",
}
TALKED = ("COMPLETECALLER", "COMPLETEAGENT", "BLINDTRANSFER", "ATTENDEDTRANSFER")
TERMINAL = (*TALKED, *_LEFT)


@dataclass(slots=True)
class Stay:
    """One attempt to reach an operator: from the dialplan's `talk` to whatever ended it."""

    queue: str
    recording: str
    began_at: datetime
    bridged_at: datetime | None = None
    talk_end: datetime | None = None
    left_at: datetime | None = None
    """The dialplan went on, or the caller was gone."""
    status: str | None = None

    @property
    def talk_seconds(self) -> float | None:
        """Length of the talk, when both its ends are known."""
        if self.bridged_at is None or self.talk_end is None:
            return None
        return (self.talk_end - self.bridged_at).total_seconds()


@dataclass(slots=True)
class Left:
    """A voice message by its milestones."""

    message: str
    began_at: datetime
    ended_at: datetime | None = None
    code: str = ""
    states: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Facts:
    """One call."""

    call: str
    rows: Sequence[CelRow]
    queue_rows: Sequence[QueueRow]
    ended_at: datetime | None
    cut_at: datetime | None
    """A start of Asterisk ended it."""
    stays: list[Stay] = field(default_factory=list)
    messages: dict[str, Left] = field(default_factory=dict)
    scores: list[int] = field(default_factory=list)
    callbacks: set[str] = field(default_factory=set)

    def said(self, name: str) -> list[CelRow]:
        return [row for row in self.rows if row.name == name]

    @property
    def talked(self) -> bool:
        """A talk took place and its end is known."""
        ends = any(row.name in TALKED for row in self.queue_rows)
        return ends or any(stay.talk_seconds is not None for stay in self.stays)

    @property
    def connected(self) -> bool:
        return any(row.name == "CONNECT" for row in self.queue_rows) or any(stay.bridged_at for stay in self.stays)


def facts_of(evidence: Evidence, call: str) -> Facts:
    """Read the call's rows once, in order."""
    rows = evidence.caller_rows(call)
    facts = Facts(call, rows, evidence.queue_rows_of.get(call, ()), evidence.end_of(call), evidence.cut_by_boot(call))
    stay: Stay | None = None
    for row in rows:
        stay = _stay(facts, stay, row)
        if row.name == "message" and row.said.get("message"):
            _message(facts, row)
        elif row.name == "score" and row.said.get("value", "").isdigit() and 1 <= int(row.said["value"]) <= 5:
            facts.scores.append(int(row.said["value"]))
        elif row.name == "callback":
            facts.callbacks.add(row.said.get("code", ""))
    return facts


def _stay(facts: Facts, stay: Stay | None, row: CelRow) -> Stay | None:
    if row.name == "talk":
        queue = row.said.get("queue", "").removeprefix("q-")
        facts.stays.append(Stay(queue, row.said.get("recording", ""), row.at))
        return facts.stays[-1]
    if stay is None:
        return None
    if row.name == "BRIDGE_ENTER":
        stay.bridged_at, stay.talk_end = stay.bridged_at or row.at, None
    elif row.name == "BRIDGE_EXIT" and stay.bridged_at:
        stay.talk_end = row.at
    elif row.name == "queue":
        stay.status, stay.left_at = row.said.get("status", ""), row.at
        return None
    elif row.name in ("HANGUP", "CHAN_END", "final"):
        stay.left_at = stay.left_at or row.at
    return stay


def _message(facts: Facts, row: CelRow) -> None:
    name, state = row.said["message"], row.said.get("state", "")
    left = facts.messages.setdefault(name, Left(name, row.at))
    if state in ("started", "redone"):
        left.began_at, left.ended_at = row.at, None
    elif left.ended_at is None:
        left.ended_at = row.at
    left.code = row.said.get("code") or left.code
    left.states.append(state)


def message_seconds(facts: Facts, left: Left) -> float | None:
    """How long it was recorded at least, by the ledger."""
    end = left.ended_at or facts.ended_at
    return (end - left.began_at).total_seconds() if end else None


def possible_ends(evidence: Evidence, facts: Facts) -> set[str]:
    """Dispositions that agree with the ledgers; more than one where only the sound or a lost row could decide."""
    lost = {"lost_by_restart"} if facts.cut_at else set[str]()
    if facts.talked:
        return {"answered"} | (lost if not any(row.name in TALKED for row in facts.queue_rows) else set())
    if facts.connected:
        return {"answered"} | lost if not facts.cut_at else lost
    ends: set[str] = set()
    heard = [_heard(evidence, facts, left) for left in facts.messages.values()]
    if True in heard:
        return {"left_message"} | lost
    if None in heard:
        ends.add("left_message")
    if facts.callbacks:
        return ends | {"callback_requested"} | lost
    if facts.cut_at:
        return ends | lost
    return ends | _unserved(facts) | _cut_short(evidence, facts)


def _heard(evidence: Evidence, facts: Facts, left: Left) -> bool | None:
    """Whether it holds speech, by the row about its sound; None while nobody knows."""
    row = evidence.recordings_by_id.get(left.message)
    if row is not None:
        return row["state"] != "empty"
    seconds = message_seconds(facts, left)
    return False if seconds is not None and seconds < MESSAGE_BEGAN / 4 else None


def _unserved(facts: Facts) -> set[str]:
    if facts.stays or facts.queue_rows:
        return _of_last_stay(facts)
    if facts.said("delivered"):
        return {"self_served"}
    if any(row.said.get("reason") == "exhausted" for row in facts.said("fallback")):
        return {"system_drop"}
    if any(row.said.get("open") == "0" for row in facts.said("decision")):
        return {"after_hours"}
    return {"menu_abandoned"}


def _of_last_stay(facts: Facts) -> set[str]:
    last = facts.stays[-1] if facts.stays else None
    terminals = [row for row in facts.queue_rows if row.name in _LEFT]
    if last is None:
        return {_end(terminals[-1])} if terminals else {"abandoned"}
    mine = [row for row in terminals if row.queue == last.queue and row.at >= last.began_at - timedelta(seconds=1)]
    told = {_end(row) for row in mine[-1:]}
    if last.status in _STATUS and not (told and last.status == "LIMIT"):
        told = told or {_STATUS[last.status]}
    return told or {"abandoned"}


def _end(row: QueueRow) -> str:
    """Who was withdrawn to be moved and has no further stay gave up between two queues."""
    why = row.values[3].split(",")[0] if row.name == "WITHDRAW" and row.values[3:4] else ""
    return {"move": "abandoned", "closed": "closed_out"}.get(why) or _LEFT[row.name]


def _cut_short(evidence: Evidence, facts: Facts) -> set[str]:
    """A kill of Asterisk a moment after the last row may have taken rows with it; a silent old call is unknown."""
    if facts.ended_at is not None:
        boot = evidence.boot_after(facts.ended_at)
        near = boot is not None and (boot - facts.ended_at).total_seconds() < LOST_WITH_ASTERISK
        return {"lost_by_restart"} if near else set()
    return {"lost_unknown"}
