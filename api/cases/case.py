"""A case, its states and what may be done to it in each. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from ivr.kernel.errors import Conflict, Invalid
from ivr.kernel.ids import CallId, RecordingId
from ivr.kernel.persian_text import clean
from ivr.kernel.tracking_code import TrackingCode

ANSWER_LIMIT = 4000
"""Characters of an answer: two pages; longer ones belong into a letter."""


class CaseKind(StrEnum):
    """What the caller wanted."""

    COMPLAINT = "complaint"
    QUESTION = "question"
    SUGGESTION = "suggestion"
    CALLBACK = "callback"
    UNKNOWN = "unknown"
    """Left while the doors were down, so nobody asked."""


class CaseState(StrEnum):
    """Where a case is."""

    OPEN = "open"
    IN_WORK = "in_work"
    ANSWERED = "answered"
    CLOSED = "closed"


WAITING = (CaseState.OPEN, CaseState.IN_WORK)
"""The states in which the caller still waits, so that a deadline can pass."""

MOVES: Mapping[CaseState, frozenset[CaseState]] = {
    CaseState.OPEN: frozenset({CaseState.IN_WORK}),
    CaseState.IN_WORK: frozenset({CaseState.ANSWERED}),
    CaseState.ANSWERED: frozenset({CaseState.CLOSED}),
    CaseState.CLOSED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Case:
    """One case. `caller` is in stored form (E.164, bare digits, or empty); `deadline` explains `due_at`."""

    code: TrackingCode
    kind: CaseKind
    caller: str
    call_id: CallId | None
    recording_id: RecordingId | None
    opened_at: datetime
    due_at: datetime
    deadline: dict[str, Any]
    state: CaseState = CaseState.OPEN
    answered_at: datetime | None = None
    closed_at: datetime | None = None
    details: dict[str, Any] = field(default_factory=dict)

    def overdue(self, now: datetime) -> bool:
        return self.state in WAITING and self.due_at < now


def kind_of(text: str) -> CaseKind:
    """A kind as a door wrote it; what we do not know is `unknown`, never a refusal."""
    return next((kind for kind in CaseKind if kind.value == text), CaseKind.UNKNOWN)


def taken(case: Case, who: str, now: datetime) -> Case:
    """Somebody works on it from now on. `Conflict` unless it is open."""
    moved = _moved(case, CaseState.IN_WORK)
    return replace(moved, details={**case.details, "taken_by": who, "taken_at": now.isoformat()})


def answered(case: Case, text: str, who: str, now: datetime) -> Case:
    """The answer is written. `Conflict` unless it is in work; `Invalid` for an answer without words."""
    words = "\n".join(clean(line, ANSWER_LIMIT + 1) for line in text.splitlines()).strip()
    if not words:
        raise Invalid("An answer needs words.", code="answer_empty", field="text")
    if len(words) > ANSWER_LIMIT:
        raise Invalid(f"An answer may have {ANSWER_LIMIT} characters.", code="answer_too_long", field="text")
    moved = _moved(case, CaseState.ANSWERED)
    return replace(moved, answered_at=now, details={**case.details, "answer": words, "answered_by": who})


def _moved(case: Case, to: CaseState) -> Case:
    if to not in MOVES[case.state]:
        raise Conflict(
            f"The case is {case.state.value} and cannot become {to.value}. Load it again to see who changed it.",
            code="case_moved_on",
        )
    return replace(case, state=to)
