"""Keeping groups and their members: each deed is one change of rows in the caller's transaction, audited with before and after."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from api.access.principal import Principal
from api.audit.trail import write_audit
from api.db.priority_tables import CallerGroup, GroupMember
from api.http.caller_filter import caller_filter
from api.http.cursors import cut_page, read_cursor
from api.priority.schemas import GroupForm, Groups, GroupView, MemberForm, MemberView
from ivr.kernel.errors import Conflict, Invalid, NotFound
from ivr.kernel.persian_text import clean
from ivr.kernel.phone_number import parse_caller
from routing.priority import MOST, RoutingRules, ahead_seconds

MOST_GROUPS = 50
"""In use at a time: more is a filing system and no order of need."""


async def read_groups(session: AsyncSession, rules: RoutingRules, now: datetime) -> Groups:
    """Those in use first, each by its priority."""
    members = await _counts(session, now)
    order = (CallerGroup.retired_at.is_not(None), CallerGroup.priority.desc(), CallerGroup.code)
    rows = await session.scalars(select(CallerGroup).order_by(*order))
    return Groups(
        items=[_view(row, members.get(row.code, 0)) for row in rows],
        step_seconds=rules.step_seconds,
        longest_ahead_seconds=ahead_seconds(MOST, rules.step_seconds),
    )


async def read_group(session: AsyncSession, code: str, now: datetime) -> GroupView:
    """Raises `NotFound`."""
    row = await _row(session, code)
    members = await _counts(session, now)
    return _view(row, members.get(code, 0))


async def put_group(session: AsyncSession, by: Principal, code: str, form: GroupForm, now: datetime) -> GroupView:
    """Make the group, change it, or take it up again. Raises `Conflict` when there are too many."""
    row = await session.scalar(select(CallerGroup).where(CallerGroup.code == code).with_for_update())
    wanted = {"name_fa": _name(form.name_fa), "name_en": _name(form.name_en), "priority": form.priority}
    before = None if row is None else _told(row)
    if row is None or row.retired_at is not None:
        in_use = await session.scalar(select(func.count()).where(CallerGroup.retired_at.is_(None)))
        if (in_use or 0) >= MOST_GROUPS:
            raise Conflict(f"There are {MOST_GROUPS} groups already. Give one up first.", code="too_many_groups")
    statement = insert(CallerGroup).values(code=code, retired_at=None, **wanted)
    await session.execute(statement.on_conflict_do_update(index_elements=["code"], set_=wanted | {"retired_at": None}))
    row = await _row(session, code)
    if before != _told(row):
        await _audit(session, by, "group.made" if before is None else "group.changed", code, now, before, _told(row))
    return await read_group(session, code, now)


async def retire_group(session: AsyncSession, by: Principal, code: str, now: datetime) -> GroupView:
    """From now on it raises nobody's priority. Members stay written down. Raises `NotFound`."""
    row = await _row(session, code, lock=True)
    if row.retired_at is None:
        before = _told(row)
        row.retired_at = now
        await session.flush()
        await _audit(session, by, "group.retired", code, now, before, _told(row))
    return await read_group(session, code, now)


