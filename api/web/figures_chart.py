"""The geometry of the chart of visits and service level over the parts of a day or month; a template draws it. Pure.

Numbers are units of a drawing 960 wide. Time runs from left to right in both languages, as on charts people know.
Above: a bar for each interval, answered at the bottom, then abandoned, other exits, and who still waits. Below: the
service level as a dot for each interval that has one, with the goal as a line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from api.reports.schemas import IntervalFigures

WIDTH, HEIGHT = 960, 280
_LEFT, _RIGHT = 46, 952
_TOP, _FLOOR = 16, 150
_LEVEL_TOP, _LEVEL_FLOOR = 178, 246
LABELS_AT = 270
_GAP = 0.22
"""Share of an interval's width that stays free between two bars."""
_WIDEST = 44.0
"""A bar; a month of which few days have come is not drawn as a wall."""
_KINDS = ("answered", "abandoned", "other_exits", "waiting")
_STEPS = (1, 2, 4, 5, 10, 20, 25, 50)


@dataclass(frozen=True, slots=True)
class Piece:
    """A rectangle of a bar."""

    kind: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Dot:
    """The service level of an interval."""

    x: float
    y: float
    below: bool
    """Below the goal."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A label: its place along the axis, and what stands there."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything the template draws. `lines` joins neighbouring dots; where an interval has no level there is a gap."""

    pieces: list[Piece]
    dots: list[Dot]
    lines: list[str]
    heights: list[Mark]
    """Numbers at the upper axis, as text of plain digits."""
    levels: list[Mark]
    labels: list[Mark]
    goal_y: float
    left: int = _LEFT
    right: int = _RIGHT
    floor: int = _FLOOR
    width: int = WIDTH
    height: int = HEIGHT
    labels_at: int = LABELS_AT


def chart_of(intervals: Sequence[IntervalFigures], labels: Sequence[str], goal: float) -> Chart:
    """`labels`: one for each interval, empty where none shall stand."""
    step = (_RIGHT - _LEFT) / max(len(intervals), 1)
    top = _round_up(max((one.offered for one in intervals), default=0))
    pieces: list[Piece] = []
    dots: list[Dot | None] = []
    for n, one in enumerate(intervals):
        middle = _LEFT + (n + 0.5) * step
        pieces += _bar(one, middle, min(step * (1 - _GAP), _WIDEST), top)
        value = one.service_level.value
        dots.append(None if value is None else Dot(round(middle, 1), _level_y(value), value < goal))
    return Chart(
        pieces=pieces,
        dots=[dot for dot in dots if dot],
        lines=_lines(dots),
        heights=[Mark(_height_y(value, top), str(value)) for value in (0, top // 2, top)],
        levels=[Mark(_level_y(share), str(round(100 * share))) for share in (0.0, 1.0)],
        labels=[Mark(round(_LEFT + (n + 0.5) * step, 1), text) for n, text in enumerate(labels) if text],
        goal_y=_level_y(goal),
    )


def _bar(one: IntervalFigures, middle: float, width: float, top: int) -> list[Piece]:
    pieces: list[Piece] = []
    below = 0
    for kind in _KINDS:
        number: int = getattr(one, kind)
        if number:
            low, high = _height_y(below, top), _height_y(below + number, top)
            pieces.append(Piece(kind, round(middle - width / 2, 1), high, round(width, 1), round(low - high, 1)))
        below += number
    return pieces


def _height_y(number: int, top: int) -> float:
    return round(_FLOOR - (_FLOOR - _TOP) * number / top, 1)


def _level_y(share: float) -> float:
    return round(_LEVEL_FLOOR - (_LEVEL_FLOOR - _LEVEL_TOP) * share, 1)


def _lines(dots: Sequence[Dot | None]) -> list[str]:
    """Points of each unbroken stretch of at least two dots, for `<polyline>`."""
    stretches: list[list[Dot]] = [[]]
    for dot in dots:
        if dot is None:
            stretches.append([])
        else:
            stretches[-1].append(dot)
    return [" ".join(f"{dot.x},{dot.y}" for dot in stretch) for stretch in stretches if len(stretch) > 1]


def _round_up(most: int) -> int:
    """The next round even number, so that the axis has a middle: 7 → 8, 33 → 40."""
    size = 1
    while True:
        for step in _STEPS:
            if step * size * 2 >= max(most, 2):
                return step * size * 2
        size *= 10
