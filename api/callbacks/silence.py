"""Until when the ledger's silence is Asterisk's: a follower that is frozen, cut off or behind has not told yet what it will.

Rows are stored in the order in which Asterisk wrote them. So the ledger is read at least as far as its newest stored row; and
as far as the look that found nothing more, when there was one since.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, true
from sqlalchemy.ext.asyncio import AsyncSession

from api.db.tables import FollowerPosition, LedgerEventRow
from routing.events import Source


async def read_until(session: AsyncSession, node: str) -> datetime | None:
    """All that Asterisk wrote into CEL before this instant is stored; None when nothing is known.

    Ask before you look for rows: what is stored between the two would pass for silence. One statement, for the same reason.
    """
    row, position = LedgerEventRow, FollowerPosition
    newest = select(row.at, row.written_at).where(row.node == node, row.source == Source.CEL.value)
    newest = newest.order_by(row.id.desc()).limit(1).subquery()
    query = select(position.updated_at, newest.c.at, newest.c.written_at).select_from(position).join(newest, true())
    query = query.where(position.node == node, position.source == Source.CEL.value)
    found = (await session.execute(query)).one_or_none()
    if found is None:
        return None
    said, at, written = found
    # A batch says the instant at which its rows are written, and there may be more behind it: only a later word is the end's.
    return said if said > written else min(at, written)
