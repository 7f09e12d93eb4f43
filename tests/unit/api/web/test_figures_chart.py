"""The drawing of the figures: heights follow numbers, nothing leaves the frame, a gap stays a gap."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from api.reports.counts import VisitCounts
from api.reports.schemas import IntervalFigures, interval_of
from api.web.figures_chart import HEIGHT, WIDTH, chart_of


def interval(answered: int, abandoned: int = 0, others: int = 0, waiting: int = 0, in_time: int = 0) -> IntervalFigures:
    counts = VisitCounts(
        offered=answered + abandoned + others + waiting,
        answered=answered,
        abandoned=abandoned,
        waiting=waiting,
        answered_in_time=in_time,
    )
    return IntervalFigures.model_validate(interval_of(counts))


def test_a_bar_is_stacked_from_the_floor_in_the_order_of_the_legend() -> None:
    chart = chart_of([interval(6, 3, 1, 2)], ["08"], 0.8)
    assert [piece.kind for piece in chart.pieces] == ["answered", "abandoned", "other_exits", "waiting"]
    below = float(chart.floor)
    for piece in chart.pieces:
        assert abs(piece.y + piece.height - below) < 0.2, "each piece stands on the one before"
        below = piece.y
    answered, abandoned = chart.pieces[0].height, chart.pieces[1].height
    assert abs(answered - 2 * abandoned) < 0.3


def test_the_level_stands_below_or_above_its_goal() -> None:
    chart = chart_of([interval(10, in_time=9), interval(10, in_time=5)], ["08", ""], 0.8)
    good, bad = chart.dots
    assert (good.below, bad.below) == (False, True)
    assert good.y < chart.goal_y < bad.y
    assert [mark.text for mark in chart.labels] == ["08"]


def test_where_nobody_entered_the_line_is_broken_and_no_zero_is_drawn() -> None:
    full, empty = interval(4, in_time=4), interval(0)
    chart = chart_of([full, full, empty, full], [""] * 4, 0.8)
    assert len(chart.dots) == 3
    assert [len(points.split()) for points in chart.lines] == [2]
    assert len(chart.pieces) == 3


def test_the_axis_ends_at_a_round_number_not_below_the_highest_bar() -> None:
    for most, top in ((1, "2"), (7, "8"), (33, "40"), (101, "200"), (4321, "5000")):
        chart = chart_of([interval(most)], [""], 0.8)
        assert [mark.text for mark in chart.heights] == ["0", str(int(top) // 2), top]


@settings(deadline=None)
@given(st.lists(st.tuples(*[st.integers(0, 5000)] * 4), min_size=1, max_size=48))
def test_nothing_leaves_the_frame(numbers: list[tuple[int, int, int, int]]) -> None:
    intervals = [interval(*four, in_time=four[0] // 2) for four in numbers]
    chart = chart_of(intervals, [str(n) for n in range(len(intervals))], 0.8)
    for piece in chart.pieces:
        assert piece.x >= 0
        assert piece.x + piece.width <= WIDTH
        assert piece.y >= 0
        assert piece.y + piece.height <= HEIGHT
        assert piece.height >= 0
    assert all(0 < dot.x < WIDTH and 0 < dot.y < HEIGHT for dot in chart.dots)
