"""`/api/v1/groups`: groups of callers and their members; `/api/v1/figures/priority`: what priority does to everybody."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path, Query, Request

from api.access.guard import require
from api.access.permissions import Permission
from api.access.principal import Principal
from api.db.transaction import Transaction
from api.http.errors import error_responses
from api.http.pages_of import Cursor, Limit, Page
from api.http.routers import api_router
from api.priority import groups
from api.priority.effect import read_effect
from api.priority.schemas import CODE_PATTERN, EffectView, GroupForm, Groups, GroupView, MemberForm, MemberView
from api.reports.periods import read_period
from api.settings import ApiSettings

router = api_router("priority")

Keeper = Annotated[Principal, Depends(require(Permission.GROUPS_KEEP))]
Code = Annotated[
    str, Path(pattern=CODE_PATTERN, description="Latin small letters, digits and underscores.", examples=["chronic"])
]


@router.get("/groups", summary="Groups of callers who come before others")
async def get_groups(request: Request, session: Transaction, _principal: Keeper) -> Groups:
    """With the rule that bounds what they do to everybody else."""
    settings: ApiSettings = request.app.state.settings
    return await groups.read_groups(session, settings.routing, request.app.state.clock.now())


@router.put("/groups/{code}", summary="Make or change a group", responses=error_responses(400, 409, 413))
async def put_group(
    code: Code, form: GroupForm, request: Request, session: Transaction, principal: Keeper
) -> GroupView:
    """A group that was given up is taken up again, with the members it had."""
    return await groups.put_group(session, principal, code, form, request.app.state.clock.now())


@router.delete("/groups/{code}", summary="Give a group up", responses=error_responses(404))
async def delete_group(code: Code, request: Request, session: Transaction, principal: Keeper) -> GroupView:
    """It raises nobody's priority any more. What was is kept, so that records can be explained."""
    return await groups.retire_group(session, principal, code, request.app.state.clock.now())


@router.get("/groups/{code}/members", summary="Who is in a group", responses=error_responses(404))
async def get_members(
    code: Code,
    request: Request,
    session: Transaction,
    _principal: Keeper,
    caller: Annotated[str | None, Query(max_length=40, description="Only this number.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[MemberView]:
    now = request.app.state.clock.now()
    items, following = await groups.list_members(session, code, now, caller=caller, limit=limit, cursor=cursor)
    return Page(items=items, next=following)


@router.post(
    "/groups/{code}/members",
    status_code=201,
    summary="Put a caller into a group",
    responses=error_responses(400, 404, 409, 413),
)
async def post_member(
    code: Code, form: MemberForm, request: Request, session: Transaction, principal: Keeper
) -> MemberView:
    return await groups.add_member(session, principal, code, form, request.app.state.clock.now())


@router.delete(
    "/groups/{code}/members/{member_id}",
    status_code=204,
    summary="Take a caller out of a group",
    responses=error_responses(404),
)
async def delete_member(
    code: Code,
    member_id: Annotated[int, Path(ge=1, le=2**63 - 1, description="Id of the membership.")],
    request: Request,
    session: Transaction,
    principal: Keeper,
) -> None:
    await groups.end_member(session, principal, code, member_id, request.app.state.clock.now())


@router.get("/figures/priority", summary="Waits by group beside everybody else's, and repeated calls")
async def get_effect(
    request: Request,
    session: Transaction,
    _principal: Keeper,
    day: Annotated[
        str | None, Query(max_length=40, description="Jalali day of Tehran. Default: today.", examples=["1405-09-07"])
    ] = None,
    month: Annotated[
        str | None, Query(max_length=40, description="Jalali month, instead of a day.", examples=["1405-09"])
    ] = None,
) -> EffectView:
    """Visits by their entry, as in `/figures`; a call counts with the priority that it waited with last. For those who keep the
    groups: their names may tell of somebody's health."""
    return await read_effect(session, read_period(day, month, request.app.state.clock.now()))
