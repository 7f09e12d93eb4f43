"""The staffing page as a supervisor uses it: choosing a day, reading what is short, by mouse, keyboard and ear."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from playwright.async_api import Page, expect

from api.db.engine import Sessions
from api.staffing.half_hours import place_of
from ivr.kernel.clock import SystemClock
from ivr.kernel.jalali import day_short
from tests.integration.api.staffing.weeks_of_calls import open_days, seed_weeks

pytestmark = pytest.mark.browser
LogIn = Callable[..., Awaitable[Page]]


@pytest.fixture
async def past_day(sessions: Sessions, site: str) -> str:
    """The last open day before today, after five weeks of longer talks than sixteen seats can bear.

    In the first hour after midnight the seeded calls of the last hour are yesterday's, so yesterday is not over."""
    now = SystemClock().now()
    async with sessions.begin() as session:
        await seed_weeks(session, now, weeks=5, scale=0.5, talking=7)
    return day_short(open_days(place_of(now - timedelta(hours=1))[0], 2)[-1], "fa")


async def test_a_supervisor_sees_where_the_seats_are_not_enough(log_in: LogIn, past_day: str) -> None:
    page = await log_in("supervisor")
    await page.click("nav.ways a[href='/staffing']")
    await page.fill("#day", past_day)
    await page.press("#day", "Enter")
    await expect(page.locator("#day")).to_have_value(past_day)
    # after holidays another notice says that there are few days to tell from
    short = page.get_by_test_id("notice").filter(has_text="نیروی لازم از جایگاه‌ها بیشتر است")
    await expect(short).to_contain_text("۱۶ جایگاه")
    rows = page.get_by_test_id("half-hours").locator("tbody tr")
    await expect(rows).to_have_count(24)
    await expect(rows.first.locator("th")).to_contain_text("۰۸:۰۰")
    assert await rows.locator("td").filter(has_text="–").count() == 0, "of a past day everything is known"
    await expect(page.locator("[data-figure=error_day] dd")).to_contain_text("٪")
    await expect(page.get_by_test_id("basis")).to_contain_text("هفتهٔ گذشته")


async def test_a_queue_is_chosen_and_kept_from_day_to_day(log_in: LogIn, past_day: str) -> None:
    page = await log_in("manager", at="/staffing")
    await page.fill("#day", past_day)
    await page.select_option("#queue", "insurance")
    await page.focus("#queue")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.locator("#queue")).to_have_value("insurance")
    await page.get_by_test_id("day-before").click()
    await expect(page.locator("#queue")).to_have_value("insurance")
    assert await page.locator("#day").input_value() != past_day


async def test_the_drawings_have_words_and_the_table_has_heads(log_in: LogIn, past_day: str) -> None:
    page = await log_in("supervisor", at=f"/staffing?day={past_day}")
    drawings = page.get_by_role("img", name="همهٔ اعداد در جدول آمده است")
    await expect(drawings).to_have_count(2)
    table = page.get_by_role("table", name="نیم‌ساعت‌های")
    assert await table.get_by_role("rowheader").count() == 24
    assert await table.get_by_role("columnheader").count() == 7


async def test_what_cannot_be_asked_is_explained_and_stays_in_the_form(log_in: LogIn) -> None:
    page = await log_in("supervisor")
    answer = await page.goto("/staffing?day=1405-13-41")
    assert answer is not None
    assert answer.status == 422
    await expect(page.get_by_role("alert")).to_contain_text("این تاریخ خوانده نشد")
    await expect(page.locator("#day")).to_have_value("1405-13-41")
    await expect(page.locator("#day")).to_have_attribute("aria-invalid", "true")
    far = day_short(place_of(SystemClock().now())[0] + timedelta(days=61), "fa")
    await page.goto(f"/staffing?day={far}")
    last = day_short(place_of(SystemClock().now())[0] + timedelta(days=60), "fa")
    await expect(page.get_by_role("alert")).to_contain_text(last)
    await page.goto("/staffing?queue=<b>")
    await expect(page.get_by_role("alert")).to_contain_text("صفی با این نام نیست")


async def test_a_closed_day_leads_to_the_next_open_one(log_in: LogIn) -> None:
    today = place_of(SystemClock().now())[0]
    friday = today + timedelta(days=(4 - today.weekday()) % 7)
    page = await log_in("admin", at=f"/staffing?day={friday.isoformat()}")
    await expect(page.get_by_test_id("notice")).to_contain_text("بسته است")
    await page.get_by_test_id("notice").locator("a").click()
    await expect(page.get_by_test_id("half-hours")).to_be_visible()


async def test_an_operator_does_not_see_it(log_in: LogIn) -> None:
    page = await log_in("operator01")
    await expect(page.locator("nav.ways a[href='/staffing']")).to_have_count(0)
    answer = await page.goto("/staffing")
    assert answer is not None
    assert answer.status == 403


@pytest.mark.parametrize("language", ["fa", "en"])
async def test_nothing_runs_out_of_a_telephone_screen(log_in: LogIn, past_day: str, language: str) -> None:
    page = await log_in("supervisor")
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.goto(f"/preferences?language={language}&back=/staffing?day={past_day}")
    await expect(page.get_by_test_id("half-hours")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    cut = await page.locator(".half-hours").evaluate("table => table.scrollWidth - table.parentElement.clientWidth")
    assert cut <= 0
