"""From events to records: fold the touched calls again, write what changed, tell who waits for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from api.calls.events import events_of
from api.calls.fold import fold
from api.calls.rows import Rows, rows_of, stored_rows, write_rows
from api.db.notify import RESYNC, notify_each
from api.jobs import Job, enqueue_each
from api.ledger.locks import lock_calls
from ivr.kernel.milestones import Milestone
from routing.events import LedgerEvent

log = structlog.get_logger(__name__)

CHANNEL = "calls"
"""Notification channel: the payload is a call id, or empty for "many"."""
_LEAVE_SOMETHING = (Milestone.TALK, Milestone.MESSAGE, Milestone.CALLBACK)
_NAMED_AT_MOST = 20
"""Calls named one by one in notifications of one transaction; more are said as "many"."""


async def refold(
    session: AsyncSession,
    call_ids: Iterable[str],
    *,
    jobs: bool = True,
    at_hand: Mapping[str, Sequence[LedgerEvent]] = MappingProxyType({}),
) -> set[str]:
    """Fold these calls and store the records that changed; returns their ids.

    With `jobs`, each changed record of a call that is over and left something to look for queues `call_ended` in the
    same transaction. `at_hand` as in `events_of`.
    """
    wanted = sorted(set(call_ids))
    if not wanted:
        return set()
    await lock_calls(session, wanted)
    events = await events_of(session, wanted, at_hand)
    folded = fold_each(events)
    stored = await stored_rows(session, wanted)
    changed = {call_id: rows for call_id, rows in folded.items() if stored.get(call_id) != rows}
    await write_rows(session, changed.values())
    names = sorted(changed) if len(changed) <= _NAMED_AT_MOST else [RESYNC]
    await notify_each(session, CHANNEL, names)
    if jobs:
        over = sorted(call_id for call_id, rows in changed.items() if _may_have_left(rows, events[call_id]))
        await enqueue_each(session, Job.CALL_ENDED, {f"call_ended:{call_id}": {"call_id": call_id} for call_id in over})
    return set(changed)


def fold_each(events: dict[str, list[LedgerEvent]]) -> dict[str, Rows]:
    """Rows of each call that is one. A call that cannot be folded is left as it was: it must not stop the others."""
    folded: dict[str, Rows] = {}
    for call_id, of_call in events.items():
        try:
            record = fold(of_call)
        except Exception:
            log.exception("ledger.fold_failed", call_id=call_id)
            continue
        if record is not None:
            folded[call_id] = rows_of(record)
    return folded


def _may_have_left(rows: Rows, events: list[LedgerEvent]) -> bool:
    """Whether a call is over and began a recording, a message or a call back, or went where nobody told of one. Most calls
    are menu calls and leave nothing; what lies in the spool although the ledger knows nothing of it is the sweeper's."""
    call, visits = rows
    return call["ended_at"] is not None and (
        any(visit["recording"] for visit in visits)
        or bool(call["fallbacks"] or call["voice_message"])
        or any(event.name in _LEAVE_SOMETHING for event in events)
    )
