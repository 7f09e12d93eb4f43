"""The hours file and the closures file: what is wrong is told with its place, all of it at once."""

from datetime import date

import pytest

from ivr.kernel.errors import Invalid
from ivr.kernel.hours import load_closures, load_hours
from tests.fakes import line_data

GOOD = """
working_day_hours = 8
days = [{ day = "1405/01/05", open = false, name = "ما" }, { day = "1405/01/01", open = true }]
[allowance_days]
question = 5
[sections.casework]
saturday = ["08:00-12:00", "20:00-24:00"]
"""


def problems_of(text: str) -> str:
    with pytest.raises(Invalid) as caught:
        load_hours(text)
    return caught.value.message


def test_the_shipped_file_names_every_queue_and_is_closed_on_friday() -> None:
    sections = line_data.hours().calendar.sections
    assert set(sections) == line_data.QUEUES | {"casework"}
    assert all(6 not in week for week in sections.values())


def test_jalali_overrides_become_days() -> None:
    calendar = load_hours(GOOD).calendar
    assert calendar.holiday(date(2026, 3, 25)) == "ما"
    assert calendar.holiday(date(2026, 3, 21)) == ""


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (('"08:00-12:00"', '"12:00-08:00"'), "sections.casework.saturday: '12:00-08:00' must end after it starts"),
        (('"08:00-12:00"', '"8-12"'), "is no window"),
        (('"08:00-12:00"', '"08:00-21:00"'), "two windows overlap"),
        (("saturday", "caturday"), "sections.casework.caturday"),
        (("1405/01/05", "1405/12/30"), "is no Jalali day"),
        (("question = 5", "complaint = 5"), "allowance_days.question is missing"),
        (("question = 5", "question = -5"), "above 0"),
        (("sections.casework", "sections.general"), "[sections.casework] is missing"),
        (("working_day_hours = 8", "working_day_hours = 8\nworking_day_hours = 9"), "at line 3"),
        (("working_day_hours = 8", "unknown = 8"), "unknown"),
    ],
)
def test_a_wrong_hours_file_says_where(change: tuple[str, str], told: str) -> None:
    load_hours(GOOD)
    assert told in problems_of(GOOD.replace(*change))


def test_all_problems_come_at_once() -> None:
    told = problems_of(GOOD.replace("08:00-12:00", "x").replace("1405/01/05", "y"))
    assert "'x'" in told
    assert "'y'" in told


def test_closures_are_read_with_their_zone() -> None:
    closing, opening = load_closures(
        '[[closure]]\nfrom = 2026-11-21T08:00:00+03:30\nto = "2026-11-21T10:00:00+03:30"\nreason = "برف"\n'
        "[[opening]]\nfrom = 2026-11-27T08:00:00Z\nto = 2026-11-27T09:00:00Z\nsection = 'insurance'\n"
    )
    assert (closing.open, closing.reason, closing.section) == (False, "برف", "")
    assert closing.interval.start.isoformat() == "2026-11-21T04:30:00+00:00"
    assert (opening.open, opening.section) == (True, "insurance")
    assert load_closures("") == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "[[closure]]\nfrom = 2026-11-21T08:00:00\nto = 2026-11-21T10:00:00",
            "closure 1: write instants with their zone",
        ),
        ("[[opening]]\nfrom = 2026-11-21T08:00:00Z\nto = 2026-11-21T08:00:00Z", "opening 1: `to` must be later"),
        ("[[closure]]\nto = 2026-11-21T08:00:00Z", "closure.0.from"),
        ("[[closure", "closures file has problems"),
    ],
)
def test_a_wrong_closures_file_says_where(text: str, told: str) -> None:
    with pytest.raises(Invalid) as caught:
        load_closures(text)
    assert told in caught.value.message
