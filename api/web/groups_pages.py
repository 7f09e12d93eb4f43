"""`/groups`: who comes before others and what that does to everybody else; `/groups/{code}`: the members of one group.

Plain forms; works without JavaScript. The same use cases as the API's.
"""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Path, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.access.guard import require
from api.access.permissions import Permission
from api.access.principal import Principal
from api.db.transaction import Transaction
from api.priority import groups
from api.priority.effect import read_effect
from api.priority.schemas import CODE_PATTERN, MemberForm
from api.reports.periods import read_period
from api.settings import ApiSettings
from api.web import shown
from api.web.groups_view import effect_view, group_form, last_day, promise
from api.web.login_page import refusal_text
from api.web.rendering import language_of, render
from api.web.texts import Texts, texts
from ivr.kernel.errors import Conflict, Invalid

router = APIRouter(prefix="/groups", include_in_schema=False)

Keeper = Annotated[Principal, Depends(require(Permission.GROUPS_KEEP))]
Code = Annotated[str, Path(pattern=CODE_PATTERN)]
Typed = Annotated[str, Form(max_length=200)]
Asked = Annotated[str, Query(max_length=40)]
_PAGE = 50


@router.get("")
async def groups_page(
    request: Request, session: Transaction, principal: Keeper, day: Asked = "", month: Asked = ""
) -> Response:
    return await _groups(request, session, principal, {"day": day, "month": month})


@router.post("")
async def make_group(
    request: Request,
    session: Transaction,
    principal: Keeper,
    code: Typed = "",
    name_fa: Typed = "",
    name_en: Typed = "",
    priority: Typed = "",
) -> Response:
    typed = {"code": code, "name_fa": name_fa, "name_en": name_en, "priority": priority}
    now = request.app.state.clock.now()
    try:
        asked, form = group_form(code, name_fa, name_en, priority)
        if any(one.code == asked for one in (await groups.read_groups(session, _rules(request), now)).items):
            raise Conflict("There is a group with this code already.", code="group_exists")
        made = await groups.put_group(session, principal, asked, form, now)
    except (Invalid, Conflict) as error:
        said = refusal_text(error, texts(language_of(request)))
        return await _groups(request, session, principal, {}, typed=typed, problem=said, status=422)
    return RedirectResponse(f"/groups/{made.code}?saved=made", 303)


