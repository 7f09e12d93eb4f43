"""The one table from kinds of error to HTTP, and the one shape of every refusal.

`{"error": {"code": "invalid", "message": "what is wrong and what to do", "field": "query.limit"}}`. Pages get the same
errors through `app.state.error_page`, which the pages' room sets; a page asked for without a session leads to /login.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from pydantic import BaseModel, Field
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.db.engine import DATABASE_AWAY, passes
from ivr.kernel.errors import Conflict, Forbidden, Invalid, LineError, NotFound, Unauthenticated, Unavailable

log = structlog.get_logger(__name__)

STATUS: Mapping[type[LineError], int] = {
    Invalid: 422,
    Unauthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    Unavailable: 503,
}

RETRY_AFTER_SECONDS = 5
"""After `unavailable`: long enough for a restarted database, short enough for a person who waits."""

ErrorPage = Callable[[Request, int, LineError], Response]
"""What the pages' room offers as `app.state.error_page`: request, status, error → an HTML page."""


class ErrorDetail(BaseModel):
    """Why a request was refused."""

    code: str = Field(description="Stable word for programs, e.g. `invalid`, `not_found`.")
    message: str = Field(description="What is wrong and what to do, for people.")
    field: str | None = Field(
        default=None, description="Which part of the request, e.g. `query.limit`, if one is to blame."
    )


class ErrorBody(BaseModel):
    """The body of every answer that is not a success."""

    error: ErrorDetail


def error_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Declarations for OpenAPI, for `APIRouter(responses=…)` or one operation."""
    return {status: {"model": ErrorBody, "description": _MEANING[status]} for status in statuses}


_MEANING = {
    400: "The body could not be read as what its content type says.",
    401: "No session and no valid token: log in, or send `Authorization: Bearer <token>`.",
    403: "Known, but not allowed to do this.",
    404: "There is no such thing, or you may not know of it.",
    409: "It exists already, or has changed since you looked.",
    413: "The body is larger than this line accepts.",
    416: "The byte range lies outside of the sound.",
    422: "Something in the request breaks a rule; `field` says what.",
    429: "Too many tries; wait as long as `Retry-After` says.",
    503: "A part of the line does not answer now; try again after `Retry-After` seconds.",
}


def error_answer(
    status: int, code: str, message: str, field: str | None = None, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """A refusal in our shape."""
    return JSONResponse(
        {"error": {"code": code, "message": message, "field": field}},
        status,
        headers=dict(headers) if headers else None,
    )


def too_large_text(limit: int) -> str:
    return f"The body is larger than {limit} bytes; send less."


def answer_too_large(request: Request, message: str) -> Response:
    """A body that is too long: said in our shape, and to people as a page, since they may have chosen the wrong file."""
    page: ErrorPage | None = getattr(request.app.state, "error_page", None)
    if page is not None and wants_page(request):
        return page(request, 413, Invalid(message, code="too_large"))
    return error_answer(413, "too_large", message, "body")


def install_error_handlers(app: FastAPI) -> None:
    """Every way in which a request can fail ends in one of these; what is no error of ours, in `answer_surprise`."""
    app.add_exception_handler(LineError, _on_line_error)
    app.add_exception_handler(RequestValidationError, _on_validation_error)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(DBAPIError, _on_database_error)
    for away in DATABASE_AWAY:
        app.add_exception_handler(away, _on_database_away)


def answer_to(request: Request, error: LineError) -> Response:
    """The answer to a refusal: JSON for programs, a page (or the way to /login) for people."""
    status = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)
    headers: dict[str, str] = {}
    if status == 503:
        headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    if wants_page(request):
        if status == 401 and (request.method in {"GET", "HEAD"} or not within_page(request)):
            return _to_login(request)
        page: ErrorPage | None = getattr(request.app.state, "error_page", None)
        if page is not None:
            answer = page(request, status, error)
            answer.headers.update(headers)
            return answer
    if status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="line1420"'
    return error_answer(status, error.code, error.message, error.field, headers)


def wants_page(request: Request) -> bool:
    """Whether a person's browser asks for a page, rather than a program for data."""
    asks = "text/html" in request.headers.get("accept", "") or within_page(request)
    return asks and not request.url.path.startswith("/api/")


def within_page(request: Request) -> bool:
    """Whether htmx asks for a part of a page that stays open; it accepts anything and says so."""
    return "hx-request" in request.headers


def _to_login(request: Request) -> Response:
    if within_page(request):  # htmx would put the login page into a corner of the old page
        here = path_of(request.headers.get("hx-current-url", ""))
        after = f"?next={quote(here, safe='')}" if here not in ("", "/") else ""  # the login page judges where it leads
        return Response(status_code=401, headers={"HX-Redirect": f"/login{after}"})
    back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    if request.method != "GET":  # a form: back to its page
        back = path_of(request.headers.get("referer", "")) or "/"
    there = "/login" if back == "/" else f"/login?next={quote(back, safe='')}"
    return RedirectResponse(there, 303)


def path_of(address: str) -> str:
    """Empty for what is no address: anybody may send that header."""
    try:
        page = urlsplit(address)
    except ValueError:
        return ""
    return page.path + (f"?{page.query}" if page.query else "")


def _on_line_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, LineError)
    return answer_to(request, error)


def _on_validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    problems = error.errors()
    places = [".".join(str(part) for part in problem["loc"]) for problem in problems]
    text = "; ".join(f"{place}: {problem['msg']}" for place, problem in zip(places, problems, strict=True))
    if any(problem["type"] == "json_invalid" for problem in problems):
        return error_answer(
            400, "malformed", f"The body is not valid JSON ({text}). Send well-formed UTF-8 JSON.", "body"
        )
    message = f"{text}. See /api/v1/openapi.json for what each part may be."
    if wants_page(request):
        return answer_to(request, Invalid(message, field=places[0]))
    return error_answer(422, "invalid", message, places[0])


_HTTP_CODES = {404: "not_found", 405: "method_not_allowed", 401: "unauthenticated", 403: "forbidden"}


def _on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        return answer_to(request, NotFound(f"There is nothing at {request.url.path[:200]}."))
    if error.status_code == 413:
        return answer_too_large(request, str(error.detail))
    code = _HTTP_CODES.get(error.status_code, "refused")
    message = str(error.detail)
    if error.status_code == 405:
        allowed = _allowed(request, error)
        message = f"{request.method} is not for this address; use {allowed}."
        return error_answer(405, code, message, headers={"Allow": allowed})
    return error_answer(error.status_code, code, message, headers=error.headers)


def _allowed(request: Request, error: HTTPException) -> str:
    """All methods of this address: the exception knows those of the first operation only."""
    told = {method.strip() for method in (error.headers or {}).get("Allow", "").split(",")}
    path = getattr(request.scope.get("route"), "path", "")
    told |= {method.upper() for method in request.app.openapi().get("paths", {}).get(path, {})}
    return ", ".join(sorted(told - {""}))


def _on_database_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, DBAPIError)
    if error.connection_invalidated or passes(error):
        return _on_database_away(request, error)
    return answer_surprise(request, error)


def _on_database_away(request: Request, error: Exception) -> Response:
    log.warning("http.database_away", error=type(error).__name__)
    return answer_to(request, Unavailable("The database does not answer now. Nothing was changed; please try again."))


def answer_surprise(request: Request, error: Exception) -> Response:
    """A bug of ours: logged in full, answered without details."""
    log.error("http.surprise", path=request.url.path, exc_info=error)
    kind = LineError("Something went wrong on our side; nothing was changed. The log has it under this request id.")
    kind.code = "internal"
    return answer_to(request, kind)
