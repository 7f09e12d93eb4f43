"""The wall in a real browser: large enough for five metres, whole on its screen, moving by itself, unmistakable when it is old."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import Page, expect

from api.db.engine import Sessions
from ivr.kernel.clock import SystemClock
from tests.browser.day import board_json, publish
from tests.browser.test_alarms import an_alarm, looked
from tests.browser.test_floor_page import shown_now
from tests.patience import one_try_of_several

pytestmark = pytest.mark.browser
LogIn = Callable[..., Awaitable[Page]]

DISTANCE_MM, SCREEN_MM = 5000, 1218
"""Five metres before a screen of 55 inches: api/web/wall_pages.py."""
DIGITS = 0.7
"""Height of a digit of our face in sizes of its type."""

TEXTS = """() => [...document.querySelectorAll('.wall *')]
  .filter(e => !e.closest('.sr-only') && e.checkVisibility() && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
  .map(e => ({text: e.textContent.trim().slice(0, 40), size: parseFloat(getComputedStyle(e).fontSize),
              right: e.getBoundingClientRect().right, left: e.getBoundingClientRect().left, bottom: e.getBoundingClientRect().bottom,
              cut: e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX === 'hidden'}))"""


RUNS_OVER = """() => [...document.querySelectorAll('.wall :is(th, td, strong, .wall-stale span, h1, dt, dd, li)')]
    .filter(e => e.checkVisibility() && (e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== 'inline'
        || e.getBoundingClientRect().right > innerWidth + 1 || e.getBoundingClientRect().left < -1))
    .map(e => `${e.className || e.tagName}: ${e.textContent.trim()}`)"""
"""What is wider than its own box or the screen."""


async def many_alarms(sessions: Sessions) -> None:
    await looked(
        sessions, an_alarm(), an_alarm("service_level", "treatment"), an_alarm("overdue_pause", "", "seat11"), an_alarm("waiting", "pensions"),
    )  # fmt: skip


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1440, 810), (1440, 900)])
@pytest.mark.parametrize("language", ["fa", "en"])
async def test_everything_is_read_from_five_metres_and_stands_whole_on_the_screen(
    page: Page, log_in: LogIn, sessions: Sessions, width: int, height: int, language: str
) -> None:
    await many_alarms(sessions)
    await log_in("supervisor")
    await page.set_viewport_size({"width": width, "height": height})
    await page.goto(f"/preferences?language={language}&back=/floor/wall")
    await expect(page.get_by_test_id("wall")).to_be_visible()
    await shown_now(sessions, {"insurance": [(f"l-{n}", 185 - 20 * n) for n in range(12)], "pensions": [("p-1", 31)]})
    await expect(page.get_by_test_id("queue-insurance").locator(".waiting-now")).to_have_text(
        "۱۲" if language == "fa" else "12"
    )
    told: list[dict[str, Any]] = await page.evaluate(TEXTS)
    assert len(told) > 40
    small = {
        one["text"]: one["size"] for one in told if one["size"] * DIGITS * SCREEN_MM / width < DISTANCE_MM / 200 - 0.05
    }
    assert small == {}, "smaller than distance / 200"
    beyond = [one for one in told if one["bottom"] > height + 1 or one["right"] > width + 1 or one["left"] < -1]
    assert beyond == []
    assert [one["text"] for one in told if one["cut"]] == []


async def test_an_alarm_is_on_the_wall_first_and_says_that_nobody_has_it(log_in: LogIn, sessions: Sessions) -> None:
    page = await log_in("operator01", at="/floor/wall")
    [alarm] = await looked(sessions, an_alarm())
    strip = page.get_by_test_id("wall-alarms")
    await expect(strip.locator(f'[data-alarm="{alarm}"]')).to_contain_text("بی‌مسئول")
    order = await page.evaluate(
        "[...document.querySelectorAll('.wall-alarms, .wall-queues')].map(e => e.getBoundingClientRect().top)"
    )
    assert order == sorted(order)
    assert await page.locator("button, a, input").count() == 0, "nothing to press"


async def test_waits_and_seats_move_by_themselves(log_in: LogIn, sessions: Sessions) -> None:
    page = await log_in("supervisor", at="/floor/wall")
    await shown_now(sessions, {"general": [("l-1", 65)]})
    row = page.get_by_test_id("queue-general")
    await expect(row).to_have_attribute("data-tone", "act")
    await expect(row.locator(".longest")).to_contain_text("۱:")
    await expect(page.get_by_test_id("seat-seat11")).to_have_attribute("data-tone", "act")
    now = SystemClock().now()
    board = board_json(now)
    board["seats"][10]["state"] = "available"
    async with sessions.begin() as session:
        await publish(session, board, now)
    await expect(page.get_by_test_id("seat-seat11")).to_have_attribute("data-state", "available")
    await expect(row.locator(".longest")).to_have_text("–")


@pytest.mark.parametrize("language", ["fa", "en"])
@pytest.mark.parametrize("seconds_old", [0, 60])
async def test_on_a_telephone_nothing_runs_into_its_neighbour(
    page: Page, log_in: LogIn, sessions: Sessions, language: str, seconds_old: int
) -> None:
    await many_alarms(sessions)
    await page.set_viewport_size({"width": 390, "height": 844})
    await log_in("supervisor", at=f"/preferences?language={language}&back=/floor/wall")
    now = SystemClock().now() - timedelta(seconds=seconds_old)
    async with sessions.begin() as session:
        await publish(session, board_json(now, {"insurance": [(f"l-{n}", 185 - 20 * n) for n in range(12)]}), now)
    await expect(page.get_by_test_id("wall")).to_have_attribute("data-stale", "true" if seconds_old else "false")
    await expect(page.get_by_test_id("queue-insurance").locator(".waiting-now")).to_have_text(
        "۱۲" if language == "fa" else "12"
    )
    beside: list[str] = await page.evaluate(RUNS_OVER)
    assert beside == []


LONGEST = {
    "fa": ["۱۲۳۴ / ۱۳۰۰", "۸۵٫۵٪", "۱۲ / ۱۴"],
    "en": ["1,234 / 1,300", "85.5%", "12 / 14"],
}


@pytest.mark.parametrize("language", ["fa", "en"])
@pytest.mark.parametrize("size", [(1280, 720), (1440, 900), (1920, 1080)])
async def test_the_figures_of_a_full_day_stand_whole_on_the_screen_and_are_read_in_the_page_s_direction(
    log_in: LogIn, sessions: Sessions, page: Page, language: str, size: tuple[int, int]
) -> None:
    await page.set_viewport_size({"width": size[0], "height": size[1]})
    await log_in("supervisor", at=f"/preferences?language={language}&back=/floor/wall")
    await shown_now(sessions, {"insurance": [("l-1", 10)]})
    measured = await page.locator(".wall-today dd").evaluate_all(
        """(cells, texts) => cells.map((cell, n) => {
            cell.textContent = texts[n];
            return cell;
        }).map((cell) => {
            const box = cell.getBoundingClientRect();
            const inside = box.left >= 0 && box.right <= innerWidth && box.bottom <= innerHeight;
            return [inside, getComputedStyle(cell).direction];
        })""",
        LONGEST[language],
    )
    assert measured == [[True, {"fa": "rtl", "en": "ltr"}[language]]] * 3


async def test_a_wall_whose_session_is_over_says_so_over_the_whole_screen(page: Page, log_in: LogIn) -> None:
    await page.clock.install()
    await log_in("supervisor", at="/floor/wall")
    await expect(page.get_by_test_id("age")).to_have_attribute("data-tone", "live")
    await expect(page.get_by_test_id("ended")).to_be_hidden()
    cookies = await page.context.cookies()
    await page.context.clear_cookies()
    await page.evaluate("window.dispatchEvent(new Event('online'))")
    await page.clock.fast_forward(2000)
    ended = page.get_by_test_id("ended")
    await expect(ended).to_contain_text("دوباره وارد شوید")
    box = await ended.bounding_box()
    assert box is not None
    assert (box["width"], box["height"]) == (1440, 900)
    await page.context.add_cookies([{**one} for one in cookies])  # type: ignore[typeddict-item]
    await page.clock.fast_forward(20_000)
    await expect(ended, "somebody has logged in beside it").to_be_hidden()
    await page.context.clear_cookies()
    await page.evaluate("window.dispatchEvent(new Event('online'))")
    await page.clock.fast_forward(2000)
    await expect(ended).to_be_visible()
    await page.keyboard.press("Enter")
    await page.wait_for_url(re.compile(r"/login\?next=/floor/wall$"))


async def test_numbers_of_the_day_that_come_no_more_are_taken_down(page: Page, log_in: LogIn) -> None:
    await page.clock.install()
    await log_in("supervisor", at="/floor/wall")
    here = page.locator('[data-cell="here"] dd')
    await expect(here).to_contain_text("/")
    await page.route("**/api/v1/board/day", lambda route: route.fulfill(status=503))
    for seconds in (61, 16, 16):
        await expect(here).to_contain_text("/")
        async with page.expect_response("**/api/v1/board/day"):
            await page.clock.fast_forward(seconds * 1000)
    await expect(here).to_have_text("–")


@pytest.mark.silent
async def test_an_old_picture_cannot_be_taken_for_a_quiet_floor(log_in: LogIn, sessions: Sessions) -> None:
    page = await log_in("supervisor", at="/floor/wall")

    @one_try_of_several
    async def grows_old() -> None:
        await shown_now(sessions)
        await expect(page.get_by_test_id("stale-banner")).to_be_hidden()
        await expect(page.get_by_test_id("stale-banner")).to_be_visible(timeout=10_000)

    await grows_old()
    await expect(page.get_by_test_id("wall")).to_have_attribute("data-stale", "true")
    await expect(page.locator("#stale-since")).to_contain_text("از ساعت")
    await expect(page.locator("#age-number")).not_to_have_text("۰")
