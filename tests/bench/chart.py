"""Curves as SVG, written by hand: readable on a light and on a dark page, labelled, and small enough to diff."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

WIDTH, HEIGHT = 720, 380
LEFT, RIGHT, TOP, BOTTOM = 72, 168, 44, 56
_COLOURS = ("#0b6e99", "#c2570c", "#5b7f1b", "#8a4fbf")
_STYLE = """
text{font:13px system-ui,sans-serif;fill:#1f2933}.title{font-size:15px;font-weight:600}.axis{fill:#52606d}
.grid{stroke:#d9dfe5}.frame{stroke:#7b8794;fill:none}
@media(prefers-color-scheme:dark){text{fill:#e4e7eb}.axis{fill:#9aa5b1}.grid{stroke:#3a4450}.frame{stroke:#7b8794}
.c0{--c:#5ec2ee}.c1{--c:#ff9d57}.c2{--c:#a9d15a}.c3{--c:#c9a0f0}}
.line{fill:none;stroke:var(--c);stroke-width:2.2}.dot{fill:var(--c)}.name{fill:var(--c);font-weight:600}
"""


@dataclass(frozen=True, slots=True)
class Curve:
    """One line of the chart: points (x, y), x ascending."""

    name: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """What is drawn; both axes begin at zero, so that a small difference does not look like a large one."""

    title: str
    across: str
    up: str
    curves: tuple[Curve, ...]


def steps(most: float, wanted: int = 5) -> list[float]:
    """Round marks from 0 to at least `most`."""
    if most <= 0:
        return [0.0, 1.0]
    rough = most / wanted
    size = 10 ** math.floor(math.log10(rough))
    step = next(size * m for m in (1, 2, 2.5, 5, 10) if size * m >= rough)
    return [step * n for n in range(math.ceil(most / step - 1e-9) + 1)]


def svg(chart: Chart) -> str:
    """The whole file. Raises `ValueError` for a chart without points."""
    points = [point for curve in chart.curves for point in curve.points]
    if not points:
        raise ValueError(f"{chart.title}: nothing was measured")
    marks_x, marks_y = steps(max(x for x, _ in points)), steps(max(y for _, y in points))
    wide, high = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def place(x: float, y: float) -> tuple[float, float]:
        return round(LEFT + wide * x / marks_x[-1], 1), round(TOP + high * (1 - y / marks_y[-1]), 1)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(chart.title)}">',
        f"<style>{_palette()}{_STYLE}</style>",
        f'<text class="title" x="{LEFT}" y="24">{escape(chart.title)}</text>',
    ]
    for mark in marks_y:
        _, y = place(0, mark)
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>')
        parts.append(f'<text class="axis" x="{LEFT - 8}" y="{y + 4}" text-anchor="end">{mark:,g}</text>')
    for mark in marks_x:
        x, _ = place(mark, 0)
        parts.append(f'<text class="axis" x="{x}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">{mark:,g}</text>')
    parts.append(f'<path class="frame" d="M{LEFT} {TOP}V{HEIGHT - BOTTOM}H{WIDTH - RIGHT}"/>')
    middle = LEFT + wide / 2
    parts.append(
        f'<text class="axis" x="{middle}" y="{HEIGHT - 14}" text-anchor="middle">{escape(chart.across)}</text>'
    )
    turn = TOP + high / 2
    parts.append(
        f'<text class="axis" x="18" y="{turn}" text-anchor="middle" transform="rotate(-90 18 {turn})">{escape(chart.up)}</text>'
    )
    lowest = -math.inf
    for curve in sorted(chart.curves, key=lambda c: -c.points[-1][1]):
        number = chart.curves.index(curve) % len(_COLOURS)
        placed = [place(x, y) for x, y in curve.points]
        way = " ".join(f"{x},{y}" for x, y in placed)
        parts.append(f'<g class="c{number}"><polyline class="line" points="{way}"/>')
        parts += [f'<circle class="dot" cx="{x}" cy="{y}" r="3.2"/>' for x, y in placed]
        lowest = max(placed[-1][1] + 4, lowest + 17)  # names never lie on one another
        parts.append(f'<text class="name" x="{placed[-1][0] + 9}" y="{lowest}">{escape(curve.name)}</text></g>')
    return "\n".join([*parts, "</svg>", ""])


def write(folder: Path, name: str, chart: Chart) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(svg(chart), encoding="utf-8")
    return path


def curve(name: str, points: Sequence[tuple[float, float]]) -> Curve:
    return Curve(name, tuple(sorted(points)))


def _palette() -> str:
    return "".join(f".c{n}{{--c:{colour}}}" for n, colour in enumerate(_COLOURS))
