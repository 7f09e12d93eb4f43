"""`/api/v1/people`: accounts, for the administrator; `/api/v1/me/password` for everybody."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path, Request
from starlette.responses import Response

from api.access.confirm import NotConfirmed
from api.access.guard import Anyone, cookie_name, require
from api.access.permissions import Permission
from api.access.principal import Principal
from api.access.unconfirmed import answer_unconfirmed
from api.db.transaction import Transaction
from api.http.errors import error_responses
from api.http.routers import api_router
from api.people import accounts
from api.people.account_schemas import (
    AccountChange,
    Accounts,
    AccountView,
    NewAccount,
    NewPassword,
    OwnPassword,
)
from api.settings import ApiSettings

router = api_router("people")

Manager = Annotated[Principal, Depends(require(Permission.PEOPLE_MANAGE))]
Username = Annotated[str, Path(max_length=64, description="Account.", examples=["sara"])]


@router.get("/people", summary="Accounts")
async def get_people(session: Transaction, _principal: Manager) -> Accounts:
    return Accounts(items=[AccountView.of(person) for person in await accounts.people_of(session)])


@router.post("/people", status_code=201, summary="A new account", responses=error_responses(400, 409, 413))
async def post_person(form: NewAccount, request: Request, session: Transaction, principal: Manager) -> NewPassword:
    """The answer is the only one that holds the password."""
    asked = accounts.Account(form.username, form.name_fa, form.name_en, form.role)
    password = await accounts.open_account(session, principal, asked, now=request.app.state.clock.now())
    return NewPassword(username=accounts.checked(asked).username, password=password)


@router.put(
    "/people/{username}", summary="Rename, close or open an account", responses=error_responses(400, 404, 409, 413)
)
async def put_person(
    username: Username, form: AccountChange, request: Request, session: Transaction, principal: Manager
) -> AccountView:
    """Closing logs the person out everywhere. One's own account, and that of an operator on duty, stay open."""
    now = request.app.state.clock.now()
    await accounts.rename(session, principal, username, form.name_fa, form.name_en, now=now)
    await accounts.set_active(session, principal, username, active=form.active, now=now)
    return AccountView.of(await accounts.person_of(session, username))


@router.post("/people/{username}/password", status_code=201, summary="A new password", responses=error_responses(404))
async def post_password(username: Username, request: Request, session: Transaction, principal: Manager) -> NewPassword:
    """Who was logged in with the old one is logged out."""
    password = await accounts.reset_password(session, principal, username, now=request.app.state.clock.now())
    return NewPassword(username=username, password=password)


@router.put("/me/password", status_code=204, summary="My own password", responses=error_responses(400, 413, 429))
async def put_own_password(asked: OwnPassword, request: Request, principal: Anyone) -> Response:
    """Tried as seldom as at the login. Everywhere else I am logged out."""
    refused = await change_own(request, principal, asked.password.get_secret_value(), asked.wanted.get_secret_value())
    return Response(status_code=204) if refused is None else answer_unconfirmed(refused)


async def change_own(request: Request, principal: Principal, password: str, wanted: str) -> NotConfirmed | None:
    """With the limits of this line; this browser stays logged in."""
    settings: ApiSettings = request.app.state.settings
    return await accounts.change_own_password(
        request.app.state.sessions,
        principal,
        password,
        wanted,
        here=request.cookies.get(cookie_name(settings)),
        now=request.app.state.clock.now(),
        tries=settings.login_tries,
        window=settings.login_window,
    )
