"""`/people` for the administrator: accounts made, renamed, closed, given new passwords; `/account` for everybody: one's own
password. A password that we made stands in the answer to its form and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from api.access.guard import Anyone
from api.access.permissions import Permission, Role
from api.access.principal import Principal
from api.db.transaction import Transaction
from api.people import accounts
from api.people.account_routes import Manager, Username, change_own
from api.people.account_schemas import AccountView
from api.web.login_page import refusal_text
from api.web.own_pin_pages import password_problem
from api.web.rendering import language_of, render
from api.web.texts import Texts, texts
from ivr.kernel.errors import Conflict, Invalid

router = APIRouter(include_in_schema=False)

Text = Annotated[str, Form(max_length=200)]
Secret = Annotated[str, Form(max_length=1024)]
_SAVED = {"renamed", "same", "closed", "opened"}
_FIELDS = ("username", "name_fa", "name_en", "role")


@router.get("/people")
async def people_page(request: Request, session: Transaction, principal: Manager) -> Response:
    return await _people(request, session, principal, {})


@router.post("/people")
async def add_person(
    request: Request,
    session: Transaction,
    principal: Manager,
    username: Text = "",
    name_fa: Text = "",
    name_en: Text = "",
    role: Text = "",
) -> Response:
    say, typed = texts(language_of(request)), dict(zip(_FIELDS, (username, name_fa, name_en, role), strict=True))
    try:
        if role not in set(Role):
            raise Invalid("There is no such role.", code="role_unknown", field="body.role")
        account = accounts.Account(username, name_fa, name_en, Role(role))
        password = await accounts.open_account(session, principal, account, now=request.app.state.clock.now())
    except (Invalid, Conflict) as error:
        status = 409 if isinstance(error, Conflict) else 422
        return await _people(request, session, principal, {"typed": typed, **_told(error, say)}, status)
    made = accounts.checked(account)
    return await _person(request, session, principal, made.username, {"password": password, "made": True})


@router.get("/people/{username}")
async def person_page(
    username: Username,
    request: Request,
    session: Transaction,
    principal: Manager,
    saved: Annotated[str, Query(max_length=10)] = "",
) -> Response:
    return await _person(request, session, principal, username, {"saved": saved if saved in _SAVED else ""})


@router.post("/people/{username}/names")
async def rename(
    username: Username,
    request: Request,
    session: Transaction,
    principal: Manager,
    name_fa: Text = "",
    name_en: Text = "",
) -> Response:
    now, say = request.app.state.clock.now(), texts(language_of(request))
    try:
        new = await accounts.rename(session, principal, username, name_fa, name_en, now=now)
    except Invalid as error:
        typed = {"typed": {"name_fa": name_fa, "name_en": name_en}}
        return await _person(request, session, principal, username, typed | _told(error, say), 422)
    return RedirectResponse(f"/people/{username}?saved={'renamed' if new else 'same'}", 303)


@router.post("/people/{username}/password")
async def new_password(username: Username, request: Request, session: Transaction, principal: Manager) -> Response:
    password = await accounts.reset_password(session, principal, username, now=request.app.state.clock.now())
    return await _person(request, session, principal, username, {"password": password})


@router.post("/people/{username}/open")
async def open_again(username: Username, request: Request, session: Transaction, principal: Manager) -> Response:
    now = request.app.state.clock.now()
    new = await accounts.set_active(session, principal, username, active=True, now=now)
    return RedirectResponse(f"/people/{username}?saved={'opened' if new else 'same'}", 303)


@router.post("/people/{username}/close")
async def close(username: Username, request: Request, session: Transaction, principal: Manager) -> Response:
    now, say = request.app.state.clock.now(), texts(language_of(request))
    try:
        new = await accounts.set_active(session, principal, username, active=False, now=now)
    except Conflict as error:
        problems = {"problems": {"close": refusal_text(error, say)}}
        return await _person(request, session, principal, username, problems, 409)
    return RedirectResponse(f"/people/{username}?saved={'closed' if new else 'same'}", 303)


@router.get("/account")
async def account_page(
    request: Request, principal: Anyone, saved: Annotated[str, Query(max_length=10)] = ""
) -> Response:
    return _account(request, principal, {"saved": saved == "yes"})


@router.post("/account/password")
async def change_password(
    request: Request, principal: Anyone, password: Secret = "", wanted: Secret = "", wanted_again: Secret = ""
) -> Response:
    say = texts(language_of(request))
    if wanted != wanted_again:
        return _account(request, principal, {"problems": {"wanted_again": say("account.differ")}}, 422)
    try:
        refused = await change_own(request, principal, password, wanted)
    except Invalid as error:
        return _account(request, principal, {"problems": {"wanted": refusal_text(error, say)}}, 422)
    if refused is not None:
        problems = {"problems": {"password": password_problem(refused, say)}}
        return _account(request, principal, problems, 422 if refused.kind == "wrong" else 429)
    return RedirectResponse("/account?saved=yes", 303)


def _told(error: Invalid | Conflict, say: Texts) -> dict[str, Any]:
    field = (error.field or "").rpartition(".")[2]
    return {"problems": {field: refusal_text(error, say) or say("error.invalid")}}


async def _people(
    request: Request, session: Transaction, principal: Principal, extra: Mapping[str, Any], status: int = 200
) -> Response:
    say = texts(language_of(request))
    context = {
        "people": [_row(AccountView.of(person), say) for person in await accounts.people_of(session)],
        "roles": [(role.value, say.word("role", role)) for role in Role],
        "typed": dict.fromkeys(_FIELDS, ""),
        "problems": {},
        **extra,
    }
    return render(request, "pages/people.html", principal, context, status=status)


async def _person(
    request: Request,
    session: Transaction,
    principal: Principal,
    username: str,
    extra: Mapping[str, Any],
    status: int = 200,
) -> Response:
    say = texts(language_of(request))
    account = AccountView.of(await accounts.person_of(session, username))
    context = {
        "account": account,
        "row": _row(account, say),
        "own": account.username == principal.username,
        "may_agents": principal.may(Permission.AGENTS_READ) and account.role is Role.OPERATOR,
        "typed": {"name_fa": account.name_fa, "name_en": account.name_en},
        "problems": {},
        "saved": "",
        "password": "",
        "made": False,
        **extra,
    }
    return render(request, "pages/person.html", principal, context, status=status)


def _row(account: AccountView, say: Texts) -> dict[str, Any]:
    return {
        "username": account.username,
        "name": account.name_fa if say.language == "fa" else account.name_en,
        "role": say.word("role", account.role),
        "active": account.active,
    }


def _account(request: Request, principal: Principal, extra: Mapping[str, Any], status: int = 200) -> Response:
    context = {"problems": {}, "saved": False, "shortest": accounts.SHORTEST_PASSWORD, **extra}
    return render(request, "pages/account.html", principal, context, status=status)
