"""What is known of those who wait, beside what Asterisk tells of them.

Asterisk has only the number of their place, and tells it in snapshots; how long it says that somebody waits, it counts anew in each
queue. The second from which on their place is reckoned stands in the ledger (`Milestone.TALK`). A record is folded a second after
the call stands in the queue, so who has just come stands there without for as long.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.db.callback_tables import CallbackRow
from api.db.tables import CallRecordRow, LedgerEventRow
from ivr.kernel.milestones import Milestone
from ivr.kernel.spool_notes import joined_of
from routing.callbacks.request import code_of
from routing.priority import ahead_seconds, counted_seconds, priority_of
from routing.queues import iso

Caller = Mapping[str, Any]


async def with_standing(session: AsyncSession, board: Mapping[str, Any], step_seconds: int) -> Mapping[str, Any]:
    """The stored board with `priority` and `repeat` at each waiting caller, and `since` as the ledger has it: a listener that was
    started anew knows of a moved caller only when they came to this queue. What Asterisk says of a caller's place counts, because
    somebody who leads may have changed it; until it does, the record. Asks nothing when nobody waits."""
    calls = [caller["call_id"] for queue in board.get("queues", []) for caller in queue.get("waiting", [])]
    if not calls:
        return board
    known, joined_at = await _entered(session, calls), await _joined(session, calls)

    def told(caller: Caller) -> Caller:
        priority, repeat = known.get(caller["call_id"], (0, 0))
        joined = joined_at.get(caller["call_id"])
        if joined is not None and joined != datetime.fromisoformat(caller["since"]).replace(microsecond=0):
            caller = {**caller, "since": iso(joined)}
        prio = caller.get("prio")
        if prio is not None and not code_of(caller["call_id"]):
            began = int(datetime.fromisoformat(caller["since"]).timestamp())
            priority = priority_of(prio, began, step_seconds)
        return {**caller, "priority": priority, "repeat": repeat}

    return _each(board, told)


async def with_counted_waits(
    session: AsyncSession, board: Mapping[str, Any], step_seconds: int, now: datetime
) -> Mapping[str, Any]:
    """The same, `priority` being how long each counts as having waited, in whole seconds: what somebody who enters with a
    head start of so many seconds stands before or behind."""

    def told(caller: Caller) -> Caller:
        prio = caller.get("prio")
        if prio is None:
            waited = (now - datetime.fromisoformat(caller["since"])).total_seconds()
            return {**caller, "priority": int(waited) + ahead_seconds(caller.get("priority", 0), step_seconds)}
        return {**caller, "priority": counted_seconds(prio, int(now.timestamp()))}

    return _each(await with_standing(session, board, step_seconds), told)


async def _entered(session: AsyncSession, calls: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Call → priority with which it began to wait, and repeated calls; of a call back its caller's."""
    call, row = CallRecordRow, CallbackRow
    query = select(call.call_id, call.priority, call.repeat).where(call.call_id.in_(calls))
    known = {call_id: (priority or 0, repeat or 0) for call_id, priority, repeat in await session.execute(query)}
    codes = {call_id: code for call_id in calls if (code := code_of(call_id))}
    if codes:
        found = await session.execute(select(row.code, row.priority).where(row.code.in_(codes.values())))
        kept = {code: priority or 0 for code, priority in found}
        known |= {call_id: (kept.get(code, 0), 0) for call_id, code in codes.items()}
    return known


async def _joined(session: AsyncSession, calls: Sequence[str]) -> dict[str, datetime]:
    """Call → the second at which its present wait began, by the newest visit."""
    event = LedgerEventRow
    query = select(event.call_id, event.fields["joined"].astext)
    query = query.where(event.call_id.in_(calls), event.name == Milestone.TALK.value).order_by(event.at, event.id)
    told = {call_id: joined_of(joined or "") for call_id, joined in await session.execute(query)}
    return {call_id: joined for call_id, joined in told.items() if call_id is not None and joined is not None}


def _each(board: Mapping[str, Any], told: Callable[[Caller], Caller]) -> Mapping[str, Any]:
    queues = [{**queue, "waiting": [told(caller) for caller in queue.get("waiting", [])]} for queue in board["queues"]]
    return {**board, "queues": queues}
