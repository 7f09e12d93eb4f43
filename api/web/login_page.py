"""The login form and the pages of refusals, as the access and HTTP rooms ask for them through `app.state`."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from fastapi import Request
from starlette.responses import Response

from api.access.principal import Principal
from api.http.errors import path_of, within_page
from api.people.ports import LoginProblem
from api.people.routes import own_path
from api.web import shown
from api.web.rendering import language_of, render
from api.web.texts import Texts, texts
from ivr.kernel.errors import LineError

_PROBLEM = {"wrong": "login.wrong", "wait": "login.paused"}

_ABOVE = {
    "HX-Retarget": "#refusal",
    "HX-Reswap": "innerHTML show:window:top",
    "HX-Reselect": "[data-testid=error]",
    "HX-Push-Url": "false",
}

_KIND: Mapping[int, str] = {
    401: "session",
    403: "forbidden",
    404: "not_found",
    409: "conflict",
    413: "invalid",
    422: "invalid",
    503: "unavailable",
}

_KIND_OF_CODE: Mapping[str, str] = {"csrf": "expired", "not_on_duty": "conflict"}
"""Refusals that mean something else to a person than their status says to a program."""


def login_page(
    request: Request, *, next_path: str, username: str = "", problem: LoginProblem | None = None
) -> Response:
    """The form; with a problem it is announced at once (role alert) and the name typed before is kept."""
    say = texts(language_of(request))
    message = ""
    if problem:
        message = say(_PROBLEM[problem.kind], span=shown.span_words(problem.seconds, say.language))
    return render(request, "pages/login.html", None, {"next_path": next_path, "username": username, "problem": message})


def error_page(request: Request, status: int, error: LineError) -> Response:
    """A refusal for a person: what happened in their language. The English message is for programs and the log.

    A form that htmx has sent stays where it is, with all that was typed; the refusal is put above it.
    """
    principal: Principal | None = getattr(request.state, "principal", None)
    kind = _KIND_OF_CODE.get(error.code) or _KIND.get(status, "server")
    within = within_page(request)
    context = {"kind": kind, "status": status, "detail": "", "way": None if within else ("/", "error.home")}
    if kind in {"invalid", "conflict"}:
        context["detail"] = refusal_text(error, texts(language_of(request)))
    if kind == "session":
        context["way"] = (f"/login?next={quote(_page_of(request), safe='')}", "login.submit")
    elif within and kind in {"conflict", "expired"}:
        context["way"] = (_page_of(request), "error.reload")
    return render(request, "pages/error.html", principal, context, status=status, headers=_ABOVE if within else None)


def refusal_text(error: LineError, say: Texts) -> str:
    """What was wrong with a request, in the reader's language: by the error's code, or at least where it was."""
    if known := say.family("refusal").get(error.code):
        return known
    if say.language == "en":
        return error.message
    return say("error.field", field=error.field.rpartition(".")[2]) if error.field else ""


def _page_of(request: Request) -> str:
    return own_path(path_of(request.headers.get("hx-current-url", "")) or "/")
