"""The pages in a real browser: the web application on a loopback port, a seeded day, headless Chromium."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import uvicorn
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect
from sqlalchemy import select

from api.access.guard import cookie_name
from api.access.sessions import open_session
from api.db.engine import Sessions
from api.db.tables import Person
from api.main import create_app
from api.settings import ApiSettings
from ivr.kernel.clock import SystemClock
from tests.browser.day import board_json, publish, seed_day, wait_past_midnight
from tests.browser.heartbeats import heartbeats
from tests.integration.conftest import (
    database_url,
    engine,
    free_port,
    postgres_server,
    quick_passwords,
    sessions,
    settings,
)

__all__ = ["database_url", "engine", "postgres_server", "quick_passwords", "sessions", "settings"]

ROOT = Path(__file__).parents[2]
expect.set_options(timeout=15_000)
"""What must happen is waited for as long as only a thing that never happens takes, also on a busy machine."""

CHROMIUM = shutil.which("chromium-headless-shell")
"""The engine without a browser's own windows, which would be drawn too and take more than our pages do."""


@pytest.fixture(scope="session")
def built_pages() -> None:
    """Styles and islands as they are in the tree now."""
    web = ROOT / "api" / "web"
    newest = max(
        file.stat().st_mtime for folder in ("islands", "styles", "templates") for file in (web / folder).rglob("*")
    )
    manifest = web / "static" / "manifest.json"
    if not manifest.exists() or manifest.stat().st_mtime < newest:
        npm = [str(ROOT / ".venv" / "bin" / "npm"), "--prefix", str(web)]
        path = f"{ROOT / '.venv' / 'bin'}:/usr/bin:/bin"
        if not (web / "node_modules").is_dir():
            subprocess.run([*npm, "install", "--no-save"], check=True, env={"PATH": path, "HOME": str(Path.home())})
        subprocess.run([*npm, "run", "build"], check=True, env={"PATH": path, "HOME": str(Path.home())})


@pytest.fixture
async def site(
    request: pytest.FixtureRequest, built_pages: None, sessions: Sessions, settings: ApiSettings
) -> AsyncIterator[str]:
    """The address of the running application with a seeded day and a board that is kept fresh; with the marker `silent` it grows
    old when the test says nothing."""
    await wait_past_midnight()
    now = SystemClock().now()
    async with sessions.begin() as session:
        await seed_day(session, settings.var, now)
        await publish(session, board_json(now), now)
    port = free_port()
    config = uvicorn.Config(
        create_app(settings), host="127.0.0.1", port=port, log_level="warning", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.02)
    beating = None if request.node.get_closest_marker("silent") else asyncio.create_task(heartbeats(sessions))
    yield f"http://127.0.0.1:{port}"
    if beating is not None:
        beating.cancel()
        await asyncio.gather(beating, return_exceptions=True)
    server.should_exit = True
    await asyncio.wait_for(serving, 60)


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Headless Chromium from the system; it may load nothing but the site under test."""
    if CHROMIUM is None:
        pytest.fail("Chromium is missing: apt-get install chromium-headless-shell")
    async with async_playwright() as playwright:
        arguments = [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--autoplay-policy=no-user-gesture-required",
        ]
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        await browser.close()


@pytest.fixture
async def context(browser: Browser, site: str) -> AsyncIterator[BrowserContext]:
    context = await browser.new_context(base_url=site, viewport={"width": 1440, "height": 900}, locale="fa-IR")
    yield context
    await context.close()


@pytest.fixture
async def page(context: BrowserContext) -> AsyncIterator[Page]:
    """A page that may not complain: an error in the console or a refused inline style fails the test."""
    complaints: list[str] = []
    page = await context.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if "Content Security Policy" in said.text else None)
    yield page
    assert complaints == []


@pytest.fixture
def log_in(page: Page, site: str, sessions: Sessions, settings: ApiSettings) -> Callable[..., Awaitable[Page]]:
    """`page = await log_in("supervisor")`: a browser that somebody has logged in with, on their first page or `at` another. The
    form has tests of its own."""

    async def enter(username: str, at: str = "/") -> Page:
        async with sessions.begin() as session:
            person = (await session.scalars(select(Person).where(Person.username == username))).one()
            limit, now = settings.session_limit, SystemClock().now()
            token, _ = await open_session(session, person, now=now, limit=limit, address="127.0.0.1")
        await page.context.add_cookies([{"name": cookie_name(settings), "value": token, "url": site}])
        await page.goto(at)
        return page

    return enter
