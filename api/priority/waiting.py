"""What is known of those who wait, beside what Asterisk tells of them.

Asterisk has only the place in the line. A record is folded a second after the call stands in the queue, so who has just come
stands there without for as long.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.db.tables import CallRecordRow
from routing.priority import ahead_seconds

Caller = Mapping[str, Any]


async def with_standing(session: AsyncSession, board: Mapping[str, Any]) -> Mapping[str, Any]:
    """The stored board with `priority` and `repeat` at each waiting caller. Asks nothing when nobody waits."""
    calls = [caller["call_id"] for queue in board.get("queues", []) for caller in queue.get("waiting", [])]
    if not calls:
        return board
    call = CallRecordRow
    query = select(call.call_id, call.priority, call.repeat).where(call.call_id.in_(calls))
    known = {call_id: (priority or 0, repeat or 0) for call_id, priority, repeat in await session.execute(query)}

    def told(caller: Caller) -> Caller:
        priority, repeat = known.get(caller["call_id"], (0, 0))
        return {**caller, "priority": priority, "repeat": repeat}

    return _each(board, told)


async def with_counted_waits(
    session: AsyncSession, board: Mapping[str, Any], step_seconds: int, now: datetime
) -> Mapping[str, Any]:
    """The same, `priority` being how long each counts as having waited, in whole seconds: what somebody who enters with a
    head start of so many seconds stands before or behind."""

    def told(caller: Caller) -> Caller:
        waited = (now - datetime.fromisoformat(caller["since"])).total_seconds()
        return {**caller, "priority": int(waited) + ahead_seconds(caller.get("priority", 0), step_seconds)}

    return _each(await with_standing(session, board), told)


def _each(board: Mapping[str, Any], told: Callable[[Caller], Caller]) -> Mapping[str, Any]:
    queues = [{**queue, "waiting": [told(caller) for caller in queue.get("waiting", [])]} for queue in board["queues"]]
    return {**board, "queues": queues}
