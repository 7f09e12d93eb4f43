"""Our report of the day beside the independent count: every figure must lie in the span that the robots' logs allow. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_LEVEL = ("in_time", "level_whole")


@dataclass(frozen=True, slots=True)
class Compared:
    """One figure of one scope: ours, and the least and the most that was counted."""

    scope: str
    name: str
    ours: float
    least: float
    most: float

    @property
    def agrees(self) -> bool:
        return self.least - 0.001 <= self.ours <= self.most + 0.001

    def __str__(self) -> str:
        return f"{self.scope or 'all queues'}, {self.name}: ours {self.ours:g}, counted {self.least:g} to {self.most:g}"


def told_by(days: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, float]]:
    """Our figures in the count's words, from `/api/v1/figures` of each day that the run touched: of the whole line and of
    each queue. What several days tell of one queue is added up."""
    found: dict[str, dict[str, float]] = {}
    for told in days:
        date = told["date"]
        queue = told["queue"] or ""
        if queue:
            for half in told["half_hours"]:
                found[f"{queue} {date} {half['start']}"] = _of_an_interval(half)
        here = found.setdefault(queue, {})
        for name, value in (_of_an_interval(told["visits"]) | _of_visits(told["visits"])).items():
            here[name] = here.get(name, 0) + value
    return found


def compared(
    ours: Mapping[str, Mapping[str, float]], counted: Mapping[str, Mapping[str, Sequence[float]]]
) -> list[Compared]:
    """All figures that either side has. A scope that one of them lacks counts as nothing there."""
    return list(_pairs(ours, counted))


def _pairs(
    ours: Mapping[str, Mapping[str, float]], counted: Mapping[str, Mapping[str, Sequence[float]]]
) -> Iterator[Compared]:
    for scope in sorted({*ours, *counted}):
        mine, theirs = ours.get(scope, {}), counted.get(scope, {})
        for name in mine or theirs:
            least, most = theirs.get(name, (0, 0))
            yield Compared(scope, name, mine.get(name, 0), least, most)


def _of_an_interval(told: Mapping[str, Any]) -> dict[str, float]:
    level = told["service_level"]
    return {
        "offered": told["offered"],
        "answered": told["answered"],
        "abandoned": told["abandoned"],
        "other": told["other_exits"],
        **dict(zip(_LEVEL, (level["part"], level["whole"]), strict=True)),
        "wait_seconds": told["speed_of_answer"]["total_seconds"],
    }


def _of_visits(told: Mapping[str, Any]) -> dict[str, float]:
    return {"short": told["short_abandoned"], "talk_seconds": told["talk_time"]["total_seconds"]}


def summary(ours: Mapping[str, float], counted: Mapping[str, Sequence[float]]) -> list[tuple[str, str, str]]:
    """The figures people know, of the whole line: name, ours, as counted (one value, or from–to)."""
    rows = [
        (name, f"{ours[key]:.0f}", _span(*counted[key]))
        for name, key in (
            ("offered", "offered"),
            ("answered", "answered"),
            ("abandoned", "abandoned"),
            ("other exits", "other"),
            ("short abandons (≤ 5 s)", "short"),
        )
    ]
    part, whole = ours["in_time"], ours["level_whole"]
    low, high = counted["in_time"][0] / counted["level_whole"][1], counted["in_time"][1] / counted["level_whole"][0]
    rows.append(
        (
            "service level SL4, T = 20 s",
            f"{100 * part / whole:.1f} %",
            f"{100 * low:.1f}–{min(100.0, 100 * high):.1f} %",
        )
    )
    for name, key in (("ASA", "wait_seconds"), ("mean talk (AHT without work after it)", "talk_seconds")):
        least, most = counted[key][0] / counted["answered"][1], counted[key][1] / counted["answered"][0]
        rows.append((name, f"{ours[key] / ours['answered']:.2f} s", f"{least:.2f}–{most:.2f} s"))
    return rows


def _span(least: float, most: float) -> str:
    return f"{least:.0f}" if least == most else f"{least:.0f}–{most:.0f}"
