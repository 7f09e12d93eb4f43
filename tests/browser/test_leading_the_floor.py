"""The seats of the floor in a real browser: what they say, and the menu of who leads it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Browser, Page, expect
from sqlalchemy import select

from api.db.duty_tables import DutyRow
from api.db.engine import Sessions
from tests.browser.day import PASSWORD
from tests.browser.seated import sits, state_of, the_board_says

pytestmark = pytest.mark.browser
LogIn = Callable[..., Awaitable[Page]]


async def test_a_supervisor_pauses_somebody_who_is_told_so(log_in: LogIn, browser: Browser, site: str, sessions: Sessions) -> None:  # fmt: skip
    await sits(sessions, 4)
    await the_board_says(sessions, 4)
    agent = await (await browser.new_context(base_url=site)).new_page()
    await agent.goto("/login")
    await agent.fill("#username", "operator04")
    await agent.fill("#password", PASSWORD)
    await agent.press("#password", "Enter")
    await expect(state_of(agent)).to_have_attribute("data-state", re.compile("available|unknown"))

    page = await log_in("supervisor")
    menu = page.get_by_test_id("menu-seat04")
    await menu.locator("summary").focus()
    await page.keyboard.press("Enter")
    await expect(menu.get_by_role("button", name="پذیرش تماس")).to_be_hidden()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.locator("#announce")).to_have_text("جایگاه ۴: انجام شد")
    await expect(menu).not_to_have_attribute("open", "")
    await the_board_says(sessions, 4, state="paused", pause_reason="supervisor")
    seat = page.get_by_test_id("seat-seat04")
    await expect(seat.locator(".note")).to_have_text("به دستور سرپرست")
    # should the news be missed, a look comes every 15 s and is given up after four
    await expect(agent.locator("#my-state")).to_contain_text("توقف: به دستور سرپرست", timeout=60_000)
    await expect(agent.get_by_text("تنها سرپرست آن را پایان می‌دهد")).to_be_visible()
    await expect(agent.get_by_role("button", name="آماده‌ام")).to_have_count(0)
    await agent.context.close()

    await menu.locator("summary").click()
    async with page.expect_response("**/floor/seats/seat04/sign-out"):
        await menu.get_by_role("button", name="خارج کردن از جایگاه").click()
    async with sessions() as session:
        assert await session.scalar(select(DutyRow.ended_by)) == "supervisor"
    await menu.locator("summary").click()
    await menu.get_by_role("button", name="پذیرش تماس").click()
    await expect(page.locator("#refusal")).to_contain_text("خروج از این جایگاه ثبت شده است")


async def test_an_open_menu_is_closed_by_escape_and_by_a_press_elsewhere(log_in: LogIn) -> None:
    page = await log_in("supervisor")
    menu = page.get_by_test_id("menu-seat01")
    for close in (lambda: page.keyboard.press("Escape"), lambda: page.locator("h1").click()):
        await menu.locator("summary").click()
        await expect(menu.get_by_role("button", name="توقف")).to_be_visible()
        await close()
        await expect(menu.get_by_role("button", name="توقف")).to_be_hidden()
    await expect(page.get_by_test_id("menu-seat13"), "nobody sits there").to_be_hidden()


async def test_the_floor_says_the_same_with_and_without_its_island(
    log_in: LogIn, browser: Browser, site: str, sessions: Sessions
) -> None:
    """Every kind of seat is on the seeded board."""
    cards = "cards => cards.map(card => [card.dataset.state, card.dataset.tone, ...['.agent', '.word', '.note'].map(part => card.querySelector(part).textContent)])"  # fmt: skip
    page = await log_in("supervisor")
    for language in ("fa", "en"):
        await page.goto(f"/preferences?language={language}&back=/floor")
        await expect(page.locator("#age-word")).to_have_text(re.compile("زنده|Live|کهنه|stale"))
        await expect(page.locator(".seat[data-since]")).to_have_count(16)
        moving = await page.locator(".seat").evaluate_all(cards)
        still = await browser.new_context(
            base_url=site, java_script_enabled=False, storage_state=await page.context.storage_state()
        )
        plain = await still.new_page()
        await plain.goto("/floor")
        drawn = await plain.locator(".seat").evaluate_all(cards)
        await still.close()
        assert moving == drawn
        assert len({tuple(card[:2]) for card in drawn}) >= 9, "the board has a seat of every kind"
