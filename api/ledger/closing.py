"""Calls that nobody ended get an end, or "exactly one disposition" would hold only on quiet days.

After `QUEUESTART` (Asterisk began anew) a call whose last sign of life is older is lost by the restart. A call without
any sign for longer than the longest allowed call is lost for a reason we do not know. Both are facts in the ledger
(`call_lost`); the fold drops them when a later event proves them wrong.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.calls.ending import CALL_LOST, Lost
from api.db.tables import CallRecordRow, LedgerEventRow
from api.ledger.facts import append_fact
from api.ledger.rows import last_sign
from ivr.kernel.ids import CallId
from routing.events import LedgerEvent, Source

_BOOT = "QUEUESTART"
_WHOLE_SECOND = timedelta(seconds=1)
"""queue_log cuts the fraction off: the start happened up to this much after its stamp."""
_AT_ONCE = 500
_HAS_COME = LedgerEventRow.at <= func.now() + timedelta(seconds=2)
"""A start whose stamp lies ahead of the clock was written before the clock was set back: it has ended nothing that lives now."""


async def open_calls(session: AsyncSession, node: str, before: datetime | None = None) -> list[str]:
    """Calls of this node that are not over, oldest first."""
    query = select(CallRecordRow.call_id).where(CallRecordRow.node == node, CallRecordRow.ended_at.is_(None))
    if before is not None:
        query = query.where(CallRecordRow.arrived_at < before)
    return list(await session.scalars(query.order_by(CallRecordRow.arrived_at).limit(_AT_ONCE)))


async def newest_start(session: AsyncSession, node: str) -> datetime | None:
    """When Asterisk last began anew, as far as its ledger was read and the clock has come."""
    return await session.scalar(
        select(func.max(LedgerEventRow.at)).where(LedgerEventRow.node == node, LedgerEventRow.name == _BOOT, _HAS_COME)
    )


def outlives(start: datetime | None, oldest: datetime) -> bool:
    """Whether all that happened from `oldest` on came after this start, so that it cannot have ended any call of it."""
    return start is None or oldest > start + _WHOLE_SECOND


async def close_after_restart(session: AsyncSession, node: str, call_ids: Iterable[str]) -> set[str]:
    """Of these open calls, mark those lost that a start of Asterisk has outlived; returns them, to be folded."""
    candidates = set(call_ids)
    newest = await newest_start(session, node) if candidates else None
    if newest is None:
        return set()
    lost: set[str] = set()
    for call_id, seen in (await last_sign(session, candidates)).items():
        if newest + _WHOLE_SECOND <= seen:
            continue
        start = await session.scalar(
            select(func.min(LedgerEventRow.at)).where(
                LedgerEventRow.node == node,
                LedgerEventRow.name == _BOOT,
                LedgerEventRow.at > seen - _WHOLE_SECOND,
                _HAS_COME,
            )
        )
        if start is not None and await _declare(session, call_id, Lost.RESTART, start + _WHOLE_SECOND):
            lost.add(call_id)
    return lost


async def close_forgotten(session: AsyncSession, node: str, now: datetime, limit: timedelta) -> set[str]:
    """Mark calls lost that have been open, and silent, for longer than `limit`; returns them, to be folded."""
    old = await open_calls(session, node, before=now - limit)
    lost: set[str] = set()
    for call_id, seen in (await last_sign(session, old)).items():
        if seen < now - limit and await _declare(session, call_id, Lost.UNKNOWN, seen):
            lost.add(call_id)
    return lost


async def _declare(session: AsyncSession, call_id: str, reason: Lost, at: datetime) -> bool:
    fact = LedgerEvent(Source.LINE, CALL_LOST, at, CallId(call_id), None, {"reason": reason.value})
    return await append_fact(session, fact, moment=at.isoformat())
