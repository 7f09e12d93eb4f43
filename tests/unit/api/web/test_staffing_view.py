"""What the staffing page says of a day, in figures, sentences, rows and lines."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from importlib.resources import files

import pytest

from api.staffing.accuracy import ForecastError
from api.staffing.forecast import Basis, Forecast
from api.staffing.half_hours import Book, Counted, begins
from api.staffing.schemas import StaffingDay
from api.staffing.view import Line, Told, staffing_day
from api.web.staffing_chart import HEIGHT, LEFT, RIGHT, TOP, WIDTH, calls_chart, operators_chart
from api.web.staffing_view import staffing_view
from api.web.texts import texts
from ivr.kernel.hours import load_hours
from ivr.kernel.persian_text import persian_digits
from routing.staffing.need import StaffingTarget

DAY = date(2026, 11, 30)
NOON = begins(DAY, 24)
OPEN = frozenset(range(16, 40))
CALENDAR = load_hours((files("ivr.data") / "hours.toml").read_text("utf-8")).calendar
FA, EN = texts("fa"), texts("en")


def a_day(
    calls: float | dict[int, float] = 60,
    *,
    now: datetime = NOON,
    days: int = 8,
    basis: Basis = Basis.SAME_WEEKDAY,
    handling: bool = True,
    open_hours: frozenset[int] = OPEN,
    came: dict[int, int] | None = None,
    queue: str | None = None,
    seats: int = 16,
) -> StaffingDay:
    expected = calls if isinstance(calls, dict) else dict.fromkeys(sorted(open_hours), float(calls))
    rests = tuple(DAY - timedelta(weeks=n + 1) for n in range(days))
    seconds = dict.fromkeys(expected, 180.0) if handling else {}
    foretold = Forecast(basis, rests, expected if basis is not Basis.NOTHING else {}, seconds)
    told = {n: Counted(number, number, 180.0 * number) for n, number in (came or {}).items()}
    book = Book({DAY: told} if told else {}, {DAY: open_hours})
    line = Line(CALENDAR, "auto", seats, StaffingTarget(), 8, {})
    return staffing_day(Told(DAY, queue, DAY, book, foretold, ForecastError(28, 600, 1000, 1100, 90)), line, now)


def said(day: StaffingDay, say=EN, now: datetime = NOON) -> str:
    return " ".join(f"{notice.title} {notice.text}" for notice in staffing_view(day, now, say)["notices"])


def figures(day: StaffingDay, say=EN) -> dict[str, tuple[str, str, str]]:
    return {f.name: (f.value, f.note, f.tone) for f in staffing_view(day, NOON, say)["figures"]}


def test_a_quiet_day_says_nothing_but_its_figures() -> None:
    day = a_day(60)
    assert said(day) == ""
    found = figures(day)
    assert found["forecast"] == ("1,440", "0 calls so far", "plain")
    assert found["erlang_c"] == ("9", "at 08:00, 13 in the plan", "plain")
    assert found["over"] == ("0", "of 16 seats", "plain")
    assert found["error_28"] == ("9.0%", "10.0% more than came", "plain")


def test_what_came_is_measured_up_to_now() -> None:
    day = a_day(10, came={16: 12, 17: 20, 23: 4, 24: 99})
    assert figures(day)["forecast"][1] == "36 calls so far", "the half hour that goes on is not counted"
    wape = (2 + 10 + 5 * 10 + 6) / 36
    assert figures(day)["error_day"][:2] == (f"{100 * wape:.1f}%", f"{100 * (80 - 36) / 36:.1f}% more than came")


def test_a_need_beyond_the_seats_is_said_with_its_times_and_what_the_seats_give() -> None:
    calls = dict.fromkeys(range(16, 40), 30.0) | {20: 170.0, 21: 190.0, 30: 180.0}
    text = said(a_day(calls))
    assert "More operators are needed than there are seats." in text
    assert "10:00 to 11:00 and 15:00 to 15:30" in text
    assert re.search(
        r"At 10:30, the busiest half hour, \d+ operators are needed \(Erlang A: \d+\) and there are 16 seats", text
    )
    assert re.search(r"With all of them taken \d+\.\d% of callers are answered within 20 s and \d+\.\d% hang up", text)
    assert text.endswith("if nobody hung up, 0.0%. The target is 80%.")
    assert {row["tone"] for row in staffing_view(a_day(calls), NOON, EN)["rows"]} == {"plain", "act"}
    persian = said(a_day(calls), FA)
    assert "۱۶ جایگاه" in persian
    assert not set("0123456789") & set(persian)


def test_beyond_the_seats_by_erlang_c_alone_is_for_a_look_and_no_alarm() -> None:
    day = a_day(dict.fromkeys(OPEN, 30.0) | {20: 128.0})
    (notice,) = staffing_view(day, NOON, EN)["notices"]
    assert (notice.tone, notice.title) == ("look", "If nobody hung up, the seats would not be enough.")
    assert figures(day)["erlang_c"][2] == "look"
    assert figures(day)["erlang_a"][2] == "plain"


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (a_day(days=2), "based on 2 days only"),
        (a_day(days=0, basis=Basis.NOTHING), "There can be no forecast."),
        (a_day(handling=False), "The need could not be reckoned."),
        (a_day(open_hours=frozenset()), "The line is closed on this day. There are no working hours on it."),
        (a_day(open_hours=frozenset(), queue="general"), "This queue is closed on this day."),
    ],
)
def test_what_is_missing_is_admitted(day: StaffingDay, words: str) -> None:
    assert words in said(day)
    assert said(day, FA) != ""


def test_the_rows_tell_the_half_hour_that_goes_on_and_what_is_not_known() -> None:
    day = a_day(10, came={16: 12, 42: 1}, now=begins(DAY, 24) + timedelta(minutes=10))
    rows = staffing_view(day, begins(DAY, 24) + timedelta(minutes=10), FA)["rows"]
    assert [row["time"] for row in rows if row["current"]] == ["۱۲:۰۰"]
    assert (rows[0]["forecast"], rows[0]["actual"], rows[0]["handling"]) == ("۱۰", "۱۲", "۳:۰۰")
    assert rows[12]["actual"] == "–"
    assert len(rows) == 24, "what comes later than now is not known yet"
    late = staffing_view(a_day(10, came={42: 1}, now=begins(DAY, 48)), begins(DAY, 48), FA)["rows"][-1]
    assert (late["outside"], late["actual"], late["forecast"], late["known"]) == (True, "۱", "–", False)


@pytest.mark.parametrize("basis", [Basis.SAME_WEEKDAY, Basis.HOLIDAYS, Basis.OTHER_DAYS])
@pytest.mark.parametrize("say", [FA, EN])
def test_every_basis_is_told(basis: Basis, say) -> None:
    view = staffing_view(a_day(basis=basis), NOON, say)
    assert ("8" if say is EN else "۸") in view["basis"]
    assert "{" not in view["basis"] + view["assumptions"] + view["calls_sentence"] + view["operators_sentence"]


# -- the drawings


def test_bars_stand_on_the_base_and_are_as_high_as_their_calls() -> None:
    chart = calls_chart(a_day({16: 50.0, 17: 100.0, 39: 25.0}, came={16: 40, 17: 110}), "en")
    assert len(chart.bars) == 3
    assert all(bar.y + bar.height == pytest.approx(chart.axes.base, abs=0.2) for bar in chart.bars)
    heights = [bar.height for bar in chart.bars]
    assert heights[1] == pytest.approx(2 * heights[0], abs=0.3)
    assert heights[2] == pytest.approx(heights[0] / 2, abs=0.3)
    assert chart.bars[0].x < chart.bars[1].x < chart.bars[2].x
    assert len(chart.dots) == 8, "half hours that are over, those without a call too"
    assert chart.dots[1][1] < chart.bars[1].y, "110 came where 100 were foretold"


@pytest.mark.parametrize("calls", [0, 0.4, 7, 60, 480, 4_000])
def test_nothing_is_drawn_outside_of_the_frame(calls: float) -> None:
    day = a_day(calls, came=dict.fromkeys(range(16, 24), int(calls)))
    for chart in (calls_chart(day, "fa"), operators_chart(day, "fa")):
        for box in (*chart.bars, *chart.over_a, *chart.over_c):
            assert box.x >= LEFT
            assert box.x + box.width <= WIDTH - RIGHT + 0.2
            assert box.y >= TOP - 0.2
            assert box.y + box.height <= chart.axes.base + 0.2
            assert box.height >= 0
        for path in chart.paths.values():
            ys = [float(y) for y in re.findall(r",([\d.]+)", path)]
            assert all(TOP - 0.2 <= y <= HEIGHT for y in ys)
        assert 2 <= len(chart.axes.lines) <= 7
        assert chart.ceiling is None or TOP <= chart.ceiling <= chart.axes.base


def test_what_passes_the_seats_is_filled_from_the_ceiling_up() -> None:
    chart = operators_chart(a_day({20: 170.0, 21: 30.0}), "en")
    assert chart.ceiling is not None
    (red,), (amber,) = chart.over_a, chart.over_c
    assert red.y + red.height == pytest.approx(chart.ceiling, abs=0.2)
    assert amber.y + amber.height == pytest.approx(red.y, abs=0.2)
    assert operators_chart(a_day(30), "en").over_c == []


def test_a_stair_breaks_where_the_line_is_closed() -> None:
    chart = operators_chart(a_day(dict.fromkeys((16, 17, 30, 31), 30.0), open_hours=frozenset({16, 17, 30, 31})), "en")
    assert chart.paths["erlang_c"].count("M") == 2
    assert chart.axes.hours[0].label == "08:00"


def test_a_closed_day_has_empty_drawings() -> None:
    day = a_day(open_hours=frozenset())
    assert calls_chart(day, "fa").bars == []
    assert operators_chart(day, "fa").paths == {"erlang_c": "", "erlang_a": ""}


@pytest.mark.parametrize(("planned", "tone"), [(None, "plain"), (13, "plain"), (12, "look"), (0, "act")])
def test_the_plan_is_held_against_the_people_to_schedule(planned: int | None, tone: str) -> None:
    """60 calls need 9 operators by Erlang C, 13 in the plan; 8 or fewer by Erlang A."""
    day = a_day(60)
    for row in day.half_hours:
        row.planned = planned
    row = staffing_view(day, NOON, FA)["rows"][-1]
    assert (row["planned_tone"], row["planned"]) == (tone, "–" if planned is None else persian_digits(str(planned)))
    over = staffing_view(day, NOON, FA)["rows"][0]
    assert over["planned_tone"] == "plain", "what is over is history"
    assert staffing_view(day, NOON, FA)["has_plan"] == (planned is not None)
