"""Deadlines in the working time of casework: Saturday to Wednesday, 08:00 to 16:00 in Tehran."""

from datetime import datetime, timedelta
from importlib.resources import files

import pytest

from api.cases.case import CaseKind
from api.cases.deadlines import deadline_for, explained
from ivr.kernel.clock import TEHRAN
from ivr.kernel.hours import load_hours

HOURS = load_hours(files("ivr.data").joinpath("hours.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("opened", "due"),
    [
        ("2026-11-21T09:00", "2026-11-22T09:00"),  # Saturday morning → Sunday morning
        ("2026-11-21T22:00", "2026-11-22T16:00"),  # Saturday night counts from Sunday 08:00
        ("2026-11-25T12:00", "2026-11-28T12:00"),  # Wednesday noon → Saturday noon, over the weekend
        ("2026-11-27T10:00", "2026-11-28T16:00"),  # Friday
    ],
)
def test_a_call_back_is_due_after_one_working_day(opened, due):
    deadline = deadline_for(CaseKind.CALLBACK, datetime.fromisoformat(opened).replace(tzinfo=TEHRAN), HOURS)
    assert deadline.due_at == datetime.fromisoformat(due).replace(tzinfo=TEHRAN)


@pytest.mark.parametrize(("kind", "days"), [("complaint", 15), ("question", 5), ("suggestion", 20), ("unknown", 5)])
def test_the_explanation_adds_up_to_the_allowance(kind, days):
    opened = datetime(2026, 11, 21, 9, 30, tzinfo=TEHRAN)
    told = explained(deadline_for(CaseKind(kind), opened, HOURS))
    spans = [datetime.fromisoformat(end) - datetime.fromisoformat(start) for start, end in told["intervals"]]
    assert sum(spans, timedelta(0)) == timedelta(hours=8 * days)
    assert told["allowance_seconds"] == 8 * 3600 * days


def test_a_holiday_is_left_out_and_named():
    before_nowruz = datetime(2026, 3, 18, 12, 0, tzinfo=TEHRAN)
    told = explained(deadline_for(CaseKind.QUESTION, before_nowruz, HOURS))
    assert any(holiday["day"] == "2026-03-21" and holiday["name"] for holiday in told["left_out"])
