"""The login form and the pages of refusals, as the access and HTTP rooms ask for them through `app.state`."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Request
from starlette.responses import Response

from api.access.principal import Principal
from api.people.ports import LoginProblem
from api.web.rendering import language_of, render
from api.web.texts import texts
from ivr.kernel.errors import LineError

_PROBLEM = {"wrong": "login.wrong", "wait": "login.paused"}

_KIND: Mapping[int, str] = {403: "forbidden", 404: "not_found", 409: "conflict", 422: "invalid", 503: "unavailable"}


def login_page(
    request: Request, *, next_path: str, username: str = "", problem: LoginProblem | None = None
) -> Response:
    """The form; with a problem it is announced at once (role alert) and the name typed before is kept."""
    say = texts(language_of(request))
    message = say(_PROBLEM[problem.kind]) if problem else ""
    return render(request, "pages/login.html", None, {"next_path": next_path, "username": username, "problem": message})


def error_page(request: Request, status: int, error: LineError) -> Response:
    """A refusal for a person: what happened in their language. The English message is for programs and the log."""
    principal: Principal | None = getattr(request.state, "principal", None)
    kind = _KIND.get(status, "server")
    context = {"kind": kind, "status": status, "detail": error.message if kind in {"invalid", "conflict"} else ""}
    return render(request, "pages/error.html", principal, context, status=status)
