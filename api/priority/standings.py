"""What is known of a caller who is about to wait, read in two statements: a caller waits for the answer."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.db.priority_tables import CallerGroup, GroupMember
from api.db.tables import CallRecordRow, VisitRow
from api.reports.standard import SHORT_ABANDON_SECONDS
from ivr.kernel.area_codes import province_of
from ivr.kernel.phone_number import parse_caller, stored_form
from routing.priority import RoutingRules, Standing, standing

UNSERVED = ("timed_out", "refused_full", "no_agents")
"""Dispositions of a call whose caller wanted an operator and had none; `abandoned` too, unless they hung up at once."""


async def standing_of(session: AsyncSession, caller: str, rules: RoutingRules, now: datetime) -> Standing:
    """`caller` as the network sent it: hostile text. Who hides the number is known by nothing and stands at 0."""
    known = parse_caller(caller)
    stored = stored_form(known)
    if not stored:
        return Standing()
    groups = await groups_of(session, stored, now)
    unserved = await unserved_calls(session, stored, rules.repeat_hours, now) if rules.repeat_hours else 0
    return standing(rules, groups=groups, unserved=unserved, province=province_of(known))


async def groups_of(session: AsyncSession, caller: str, now: datetime) -> dict[str, int]:
    """Code → priority of the groups that this caller is in at this instant. `caller` in stored form."""
    query = (
        select(CallerGroup.code, CallerGroup.priority)
        .join(GroupMember, GroupMember.group_code == CallerGroup.code)
        .where(
            GroupMember.caller == caller,
            GroupMember.ended_at.is_(None),
            GroupMember.since <= now,
            or_(GroupMember.until.is_(None), GroupMember.until > now),
            CallerGroup.retired_at.is_(None),
        )
    )
    return {code: priority for code, priority in await session.execute(query)}  # noqa: C416 - rows are no tuples to the checker


async def unserved_calls(session: AsyncSession, caller: str, hours: int, now: datetime) -> int:
    """Calls within so many hours that ended unserved, since the last one that an operator answered.

    Hanging up within `SHORT_ABANDON_SECONDS` of entering the queue is no call unserved: dialling again and again would
    be a way to the front.
    """
    call, answered = CallRecordRow, CallRecordRow.__table__.alias("answered")
    since = now - timedelta(hours=hours)
    served = (
        select(func.max(answered.c.arrived_at))
        .where(answered.c.caller == caller, answered.c.arrived_at >= since, answered.c.disposition == "answered")
        .scalar_subquery()
    )
    waited = exists().where(VisitRow.call_id == call.call_id, VisitRow.waited_seconds > SHORT_ABANDON_SECONDS)
    query = (
        select(func.count())
        .select_from(call)
        .where(
            call.caller == caller,
            call.arrived_at >= since,
            call.arrived_at <= now,
            or_(call.disposition.in_(UNSERVED), and_(call.disposition == "abandoned", waited)),
            call.arrived_at > func.coalesce(served, since - timedelta(seconds=1)),
        )
    )
    return await session.scalar(query) or 0
