"""Geometry of a day's bars: what was planned above, what was seen below, one pair an agent, all over the same hours. Pure.

Time runs from left to right in both languages, as on the other charts. Everything that is drawn also stands in words in the
same row, so the drawings are pictures to a screen reader and nothing more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from api.roster.schemas import AgentDay, RosterDay, StretchView
from api.web import shown
from ivr.kernel.clock import TEHRAN
from routing.roster.stretches import State

WIDTH, HEIGHT = 720, 34
_PAD = 24
"""On both sides, so that the first and the last hour have room for their label."""
_PLANNED_Y, _SEEN_Y, _THICK = 4, 18, 12
_LEAST = 4
"""Hours that are always shown."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A rectangle. `kind` is `planned-working`, `planned-resting`, `seen-working`, `seen-resting` or `seen-away`."""

    kind: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Hour:
    """A line across all bars; a label at every second or third of them."""

    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Bars:
    """The hours on top and the pieces of each agent, by account."""

    hours: Sequence[Hour]
    rows: dict[str, Sequence[Piece]]
    now: float | None
    """Where this moment is, when it lies within."""
    width: int = WIDTH
    height: int = HEIGHT


def bars_of(day: RosterDay, now: datetime, language: str) -> Bars | None:
    """None when there is nothing to draw."""
    every = [one for agent in day.agents for one in (*agent.planned, *agent.seen)]
    if not every:
        return None
    begins = _hour_before(min(one.begins_at for one in every))
    ends = max(_hour_before(max(one.ends_at for one in every) - timedelta(seconds=1)), begins) + timedelta(hours=1)
    ends = max(ends, begins + timedelta(hours=_LEAST))
    scale = _Scale(begins, (WIDTH - 2 * _PAD) / (ends - begins).total_seconds())
    count = round((ends - begins) / timedelta(hours=1))
    step = 1 if count <= 10 else 2 if count <= 18 else 3
    hours = [begins + timedelta(hours=n) for n in range(count + 1)]
    return Bars(
        hours=[
            Hour(scale.x(at), shown.clock(at, language) if place % step == 0 else "") for place, at in enumerate(hours)
        ],
        rows={agent.agent.agent: _pieces(agent, scale) for agent in day.agents},
        now=scale.x(now) if begins < now < ends else None,
    )


@dataclass(frozen=True, slots=True)
class _Scale:
    begins: datetime
    per_second: float

    def x(self, at: datetime) -> float:
        return round(_PAD + (at - self.begins).total_seconds() * self.per_second, 1)


def _pieces(agent: AgentDay, scale: _Scale) -> list[Piece]:
    planned = [_piece(one, "planned", _PLANNED_Y, scale) for one in agent.planned]
    return planned + [_piece(one, "seen", _SEEN_Y, scale) for one in agent.seen]


def _piece(one: StretchView, where: str, y: int, scale: _Scale) -> Piece:
    x = scale.x(one.begins_at)
    kind = State(one.state).value
    return Piece(f"{where}-{kind}", x, y, max(round(scale.x(one.ends_at) - x, 1), 0.6), _THICK)


def _hour_before(at: datetime) -> datetime:
    return at.astimezone(TEHRAN).replace(minute=0, second=0, microsecond=0)
