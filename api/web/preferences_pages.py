"""The reader's own choices: language and light or dark, kept in cookies for a year. Works without a login."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse

from api.people.routes import own_path
from api.settings import ApiSettings
from api.web.rendering import LANGUAGE_COOKIE, THEME_COOKIE

router = APIRouter(include_in_schema=False)

_A_YEAR = 365 * 86_400


@router.get("/preferences")
def choose(
    request: Request,
    language: Literal["fa", "en"] | None = None,
    theme: Literal["paper", "wall"] | None = None,
    back: Annotated[str, Query(max_length=2000)] = "/",
) -> RedirectResponse:
    """Remember a choice and go back to the page it was made on."""
    settings: ApiSettings = request.app.state.settings
    answer = RedirectResponse(own_path(back), 303)
    for name, value in ((LANGUAGE_COOKIE, language), (THEME_COOKIE, theme)):
        if value is not None:
            answer.set_cookie(
                name, value, max_age=_A_YEAR, httponly=True, samesite="lax", secure=settings.cookie_secure, path="/"
            )
    return answer
