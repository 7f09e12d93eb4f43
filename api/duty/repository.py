"""Duties as rows. Nothing here decides anything."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import DateTime, bindparam, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from api.db.duty_tables import AgentSkill, DutyPauseRow, DutyRow, WrapUpRow
from api.db.engine import PAGES
from ivr.kernel.ids import QueueName, SeatName
from routing.duty import Duty, PauseCause

_WEB_SINCE = (
    text(
        "SELECT min(backend_start) AS since FROM pg_stat_activity"
        " WHERE datname = current_database() AND application_name = :pages"
    )
    .bindparams(bindparam("pages", PAGES))
    .columns(since=DateTime(timezone=True))
)


async def web_since(session: AsyncSession) -> datetime | None:
    """Since when the pages can be there without a break: since the web process listens to us; None while it does not. After an
    absence of the database or of the web that is a moment ago."""
    return (await session.execute(_WEB_SINCE)).scalar_one()


async def open_duties(session: AsyncSession) -> list[Duty]:
    """All that are not over, by seat."""
    rows = (await session.scalars(select(DutyRow).where(DutyRow.ended_at.is_(None)).order_by(DutyRow.seat))).all()
    return await _told(session, rows)


async def open_row(
    session: AsyncSession, *, agent: str | None = None, seat: str | None = None, lock: bool = False
) -> DutyRow | None:
    """The open duty of an agent or at a seat. With `lock` nobody else changes it before this transaction ends."""
    query = select(DutyRow).where(DutyRow.ended_at.is_(None))
    if agent is not None:
        query = query.where(DutyRow.agent == agent)
    if seat is not None:
        query = query.where(DutyRow.seat == seat)
    if lock:
        query = query.with_for_update()
    return (await session.scalars(query.execution_options(populate_existing=True))).one_or_none()


async def duty_of(session: AsyncSession, row: DutyRow) -> Duty:
    """The row with all that belongs to it."""
    return (await _told(session, [row]))[0]


async def open_pauses(session: AsyncSession, duty_id: int) -> Sequence[DutyPauseRow]:
    query = select(DutyPauseRow).where(DutyPauseRow.duty_id == duty_id, DutyPauseRow.ended_at.is_(None))
    return (await session.scalars(query.order_by(DutyPauseRow.began_at, DutyPauseRow.id))).all()


async def open_wrap_up(session: AsyncSession, duty_id: int) -> WrapUpRow | None:
    query = select(WrapUpRow).where(WrapUpRow.duty_id == duty_id, WrapUpRow.ended_at.is_(None))
    return (await session.scalars(query)).one_or_none()


async def wrap_up_stands(session: AsyncSession, duty_id: int, call_id: str, began_at: datetime) -> bool:
    """Whether the work after this talk has been written down, be it over by now."""
    query = select(WrapUpRow.id).where(
        WrapUpRow.duty_id == duty_id, WrapUpRow.call_id == call_id, WrapUpRow.began_at == began_at
    )
    return (await session.scalars(query)).first() is not None


async def _told(session: AsyncSession, rows: Sequence[DutyRow]) -> list[Duty]:
    ids, people = [row.id for row in rows], [row.person_id for row in rows]
    pauses: dict[int, dict[PauseCause, DutyPauseRow]] = defaultdict(dict)
    skills: dict[int, dict[QueueName, int]] = defaultdict(dict)
    wraps: dict[int, WrapUpRow] = {}
    if rows:
        open_ones = select(DutyPauseRow).where(DutyPauseRow.duty_id.in_(ids), DutyPauseRow.ended_at.is_(None))
        for pause in await session.scalars(open_ones):
            pauses[pause.duty_id][PauseCause(pause.cause)] = pause
        for skill in await session.scalars(select(AgentSkill).where(AgentSkill.person_id.in_(people))):
            skills[skill.person_id][QueueName(skill.queue)] = skill.level
        open_work = select(WrapUpRow).where(WrapUpRow.duty_id.in_(ids), WrapUpRow.ended_at.is_(None))
        wraps = {wrap.duty_id: wrap for wrap in await session.scalars(open_work)}
    return [
        Duty(
            id=row.id,
            agent=row.agent,
            seat=SeatName(row.seat),
            began_at=row.began_at,
            skills=skills[row.person_id],
            causes={cause: pause.began_at for cause, pause in pauses[row.id].items()},
            wrap_up=(QueueName(wraps[row.id].queue), wraps[row.id].began_at) if row.id in wraps else None,
            missed=row.missed,
            phone_gone_at=row.phone_gone_at,
            desk_seen_at=row.desk_seen_at,
        )
        for row in rows
    ]
