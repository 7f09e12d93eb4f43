"""Hours and closures written by a hurried hand: refused with the place, or a calendar that answers every question.

The doors ask the calendar in the middle of a call and the worker when it opens a case; neither can repair a file.
"""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.kernel.errors import Invalid
from ivr.kernel.hours import CASEWORK, Hours, load_closures, load_hours
from ivr.kernel.opening import takes_callers
from ivr.kernel.working_time import due_after
from tests.effort import explore, tried
from tests.fakes import line_data
from tests.unit.ivr.menu.damage import damaged, toml

SHIPPED: dict[str, Any] = tomllib.loads(line_data.text("hours.toml"))
Read = TypeVar("Read")
KINDS = ("complaint", "question", "suggestion", "callback", "unknown")
ODD = st.one_of(
    st.sampled_from([
        "08:00-14:00", "14:00-08:00", "00:00-24:00", "24:00-24:00", "8:00-9:00", "۰۸:۰۰-۱۴:۰۰", "08:00-14:00\n", "", "1405/12/30",
        "1404/12/30", "9999/01/01", "9378/01/01", "0001/01/01", "1405/13/01", "casework", "question", "saturday", "friday",
        float("nan"), float("inf"), -1, 0, 24, 25, 1e300, 5e-324, 10**30, True, None, [], {}, ["08:00-14:00", "13:00-15:00"],
    ]),
    st.text(max_size=12),
)  # fmt: skip
INSTANTS = st.datetimes(datetime(2021, 1, 1), datetime(2034, 1, 1), timezones=st.just(UTC))


def read(load: Callable[[str], Read], text: str) -> Read | None:
    """What the file says, or None when it is refused as it should be."""
    try:
        return load(text)
    except Invalid as error:
        refused = error
    assert refused.code == "hours_invalid"
    assert "\n  " in refused.message, "no problem is named"
    return None


def answers(hours: Hours, at: datetime) -> None:
    """Every question that doors and worker ask has an answer."""
    for section in hours.calendar.sections:
        takes_callers(hours.calendar, section, at)
        opening = hours.calendar.next_opening(section, at)
        assert opening is None or opening >= at
    for kind in KINDS:
        deadline = due_after(hours.calendar, CASEWORK, at, hours.allowance(kind))
        assert at <= deadline.due_at <= at + timedelta(days=3 * 366)


@tried(quick=150, thorough=10_000)
def test_damaged_hours_are_refused_or_answer_everything(examples: int) -> None:
    @given(damaged(SHIPPED, ODD), INSTANTS)
    def holds(tree: dict[str, Any], at: datetime) -> None:
        hours = read(load_hours, toml(tree))
        if hours is not None:
            answers(hours, at)

    explore(examples, holds)


STAMPS = st.one_of(
    st.sampled_from(["0001-01-01T00:00:00+03:30", "9999-12-31T23:59:59-03:30", "2026-11-21T08:00:00+03:30", "2026-11-21T08:00:00",
                     "2026-11-21T09:00:00Z", "2026-11-21", "08:00:00", "2026-02-30T08:00:00Z", '"2026-11-21T08:00:00+03:30"', "1", "inf"]),
    st.datetimes(timezones=st.sampled_from([UTC, None])).map(datetime.isoformat),
)  # fmt: skip
SECTIONS = st.sampled_from(['"general"', '"casework"', '""', '"nowhere"', "1", "[]", "true"])
CHANGES = st.builds(
    lambda kind, start, end, section: f"[[{kind}]]\nfrom = {start}\nto = {end}\nsection = {section}\n",
    st.sampled_from(["closure", "opening", "holiday"]), STAMPS, STAMPS, SECTIONS,
)  # fmt: skip


@tried(quick=150, thorough=20_000)
def test_any_closures_are_refused_or_the_calendar_still_answers(examples: int) -> None:
    @given(st.lists(CHANGES, max_size=4).map("".join), st.text(max_size=10), INSTANTS)
    def holds(text: str, junk: str, at: datetime) -> None:
        for written in (text, text + junk):
            if (changes := read(load_closures, written)) is None:
                continue
            calendar = line_data.hours().calendar.with_closures(changes)
            for section in calendar.sections:
                assert takes_callers(calendar, section, at) in (True, False)
                assert takes_callers(calendar, section, at, "always") in (True, False)

    explore(examples, holds)


@pytest.mark.parametrize("text", ["x = " + "[" * 5000, "x = " + "9" * 5000, "x" * 100_000, "[" * 3000])
def test_a_file_that_exhausts_its_reader_is_refused_as_any_other(text: str) -> None:
    for load in (load_hours, load_closures):
        with pytest.raises(Invalid):
            load(text)


def test_an_instant_before_all_time_is_refused() -> None:
    """It has no UTC form; the overflow used to end the conversation of each caller until the file was mended."""
    with pytest.raises(Invalid, match="closure 1"):
        load_closures("[[closure]]\nfrom = 0001-01-01T00:00:00+03:30\nto = 2026-11-21T08:00:00Z\n")


@pytest.mark.parametrize("days", ["nan", "inf", "1e300", "-1", "0", "5e-324", "4000"])
def test_an_allowance_that_is_no_number_of_days_is_refused(days: str) -> None:
    """`nan` is neither above nor below zero: it passed, and no case could be opened any more."""
    with pytest.raises(Invalid, match=r"allowance_days\.question must be"):
        load_hours(line_data.text("hours.toml").replace("question = ", f"question = {days} # ", 1))


def test_casework_that_never_works_is_refused() -> None:
    tree = copy.deepcopy(SHIPPED)
    tree["sections"][CASEWORK] = {}
    with pytest.raises(Invalid, match="casework"):
        load_hours(toml(tree))
