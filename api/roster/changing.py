"""The use cases of changing the roster: cells, swaps, shifts. Checked whole, written whole, audited whole, or not at all.

Whoever wins the lock sees the others' turns, the rules look at all that the change could touch, and each cell that changed gets an audit entry
`roster.planned`, `.changed`, `.removed`, `.swapped` or `.imported` under `roster:<day>`, with the turns before and after.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.access.principal import Principal
from api.audit.trail import write_audit
from api.roster.agent import Agent
from api.roster.cells import Cells, Change, RosterRefused, changes_between, held, kept, problems_with
from api.roster.plans import Plan, check_codes
from api.roster.repository import RosterRows
from api.roster.rows import fingerprint, shift_values, turns_told
from api.roster.trail import target_of
from ivr.kernel.errors import Conflict, Invalid, NotFound
from routing.roster.rules import REACH, Cell
from routing.roster.shifts import Shift
from routing.roster.turns import ON_DUTY, Turn

PLANNED, CHANGED, REMOVED = "roster.planned", "roster.changed", "roster.removed"
SWAPPED, IMPORTED = "roster.swapped", "roster.imported"


async def change_cell(
    session: AsyncSession,
    principal: Principal,
    cell: Cell,
    plans: Sequence[Plan],
    *,
    now: datetime,
    expected: str | None = None,
) -> list[Change]:
    """The cell holds these turns from now on. `Conflict` when it is not what the asker saw (`expected`) any more."""
    rows = RosterRows(session)
    await rows.lock()
    agent = await _plannable(rows, principal, cell)
    before = held(await rows.all_turns(cell[1] - REACH, cell[1] + REACH))
    if expected is not None and fingerprint(before.get(cell, ())) != expected:
        raise Conflict("Somebody has changed these turns since you looked. Load them again.", code="roster_moved_on")
    after = {cell: kept(before.get(cell, ()), plans, (agent.username, cell[1]))}
    return await write_cells(session, principal, before, after, now=now)


async def swap_cells(
    session: AsyncSession, principal: Principal, one: Cell, other: Cell, *, now: datetime
) -> list[Change]:
    """The turns of one cell go to the other's agent, and the other way round; seats and notes go along.

    On one day both cells simply change hands. On two days each agent loses their own turns and gets the other's, beside
    what they have on that day already.
    """
    if one[0] == other[0]:
        raise Invalid("A swap is between two agents.", code="swap_with_oneself", field="body.other.agent")
    rows = RosterRows(session)
    await rows.lock()
    for cell in (one, other):
        await _plannable(rows, principal, cell)
    first, last = min(one[1], other[1]), max(one[1], other[1])
    if last - first > REACH * 10:
        raise Invalid("Turns are swapped within sixty days.", code="swap_too_far", field="body.other.day")
    before = held(await rows.all_turns(first - REACH, last + REACH))
    given, taken = before.get(one, ()), before.get(other, ())
    if not given and not taken:
        raise Invalid("Neither of them has a turn on these days.", code="swap_of_nothing", field="body")
    if any(turn.kind not in ON_DUTY for turn in (*given, *taken)):
        raise Invalid(
            "Leave and sickness cannot be swapped, only work and training.", code="swap_of_leave", field="body"
        )
    after: dict[Cell, tuple[Turn, ...]] = {one: (), other: ()}
    for turns, (agent, _) in ((given, other), (taken, one)):
        for turn in turns:
            there = (agent, turn.day)
            mine = after.get(there, before.get(there, ()))
            after[there] = (*mine, replace(turn, agent=agent))
    swap = {"between": [f"{agent} {day.isoformat()}" for agent, day in (one, other)]}
    return await write_cells(session, principal, before, after, now=now, action=SWAPPED, details=swap)


async def write_cells(
    session: AsyncSession,
    principal: Principal,
    before: Cells,
    after: Cells,
    *,
    now: datetime,
    action: str | None = None,
    details: Mapping[str, Any] | None = None,
) -> list[Change]:
    """Check and write what differs. `before` holds everybody's turns within reach; the lock is held by the caller."""
    changes = changes_between(before, after)
    if not changes:
        return []
    if problems := problems_with(before, changes):
        raise RosterRefused(problems)
    new = [turn for change in changes for turn in change.after]
    cells = [(change.agent, change.day) for change in changes]
    await RosterRows(session).replace(cells, new, principal.actor, now)
    for change in changes:
        await write_audit(
            session,
            at=now,
            actor=principal,
            action=action or (PLANNED if not change.before else CHANGED if change.after else REMOVED),
            target=target_of(change.day),
            details={
                "agent": change.agent,
                "before": turns_told(change.before),
                "after": turns_told(change.after),
                **(details or {}),
            },
        )
    return changes


async def add_shift(session: AsyncSession, principal: Principal, shift: Shift, now: datetime) -> Shift:
    """A shift from which turns can be made from now on."""
    rows = RosterRows(session)
    await rows.lock()
    check_codes(shift, await rows.shifts())
    added = await rows.add_shift(shift)
    told = {key: str(value) for key, value in shift_values(shift).items()}
    await write_audit(session, at=now, actor=principal, action="shift.added", target=f"shift:{added.id}", details=told)
    return added


async def retire_shift(session: AsyncSession, principal: Principal, shift_id: int, now: datetime) -> Shift:
    """No further turn is made from it; those that were stay as they are."""
    rows = RosterRows(session)
    await rows.lock()
    retired = await rows.retire_shift(shift_id, now)
    if retired is None:
        raise NotFound("There is no such shift, or it was given up before.")
    told = {"code_fa": retired.code_fa, "code_en": retired.code_en, "hours": str(retired.hours)}
    await write_audit(
        session, at=now, actor=principal, action="shift.retired", target=f"shift:{shift_id}", details=told
    )
    return retired


async def _plannable(rows: RosterRows, principal: Principal, cell: Cell) -> Agent:
    """The agent of a cell. `NotFound` for who is no operator, or none any more and was not planned on that day."""
    agents = await rows.agents(principal, cell[1], cell[1])
    found = next((agent for agent in agents if agent.username == cell[0]), None)
    if found is None:
        raise NotFound("There is no operator of this name.")
    return found
