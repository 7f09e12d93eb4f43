"""An operator who only heard a telephone ring has no work after a talk: free at once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.db.callback_tables import CallbackCallRow
from api.db.duty_tables import DutyRow, WrapUpRow
from api.db.notify import notify
from api.duty.repository import open_row
from api.duty.service import CHANNEL as DUTIES
from api.duty.service import end_wrap_up
from routing.callbacks.judging import Outcome


async def free_operators(session: AsyncSession, now: datetime) -> int:
    """End every open work after a call that reached nobody; how many there were. (Asterisk's own short rest is in it.)"""
    query = select(DutyRow.seat).join(WrapUpRow, WrapUpRow.duty_id == DutyRow.id)
    query = query.join(CallbackCallRow, CallbackCallRow.call_id == WrapUpRow.call_id)
    query = query.where(WrapUpRow.ended_at.is_(None), CallbackCallRow.outcome == Outcome.NOT_REACHED.value)
    seats = (await session.scalars(query)).all()
    for seat in seats:
        row = await open_row(session, seat=seat, lock=True)
        if row is not None:
            await end_wrap_up(session, row, at=now, by="not_reached")
            await notify(session, DUTIES, seat)
    return len(seats)
