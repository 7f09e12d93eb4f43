"""Operators, accounts, shifts and one's own PIN as people of the house use them: by mouse, by keyboard, on both screens."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Browser, Page, expect
from sqlalchemy import select

from api.db.duty_tables import Agent
from api.db.engine import Sessions
from api.db.tables import Person
from api.roster.seed import seed_shifts
from tests.browser.day import PASSWORD
from tests.browser.seated import sits, the_board_says

pytestmark = pytest.mark.browser
LogIn = Callable[..., Awaitable[Page]]


@pytest.fixture
async def numbered(sessions: Sessions, site: str) -> None:
    """Every operator has a number, nobody a PIN; the two first shifts are there."""
    async with sessions.begin() as session:
        await seed_shifts(session)
        for person in await session.scalars(select(Person).where(Person.role == "operator")):
            session.add(Agent(person_id=person.id, number=f"1{person.username[-2:]}", pin_hash=None))


async def test_a_supervisor_gives_skills_and_a_pin_by_keyboard(log_in: LogIn, numbered: None) -> None:
    page = await log_in("supervisor")
    await page.click("nav.ways a[href='/agents']")
    await page.focus("[data-agent=operator03] a")
    await page.keyboard.press("Enter")
    await page.select_option("#level-general", "2")
    await page.select_option("#level-treatment", "0")
    await page.focus("button:has-text('ثبت مهارت‌ها')")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("saved")).to_contain_text("مهارت‌ها ثبت شد")
    await expect(page.locator("#level-general")).to_have_value("2")
    await expect(page.get_by_test_id("history")).to_contain_text("عمومی: کمکی")
    await page.focus("button:has-text('ساختن رمز')")
    await page.keyboard.press("Enter")
    told = page.get_by_test_id("shown-once")
    await expect(told.locator("h2"), "who works by keyboard is where the news is").to_be_focused()
    await expect(told.locator(".secret")).to_have_text(re.compile("^[۰-۹]{6}$"))
    await page.reload()
    await expect(told, "shown once").to_have_count(0)
    await expect(page.get_by_test_id("pin-state")).to_have_text("دارد")
    await page.goto("/agents")
    await expect(page.locator("[data-agent=operator03] .skills-cell")).to_contain_text("عمومی · کمکی")


async def test_an_agent_without_any_queue_and_a_number_of_another_are_refused_beside_the_field(
    log_in: LogIn, numbered: None
) -> None:
    page = await log_in("supervisor", at="/agents/operator03")
    for queue in ("general", "insurance", "pensions", "treatment"):
        await page.select_option(f"#level-{queue}", "0")
    await page.click("text=ثبت مهارت‌ها")
    await expect(page.locator("#problem-skills")).to_contain_text("دست‌کم به یک صف")
    await expect(page.locator("#level-general"), "what was chosen stays").to_have_value("0")
    await page.fill("#number", "104")
    await page.press("#number", "Enter")
    await expect(page.locator("#problem-number")).to_contain_text("از آن اپراتور دیگری است")
    await expect(page.locator("#number")).to_be_focused()


async def test_who_comes_late_with_skills_is_told_what_they_are_now(log_in: LogIn, numbered: None) -> None:
    page = await log_in("supervisor", at="/agents/operator03")
    colleague = await page.context.new_page()
    await colleague.goto("/agents/operator03")
    await page.select_option("#level-general", "2")
    await page.click("text=ثبت مهارت‌ها")
    await expect(page.get_by_test_id("saved")).to_be_visible()
    await colleague.select_option("#level-pensions", "0")
    await colleague.click("text=ثبت مهارت‌ها")
    await expect(colleague.locator("#problem-skills")).to_contain_text("تغییر کرده است")
    await expect(colleague.locator("main dl")).to_contain_text("عمومی (کمکی)")
    await expect(colleague.locator("#level-pensions"), "what was chosen stays").to_have_value("0")
    await colleague.click("text=ثبت مهارت‌ها")
    await expect(colleague.get_by_test_id("saved"), "having seen it, they may").to_be_visible()


async def test_who_comes_late_with_a_number_is_told_what_it_is_now(log_in: LogIn, numbered: None) -> None:
    page = await log_in("supervisor", at="/agents/operator03")
    colleague = await page.context.new_page()
    await colleague.goto("/agents/operator03")
    await page.fill("#number", "207")
    await page.press("#number", "Enter")
    await expect(page.get_by_test_id("saved")).to_be_visible()
    await colleague.fill("#number", "20")
    await colleague.press("#number", "Enter")
    await expect(colleague.locator("#problem-number"), "what they saw is still what they saw").to_contain_text("رقم")
    await colleague.fill("#number", "208")
    await colleague.press("#number", "Enter")
    await expect(colleague.locator("#problem-number")).to_contain_text("تغییر کرده است")
    await expect(colleague.locator("main dl")).to_contain_text("۲۰۷")
    await expect(colleague.locator("#number"), "what was typed stays").to_have_value("۲۰۸")
    await colleague.press("#number", "Enter")
    await expect(colleague.get_by_test_id("saved"), "having seen it, they may").to_be_visible()


async def test_a_manager_reads_and_changes_nothing(log_in: LogIn, numbered: None) -> None:
    page = await log_in("manager", at="/agents/operator03")
    await expect(page.locator("main form")).to_have_count(0)
    await expect(page.locator("main")).to_contain_text("همهٔ صف‌ها")


async def test_an_own_pin_typed_while_a_call_comes_is_not_lost(
    page: Page, log_in: LogIn, numbered: None, sessions: Sessions
) -> None:
    await sits(sessions, 4)
    await the_board_says(sessions, 4)
    await log_in("operator04")
    await page.locator("#own-pin summary").click()
    await page.fill("#password", PASSWORD)
    await page.fill("#pin", "۴۸۲۹۱۳")
    await the_board_says(sessions, 4, state="ringing", queue="general")
    await expect(page.get_by_test_id("my-state")).to_have_attribute("data-state", "ringing")
    await page.fill("#pin_again", "482914")
    await page.press("#pin_again", "Enter")
    await expect(page.locator("#problem-pin_again")).to_contain_text("یکی نیست")
    await expect(page.locator(".htmx-settling, .htmx-added")).to_have_count(0)  # nobody types within 20 ms of it
    for name, text in (("password", PASSWORD), ("pin", "482913"), ("pin_again", "482913")):
        await page.fill(f"#{name}", text)
    await page.press("#pin_again", "Enter")
    saved = page.get_by_test_id("pin-saved")  # two hashes that are slow by design, on a machine that has no time
    await expect(saved).to_contain_text("رمز تازه ثبت شد", timeout=60_000)
    async with sessions() as session:
        agent = await session.scalar(select(Agent).where(Agent.number == "104"))
        assert agent is not None
        assert agent.pin_hash


async def test_a_shift_is_made_mended_and_given_up(log_in: LogIn, numbered: None) -> None:
    page = await log_in("supervisor", at="/roster")
    await page.get_by_test_id("shifts").click()
    for name, text in {"name_fa": "میانه", "name_en": "Noon", "code_fa": "م", "code_en": "A", "begins": "11",
                       "ends": "۱۷:۰۰", "break-0": "13:00", "minutes-0": "30", "break-1": "13:10", "minutes-1": "10"}.items():  # fmt: skip
        await page.fill(f"#{name}", text)
    await page.press("#minutes-1", "Enter")
    await expect(page.locator("#problem-break-1")).to_contain_text("پیش از پایان استراحت بالاتر")
    await expect(page.locator("#break-1")).to_be_focused()
    await page.fill("#break-1", "15:00")
    await page.press("#break-1", "Enter")
    await expect(page.locator("#problem-code_en")).to_contain_text("معنای دیگری دارد")
    await page.fill("#code_en", "NO")
    await page.press("#code_en", "Enter")
    await expect(page.get_by_test_id("saved")).to_contain_text("شیفت ساخته شد")
    row = page.locator("[data-shift=NO]")
    await expect(row).to_contain_text("۱۱:۰۰ تا ۱۷:۰۰")
    await row.locator("summary").press("Enter")
    await row.get_by_role("button").press("Enter")
    await expect(page.get_by_test_id("saved")).to_contain_text("کنار گذاشته شد")
    await expect(row).to_have_count(0)


async def test_it_all_works_without_javascript(browser: Browser, site: str, numbered: None) -> None:
    context = await browser.new_context(base_url=site, java_script_enabled=False)
    page = await context.new_page()
    await page.goto("/login")
    await page.fill("#username", "supervisor")
    await page.fill("#password", PASSWORD)
    await page.press("#password", "Enter")
    await page.goto("/agents/operator05")
    await page.select_option("#level-general", "3")
    await page.click("text=ثبت مهارت‌ها")
    await expect(page.get_by_test_id("saved")).to_contain_text("مهارت‌ها ثبت شد")
    await page.click("button:has-text('ساختن رمز')")
    await expect(page.locator(".secret")).to_have_text(re.compile("^[۰-۹]{6}$"))
    await page.goto("/roster/shifts")
    await page.locator("[data-shift=M] summary").click()
    await page.locator("[data-shift=M] button").click()
    await expect(page.locator("[data-shift=M]")).to_have_count(0)
    await context.close()


@pytest.mark.parametrize("width", [390, 1440])
async def test_nothing_runs_out_of_either_screen(log_in: LogIn, numbered: None, width: int) -> None:
    page = await log_in("supervisor")
    await page.set_viewport_size({"width": width, "height": 844})
    for language in ("fa", "en"):
        for address in ("/agents", "/agents/operator03", "/roster/shifts", "/account"):
            await page.goto(f"/preferences?language={language}&back={address}")
            too_wide = await page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert too_wide <= 0, f"{address} in {language} is {too_wide} px too wide"
