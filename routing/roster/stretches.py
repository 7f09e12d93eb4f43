"""An agent's time in stretches of one state each: as it was planned, and as it was. Pure.

Instants are cut to whole seconds when a stretch is made, so that sums over pieces are exact.

What is seen of an agent are duties (from signing in to signing out) and pauses within them, each with its cause:

* working: signed in and no pause open: calls may come;
* resting: signed in, and every open pause is for a planned kind of break (`break`, `meal`, `prayer`);
* away: signed in, and at least one open pause has another cause (`training`, `other`, `missed_calls`, `supervisor`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from ivr.kernel.clock import aware
from routing.roster.turns import Turn, TurnKind

REST_CAUSES = frozenset({"break", "meal", "prayer"})
"""Causes of pauses that a planned break is there for."""


class State(StrEnum):
    """What an agent does, or was to do."""

    WORKING = "working"
    RESTING = "resting"
    AWAY = "away"
    """Only ever seen, never planned."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """From `begins` up to, but not including, `ends`; whole seconds, never empty (see `stretch`)."""

    begins: datetime
    ends: datetime
    state: State
    cause: str = ""
    """Of a pause; the first by name when several are open."""

    @property
    def seconds(self) -> int:
        return int((self.ends - self.begins).total_seconds())


@dataclass(frozen=True, slots=True)
class Pause:
    """One cause for taking no calls; open while `ends` is empty."""

    cause: str
    begins: datetime
    ends: datetime | None


@dataclass(frozen=True, slots=True)
class Duty:
    """An agent's stay at a seat; open while `ends` is empty."""

    begins: datetime
    ends: datetime | None
    pauses: tuple[Pause, ...] = ()


def planned_stretches(turns: Iterable[Turn]) -> list[Stretch]:
    """What a plan asks for: work, with its breaks as rest. Leave, sickness and training ask for nothing at the telephones."""
    found: list[Stretch] = []
    for turn in turns:
        if turn.kind is not TurnKind.WORK:
            continue
        at = turn.begins
        for begins, ends in turn.rests():
            found += _stretch(at, begins, State.WORKING) + _stretch(begins, ends, State.RESTING)
            at = ends
        found += _stretch(at, turn.ends, State.WORKING)
    return sorted(found, key=lambda one: one.begins)


def seen_stretches(duties: Iterable[Duty], now: datetime) -> list[Stretch]:
    """What was seen of an agent up to `now`; what is still open goes on until then."""
    found: list[Stretch] = []
    for duty in duties:
        ends = min(duty.ends or now, now)
        pauses = [(pause.cause, pause.begins, min(pause.ends or ends, ends)) for pause in duty.pauses]
        edges = {duty.begins, ends} | {edge for _, first, last in pauses for edge in (first, last)}
        inside = sorted(edge for edge in edges if duty.begins <= edge <= ends)
        for first, last in pairwise(inside):
            open_now = sorted(cause for cause, begins, until in pauses if begins <= first and last <= until)
            found += _stretch(first, last, *_state(open_now))
    return joined(sorted(found, key=lambda one: one.begins))


def cut(stretches: Iterable[Stretch], begins: datetime, ends: datetime) -> list[Stretch]:
    """The parts that lie between two instants."""
    return [
        part
        for one in stretches
        for part in _stretch(max(one.begins, begins), min(one.ends, ends), one.state, one.cause)
    ]


def joined(stretches: Sequence[Stretch]) -> list[Stretch]:
    """Neighbours of one state and cause as one; what overlaps (a clock set back) is counted once, for the earlier."""
    found: list[Stretch] = []
    for one in stretches:
        last = found[-1] if found else None
        if last and one.begins < last.ends:
            if one.ends <= last.ends:
                continue
            one = Stretch(last.ends, one.ends, one.state, one.cause)
        if last and one.begins == last.ends and (one.state, one.cause) == (last.state, last.cause):
            found[-1] = Stretch(last.begins, one.ends, one.state, one.cause)
        else:
            found.append(one)
    return found


def _state(causes: Sequence[str]) -> tuple[State, str]:
    if not causes:
        return State.WORKING, ""
    other = [cause for cause in causes if cause not in REST_CAUSES]
    return (State.AWAY, other[0]) if other else (State.RESTING, causes[0])


def _stretch(begins: datetime, ends: datetime, state: State, cause: str = "") -> list[Stretch]:
    """One stretch, or none when nothing is left of it."""
    first, last = (aware(edge).replace(microsecond=0) for edge in (begins, ends))
    return [Stretch(first, last, state, cause)] if first < last else []
