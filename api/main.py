"""The web application: pages and JSON API of one line. `create_app(settings)` is the whole of it.

What it is made of stands in `wiring`; this file puts the routers on it and gives it a beginning and an end.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import APIRouter, FastAPI
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.staticfiles import StaticFiles

from api.advice import routes as advice
from api.advice.kept import KeptFacts
from api.agents import routes as agents
from api.alarms import routes as alarms
from api.alarms.standing import AlarmsFromRows
from api.audit import routes as audit
from api.callbacks import routes as callbacks
from api.calls import routes as calls
from api.cases import routes as cases
from api.duty import routes as duty
from api.duty import seat_routes as seats
from api.floor import routes as floor
from api.floor.beside import Beside
from api.floor.opening import Opening
from api.floor.ports import ForetoldDay, StandingAlarms
from api.health import routes as health
from api.http.envelope import install_envelope
from api.http.errors import install_error_handlers
from api.http.openapi import DESCRIPTION, TAGS, TITLE
from api.leading import routes as leading
from api.people import account_routes as accounts
from api.people import routes as people
from api.playback import routes as playback
from api.priority import routes as priority
from api.reconcile import routes as reconcile
from api.reports import routes as reports
from api.roster import routes as roster
from api.roster import sheet_routes as roster_sheets
from api.roster.planned import PlannedFromRoster
from api.roster.ports import OperatorsNeeded
from api.settings import ApiSettings
from api.staffing import routes as staffing
from api.staffing.foretold import ForetoldToday
from api.staffing.needed import NeedFromForecast
from api.staffing.ports import PlannedOperators
from api.web import pages
from api.wiring import start_parts, stop_parts
from ivr.kernel.clock import Clock, SystemClock

STATIC = Path(__file__).parent / "web" / "static"


def _all_routes() -> APIRouter:
    """One tree for every application of this process: the framework works out what a route asks for when it is first
    looked at, which takes longer than all the rest, and keeps it with the tree."""
    tree = APIRouter()
    for router in (
        health.router,
        people.forms,
        people.router,
        accounts.router,
        audit.router,
        calls.router,
        floor.router,
        advice.router,
        alarms.router,
        duty.router,
        agents.router,
        seats.router,
        leading.router,
        cases.router,
        callbacks.router,
        playback.router,
        reconcile.router,
        reports.router,
        priority.router,
        staffing.router,
        roster.router,
        roster_sheets.router,
        pages.router,
    ):
        tree.include_router(router)
    return tree


_ROUTES = _all_routes()


def create_app(settings: ApiSettings, clock: Clock | None = None) -> FastAPI:
    """The application; nothing is opened before its lifespan begins."""

    planned: Callable[[AsyncSession], PlannedOperators] = PlannedFromRoster

    def beside(opening: Opening) -> Beside:
        foretold: ForetoldDay = ForetoldToday(settings, opening, planned)
        standing: StandingAlarms = AlarmsFromRows()
        return Beside(foretold, standing)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        parts = start_parts(settings, app.state.clock, beside)
        app.state.engine = parts.engine
        app.state.sessions = parts.sessions
        app.state.words = parts.words
        app.state.archive = parts.archive
        app.state.board_feed = parts.board
        app.state.opening = parts.opening
        app.state.lead = parts.lead
        needed: OperatorsNeeded = NeedFromForecast(settings, parts.opening)
        app.state.operators_needed = needed
        try:
            yield
        finally:
            await stop_parts(parts)

    app = FastAPI(
        title=TITLE,
        description=DESCRIPTION,
        version="1",
        openapi_url="/api/v1/openapi.json",
        openapi_tags=TAGS,
        docs_url=None,  # the stock page loads scripts from elsewhere
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.settings = settings
    app.state.clock = clock or SystemClock()
    app.state.planned_operators = planned
    app.state.kept_facts = KeptFacts(settings.advice_kept)
    # A stream has no end, and asking for sound is written down as hearing it: neither is for HEAD.
    install_envelope(
        app,
        body_limit=settings.body_limit_bytes,
        larger=dict.fromkeys(("/api/v1/announcements", "/emergency/announcements"), settings.sound_limit_bytes),
        https=settings.cookie_secure,
        no_head=("/stream", "/audio"),
    )
    install_error_handlers(app)
    app.router.routes.extend(_ROUTES.routes)
    app.state.login_page = pages.login_page
    app.state.error_page = pages.error_page
    if STATIC.is_dir():  # built by `make run` and `make test`; the JSON API works without it
        app.mount("/static", StaticFiles(directory=STATIC), name="static")
    return app
