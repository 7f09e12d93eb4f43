"""How near a case is to its deadline, and the deadline's explanation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from api.cases.case import CaseState
from api.web.case_view import due_mark, working_words
from api.web.texts import texts

NOW = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("state", "left", "tone", "word"),
    [
        (CaseState.OPEN, timedelta(days=3), "plain", "در مهلت"),
        (CaseState.OPEN, timedelta(hours=23), "look", "نزدیک مهلت"),
        (CaseState.IN_WORK, timedelta(seconds=-1), "act", "از مهلت گذشته"),
        (CaseState.ANSWERED, timedelta(days=-9), "good", "پاسخ داده‌شده"),
    ],
)
def test_a_deadline_is_marked_by_word_and_tone(state: CaseState, left: timedelta, tone: str, word: str) -> None:
    mark = due_mark(state, NOW + left, NOW, texts("fa"))
    assert (mark.tone, mark.word) == (tone, word)


def test_working_time_is_never_told_in_days() -> None:
    assert working_words(timedelta(hours=40), texts("fa")) == "۴۰ ساعت"
    assert working_words(timedelta(hours=7, minutes=30), texts("fa")) == "۷ ساعت و ۳۰ دقیقه"
    assert working_words(timedelta(minutes=12), texts("en")) == "12 min"