@router.get("/{code}")
async def group_page(
    code: Code,
    request: Request,
    session: Transaction,
    principal: Keeper,
    caller: Asked = "",
    cursor: Annotated[str | None, Query(max_length=500)] = None,
    saved: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    return await _group(request, session, principal, code, caller=caller, cursor=cursor, saved=saved)


@router.post("/{code}")
async def change_group(
    code: Code,
    request: Request,
    session: Transaction,
    principal: Keeper,
    name_fa: Typed = "",
    name_en: Typed = "",
    priority: Typed = "",
) -> Response:
    try:
        asked, form = group_form(code, name_fa, name_en, priority)
        await groups.put_group(session, principal, asked, form, request.app.state.clock.now())
    except (Invalid, Conflict) as error:
        typed = {"name_fa": name_fa, "name_en": name_en, "priority": priority}
        said = refusal_text(error, texts(language_of(request)))
        return await _group(request, session, principal, code, group_problem=said, group_typed=typed, status=422)
    return RedirectResponse(f"/groups/{code}?saved=changed", 303)


@router.post("/{code}/retire")
async def retire_group(code: Code, request: Request, session: Transaction, principal: Keeper) -> Response:
    await groups.retire_group(session, principal, code, request.app.state.clock.now())
    return RedirectResponse(f"/groups/{code}?saved=retired", 303)


@router.post("/{code}/members")
async def add_member(
    code: Code,
    request: Request,
    session: Transaction,
    principal: Keeper,
    caller: Typed = "",
    until: Typed = "",
    note: Typed = "",
) -> Response:
    now = request.app.state.clock.now()
    try:
        last = shown.parse_date(until, "until") if until.strip() else None
        form = MemberForm(caller=caller[:40], until=shown.day_ends(last) if last else None, note=note)
        await groups.add_member(session, principal, code, form, now)
    except (Invalid, Conflict) as error:
        said = _member_problem(error, texts(language_of(request)), shown.short_date(now, language_of(request)))
        typed = {"caller": caller, "until": until, "note": note}
        return await _group(request, session, principal, code, member_problem=said, member_typed=typed, status=422)
    return RedirectResponse(f"/groups/{code}?saved=added", 303)


@router.post("/{code}/members/{member_id}/end")
async def end_member(
    code: Code,
    member_id: Annotated[int, Path(ge=1, le=2**63 - 1)],
    request: Request,
    session: Transaction,
    principal: Keeper,
) -> Response:
    await groups.end_member(session, principal, code, member_id, request.app.state.clock.now())
    return RedirectResponse(f"/groups/{code}?saved=ended", 303)


async def _groups(
    request: Request,
    session: AsyncSession,
    principal: Principal,
    asked: dict[str, str],
    *,
    typed: dict[str, str] | None = None,
    problem: str = "",
    status: int = 200,
) -> Response:
    say, now, rules = texts(language_of(request)), request.app.state.clock.now(), _rules(request)
    period_problem = ""
    try:
        period = read_period(asked.get("day") or None, asked.get("month") or None, now)
    except Invalid as error:
        period_problem, status = refusal_text(error, say), 422
        period = read_period(None, None, now)
    kept = await groups.read_groups(session, rules, now)
    month = period.name[:7]
    context: dict[str, Any] = {
        "view": effect_view(await read_effect(session, period), kept, say),
        "promise": promise(kept, say),
        "retired": [group for group in kept.items if group.retired_at],
        "quick": [(say("groups.today"), "/groups"), (say("groups.month"), f"/groups?month={month}")],
        "asked": asked,
        "example": shown.short_date(now, say.language),
        "typed": typed or {"code": "", "name_fa": "", "name_en": "", "priority": ""},
        "problem": problem,
        "period_problem": period_problem,
    }
    return render(request, "pages/groups.html", principal, context, status=status)


async def _group(
    request: Request,
    session: AsyncSession,
    principal: Principal,
    code: str,
    *,
    caller: str = "",
    cursor: str | None = None,
    saved: str = "",
    status: int = 200,
    **problems: Any,
) -> Response:
    say, now = texts(language_of(request)), request.app.state.clock.now()
    group, found_problem = await groups.read_group(session, code, now), ""
    try:
        found = await groups.list_members(session, code, now, caller=caller.strip() or None, limit=_PAGE, cursor=cursor)
    except Invalid:
        found, found_problem, status = ([], None), say("calls.bad_caller"), 422
    members, following = found
    more = urlencode({"caller": caller, "cursor": following}) if following else ""
    context: dict[str, Any] = {
        "group": group,
        "title": group.name_fa if say.language == "fa" else group.name_en,
        "members": members,
        "last_day": last_day,
        "next": f"/groups/{code}?{more}" if more else "",
        "asked": caller,
        "found_problem": found_problem,
        "example": shown.short_date(now, say.language),
        "saved": saved if f"saved_{saved}" in say.family("groups") else "",
        "group_problem": "", "member_problem": "",
        "group_typed": {"name_fa": group.name_fa, "name_en": group.name_en,
                        "priority": shown.number(group.priority, say.language)},
        "member_typed": {"caller": "", "until": "", "note": ""},
        **problems,
    }  # fmt: skip
    return render(request, "pages/group.html", principal, context, status=status)


def _member_problem(error: Invalid | Conflict, say: Texts, example: str) -> str:
    field = (error.field or "").rpartition(".")[2]
    if field == "until" and error.code == "invalid":
        return say("calls.bad_date", example=example)
    return say("calls.bad_caller") if field == "caller" and error.code == "invalid" else refusal_text(error, say)


def _rules(request: Request) -> Any:
    settings: ApiSettings = request.app.state.settings
    return settings.routing
