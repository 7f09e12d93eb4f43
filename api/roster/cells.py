"""Cells of the roster before and after a change, and what rules a change would break. Pure.

A cell is all turns of one agent that begin on one day; every change of the roster is one of cells.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from api.roster.plans import Plan, write_turn
from api.roster.rows import fingerprint
from ivr.kernel.errors import Invalid
from routing.roster.rules import Cell, Problem, problems_of
from routing.roster.turns import Turn

Cells = Mapping[Cell, tuple[Turn, ...]]
"""Turns by cell; one without turns may be missing."""


@dataclass(frozen=True, slots=True)
class Change:
    """One cell, before and after."""

    agent: str
    day: date
    before: tuple[Turn, ...]
    after: tuple[Turn, ...]


class RosterRefused(Invalid):
    """A plan that breaks rules; all of them are told, the first as the message."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        more = f" ({len(problems) - 1} more problems.)" if len(problems) > 1 else ""
        super().__init__(problems[0].message + more, code=problems[0].code, field="body.turns")
        self.problems = tuple(problems)


def held(turns: Sequence[Turn]) -> dict[Cell, tuple[Turn, ...]]:
    """Turns by cell, in order."""
    cells: dict[Cell, tuple[Turn, ...]] = {}
    for turn in turns:
        cells[turn.agent, turn.day] = (*cells.get((turn.agent, turn.day), ()), turn)
    return cells


def changes_between(before: Cells, after: Cells) -> list[Change]:
    """The cells of `after` that are not as they were."""
    return [
        Change(agent, day, before.get((agent, day), ()), turns)
        for (agent, day), turns in sorted(after.items(), key=lambda item: (item[0][1], item[0][0]))
        if fingerprint(turns) != fingerprint(before.get((agent, day), ()))
    ]


def problems_with(before: Cells, changes: Sequence[Change]) -> list[Problem]:
    """What rules these changes would break."""
    touched = {(change.agent, change.day): change.after for change in changes}
    turns = [turn for held in {**before, **touched}.values() for turn in held]
    return problems_of(turns, set(touched))


def kept(before: Sequence[Turn], plans: Sequence[Plan], cell: Cell, *, notes: bool = False) -> tuple[Turn, ...]:
    """The turns that plans mean. One that says what a turn there says already is that turn, made from whatever shift of
    that code it was made from then; its note is the plan's, or with `notes` (a sheet has none) stays as well."""
    old = {write_turn(turn, "en"): turn for turn in before}
    same: list[Turn] = []
    for turn in (plan.turn(*cell) for plan in plans):
        there = old.get(write_turn(turn, "en"))
        same.append(turn if there is None else there if notes else replace(there, note=turn.note))
    return tuple(sorted(same, key=lambda turn: (turn.begins, turn.ends)))
