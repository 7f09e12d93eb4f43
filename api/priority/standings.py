"""What is known of a caller who is about to wait, read in one statement: a caller waits for the answer."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import TIMESTAMP, ScalarSelect, Text, and_, bindparam, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.db.priority_tables import CallerGroup, GroupMember
from api.db.tables import CallRecordRow, VisitRow
from api.reports.standard import SHORT_ABANDON_SECONDS
from ivr.kernel.area_codes import province_of
from ivr.kernel.phone_number import parse_caller, stored_form
from routing.priority import RoutingRules, Standing, standing

UNSERVED = ("timed_out", "closed_out", "refused_full", "no_agents")
"""Dispositions of a call whose caller wanted an operator and had none; `abandoned` too, unless they hung up at once."""


async def standing_of(session: AsyncSession, caller: str, rules: RoutingRules, now: datetime) -> Standing:
    """`caller` as the network sent it: hostile text. Who hides the number is known by nothing and stands at 0."""
    known = parse_caller(caller)
    stored = stored_form(known)
    if not stored:
        return Standing()
    asked = {"caller": stored, "now": now, "since": now - timedelta(hours=rules.repeat_hours)}
    groups, unserved = (await session.execute(_KNOWN, asked)).one()
    repeats = unserved if rules.repeat_hours else 0
    return standing(rules, groups=groups or {}, unserved=repeats, province=province_of(known))


_CALLER = bindparam("caller", type_=Text)
_NOW, _SINCE = (bindparam(name, type_=TIMESTAMP(timezone=True)) for name in ("now", "since"))


def _groups() -> ScalarSelect[Any]:
    """Code → priority of the groups that this caller is in at this instant; null of nobody. `caller` in stored form."""
    return (
        select(func.json_object_agg(CallerGroup.code, CallerGroup.priority))
        .select_from(CallerGroup)
        .join(GroupMember, GroupMember.group_code == CallerGroup.code)
        .where(
            GroupMember.caller == _CALLER,
            GroupMember.ended_at.is_(None),
            GroupMember.since <= _NOW,
            or_(GroupMember.until.is_(None), GroupMember.until > _NOW),
            CallerGroup.retired_at.is_(None),
        )
        .scalar_subquery()
    )


def _unserved() -> ScalarSelect[int]:
    """Calls since an instant that ended unserved, after the last one that an operator answered.

    Hanging up within `SHORT_ABANDON_SECONDS` of entering the queue is no call unserved: dialling again and again would
    be a way to the front.
    """
    call, answered = CallRecordRow, CallRecordRow.__table__.alias("answered")
    served = (
        select(func.max(answered.c.arrived_at))
        .where(answered.c.caller == _CALLER, answered.c.arrived_at >= _SINCE, answered.c.disposition == "answered")
        .scalar_subquery()
    )
    waited = exists().where(VisitRow.call_id == call.call_id, VisitRow.waited_seconds > SHORT_ABANDON_SECONDS)
    return (
        select(func.count())
        .select_from(call)
        .where(
            call.caller == _CALLER,
            call.arrived_at >= _SINCE,
            call.arrived_at <= _NOW,
            or_(call.disposition.in_(UNSERVED), and_(call.disposition == "abandoned", waited)),
            call.arrived_at > func.coalesce(served, _SINCE - timedelta(seconds=1)),
        )
        .scalar_subquery()
    )


_KNOWN = select(_groups(), _unserved())
"""Made once: making it took longer than asking it."""
