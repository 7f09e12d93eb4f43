"""The guard at the door of every operation: `Depends(require(Permission.…))`.

A browser shows its session cookie, a program its bearer token. A request that changes something and comes with a
cookie must also prove that our own page sent it: by where it says it comes from, and by the session's form token.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyCookie, HTTPBearer
from sqlalchemy.ext.asyncio import AsyncSession

from api.access.permissions import Permission
from api.access.principal import Principal
from api.access.sessions import find_session
from api.access.tokens import find_token
from api.db.transaction import Transaction
from api.settings import ApiSettings
from ivr.kernel.clock import Clock
from ivr.kernel.errors import Forbidden, Unauthenticated

COOKIE = "line1420_session"
_SAFE = {"GET", "HEAD", "OPTIONS"}

_cookie_scheme = APIKeyCookie(name=COOKIE, scheme_name="session", description="Set by POST /login.", auto_error=False)
_bearer_scheme = HTTPBearer(
    scheme_name="token", description="A program's token; its scopes limit it.", auto_error=False
)


def cookie_name(settings: ApiSettings) -> str:
    """Over HTTPS the browser itself promises that no other host set it."""
    return f"__Host-{COOKIE}" if settings.cookie_secure else COOKIE


def address_of(request: Request) -> str:
    """Where a request came from. uvicorn has already resolved a trusted proxy's header."""
    return request.client.host if request.client else "unknown"


async def identify(session: AsyncSession, request: Request) -> Principal | None:
    """Who is asking, by token or cookie; None for nobody. Streams call it again now and then, to see who has left."""
    settings: ApiSettings = request.app.state.settings
    clock: Clock = request.app.state.clock
    address = address_of(request)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme:
        return await find_token(session, token.strip(), address=address) if scheme.lower() == "bearer" else None
    cookie = request.cookies.get(cookie_name(settings))
    if not cookie:
        return None
    return await find_session(session, cookie, now=clock.now(), idle=settings.session_idle, address=address)


async def anyone(
    request: Request,
    session: Transaction,
    _cookie: Annotated[str | None, Security(_cookie_scheme)] = None,
    _bearer: Annotated[object, Security(_bearer_scheme)] = None,
) -> Principal:
    """Anybody we know; `Unauthenticated` otherwise."""
    principal = await identify(session, request)
    if principal is None:
        raise Unauthenticated("Please log in at /login, or send a valid token as `Authorization: Bearer <token>`.")
    if principal.csrf is not None and request.method not in _SAFE:
        await check_own_page(request, principal.csrf)
    request.state.principal = principal
    return principal


Anyone = Annotated[Principal, Depends(anyone)]
"""For operations that everybody who is known may use."""


def require(permission: Permission) -> Callable[..., Awaitable[Principal]]:
    """A dependency that lets in only who holds `permission`: `Annotated[Principal, Depends(require(…))]`."""

    async def guard(principal: Anyone) -> Principal:
        principal.need(permission)
        return principal

    return guard


async def check_own_page(request: Request, csrf: str) -> None:
    """Both must hold: the browser says that our own site sent it, and the session's form token is right."""
    check_same_site(request)
    given = request.headers.get("x-csrf-token")
    if given is None and request.headers.get("content-type", "").partition(";")[0].strip() in _FORMS:
        value = (await request.form()).get("csrf")
        given = value if isinstance(value, str) else None
    if given is None or not hmac.compare_digest(given.encode("utf-8", "replace"), csrf.encode()):
        raise Forbidden("This form is out of date. Load the page again and repeat.", code="csrf", field="csrf")


_FORMS = {"application/x-www-form-urlencoded", "multipart/form-data"}


def check_same_site(request: Request) -> None:
    """`Forbidden` when the browser says that another site made it send this."""
    origin = request.headers.get("origin")
    foreign = request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}
    if foreign or (origin is not None and urlsplit(origin).netloc != request.headers.get("host", "")):
        raise Forbidden("This request came from another site and was refused. Open the line's own page.", code="csrf")
