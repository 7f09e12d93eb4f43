"""Calls of one caller as they lie in the database, and accounts that keep groups."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from api.db.engine import Sessions
from api.db.tables import CallRecordRow, VisitRow

NOON = datetime(2026, 11, 28, 8, 30, tzinfo=UTC)
"""Noon in Tehran, 7 Azar 1405."""
CALLER = "+989121234567"
_numbers = itertools.count(1)


async def called(
    sessions: Sessions,
    disposition: str | None,
    *,
    ago: timedelta,
    waited: float | None = 60,
    caller: str = CALLER,
    **more: object,
) -> str:
    """A call that arrived so long before `NOON`; with `waited` it stood in a queue for so long."""
    call_id, at = f"line1420-{next(_numbers)}.1", NOON - ago
    outcome = disposition if disposition != "left_message" else "timed_out"
    async with sessions.begin() as session:
        session.add(
            CallRecordRow(
                call_id=call_id, node="line1420", caller=caller, caller_name="", language="fa", arrived_at=at,
                ended_at=None if disposition is None else at + timedelta(seconds=90), disposition=disposition,
                menu_path=[], fallbacks=[], survey_offered=False, problems=[], **more,
            )
        )  # fmt: skip
        await session.flush()
        if waited is not None:
            session.add(
                VisitRow(
                    call_id=call_id, n=1, queue="insurance", arrived_at=at, entered_at=at, outcome=outcome,
                    ended_at=at + timedelta(seconds=waited), waited_seconds=waited,
                )
            )  # fmt: skip
    return call_id


async def moved_before(sessions: Sessions, call_id: str, *, waited: float) -> None:
    """The caller of this call had waited so long in another queue, from which somebody took them into the one they have."""
    async with sessions.begin() as session:
        visit = (await session.scalars(select(VisitRow).where(VisitRow.call_id == call_id))).one()
        begun = visit.entered_at
        session.add(
            VisitRow(
                call_id=call_id, n=visit.n + 1, queue="general", arrived_at=begun, entered_at=begun, outcome="moved",
                ended_at=begun, waited_seconds=waited,
            )
        )  # fmt: skip
