"""The expected wait on the floor, and how well told waits came true, in a real browser."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from playwright.async_api import Page, expect

from api.db.engine import Sessions
from api.settings import ApiSettings
from ivr.kernel.clock import SystemClock
from tests.browser.day import board_json, earlier_today, publish
from tests.builders import a_call_in_the_menu
from tests.integration.api.reports.day import keep
from tests.integration.conftest import settings as plain_settings

pytestmark = pytest.mark.browser
LogIn = Callable[..., Awaitable[Page]]
__all__ = ["plain_settings"]


@pytest.fixture
def settings(request: pytest.FixtureRequest, plain_settings: ApiSettings) -> ApiSettings:
    """Open at whatever hour the tests run, or closed when a test asks for `never`."""
    return plain_settings.model_copy(update={"clock_open": getattr(request, "param", "always")})


async def shown_now(sessions: Sessions, *, talking: int) -> None:
    """Insurance is served by so many agents, all of whom talk; nobody waits."""
    now = SystemClock().now()
    board = board_json(now) | {"link": "live"}
    board["queues"][1]["serving"] = [f"seat{number:02d}" for number in (1, 2, 8)[:talking]]
    async with sessions.begin() as session:
        await publish(session, board, now)


async def test_the_floor_shows_what_a_new_caller_would_wait_and_moves_it(log_in: LogIn, sessions: Sessions) -> None:
    page = await log_in("supervisor")
    await shown_now(sessions, talking=1)
    waits = page.get_by_test_id("queue-insurance").locator(".estimate")
    await expect(waits).to_have_text("انتظار تازه‌وارد: ۳:۰۰")
    await shown_now(sessions, talking=3)
    await expect(waits).to_have_text("انتظار تازه‌وارد: ۱:۰۰")
    await expect(page.get_by_test_id("queue-general").locator(".estimate")).to_have_text("انتظار تازه‌وارد: –")
    await shown_now(sessions, talking=3)
    await page.reload()
    await expect(waits, "the first picture says what the moving one says").to_have_text("انتظار تازه‌وارد: ۱:۰۰")


@pytest.mark.parametrize("settings", ["never"], indirect=True)
async def test_a_queue_that_is_closed_tells_no_wait(log_in: LogIn, sessions: Sessions) -> None:
    page = await log_in("supervisor")
    insurance = page.get_by_test_id("queue-insurance")
    await shown_now(sessions, talking=3)
    async with asyncio.timeout(60):  # the board that would tell one is there
        while (await (await page.request.get("/api/v1/board")).json())["link"] != "live":
            await asyncio.sleep(0.1)
    await page.reload()
    await expect(insurance.locator(".estimate")).to_have_text("انتظار تازه‌وارد: –")
    await expect(insurance.locator(".queue-shut")).to_be_visible()


async def test_the_error_of_told_waits_stands_in_a_table_of_its_own(log_in: LogIn, sessions: Sessions) -> None:
    page, now = await log_in("manager"), SystemClock().now()
    async with sessions.begin() as session:
        for n, (told, waited) in enumerate(((300, 262), (120, 70), (120, 185), (60, 31)), 1):
            at = earlier_today(now, timedelta(seconds=900 + n))
            story = a_call_in_the_menu(f"line1420-{int(at.timestamp())}.{n}", at=at)
            story.milestone("estimate", queue="insurance", told=str(told), seconds=str(told - 9), basis="recent").wait(
                3
            )
            await keep(session, story.joins("insurance").wait(waited).is_answered(2).wait(60).hangs_up_talking())
    await page.goto("/figures")
    table = page.get_by_test_id("told-waits")
    cells = await table.locator("tfoot td").all_inner_texts()
    assert [cell.replace("\n", " ") for cell in cells[:2]] == ["۴", "۷۵٫۰٪ ۳ از ۴"]
    await expect(table.locator("tbody tr")).to_have_count(1)
    for head in await table.locator("thead a").all():
        meaning = page.locator(await head.get_attribute("href") or "#missing")
        await expect(meaning, "each word leads to what it means").to_have_count(1)
    await page.set_viewport_size({"width": 390, "height": 800})
    wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide == 0, "the table scrolls, the page does not"
