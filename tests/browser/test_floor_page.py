"""The floor's page in a real browser: what it shows at once, and what it says when it hears nothing."""

from __future__ import annotations

import itertools
import re
from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Page, expect

from api.db.engine import Sessions
from ivr.kernel.clock import SystemClock
from tests.browser.day import board_json, publish
from tests.patience import one_try_of_several

pytestmark = pytest.mark.browser
LogIn = Callable[..., Awaitable[Page]]


async def shown_now(sessions: Sessions, waiting: dict[str, list[tuple[str, float]]] | None = None) -> None:
    now = SystemClock().now()
    async with sessions.begin() as session:
        await publish(session, board_json(now, waiting), now)


async def test_a_new_waiting_caller_is_on_the_floor_within_a_second(log_in: LogIn, sessions: Sessions) -> None:
    page, legs = await log_in("supervisor"), itertools.count(9)
    queue = page.get_by_test_id("queue-insurance")

    @one_try_of_several
    async def joins() -> None:
        leg = f"line1420-1795000000.{next(legs)}"
        await shown_now(sessions)
        await expect(page.locator("#age-word")).to_have_text("زنده")
        await shown_now(sessions, {"insurance": [(leg, 0)]})
        row = queue.get_by_test_id(f"waiting-{leg}")
        await expect(row).to_be_visible(timeout=1000)
        await expect(queue.locator(".count .number")).to_have_text("۱")
        first = await row.locator(".span").text_content()
        await expect(row.locator(".span"), "the wait counts up").not_to_have_text(first or "")

    await joins()


async def test_a_seat_shows_its_state_by_word_icon_and_colour(log_in: LogIn) -> None:
    page = await log_in("supervisor")
    seat = page.get_by_test_id("seat-seat03")
    await expect(seat).to_have_attribute("data-state", "ringing")
    await expect(seat.locator(".word")).to_have_text("در حال زنگ")
    await expect(seat.locator("use")).to_have_attribute("href", "#i-ringing")
    assert await page.locator(".seat").count() == 16


async def test_the_keyboard_stays_at_its_caller_while_others_come_and_go(log_in: LogIn, sessions: Sessions) -> None:
    page = await log_in("supervisor")
    await shown_now(sessions, {"insurance": [("l-1", 90), ("l-2", 80), ("l-3", 70)]})
    link = page.get_by_test_id("waiting-l-2").locator("a.caller")
    await link.focus()
    for waiting in (
        [("l-1", 90), ("l-2", 80), ("l-3", 70), ("l-4", 0)],
        [("l-2", 80), ("l-3", 70), ("l-4", 0)],
        [("l-4", 0), ("l-3", 70), ("l-2", 80)],
        [("l-2", 80), ("l-4", 0)],
    ):
        await shown_now(sessions, {"insurance": waiting})
        rows = page.get_by_test_id("queue-insurance").locator(".waiting li")
        await expect(rows).to_have_count(len(waiting))
        await expect(rows.first).to_have_attribute("data-call", waiting[0][0])
        await expect(link).to_be_focused()
    await shown_now(sessions, {"insurance": [("l-4", 0)]})
    await expect(page.get_by_test_id("queue-insurance").locator("h3"), "never another caller").to_be_focused()


async def test_each_caller_is_announced_the_second_like_the_first(log_in: LogIn, sessions: Sessions) -> None:
    page = await log_in("supervisor")
    await page.evaluate("""() => { window.heard = []; const told = document.getElementById("announce");
      new MutationObserver(() => window.heard.push(told.textContent)).observe(told, {childList: true, characterData: true, subtree: true}) }""")
    came: list[tuple[str, float]] = []
    for number in range(3):
        came.append((f"l-{number}", 0))
        await shown_now(sessions, {"insurance": came})
        await expect(page.get_by_test_id(f"waiting-l-{number}")).to_be_visible()
    heard: list[str] = await page.evaluate("window.heard")
    # after a late heartbeat the page also says that the board is fresh again
    joining = [text.strip() for text in heard if text.startswith("تماس تازه")]
    assert joining == ["تماس تازه در صف بیمه و حق بیمه"] * 3
    assert all(before != after for before, after in itertools.pairwise(heard)), "a reader hears changes only"


@pytest.mark.silent
async def test_ten_seconds_of_silence_make_the_floor_say_that_it_is_stale(log_in: LogIn, sessions: Sessions) -> None:
    page = await log_in("supervisor")

    @one_try_of_several
    async def falls_silent() -> None:
        await shown_now(sessions)
        await expect(page.get_by_test_id("stale-banner")).to_be_hidden()
        await expect(page.get_by_test_id("stale-banner")).to_be_visible(timeout=10_000)

    await falls_silent()
    await expect(page.get_by_test_id("board")).to_have_attribute("data-stale", "true")
    await expect(page.locator("#stale-since")).to_contain_text("از ساعت")


@pytest.mark.silent
async def test_a_dead_stream_makes_the_floor_stale_by_its_own_clock(
    page: Page, log_in: LogIn, sessions: Sessions
) -> None:
    streams = re.compile(r"/api/v1/board")
    await page.route(streams, lambda route: route.abort())
    await log_in("supervisor")

    @one_try_of_several
    async def falls_silent() -> None:
        await shown_now(sessions)
        await page.reload()
        await expect(page.get_by_test_id("stale-banner")).to_be_hidden()
        await expect(page.locator("#age-word")).to_have_text("در حال اتصال دوباره…")
        await expect(page.get_by_test_id("stale-banner")).to_be_visible(timeout=10_000)

    await falls_silent()


@pytest.mark.silent
async def test_the_floor_comes_back_to_life_by_itself(log_in: LogIn, sessions: Sessions) -> None:
    page = await log_in("supervisor")

    @one_try_of_several
    async def comes_back() -> None:
        await expect(page.get_by_test_id("stale-banner")).to_be_visible(timeout=30_000)
        await shown_now(sessions)
        await expect(page.get_by_test_id("stale-banner")).to_be_hidden(timeout=3000)
        await expect(page.get_by_test_id("board")).to_have_attribute("data-stale", "false")

    await comes_back()
