"""Facts we found out ourselves after the call, kept in the ledger like Asterisk's own (source `line`).

The same fact told twice is one fact: its key is made of what it says and not of when it was said.
"""

from __future__ import annotations

import hashlib
import json

from sqlalchemy.ext.asyncio import AsyncSession

from api.calls.rows import node_of
from api.ledger.folding import refold
from api.ledger.rows import append, row_of
from ivr.kernel.errors import Invalid
from routing.events import LedgerEvent, Source


async def record_fact(session: AsyncSession, event: LedgerEvent, *, jobs: bool = False) -> bool:
    """Write one fact about a call and fold its record anew; False when it was known already.

    Locks the call's record until the transaction ends, so call it shortly before the commit. Raises `Invalid` for an
    event that is not of source `line` or is about no call.
    """
    if not await append_fact(session, event):
        return False
    await refold(session, [str(event.call_id)], jobs=jobs)
    return True


async def append_fact(session: AsyncSession, event: LedgerEvent, *, moment: str = "") -> bool:
    """Write the fact without folding. `moment` tells apart facts that may truly happen more than once."""
    if event.source is not Source.LINE or event.call_id is None:
        raise Invalid("a fact of ours has source 'line' and names its call", field="event")
    said = json.dumps([event.name, event.call_id, sorted(event.fields.items()), moment], ensure_ascii=False)
    file_id = "fact:" + hashlib.sha256(said.encode()).hexdigest()[:32]
    return bool(await append(session, [row_of(event, node=node_of(event.call_id), file_id=file_id, offset=0)]))
