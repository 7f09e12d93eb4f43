"""Geometry of the two drawings of today against its forecast, in units of their view box. Pure.

Time runs from left to right in both languages. All numbers stand in the table beside the drawings, so these are pictures to a
screen reader and carry a sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from api.floor.schemas import DayHalfHour
from api.reports.periods import HALF_HOUR
from api.web import shown
from api.web.staffing_chart import Box, Mark

WIDTH, HEIGHT = 640, 178
LEFT, RIGHT, TOP, BOTTOM = 38, 6, 14, 22
_STEPS = (1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 5000, 10_000)
_MOST_LINES = 4
_HOURS = (1, 2, 3, 4, 6)
_ROOM_OF_A_TIME = 42
"""So wide is a time of the day under the drawing, with the space beside it; hours between are left out."""


@dataclass(frozen=True, slots=True)
class DayChart:
    """One drawing. `base` is the height of nothing; paths are SVG path data, empty ones are not drawn."""

    base: float
    lines: Sequence[Mark]
    hours: Sequence[Mark]
    going_on: Box | None
    forecast: Sequence[Box] = ()
    answered: Sequence[Box] = ()
    unanswered: Sequence[Box] = ()
    paths: dict[str, str] = field(default_factory=dict)
    dots: Sequence[tuple[float, float]] = ()
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT


@dataclass(frozen=True, slots=True)
class _Frame:
    slot: float
    top: float

    def x(self, place: float) -> float:
        return round(LEFT + place * self.slot, 1)

    def y(self, value: float) -> float:
        return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / self.top), 1)

    def box(self, place: int, low: float, high: float, share: float) -> Box:
        x = self.x(place + (1 - share) / 2)
        return Box(x, self.y(high), round(self.slot * share, 1), round(self.y(low) - self.y(high), 1))


_Placed = Sequence[tuple[int, DayHalfHour]]


def calls_drawing(halves: Sequence[DayHalfHour], language: str) -> DayChart:
    """Wide light bars: the forecast. Narrow ones: who came; dark as far as answered, the rest stands out on top."""
    rows = _placed(halves)
    frame = _frame(rows, [half.forecast or 0 for half in halves] + [half.came or 0 for half in halves])
    came = [(place, half.came, half.answered or 0) for place, half in rows if half.came]
    return DayChart(
        **_axes(frame, rows, language),
        forecast=[frame.box(place, 0, half.forecast, 0.86) for place, half in rows if half.forecast],
        answered=[frame.box(place, 0, answered, 0.42) for place, _, answered in came if answered],
        unanswered=[
            frame.box(place, answered, offered, 0.42) for place, offered, answered in came if offered > answered
        ],
    )


def people_drawing(halves: Sequence[DayHalfHour], language: str) -> DayChart:
    """Stairs: people needed and planned. Dots on a line: people here, on average over each half hour that has begun."""
    rows = _placed(halves)
    values = [value or 0 for half in halves for value in (half.need, half.planned, half.present)]
    frame = _frame(rows, values)
    dots = [(frame.x(place + 0.5), frame.y(half.present)) for place, half in rows if half.present is not None]
    return DayChart(
        **_axes(frame, rows, language),
        paths={
            "need": _stairs(frame, rows, lambda half: half.need),
            "planned": _stairs(frame, rows, lambda half: half.planned),
            "present": "M" + "L".join(f"{x},{y}" for x, y in dots) if len(dots) > 1 else "",
        },
        dots=dots,
    )


def _placed(halves: Sequence[DayHalfHour]) -> _Placed:
    if not halves:
        return []
    first = halves[0].starts_at
    return [(int((half.starts_at - first) / HALF_HOUR), half) for half in halves]


def _frame(rows: _Placed, values: Sequence[float]) -> _Frame:
    highest = max(values, default=0)
    step = _step(highest)
    return _Frame((WIDTH - LEFT - RIGHT) / (rows[-1][0] + 1 if rows else 1), step * max(-(-highest // step), 1))


def _step(highest: float) -> float:
    return next((step for step in _STEPS if highest / step <= _MOST_LINES), _STEPS[-1])


def _axes(frame: _Frame, rows: _Placed, language: str) -> dict[str, Any]:
    step = _step(frame.top)
    going_on = next((place for place, half in rows if half.going_on), None)
    every = next((n for n in _HOURS if 2 * n * frame.slot >= _ROOM_OF_A_TIME), _HOURS[-1])
    named = {f"{hour:02d}:00" for hour in range(0, 24, every)}
    return {
        "base": frame.y(0),
        "lines": [Mark(frame.y(n * step), shown.number(n * step, language)) for n in range(int(frame.top / step) + 1)],
        "hours": [
            Mark(frame.x(place), shown.clock(half.starts_at, language))
            for place, half in rows
            if shown.clock(half.starts_at, "en") in named
        ],
        "going_on": None
        if going_on is None
        else Box(frame.x(going_on), TOP, round(frame.slot, 1), HEIGHT - TOP - BOTTOM),
    }


def _stairs(frame: _Frame, rows: _Placed, value: Callable[[DayHalfHour], int | None]) -> str:
    """A stair line; it breaks where there is no value or no half hour."""
    path, before = "", None
    for place, half in rows:
        high = value(half)
        if high is not None:
            path += f"{'L' if before == place - 1 else 'M'}{frame.x(place)},{frame.y(high)}H{frame.x(place + 1)}"
            before = place
    return path
