"""The roster's pages as supervisors and operators use them: the month, a day, planning, swapping, spreadsheets."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from api.db.engine import Sessions
from api.roster.asking import today_of
from api.web.roster_view import address_of
from ivr.kernel.clock import SystemClock
from ivr.kernel.jalali import day_short, month_begins, month_text
from tests.browser.roster_of_today import last_working_day, plan_month, work_a_day
from tests.integration.api.staffing.weeks_of_calls import seed_weeks

pytestmark = pytest.mark.browser
LogIn = Callable[..., Awaitable[Page]]


@pytest.fixture
async def past_day(sessions: Sessions, site: str) -> date:
    """The last working day, planned and worked, in a planned month."""
    now = SystemClock().now()
    day = last_working_day(now)
    async with sessions.begin() as session:
        await seed_weeks(session, now, weeks=2, scale=0.5)
        await plan_month(session, now)
        await work_a_day(session, day)
    return day


def month_address(day: date) -> str:
    return f"/roster?month={day_short(month_begins(day), 'en')[:7].replace('/', '-')}"


async def test_a_supervisor_reads_the_month_and_goes_to_a_day(log_in: LogIn, past_day: date) -> None:
    page = await log_in("supervisor")
    await page.click("nav.ways a[href='/roster']")
    await expect(page.locator("nav.ways a[aria-current=page]")).to_have_attribute("href", "/roster")
    await page.goto(month_address(past_day))
    await expect(page.locator("h1")).to_contain_text(month_text(past_day, "fa"))
    grid = page.get_by_role("table", name="برنامهٔ")
    assert await grid.get_by_role("row").count() == 1 + 16 + 2
    assert await grid.get_by_role("rowheader").count() == 16 + 2
    free = grid.locator("thead th.free")
    assert await free.count() >= 4, "Fridays"
    await grid.locator(f"thead a[href='{address_of(past_day)}']").click()
    await expect(page.get_by_test_id("day")).to_be_visible()


async def test_a_day_shows_plan_and_actual_in_bars_and_in_words(log_in: LogIn, past_day: date) -> None:
    page = await log_in("manager", at=address_of(past_day))
    rows = page.get_by_test_id("day").locator("tbody tr")
    assert await rows.count() > 8
    works = rows.filter(has=page.locator("rect.planned-working")).first  # the first agent may be away or free
    assert await works.locator("rect.planned-working").count() == 3, "two breaks cut it"
    assert await works.locator("rect.seen-working").count() == 3
    await expect(rows.filter(has_text="نیامد").first).to_contain_text("۰٫۰٪")
    await expect(rows.filter(has_text="دیرکرد ۰:۲۰")).not_to_have_count(0)
    await expect(rows.filter(has_text="زودرفت ۰:۳۲")).not_to_have_count(0)
    await expect(rows.locator("rect.seen-away")).to_have_count(1)
    await expect(page.locator("[data-figure=adherence] dd")).to_contain_text("٪")
    await expect(page.get_by_role("link", name="ویرایش")).to_have_count(0), "a manager reads and does not plan"
    await expect(page.get_by_test_id("history")).to_have_count(0)


async def test_a_turn_is_planned_changed_and_removed_by_keyboard(log_in: LogIn, site: str) -> None:
    today = today_of(SystemClock().now())
    page = await log_in("supervisor", at=f"{address_of(today)}/operator03")
    await page.focus("#kind-0")
    await page.select_option("#kind-0", "work")
    await page.fill("#begins-0", "۰۹:۱۵")
    await page.fill("#ends-0", "12:45")
    await page.select_option("#seat-0", "seat07")
    await page.fill("#note-0", "جای سارا")
    await page.press("#note-0", "Enter")
    await expect(page.get_by_test_id("saved")).to_contain_text("ثبت شد")
    await expect(page.get_by_test_id("stands")).to_contain_text("۰۹:۱۵ تا ۱۲:۴۵، جایگاه ۷")
    await expect(page.get_by_test_id("history")).to_contain_text("مریم احمدی")
    await page.select_option("#kind-1", "work")
    await page.fill("#begins-1", "12:00")
    await page.fill("#ends-1", "14:00")
    await page.press("#ends-1", "Enter")
    await expect(page.get_by_role("alert")).to_contain_text("همزمان است")
    await expect(page.locator("#begins-1")).to_have_value("12:00"), "what was typed stays"
    await page.select_option("#kind-0", "")
    await page.select_option("#kind-1", "")
    await page.press("#note-0", "Enter")
    await expect(page.get_by_test_id("stands")).to_contain_text("بدون شیفت")


async def test_who_comes_late_with_a_plan_keeps_what_they_typed(log_in: LogIn, site: str) -> None:
    address = f"{address_of(today_of(SystemClock().now()))}/operator03"
    page = await log_in("supervisor", at=address)
    colleague = await page.context.new_page()
    await colleague.goto(address)
    for one, begins, ends in ((page, "09:00", "11:00"), (colleague, "13:00", "15:00")):
        await one.select_option("#kind-0", "work")
        await one.fill("#begins-0", begins)
        await one.fill("#ends-0", ends)
        await one.press("#ends-0", "Enter")
        if one is page:
            await expect(page.get_by_test_id("saved")).to_be_visible()
    await expect(colleague.get_by_role("alert")).to_contain_text("تغییر کرده است")
    await expect(colleague.get_by_test_id("stands")).to_contain_text("۰۹:۰۰ تا ۱۱:۰۰")
    await expect(colleague.locator("#begins-0"), "what was typed stays").to_have_value("13:00")


async def test_planning_works_without_javascript(browser, site: str) -> None:
    context = await browser.new_context(base_url=site, java_script_enabled=False)
    page = await context.new_page()
    await page.goto("/login")
    await page.fill("#username", "supervisor")
    await page.fill("#password", "گذرواژه-for-tests")
    await page.press("#password", "Enter")
    await page.goto(f"{address_of(today_of(SystemClock().now()))}/operator01")
    await page.select_option("#kind-0", "leave")
    await page.click("button:has-text('ثبت برنامه')")
    await expect(page.get_by_test_id("stands")).to_have_text("مرخصی")
    await context.close()


async def test_two_agents_swap(log_in: LogIn, past_day: date) -> None:
    page = await log_in("supervisor", at=address_of(past_day))
    planned = page.get_by_test_id("day").locator("tbody tr").filter(has_text="صبح")
    href = await planned.first.get_by_role("link").get_attribute("href")
    afternoon = page.get_by_test_id("day").locator("tbody tr").filter(has_text="عصر")
    other = await afternoon.first.get_attribute("data-agent")
    assert href
    assert other
    await page.goto(href)
    await page.select_option("#other", other)
    await page.click("button:has-text('جابه‌جا کن')")
    await expect(page.get_by_test_id("saved")).to_contain_text("جابه‌جایی ثبت شد")
    await expect(page.get_by_test_id("stands")).to_contain_text("عصر")
    await expect(page.get_by_test_id("history")).to_contain_text("جابه‌جایی")


async def test_a_month_goes_out_and_comes_back_unchanged(log_in: LogIn, past_day: date, tmp_path: Path) -> None:
    page = await log_in("supervisor", at=month_address(past_day))
    async with page.expect_download() as downloading:
        await page.get_by_test_id("export").click()
    file = tmp_path / "roster.xlsx"
    await (await downloading.value).save_as(file)
    await page.get_by_test_id("import").click()
    await page.set_input_files("#sheet", file)
    await page.click("button:has-text('نمایش تغییرها')")
    await expect(page.get_by_test_id("no-changes")).to_contain_text("چیزی را تغییر نمی‌دهد")
    large = tmp_path / "large.xlsx"
    large.write_bytes(b"\0" * 3_000_000)
    await page.set_input_files("#sheet", large)
    await page.click("button:has-text('نمایش تغییرها')")
    await expect(page.get_by_test_id("error")).to_contain_text("بیش از اندازه بزرگ")


async def test_an_operator_sees_their_own_shifts_only(log_in: LogIn, past_day: date) -> None:
    page = await log_in("operator05", at=month_address(past_day))
    await expect(page.locator("h1")).to_contain_text("شیفت‌های من")
    rows = page.get_by_test_id("grid").locator("tbody tr")
    await expect(rows).to_have_count(1)
    await expect(rows.first).to_contain_text("کارشناس پاسخ‌گویی 05")
    await expect(page.get_by_test_id("grid").locator("tfoot")).to_have_count(0)
    await expect(page.get_by_test_id("grid").locator("tbody a")).to_have_count(0)
    answer = await page.goto(f"{address_of(past_day)}/operator05")
    assert answer is not None
    assert answer.status == 403


@pytest.mark.parametrize("language", ["fa", "en"])
@pytest.mark.parametrize("place", ["month", "day", "cell", "sheet", "staffing"])
async def test_nothing_runs_out_of_a_telephone_screen(log_in: LogIn, past_day: date, language: str, place: str) -> None:
    page = await log_in("supervisor")
    await page.set_viewport_size({"width": 390, "height": 844})
    path = {
        "month": month_address(past_day),
        "day": address_of(past_day),
        "cell": f"{address_of(past_day)}/operator02",
        "sheet": "/roster/sheet",
        "staffing": f"/staffing?day={past_day.isoformat()}",
    }[place]
    await page.goto(f"/preferences?language={language}&back={path.replace('?', '%3F').replace('=', '%3D')}")
    await expect(page.locator("h1")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    if place == "staffing":
        cut = await page.locator(".half-hours").evaluate("table => table.scrollWidth - table.parentElement.clientWidth")
        assert cut <= 0
        await expect(page.locator(".half-hours td.planned")).to_have_count(24)
    if place == "month":
        name = page.get_by_test_id("grid").locator("tbody th").first
        await page.locator(".grid-scroll").evaluate(
            "region => region.scrollBy({left: region.dir === 'rtl' ? -400 : 400})"
        )
        await expect(name).to_be_in_viewport()
