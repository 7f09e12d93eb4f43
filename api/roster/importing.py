"""The use case of taking a spreadsheet: looked at whole, shown before it is applied, applied whole or not at all.

The file is not kept between looking and applying: whoever applies sends it again with the fingerprint of the changes that
were shown, and when the roster has moved on since, so that other changes would come of it, nothing is done.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from api.access.principal import Principal
from api.roster.cells import Cells, Change, changes_between, held, kept, problems_with
from api.roster.changing import IMPORTED, write_cells
from api.roster.reading import RosterLine
from api.roster.repository import RosterRows
from api.roster.rows import digest, turns_told
from api.roster.sheets.opening import open_sheets
from api.roster.sheets.understanding import BadCell, Known, Understood, understand
from ivr.kernel.errors import Conflict, Invalid
from ivr.kernel.jalali import month_after
from routing.roster.rules import REACH, Cell, Problem
from routing.roster.turns import Turn


class SheetRefused(Invalid):
    """A sheet with bad cells; every one of them is told."""

    def __init__(self, bad: Sequence[BadCell]) -> None:
        told = "; ".join(f"{one.sheet}!{one.cell}: {one.message}" for one in bad)
        super().__init__(told, code="sheet_bad_cells", field="body")
        self.bad = tuple(bad)


@dataclass(frozen=True, slots=True)
class Look:
    """What a sheet would change, with the rules kept."""

    before: Cells
    after: Cells
    changes: Sequence[Change]
    fingerprint: str
    left_alone: Sequence[str]


async def look_at_sheet(
    session: AsyncSession, principal: Principal, first: date, data: bytes, *, line: RosterLine
) -> Look:
    """Raises `Invalid` for a file that is none of ours, `SheetRefused` with every cell that is wrong."""
    sheets = await asyncio.to_thread(open_sheets, data)  # some tenths of a second at worst: others need the loop
    rows, last = RosterRows(session), month_after(first) - timedelta(days=1)
    agents = await rows.agents(principal, first, last)
    known = Known(first, agents, await rows.shifts(), line.seats)
    before = held(await rows.all_turns(first - REACH, last + REACH))
    told = understand(sheets, known)
    if told.bad:
        raise SheetRefused(told.bad)
    after = _after(before, told)
    changes = changes_between(before, after)
    if problems := problems_with(before, changes):
        raise SheetRefused([_placed(told, problem) for problem in problems])
    named = {agent for agent, _ in told.plans}
    return Look(before, after, changes, _fingerprint(changes), [a.username for a in agents if a.username not in named])


async def apply_sheet(
    session: AsyncSession,
    principal: Principal,
    first: date,
    data: bytes,
    expected: str,
    *,
    line: RosterLine,
    now: datetime,
) -> Look:
    """The changes that were shown, and no others. `Conflict` when others would come of the file by now."""
    await RosterRows(session).lock()
    look = await look_at_sheet(session, principal, first, data, line=line)
    if look.fingerprint != expected:
        raise Conflict(
            "The roster has changed since you looked at this file. Look again before you apply it.",
            code="roster_moved_on",
        )
    await write_cells(session, principal, look.before, look.after, now=now, action=IMPORTED)
    return look


def _after(before: Cells, told: Understood) -> dict[Cell, tuple[Turn, ...]]:
    """The cells as the sheet wants them; what says the same as before stays as it is, with its notes."""
    after: dict[Cell, tuple[Turn, ...]] = {}
    for cell, plans in told.plans.items():
        after[cell] = kept(before.get(cell, ()), plans, cell, notes=True)
    return after


def _placed(told: Understood, problem: Problem) -> BadCell:
    """A broken rule, with the cell of the sheet that breaks it."""
    place = told.places.get((problem.agent, problem.day), "?")
    found = " ".join(filter(None, (problem.seat, problem.other)))
    return BadCell(told.sheet, place, problem.code, problem.message, found)


def _fingerprint(changes: Sequence[Change]) -> str:
    return digest([(one.agent, one.day.isoformat(), turns_told(one.before), turns_told(one.after)) for one in changes])
