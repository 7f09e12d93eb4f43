"""Geometry of the staffing's two charts, in units of their view box. Pure; the template only draws what stands here.

Time runs from left to right in both languages, as on the sound player. Every number that is drawn also stands in the
table beside the charts, so the drawings are pictures to a screen reader and carry a sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from api.staffing.half_hours import LENGTH
from api.staffing.schemas import HalfHour, StaffingDay
from api.web import shown

WIDTH, HEIGHT = 560, 190
LEFT, RIGHT, TOP, BOTTOM = 40, 8, 10, 24
_STEPS = (1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 5000, 10_000)
_MOST_LINES = 5


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on an axis and what is written there."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Axes:
    """The frame of a drawing: `base` is the height of nothing, `lines` are the values, `hours` the times."""

    base: float
    hours: Sequence[Mark]
    lines: Sequence[Mark]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT


@dataclass(frozen=True, slots=True)
class Chart:
    """One drawing. Paths are SVG path data; empty ones are not drawn."""

    axes: Axes
    bars: Sequence[Box] = ()
    dots: Sequence[tuple[float, float]] = ()
    paths: dict[str, str] = field(default_factory=dict)
    ceiling: float | None = None
    over_a: Sequence[Box] = ()
    over_c: Sequence[Box] = ()


@dataclass(frozen=True, slots=True)
class _Frame:
    first: int
    slot: float
    top: float
    language: str

    def x(self, place: float) -> float:
        return round(LEFT + (place - self.first) * self.slot, 1)

    def y(self, value: float) -> float:
        return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / self.top), 1)

    def box(self, place: int, low: float, high: float, share: float = 1.0) -> Box:
        """A bar over a half hour from one value to another, `share` of its width."""
        x = self.x(place + (1 - share) / 2)
        return Box(x, self.y(high), round(self.slot * share, 1), round(self.y(low) - self.y(high), 1))


def calls_chart(day: StaffingDay, language: str) -> Chart:
    """Bars: forecast calls. Line with dots: what came, in the half hours that are over."""
    rows = _placed(day)
    came = [(place, row.actual_calls) for place, row in rows if row.actual_calls is not None]
    frame = _frame(rows, [row.forecast_calls or 0 for _, row in rows] + [calls for _, calls in came], language)
    dots = [(frame.x(place + 0.5), frame.y(calls)) for place, calls in came]
    bars = [frame.box(place, 0, row.forecast_calls, 0.78) for place, row in rows if row.forecast_calls is not None]
    line = "M" + "L".join(f"{x},{y}" for x, y in dots) if len(dots) > 1 else ""
    return Chart(_axes(frame, rows), bars=bars, dots=dots, paths={"actual": line})


def operators_chart(day: StaffingDay, language: str) -> Chart:
    """Two stair lines: operators by Erlang C and A. A straight one: the seats; what passes them is filled."""
    rows = _placed(day)
    needs = [row.erlang_c.operators for _, row in rows if row.erlang_c]
    frame = _frame(rows, [*needs, day.seats * 1.15], language)
    over_c, over_a = [], []
    for place, row in rows:
        if row.erlang_a and row.erlang_a.exceeds_seats:
            over_a.append(frame.box(place, day.seats, row.erlang_a.operators))
        if row.erlang_c and row.erlang_c.exceeds_seats:
            low = max(day.seats, row.erlang_a.operators if row.erlang_a else 0)
            over_c.append(frame.box(place, low, row.erlang_c.operators))
    paths = {
        "erlang_c": _stairs(frame, rows, lambda row: row.erlang_c.operators if row.erlang_c else None),
        "erlang_a": _stairs(frame, rows, lambda row: row.erlang_a.operators if row.erlang_a else None),
    }
    ceiling = frame.y(day.seats)
    return Chart(_axes(frame, rows), paths=paths, ceiling=ceiling, over_a=over_a, over_c=over_c)


_Placed = Sequence[tuple[int, HalfHour]]


def _placed(day: StaffingDay) -> _Placed:
    """Half hours with their number counted from the first one, so that a pause in the hours stays a gap."""
    if not day.half_hours:
        return []
    first = day.half_hours[0].starts_at
    return [(int((row.starts_at - first) / LENGTH), row) for row in day.half_hours]


def _frame(rows: _Placed, values: Sequence[float], language: str) -> _Frame:
    count = rows[-1][0] + 1 if rows else 1
    step = _step(max(values, default=0))
    top = step * max(-(-max(values, default=0) // step), 1)
    return _Frame(0, (WIDTH - LEFT - RIGHT) / count, top, language)


def _step(highest: float) -> float:
    return next((step for step in _STEPS if highest / step <= _MOST_LINES), _STEPS[-1])


def _axes(frame: _Frame, rows: _Placed) -> Axes:
    every = 4 if len(rows) <= 28 else 8
    hours = [
        Mark(frame.x(place), shown.clock(row.starts_at, frame.language))
        for place, row in rows
        if shown.clock(row.starts_at, "en").endswith(":00") and place % every == rows[0][0] % every
    ]
    step = _step(frame.top)
    lines = [Mark(frame.y(n * step), shown.number(n * step, frame.language)) for n in range(int(frame.top / step) + 1)]
    return Axes(frame.y(0), hours, lines)


def _stairs(frame: _Frame, rows: _Placed, value: Callable[[HalfHour], int | None]) -> str:
    """A stair line; it breaks where there is no value or no half hour."""
    path, before = "", None
    for place, row in rows:
        high = value(row)
        if high is not None:
            y = frame.y(high)
            path += f"{'L' if before == place - 1 else 'M'}{frame.x(place)},{y}H{frame.x(place + 1)}"
            before = place
    return path
