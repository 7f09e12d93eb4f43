"""What may be done to a case in each state."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from api.cases.case import ANSWER_LIMIT, Case, CaseKind, CaseState, answered, kind_of, taken
from ivr.kernel.errors import Conflict, Invalid
from ivr.kernel.tracking_code import TrackingCode

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
OPEN = Case(TrackingCode.from_number(1), CaseKind.QUESTION, "", None, None, NOW, NOW + timedelta(days=1), {})


def test_open_taken_answered():
    work = taken(OPEN, "casework", NOW)
    assert (work.state, work.details["taken_by"]) == (CaseState.IN_WORK, "casework")
    done = answered(work, "  پاسخ\n\n دوم ", "casework", NOW)
    assert (done.state, done.answered_at, done.details["answer"]) == (CaseState.ANSWERED, NOW, "پاسخ\n\nدوم")
    assert done.details["taken_by"] == "casework"


@pytest.mark.parametrize("state", [CaseState.IN_WORK, CaseState.ANSWERED, CaseState.CLOSED])
def test_only_an_open_case_can_be_taken(state):
    with pytest.raises(Conflict):
        taken(replace(OPEN, state=state), "casework", NOW)


@pytest.mark.parametrize("state", [CaseState.OPEN, CaseState.ANSWERED, CaseState.CLOSED])
def test_only_a_case_in_work_can_be_answered(state):
    with pytest.raises(Conflict):
        answered(replace(OPEN, state=state), "پاسخ", "casework", NOW)


@pytest.mark.parametrize("text", ["", "  \n ", "\u200b\u202e", "x" * (ANSWER_LIMIT + 1)])
def test_an_answer_needs_words_and_an_end(text):
    with pytest.raises(Invalid):
        answered(replace(OPEN, state=CaseState.IN_WORK), text, "casework", NOW)


def test_overdue_is_who_still_waits():
    late = NOW + timedelta(days=2)
    assert OPEN.overdue(late)
    assert not OPEN.overdue(NOW)
    assert not replace(OPEN, state=CaseState.ANSWERED).overdue(late)


@pytest.mark.parametrize(
    ("text", "kind"), [("complaint", CaseKind.COMPLAINT), ("", CaseKind.UNKNOWN), ("x", CaseKind.UNKNOWN)]
)
def test_kinds_from_outside(text, kind):
    assert kind_of(text) is kind
