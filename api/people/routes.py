"""`POST /login`, `POST /logout` and `GET /api/v1/me`."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import RedirectResponse, Response

from api.access.guard import Anyone, address_of, check_same_site, cookie_name
from api.access.sessions import close_session
from api.audit.trail import write_audit
from api.db.transaction import Transaction
from api.http.errors import error_responses
from api.http.routers import api_router
from api.people.login import log_in
from api.people.ports import LoginPage, LoginProblem
from api.settings import ApiSettings

forms = APIRouter(tags=["people"])
router = api_router("people")


class Me(BaseModel):
    """Who the session or token belongs to."""

    username: str = Field(description="Account or token name.")
    kind: str = Field(description="`person` or `token`.")
    name_fa: str
    name_en: str
    role: str | None = Field(description="Role of a person; null for a token.")
    permissions: list[str] = Field(description="What may be done, e.g. `calls.read`.")
    csrf: str | None = Field(
        description="Send as `X-CSRF-Token` (or form field `csrf`) with every change made under a session cookie."
    )


@forms.get("/login", include_in_schema=False)
async def login_form(request: Request, next: Annotated[str, Query(max_length=2000)] = "/") -> Response:
    page: LoginPage = request.app.state.login_page
    return page(request, next_path=own_path(next))


@forms.post(
    "/login",
    status_code=303,
    response_class=RedirectResponse,
    summary="Log in with a name and a password (form)",
    response_description="Logged in: a session cookie and the way to `next`.",
    responses=error_responses(403, 413, 422, 429, 503)
    | {401: {"description": "Name or password is wrong: the form again."}},
)
async def login(
    request: Request,
    username: Annotated[str, Form(max_length=200)],
    password: Annotated[str, Form(max_length=1024)],
    next: Annotated[str, Form(max_length=2000)] = "/",
) -> Response:
    check_same_site(request)
    settings: ApiSettings = request.app.state.settings
    outcome = await log_in(
        request.app.state.sessions,
        settings,
        request.app.state.clock,
        username=username.replace("\0", ""),
        password=password,
        address=address_of(request),
        old_token=request.cookies.get(cookie_name(settings)),
    )
    if isinstance(outcome, LoginProblem):
        page: LoginPage = request.app.state.login_page
        answer = page(request, next_path=own_path(next), username=username[:64], problem=outcome)
        answer.status_code = 401
        if outcome.kind == "wait":
            answer.status_code = 429
            answer.headers["Retry-After"] = str(outcome.seconds)
        return answer
    answer = RedirectResponse(own_path(next), 303)
    answer.set_cookie(
        cookie_name(settings),
        outcome.token,
        max_age=int(settings.session_limit.total_seconds()),
        path="/",
        secure=settings.cookie_secure,
        httponly=True,
        samesite="lax",
    )
    return answer


@forms.post(
    "/logout",
    status_code=303,
    response_class=RedirectResponse,
    summary="Log out",
    response_description="Logged out: the way to the login page.",
    responses=error_responses(401, 403, 422, 503),
)
async def logout(request: Request, session: Transaction, principal: Anyone) -> Response:
    settings: ApiSettings = request.app.state.settings
    name = cookie_name(settings)
    if token := request.cookies.get(name):
        await close_session(session, token)
        await write_audit(
            session, at=request.app.state.clock.now(), actor=principal, action="logout", target=principal.actor
        )
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(name, path="/", secure=settings.cookie_secure, httponly=True, samesite="lax")
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@router.get("/me", summary="Who am I, and what may I do")
async def me(principal: Anyone) -> Me:
    return Me(
        username=principal.username,
        kind=principal.actor.partition(":")[0],
        name_fa=principal.name_fa,
        name_en=principal.name_en,
        role=principal.role,
        permissions=sorted(principal.permissions),
        csrf=principal.csrf,
    )


def own_path(target: str) -> str:
    """`target` if it is a path of this site, `/` otherwise: nobody is led elsewhere by a prepared link."""
    parts = urlsplit(target)
    own = target.startswith("/") and not target.startswith(("//", "/\\")) and not parts.scheme and not parts.netloc
    return target if own and target.isprintable() and "\\" not in target else "/"
