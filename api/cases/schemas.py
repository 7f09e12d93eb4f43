"""What the API tells of a case."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from api.cases.case import Case, CaseKind, CaseState


class CaseView(BaseModel):
    """One case, as a list shows it."""

    code: str = Field(description="Tracking code: nine digits, the last a check digit.", examples=["123456786"])
    kind: CaseKind
    state: CaseState
    overdue: bool = Field(description="True while the caller still waits and the deadline has passed.")
    caller: str = Field(description="E.164, bare digits of a number we cannot place, or empty when withheld.")
    call_id: str | None = Field(description="The call in which it was opened; null when unknown.")
    recording_id: str | None = Field(description="The voice message; null for a call back.")
    opened_at: datetime
    due_at: datetime
    answered_at: datetime | None
    closed_at: datetime | None
    taken_by: str | None = Field(description="User name of who works on it.")

    @classmethod
    def of(cls, case: Case, now: datetime) -> CaseView:
        return cls(**_shared(case, now))


class Stretch(BaseModel):
    """A stretch of working time that was counted."""

    from_: datetime = Field(serialization_alias="from")
    to: datetime


class DeadlineView(BaseModel):
    """How `due_at` came about."""

    allowance_seconds: float = Field(description="Working time allowed for this kind.")
    intervals: list[Stretch] = Field(description="The stretches counted, in order; together they are the allowance.")
    left_out: list[dict[str, str]] = Field(description="Holidays in between: `day`, `name`.")


class CaseDetail(CaseView):
    """One case with everything that is known of it."""

    deadline: DeadlineView
    answer: str | None = Field(description="The answer, once written.")
    answered_by: str | None
    details: dict[str, Any] = Field(description="Other facts, e.g. `when` and `queue` of a call back.")

    @classmethod
    def of(cls, case: Case, now: datetime) -> CaseDetail:
        own = {"answer", "answered_by", "taken_by"}
        return cls(
            **_shared(case, now),
            deadline=DeadlineView(
                allowance_seconds=case.deadline["allowance_seconds"],
                intervals=[Stretch(from_=start, to=end) for start, end in case.deadline["intervals"]],
                left_out=case.deadline.get("left_out", []),
            ),
            answer=case.details.get("answer"),
            answered_by=case.details.get("answered_by"),
            details={key: value for key, value in case.details.items() if key not in own},
        )


class CaseStateView(BaseModel):
    """As much as a caller may hear on the telephone."""

    code: str
    state: CaseState
    opened_at: datetime
    due_at: datetime


class AnswerForm(BaseModel):
    """The answer to a case."""

    text: str = Field(description="Plain text, at most 4000 characters.", max_length=8000)


def _shared(case: Case, now: datetime) -> dict[str, Any]:
    return {
        "code": case.code,
        "kind": case.kind,
        "state": case.state,
        "overdue": case.overdue(now),
        "caller": case.caller,
        "call_id": case.call_id,
        "recording_id": case.recording_id,
        "opened_at": case.opened_at,
        "due_at": case.due_at,
        "answered_at": case.answered_at,
        "closed_at": case.closed_at,
        "taken_by": case.details.get("taken_by"),
    }
