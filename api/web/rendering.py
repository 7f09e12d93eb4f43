"""How a page is made: Jinja templates, the reader's language and theme, the built files, the navigation of a role."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from api.access.permissions import Permission, Role
from api.access.principal import Principal
from api.web import shown
from api.web.texts import LANGUAGES, texts
from ivr.kernel import jalali
from ivr.kernel.clock import Clock

_HERE = Path(__file__).parent
STATIC = _HERE / "static"
LANGUAGE_COOKIE = "line1420_language"
THEME_COOKIE = "line1420_theme"
THEMES = ("paper", "wall")

WAYS = (
    ("desk", "/desk", Permission.DUTY_OWN),
    ("floor", "/floor", Permission.FLOOR_READ),
    ("emergency", "/emergency", Permission.LINE_ACT),
    ("figures", "/figures", Permission.FIGURES_READ),
    ("staffing", "/staffing", Permission.STAFFING_READ),
    ("roster", "/roster", Permission.ROSTER_READ),
    ("groups", "/groups", Permission.GROUPS_KEEP),
    ("agents", "/agents", Permission.AGENTS_READ),
    ("calls", "/calls", Permission.CALLS_READ),
    ("cases", "/cases", Permission.CASES_READ),
    ("callbacks", "/callbacks", Permission.CALLBACKS_READ),
    ("people", "/people", Permission.PEOPLE_MANAGE),
)
"""The navigation: name, address, and the permission without which it is not shown."""

_FIRST_PAGE = {Role.CASEWORK: "/cases", Role.QA: "/calls", Role.OPERATOR: "/desk"}


def first_page(principal: Principal) -> str:
    """Where a person's work is."""
    return _FIRST_PAGE.get(principal.role, "/floor") if principal.role else "/floor"


def language_of(request: Request) -> str:
    """Persian unless the reader chose English."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    return chosen if chosen in LANGUAGES else "fa"


def theme_of(request: Request) -> str:
    """The light paper unless the reader chose the wall."""
    chosen = request.cookies.get(THEME_COOKIE, "")
    return chosen if chosen in THEMES else "paper"


def render(
    request: Request,
    template: str,
    principal: Principal | None,
    context: Mapping[str, Any] | None = None,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """A whole page. Its name in the navigation is the first part of its address."""
    language = language_of(request)
    say = texts(language)
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    html = (
        _environment(language)
        .get_template(template)
        .render(
            say=say,
            language=language,
            direction="rtl" if language == "fa" else "ltr",
            other=next(other for other in LANGUAGES if other != language),
            theme=theme_of(request),
            other_theme="wall" if theme_of(request) == "paper" else "paper",
            here=quote(here if request.method == "GET" else "/", safe=""),
            room=request.url.path.split("/")[1],
            ways=[(name, href) for name, href, permission in WAYS if principal and principal.may(permission)],
            principal=principal,
            person=(principal.name_fa if language == "fa" else principal.name_en) if principal else "",
            may=_Allowed(principal),
            now=_now(request),
            **(context or {}),
        )
    )
    always = {"Cache-Control": "no-store", "Content-Language": language, "Vary": "Cookie"}
    return HTMLResponse(html, status, headers={**always, **(headers or {})})


class _Allowed:
    """`may.hear`, `may.calls`, `may.cases`, `may.own_duty`, `may.lead`, `may.callers`, `may.act`, `may.listen` in templates."""

    def __init__(self, principal: Principal | None) -> None:
        self.hear = bool(principal and principal.may(Permission.RECORDING_HEAR))
        self.calls = bool(principal and principal.may(Permission.CALLS_READ))
        self.cases = bool(principal and principal.may(Permission.CASES_READ))
        self.own_duty = bool(principal and principal.may(Permission.DUTY_OWN))
        self.lead = bool(principal and principal.may(Permission.DUTY_LEAD))
        self.callers = bool(principal and principal.may(Permission.CALLERS_LEAD))
        self.act = bool(principal and principal.may(Permission.LINE_ACT))
        self.listen = bool(principal and principal.may(Permission.TALK_LISTEN))


def _now(request: Request) -> datetime:
    clock: Clock = request.app.state.clock
    return clock.now()


@cache
def _environment(language: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    say = texts(language)
    environment.filters |= {
        "number": partial(_second, shown.number, language),
        "percent": partial(_second, shown.percent, language),
        "digits": lambda value: shown.digits(str(value), language),
        "short_date": partial(_second, shown.short_date, language),
        "long_date": partial(_second, shown.long_date, language),
        "day_and_weekday": lambda day: jalali.day_text(day, language, weekday=True),
        "clock": partial(_second, shown.clock, language),
        "clock_seconds": lambda instant: shown.clock(instant, language, seconds=True),
        "span": partial(_second, shown.span, language),
        "span_words": partial(_second, shown.span_words, language),
        "caller": lambda stored: shown.caller(stored, language, say("story.withheld")),
        "code": partial(_second, shown.code, language),
        "seat_number": partial(_second, shown.seat_number, language),
        "json": lambda value: json.dumps(value, ensure_ascii=False),
    }
    environment.globals["built"] = built
    return environment


class _Shows(Protocol):
    def __call__(self, value: Any, language: str, /) -> str: ...


def _second(show: _Shows, language: str, value: Any) -> str:
    return show(value, language)


def built(entry: str) -> dict[str, list[str]]:
    """The built files of an island: `{"js": […], "css": […]}` as addresses. Empty before the first build."""
    manifest = _manifest(_manifest_age())
    found = manifest.get(entry)
    if found is None:
        return {"js": [], "css": []}
    css = list(found.get("css", []))
    for name in found.get("imports", []):
        css += manifest[name].get("css", [])
    return {"js": [f"/static/{found['file']}"], "css": [f"/static/{name}" for name in css]}


def _manifest_age() -> int:
    try:
        return (STATIC / "manifest.json").stat().st_mtime_ns
    except FileNotFoundError:
        return 0


@cache
def _manifest(written: int) -> dict[str, Any]:
    return json.loads((STATIC / "manifest.json").read_text("utf-8")) if written else {}
