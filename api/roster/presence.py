"""What was seen of agents: their duties and pauses as they were written down, for the figures of the roster."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.db.duty_tables import DutyPauseRow, DutyRow
from routing.roster.stretches import Duty, Pause


async def duties_between(
    session: AsyncSession, agents: Collection[str], begins: datetime, ends: datetime
) -> dict[str, list[Duty]]:
    """Duties of these agents that touch this time, in order, whole. Two queries, however many agents and days."""
    rows = await session.scalars(
        select(DutyRow)
        .where(DutyRow.agent.in_(agents), DutyRow.began_at < ends)
        .where(or_(DutyRow.ended_at.is_(None), DutyRow.ended_at > begins))
        .order_by(DutyRow.began_at)
    )
    duties = list(rows)
    pauses: dict[int, list[Pause]] = {}
    found = await session.scalars(
        select(DutyPauseRow)
        .where(DutyPauseRow.duty_id.in_([duty.id for duty in duties]))
        .order_by(DutyPauseRow.began_at)
    )
    for pause in found:
        pauses.setdefault(pause.duty_id, []).append(Pause(pause.cause, pause.began_at, pause.ended_at))
    told: dict[str, list[Duty]] = {}
    for duty in duties:
        whole = Duty(duty.began_at, duty.ended_at, tuple(pauses.get(duty.id, ())))
        told.setdefault(duty.agent, []).append(whole)
    return told
