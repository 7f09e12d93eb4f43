"""Today against its forecast in words and lines."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.floor.schemas import DayHalfHour, DayNow
from api.reports.periods import HALF_HOUR
from api.web.floor_day_chart import HEIGHT, LEFT, WIDTH, calls_drawing, people_drawing
from api.web.floor_day_view import day_view, difference, so_far, staff
from api.web.texts import texts

OPENS = datetime(2026, 11, 28, 4, 30, tzinfo=UTC)


def a_half(number: int, **changed: Any) -> DayHalfHour:
    told: dict[str, Any] = {
        "starts_at": OPENS + number * HALF_HOUR, "ends_at": OPENS + (number + 1) * HALF_HOUR, "open": True, "going_on": False,
        "forecast": 20.0, "came": 23, "offered": 22, "answered": 19, "need": 6, "need_by_c": 7, "planned": 5, "present": 5.5,
    }  # fmt: skip
    return DayHalfHour.model_validate(told | changed)


def a_day(*halves: DayHalfHour, **changed: Any) -> DayNow:
    told: dict[str, Any] = {
        "counted_at": OPENS, "mark": "m", "half_hours": list(halves), "offered_so_far": 415, "came_so_far": 420, "forecast_so_far": 389.6, "here": 9,
        "planned": 11, "need": 12,
    }  # fmt: skip
    return DayNow.model_validate(told | changed)


def test_two_sentences_say_how_the_day_goes() -> None:
    plain = so_far(a_day(), texts("en")).replace("\u2066", "").replace("\u2069", "")
    assert plain == "Up to the last half hour: 420 came, 390 foretold (+8%)"
    assert staff(a_day(), texts("fa")) == "اکنون: نیروی لازم ۱۲، در برنامه ۱۱، حاضر ۹"
    assert "–" in staff(a_day(planned=None), texts("fa")), "where nobody plans"


@pytest.mark.parametrize(
    ("offered", "forecast", "text"), [(108, 100, "+8%"), (92, 100, "−8%"), (100, 100, "0%"), (5, 0, "–")]
)
def test_a_difference_has_its_sign(offered: int, forecast: float, text: str) -> None:
    assert difference(offered, forecast, "en").strip("\u2066\u2069") == text


def test_without_a_forecast_only_the_calls_are_told() -> None:
    assert "415" in so_far(a_day(forecast_so_far=None), texts("en"))
    assert so_far(a_day(forecast_so_far=None, offered_so_far=0), texts("en")) == ""


def test_what_is_not_known_is_a_dash_in_the_table() -> None:
    row = day_view(a_day(a_half(0, came=None, offered=None, answered=None, present=None, forecast=None)), texts("fa"))[
        "rows"
    ][0]
    assert (row["offered"], row["present"], row["forecast"], row["need"]) == ("–", "–", "–", "۶")


def test_the_half_hour_that_goes_on_is_marked_and_the_unanswered_stand_on_the_answered() -> None:
    drawing = calls_drawing(
        [a_half(0), a_half(1, going_on=True, came=3, offered=3, answered=3), a_half(2, came=None, offered=None)], "fa"
    )
    assert drawing.going_on is not None
    assert drawing.going_on.x == round(LEFT + (WIDTH - LEFT - 6) / 3, 1)
    assert (len(drawing.forecast), len(drawing.answered), len(drawing.unanswered)) == (3, 2, 1)
    [lost], answered = drawing.unanswered, drawing.answered[0]
    assert lost.y + lost.height == pytest.approx(answered.y, abs=0.2)


def test_a_plan_with_a_gap_is_a_line_with_a_gap() -> None:
    drawing = people_drawing([a_half(0), a_half(1, planned=None), a_half(2)], "fa")
    assert drawing.paths["planned"].count("M") == 2
    assert drawing.paths["need"].count("M") == 1


COUNTS = st.none() | st.integers(0, 20_000)


@given(st.lists(st.tuples(COUNTS, COUNTS, st.none() | st.floats(0, 1e4)), max_size=48))
def test_nothing_is_drawn_outside_of_the_frame(values: list[tuple[int | None, int | None, float | None]]) -> None:
    halves = [
        a_half(
            n,
            came=offered,
            offered=offered,
            answered=(offered or 0) // 2,
            need=need,
            planned=need,
            forecast=number,
            present=number,
        )
        for n, (offered, need, number) in enumerate(values)
    ]
    calls, people = calls_drawing(halves, "en"), people_drawing(halves, "fa")
    for box in (*calls.forecast, *calls.answered, *calls.unanswered):
        assert LEFT - 0.2 <= box.x <= box.x + box.width <= WIDTH
        assert 0 <= box.y <= box.y + box.height <= HEIGHT
    for path in people.paths.values():
        for y in re.findall(r",(-?[\d.]+)", path):
            assert 0 <= float(y) <= HEIGHT
