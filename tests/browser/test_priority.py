"""Who comes before others, as supervisors keep it and see it: groups, members, ladders, and the marks on floor and calls."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from playwright.async_api import Page, expect

from api.db.engine import Sessions
from api.priority.seed import seed_groups
from ivr.kernel.clock import SystemClock
from tests.browser.day import board_json, earlier_today, publish, write_down
from tests.builders import a_call_in_the_menu

pytestmark = pytest.mark.browser
LogIn = Callable[..., Awaitable[Page]]
WAITS = "line1420-1795249900.5"


@pytest.fixture
async def waiting(sessions: Sessions, site: str) -> None:
    """Callers of today with and without priority; one of them waits now, before somebody who came earlier."""
    now = SystemClock().now()
    async with sessions.begin() as session:
        await seed_groups(session)
        for n in range(12):
            story = a_call_in_the_menu(
                f"line1420-179524990{n}.9",
                at=earlier_today(now, timedelta(minutes=50 - 2 * n)),
                caller=f"0218890{n:04d}",
            )
            group = "chronic" if n % 3 == 0 else ""
            story.milestone("routing", queue="general", priority="5" if group else "0", group=group, repeat=str(n % 2),
                            province="tehran")  # fmt: skip
            story.joins("general").wait(5 if group else 20 + 5 * n).is_answered(3).wait(40).operator_hangs_up()
            await write_down(session, story.hangs_up())
        here = a_call_in_the_menu(WAITS, at=earlier_today(now, timedelta(seconds=25)), caller="08433331234")
        here.milestone("routing", queue="insurance", priority="6", group="chronic", repeat="1", province="ilam")
        await write_down(session, here.joins("insurance"))
        board = board_json(now, {"insurance": [(WAITS, 22), ("line1420-1795249900.6", 41)]})
        board["queues"][1] |= {"helpers_available": 1, "helpers_total": 3}
        await publish(session, board, now)


async def test_a_supervisor_sees_the_effect_and_keeps_a_group(log_in: LogIn, waiting: None) -> None:
    page = await log_in("supervisor")
    await page.click("nav.ways a[href='/groups']")
    await expect(page.get_by_test_id("promise")).to_contain_text("۵ دقیقه")
    table = page.get_by_test_id("waits")
    await expect(table.get_by_role("row", name="بیماران خاص").get_by_role("cell").nth(2)).to_have_text("۵")
    await expect(page.get_by_test_id("rest").get_by_role("cell").nth(2)).not_to_have_text("۰")
    await page.fill("#name_fa", "جانبازان")
    await page.fill("#name_en", "Veterans")
    await page.fill("#code", "veterans")
    await page.fill("#priority", "۱۲")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("۰ تا ۱۰")
    await expect(page.locator("#name_fa")).to_have_value("جانبازان")
    await page.fill("#priority", "۴")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/groups/veterans?saved=made")
    await page.fill("#caller", "۰۲۱ ۸۸۰۰ ۱۴۲۰")
    await page.fill("#until", "۱۴۰۹/۰۱/۱۵")
    await page.fill("#note", "نامهٔ ۱۲")
    await page.press("#note", "Enter")
    await page.wait_for_url("**/groups/veterans?saved=added")
    await expect(page.get_by_test_id("members").get_by_role("row")).to_have_count(2)
    await expect(page.get_by_test_id("members")).to_contain_text("۱۴۰۹/۰۱/۱۵")
    await page.fill("#caller", "02188001420")
    await page.press("#caller", "Enter")
    await expect(page.get_by_role("alert")).to_contain_text("از پیش در گروه")
    await page.get_by_test_id("members").get_by_role("button").click()
    await page.wait_for_url("**/groups/veterans?saved=ended")
    await expect(page.get_by_test_id("members")).to_have_count(0)


async def test_the_page_of_operators_says_who_rings_from_when_on(log_in: LogIn, waiting: None) -> None:
    page = await log_in("manager")
    await page.click("nav.ways a[href='/agents']")
    await expect(page.get_by_test_id("ladders").get_by_role("definition").first).to_have_text(
        "اصلی: بی‌درنگ · کمکی: پس از ۱۰ ثانیه · ذخیره: پس از ۲۰ ثانیه"
    )


async def test_floor_and_calls_say_why_somebody_stands_where_they_stand(log_in: LogIn, waiting: None) -> None:
    page = await log_in("supervisor", at="/floor")
    mark = page.get_by_test_id(f"waiting-{WAITS}").locator(".mark")
    await expect(mark).to_have_text("اولویت ۶ · ۱ تماس بی‌پاسخِ اخیر")
    await expect(page.get_by_test_id("queue-insurance").locator(".members")).to_contain_text("۳ یاری‌رسان")
    await page.goto(f"/calls/{WAITS}")
    await expect(page.get_by_test_id("story")).to_contain_text("با اولویت ۶ به صف رفت")
    await expect(page.locator(".facts")).to_contain_text("ایلام")
    await page.goto("/calls")
    await expect(page.get_by_test_id(f"call-{WAITS}")).to_contain_text("ایلام · اولویت ۶")


async def test_casework_and_operators_do_not_see_groups(log_in: LogIn, waiting: None) -> None:
    page = await log_in("casework")
    await expect(page.locator("nav.ways a[href='/groups']")).to_have_count(0)
    answer = await page.goto("/groups")
    assert answer is not None
    assert answer.status == 403
