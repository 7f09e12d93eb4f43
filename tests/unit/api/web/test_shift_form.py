"""The form of a shift: what people type becomes a shift, or every field that is wrong is told."""

from __future__ import annotations

from datetime import time

import pytest

from api.roster.schemas import ShiftView
from api.web.shift_form import FIELDS, Typed, shift_typed, typed_shift
from api.web.shift_view import days_text, shift_row
from api.web.texts import texts
from routing.roster.shifts import Break, Hours, Shift

NIGHT = {
    "name_fa": "شب",
    "name_en": "Night",
    "code_fa": "ش",
    "code_en": "N",
    "begins": "۲۲:۰۰",
    "ends": "6",
    "break-0": "00.30",
    "minutes-0": "۱۵",
    "break-2": "03:00",
    "minutes-2": "30",
    "weekday-0": "yes",
    "weekday-6": "yes",
}


def wrong(**changed: str) -> dict[str, str]:
    """Field → code of what is told there."""
    _, problems = shift_typed(typed_shift(NIGHT | changed))
    assert set(problems) <= set(FIELDS)
    return {field: error.code for field, error in problems.items()}


def test_a_night_shift_as_people_type_it() -> None:
    shift, problems = shift_typed(typed_shift(NIGHT))
    assert problems == {}
    breaks = (Break(time(0, 30), 15), Break(time(3), 30))
    assert shift == Shift("ش", "N", "شب", "Night", Hours(time(22), time(6)), breaks, frozenset({0, 6}))


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"begins": ""}, {"begins": "shift_hours_missing"}),
        ({"ends": "25:00"}, {"ends": "cell_hours_unreadable"}),
        ({"ends": "22:00"}, {"ends": "hours_empty"}),
        ({"break-2": "00:40"}, {"break-2": "breaks_overlap"}),
        ({"break-0": "05:50"}, {"break-0": "break_outside"}),
        ({"break-0": "12:00"}, {"break-0": "break_outside"}),
        ({"break-1": "01:00", "minutes-1": ""}, {"break-1": "break_length"}),
        ({"break-1": "01:00", "minutes-1": "241"}, {"break-1": "break_length"}),
        ({"break-1": "", "minutes-1": "15"}, {"break-1": "break_begin_missing"}),
        ({"break-1": "ساعت یک", "minutes-1": "15"}, {"break-1": "cell_hours_unreadable"}),
        ({"code_fa": ""}, {"code_fa": "shift_code_unreadable"}),
        ({"code_en": "N 1"}, {"code_en": "shift_code_unreadable"}),
        ({"name_en": " \u202e"}, {"name_en": "shift_name"}),
        (
            {"begins": "x", "break-1": "01:00", "minutes-1": "0", "name_fa": "", "code_en": "1"},
            {
                "begins": "cell_hours_unreadable",
                "break-1": "break_length",
                "name_fa": "shift_name",
                "code_en": "shift_code_unreadable",
            },
        ),
    ],
)
def test_each_field_that_is_wrong_is_told_at_once(changed: dict[str, str], told: dict[str, str]) -> None:
    assert wrong(**changed) == told


def test_a_shift_is_held_on_some_day() -> None:
    none = {name: value for name, value in NIGHT.items() if not name.startswith("weekday")}
    _, problems = shift_typed(typed_shift(none))
    assert problems["weekdays"].code == "shift_weekdays"


def test_what_was_typed_is_shown_again() -> None:
    typed = typed_shift(NIGHT | {"begins": "x"})
    assert (typed.begins, typed.breaks[2], typed.weekdays) == ("x", ("03:00", "30"), frozenset({0, 6}))
    assert typed_shift({}) == Typed(weekdays=frozenset())


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ([0, 1, 2, 3, 4, 5], "شنبه تا پنج‌شنبه"),
        ([5, 4, 6, 3, 2, 1, 0], "هر روز"),
        ([4, 5], "چهارشنبه، پنج‌شنبه"),
        ([0, 2, 6], "شنبه، دوشنبه، جمعه"),
    ],
)
def test_days_are_told_as_people_say_them(days: list[int], words: str) -> None:
    assert days_text(days, texts("fa")) == words


def test_a_shift_over_midnight_says_so() -> None:
    shift, _ = shift_typed(typed_shift(NIGHT))
    assert shift is not None
    told = shift_row(ShiftView.of(shift), texts("en"))
    assert told["hours"] == "22:00 to 06:00 of the next day"
    assert told["breaks"] == ["00:30, 15 min", "03:00, 30 min"]
