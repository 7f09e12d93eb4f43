"""An agent's own page in a real browser: by keyboard, in both languages, and moving by itself."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from playwright.async_api import Browser, Page, Route, expect
from sqlalchemy import select, update

from api.db.duty_tables import DutyPauseRow, DutyRow, WrapUpRow
from api.db.engine import Sessions
from ivr.kernel.clock import SystemClock
from routing.duty import PauseCause
from tests.browser.day import PASSWORD
from tests.browser.seated import sits, state_of, the_board_says
from tests.patience import one_try_of_several

pytestmark = pytest.mark.browser
LogIn = Callable[..., Awaitable[Page]]


async def test_signing_in_pausing_and_signing_out_by_keyboard_alone(log_in: LogIn, sessions: Sessions) -> None:
    page = await log_in("operator04")
    assert page.url.endswith("/desk")
    await page.get_by_test_id("place-seat04").focus()
    await the_board_says(sessions, 4)
    await page.keyboard.press("Enter")
    await expect(state_of(page)).to_have_attribute("data-state", "available")
    await expect(page.locator("#my-state")).to_contain_text("آزاد")
    await expect(page.locator("#my-state"), "who works by keyboard is where the news is").to_be_focused()

    await page.keyboard.press("Tab")
    await expect(page.locator("#pause-break")).to_be_focused()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.locator("#my-state")).to_contain_text("توقف: غذا")
    await expect(page.locator("#my-state")).to_be_focused()
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="آماده‌ام")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("#pause-break")).to_be_visible()
    await expect(page.locator("#my-state")).to_be_focused()
    async with sessions() as session:
        assert (await session.scalars(select(DutyPauseRow.ended_by))).all() == ["person:operator04"]

    await page.locator("#sign-out").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("place-seat04")).to_be_visible()
    async with sessions() as session:
        assert await session.scalar(select(DutyRow.ended_by)) == "agent"


async def test_a_seat_that_is_taken_names_who_sits_there(log_in: LogIn, sessions: Sessions) -> None:
    await sits(sessions, 7)
    page = await log_in("operator04")
    await expect(page.get_by_test_id("place-seat07")).to_contain_text("کارشناس پاسخ‌گویی 07")
    await expect(page.locator("button.place")).to_have_count(15)
    second = await page.context.new_page()
    await second.goto("/desk")
    await second.evaluate(  # a page that does not hear of it in time
        "() => { window.fetch = () => new Promise(() => {}) }"
    )
    await sits(sessions, 8)
    await second.get_by_test_id("place-seat08").click()
    await expect(second.locator("#refusal")).to_contain_text("همکار دیگری در این جایگاه است")
    await expect(page.get_by_test_id("place-seat08"), "the other page learns of it by itself").to_contain_text(
        "کارشناس پاسخ‌گویی 08",
        timeout=60_000,  # it looks every 15 s, and gives up a look after four
    )


async def test_a_call_moves_the_page_within_a_second(log_in: LogIn, sessions: Sessions) -> None:
    await sits(sessions, 4)
    page = await log_in("operator04")

    @one_try_of_several
    async def it_rings_and_is_talked_to() -> None:
        await the_board_says(sessions, 4)
        await expect(state_of(page)).to_have_attribute("data-state", "available")
        await the_board_says(sessions, 4, state="ringing", queue="insurance")
        await expect(state_of(page)).to_have_attribute("data-state", "ringing", timeout=1000)
        await expect(state_of(page)).to_contain_text("بیمه و حق بیمه")
        await the_board_says(sessions, 4, {"insurance": [("line1420-1.1", 70)]}, state="talking", queue="insurance")
        await expect(state_of(page)).to_have_attribute("data-state", "talking", timeout=1000)
        await expect(page.locator("#announce")).to_have_text("وضعیت من: در گفت‌وگو")
        row = page.get_by_test_id("served-insurance")
        await expect(row.locator("b").first).to_have_text("۱")
        await expect(row.locator(".served-longest")).to_contain_text(re.compile("۱:[۱-۵]"))

    await it_rings_and_is_talked_to()
    running = state_of(page).locator(".post-clock .clock")
    first = await running.text_content()
    await expect(running, "the clock runs").not_to_have_text(first or "")


async def test_news_that_comes_while_a_deed_is_under_way_does_not_swallow_its_answer(
    log_in: LogIn, sessions: Sessions
) -> None:
    page = await log_in("operator04")
    await the_board_says(sessions, 4)

    async def slowly(route: Route) -> None:
        await the_board_says(sessions, 5, phone=False)  # a seat to choose from looks otherwise now
        await asyncio.sleep(1)
        await route.continue_()

    await page.route("**/desk/sign-in", slowly)
    async with page.expect_response(lambda answer: answer.url.endswith("/desk"), timeout=60_000):
        await page.get_by_test_id("place-seat04").click()
    await expect(state_of(page), "long before the next look at the seats").to_be_visible(timeout=8000)


async def test_signing_out_in_a_talk_is_asked_twice_and_survives_a_reload_of_the_panel(
    page: Page, log_in: LogIn, sessions: Sessions
) -> None:
    await sits(sessions, 4)
    asked = page.get_by_text("این تماس تا پایان با شما می‌ماند")
    await the_board_says(sessions, 4, state="talking", queue="general")
    await log_in("operator04")
    await page.locator("#sign-out summary").click()
    await expect(asked).to_be_visible()
    await the_board_says(sessions, 4, state="holding", queue="general")
    await expect(state_of(page)).to_have_attribute("data-state", "holding")
    await expect(asked, "what was open stays open").to_be_visible()
    await page.get_by_role("button", name="بله، خارج می‌شوم").click()
    await expect(page.get_by_test_id("place-seat04")).to_be_visible()


async def test_work_after_a_talk_shows_its_end_and_is_ended_by_its_button(log_in: LogIn, sessions: Sessions) -> None:
    duty = await sits(sessions, 6)
    async with sessions.begin() as session:
        began = SystemClock().now() - timedelta(seconds=10)
        session.add(WrapUpRow(duty_id=duty, queue="general", call_id="line1420-1.1", began_at=began))
    await the_board_says(sessions, 6)
    page = await log_in("operator06")
    await expect(page.locator("#my-state")).to_contain_text("کار پس از تماس")
    left = page.get_by_test_id("left").locator(".clock")
    await expect(left).to_have_text(re.compile("۰:[۰-۴][۰-۹]"))
    first = await left.text_content()
    await expect(left).not_to_have_text(first or "")
    await page.get_by_role("button", name="پایان کار پس از تماس").click()
    await expect(page.get_by_role("button", name="پایان کار پس از تماس")).to_have_count(0)
    async with sessions() as session:
        assert await session.scalar(select(WrapUpRow.ended_by)) == "agent"


async def test_an_overdue_break_says_by_how_much(log_in: LogIn, sessions: Sessions) -> None:
    await sits(sessions, 11, PauseCause.BREAK, minutes=17)
    page = await log_in("operator11")
    await expect(state_of(page)).to_have_attribute("data-tone", "act")
    await expect(page.get_by_test_id("overdue").locator(".clock")).to_have_text(re.compile("[۲-۳]:[۰-۹]{2}"))
    await expect(page.get_by_test_id("overdue")).to_contain_text("زمان مجاز ۱۵ دقیقه")


async def test_a_break_becomes_overdue_while_the_page_is_open(log_in: LogIn, sessions: Sessions) -> None:
    await sits(sessions, 11, PauseCause.BREAK)
    page = await log_in("operator11")

    @one_try_of_several
    async def six_seconds_before_its_end() -> None:
        began = SystemClock().now() - timedelta(minutes=15, seconds=-6)
        async with sessions.begin() as session:
            await session.execute(update(DutyPauseRow).values(began_at=began))
        await page.reload()
        assert await page.get_by_test_id("left").count() == 1, "the page was loaded in time"
        # sooner than the look that comes every 15 s
        await expect(page.get_by_test_id("overdue")).to_be_visible(timeout=12_000)

    await six_seconds_before_its_end()
    await expect(page.locator("#announce")).to_contain_text("از زمان مجاز این توقف گذشته است")


async def test_missed_calls_are_explained_and_ready_takes_calls_again(log_in: LogIn, sessions: Sessions) -> None:
    await sits(sessions, 10, PauseCause.MISSED_CALLS)
    await the_board_says(sessions, 10)
    page = await log_in("operator10")
    await expect(state_of(page)).to_contain_text("۲ تماس پشت سر هم")
    await page.get_by_role("button", name="آماده‌ام").click()
    await expect(page.locator("#pause-break")).to_be_visible()


async def test_a_telephone_that_is_off_says_what_to_do(log_in: LogIn, sessions: Sessions) -> None:
    await sits(sessions, 12)
    page = await log_in("operator12")
    await the_board_says(sessions, 12)
    await expect(state_of(page)).to_have_attribute("data-state", "offline")
    await expect(state_of(page)).to_contain_text("سیم شبکهٔ آن را ببینید")
    await the_board_says(sessions, 12, state="available", phone=True)
    await expect(state_of(page)).to_have_attribute("data-state", "available")


@pytest.mark.silent
async def test_a_stale_board_is_said_and_what_we_know_ourselves_stays(log_in: LogIn, sessions: Sessions) -> None:
    await sits(sessions, 4)
    await the_board_says(sessions, 4, state="talking")
    page = await log_in("operator04")

    @one_try_of_several
    async def it_comes_back() -> None:
        await expect(page.get_by_test_id("stale-banner")).to_be_visible(timeout=30_000)
        await expect(state_of(page)).to_have_attribute("data-state", "unknown")
        await the_board_says(sessions, 4, state="talking")
        await expect(page.get_by_test_id("stale-banner")).to_be_hidden(timeout=3000)
        await expect(state_of(page)).to_have_attribute("data-state", "talking", timeout=3000)

    await it_comes_back()


async def test_what_the_exchange_has_not_heard_of_is_said_after_a_while(log_in: LogIn, sessions: Sessions) -> None:
    await sits(sessions, 4, PauseCause.MEAL)
    page = await log_in("operator04")

    @one_try_of_several
    async def it_is_said() -> None:
        await the_board_says(sessions, 4)
        await expect(page.get_by_test_id("unsettled")).to_be_visible(timeout=5000)

    await it_is_said()
    await the_board_says(sessions, 4, state="paused", pause_reason="meal")
    await expect(page.get_by_test_id("unsettled")).to_have_count(0)


async def test_another_page_of_ours_keeps_the_agent_on_duty(log_in: LogIn, page: Page, sessions: Sessions) -> None:
    await sits(sessions, 4)
    await page.clock.install()
    await log_in("operator04", at="/floor")
    long_ago = SystemClock().now() - timedelta(minutes=9)
    async with sessions.begin() as session:
        await session.execute(update(DutyRow).values(desk_seen_at=long_ago))
    async with page.expect_response("**/desk/panel"):
        await page.clock.fast_forward(61_000)
    async with sessions() as session:
        assert await session.scalar(select(DutyRow.desk_seen_at)) > long_ago


async def test_the_desk_works_without_javascript(browser: Browser, site: str, sessions: Sessions) -> None:
    context = await browser.new_context(base_url=site, java_script_enabled=False)
    page = await context.new_page()
    await page.goto("/login")
    await page.fill("#username", "operator04")
    await page.fill("#password", PASSWORD)
    await page.click("text=ورود به سامانه")
    await page.get_by_test_id("place-seat04").click()
    await page.locator("#pause-prayer").click()
    await expect(page.locator("#my-state")).to_contain_text("توقف: نماز")
    await page.get_by_role("button", name="آماده‌ام").click()
    await page.locator("#sign-out").click()
    await expect(page.get_by_test_id("place-seat04")).to_be_visible()
    await context.close()


@pytest.mark.parametrize("number", [None, 4, 6, 10, 11])
@pytest.mark.parametrize("width", [390, 1440])
async def test_nothing_runs_out_of_either_screen(
    log_in: LogIn, sessions: Sessions, number: int | None, width: int
) -> None:
    causes = {10: [PauseCause.MISSED_CALLS, PauseCause.SUPERVISOR], 11: [PauseCause.BREAK]}
    if number is not None:
        duty = await sits(sessions, number, *causes.get(number, []), minutes=25)
        if number == 6:
            async with sessions.begin() as session:
                session.add(WrapUpRow(duty_id=duty, queue="general", call_id="c", began_at=SystemClock().now()))
    await sits(sessions, 15)
    page = await log_in(f"operator{number or 4:02d}")
    await page.set_viewport_size({"width": width, "height": 844})
    for language in ("fa", "en"):
        await page.goto(f"/preferences?language={language}&back=/desk")
        await asyncio.sleep(0.1)
        too_wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert too_wide <= 0, f"in {language} the page is {too_wide} px too wide"