async def list_members(
    session: AsyncSession,
    code: str,
    now: datetime,
    *,
    caller: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> tuple[list[MemberView], str | None]:
    """Who is in the group now, the newest first. Raises `NotFound`, and `Invalid` for a caller that is no number."""
    await _row(session, code)
    query = select(GroupMember).where(GroupMember.group_code == code, *_current(now)).order_by(GroupMember.id.desc())
    if caller:
        query = query.where(GroupMember.caller == caller_filter(caller))
    if cursor is not None:
        query = query.where(GroupMember.id < read_cursor(cursor, int)[0])
    found: Sequence[GroupMember] = (await session.scalars(query.limit(limit + 1))).all()
    rows, following = cut_page(found, limit, lambda row: (row.id,))
    return [MemberView.model_validate(row, from_attributes=True) for row in rows], following


async def add_member(session: AsyncSession, by: Principal, code: str, form: MemberForm, now: datetime) -> MemberView:
    """Raises `NotFound`; `Invalid` for a number that is none or an end that is past; `Conflict` when they are in it already."""
    row = await _row(session, code, lock=True)
    if row.retired_at is not None:
        raise Conflict("This group has been given up. Take it up again first.", code="group_retired")
    caller = caller_filter(form.caller, field="body.caller")
    if not caller:
        raise Invalid("Somebody without a number cannot be recognised.", field="body.caller", code="no_number")
    if form.until is not None and form.until <= now:
        raise Invalid(
            "The end lies in the past; leave it out or choose a later day.", field="body.until", code="past_end"
        )
    for old in await session.scalars(
        select(GroupMember).where(
            GroupMember.group_code == code, GroupMember.caller == caller, GroupMember.ended_at.is_(None)
        )
    ):
        if old.until is None or old.until > now:
            raise Conflict("This number is in the group already.", code="member_already", field="body.caller")
        old.ended_at, old.ended_by = old.until, "system:until"
    await session.flush()
    member = GroupMember(
        group_code=code, caller=caller, since=now, until=form.until, note=clean(form.note), added_by=by.actor,
        ended_at=None, ended_by=None,
    )  # fmt: skip
    session.add(member)
    await session.flush()
    until = member.until.isoformat() if member.until else None
    after = {"member": member.id, "caller": str(parse_caller(caller)), "until": until}
    await _audit(session, by, "group.member_added", code, now, None, after)
    return MemberView.model_validate(member, from_attributes=True)


async def end_member(session: AsyncSession, by: Principal, code: str, member_id: int, now: datetime) -> None:
    """Take somebody out of the group. Raises `NotFound` when they are not in it."""
    query = select(GroupMember).where(GroupMember.id == member_id, GroupMember.group_code == code, *_current(now))
    member = await session.scalar(query.with_for_update())
    if member is None:
        raise NotFound("Nobody in this group has this id; somebody may have been faster.", field="path.member_id")
    member.ended_at, member.ended_by = now, by.actor
    await session.flush()
    before = {"member": member.id, "caller": str(parse_caller(member.caller))}
    await _audit(session, by, "group.member_ended", code, now, before, None)


def _current(now: datetime) -> tuple[Any, ...]:
    return GroupMember.ended_at.is_(None), or_(GroupMember.until.is_(None), GroupMember.until > now)


async def _counts(session: AsyncSession, now: datetime) -> dict[str, int]:
    """Group → members now; a group without any is not in it."""
    query = select(GroupMember.group_code, func.count()).where(*_current(now)).group_by(GroupMember.group_code)
    return {code: members for code, members in await session.execute(query)}  # noqa: C416 - rows are no tuples to the checker


async def _row(session: AsyncSession, code: str, *, lock: bool = False) -> CallerGroup:
    query = select(CallerGroup).where(CallerGroup.code == code).execution_options(populate_existing=True)
    row = await session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound("There is no such group.", field="path.code")
    return row


def _name(text: str) -> str:
    cleaned = clean(text)
    if not cleaned:
        raise Invalid("A group needs a name.", field="body.name_fa", code="no_name")
    return cleaned


def _told(row: CallerGroup) -> dict[str, Any]:
    retired = row.retired_at.isoformat() if row.retired_at else None
    return {"name_fa": row.name_fa, "name_en": row.name_en, "priority": row.priority, "retired_at": retired}


def _view(row: CallerGroup, members: int) -> GroupView:
    return GroupView(code=row.code, members=members, name_fa=row.name_fa, name_en=row.name_en,
                     priority=row.priority, retired_at=row.retired_at)  # fmt: skip


async def _audit(
    session: AsyncSession, by: Principal, action: str, code: str, now: datetime, before: object, after: object
) -> None:
    details = {"before": before, "after": after}
    await write_audit(session, at=now, actor=by, action=action, target=f"group:{code}", details=details)
