"""Who must wait for whom while the ledger is written. All locks end with their transaction.

Both followers of a node write one after the other, or a queue_log row and the CEL row that names its call could miss
each other. A record is folded by one transaction at a time, or the older view could overwrite the newer.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 1420))")
_LOCK_SORTED = text(
    "SELECT pg_advisory_xact_lock(key) FROM "
    "(SELECT DISTINCT hashtextextended(name, 1420) AS key FROM unnest(CAST(:names AS text[])) AS name ORDER BY key) AS keys"
)


async def lock_node(session: AsyncSession, node: str) -> None:
    """One writer of this node's ledgers at a time."""
    await session.execute(_LOCK, {"name": f"node:{node}"})


async def lock_calls(session: AsyncSession, call_ids: Iterable[str]) -> None:
    """One folder of each of these calls at a time; always in one order, so that two cannot wait for each other."""
    await session.execute(_LOCK_SORTED, {"names": [f"call:{call_id}" for call_id in call_ids]})
