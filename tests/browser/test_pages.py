"""What people do with the pages, in a real browser, from login to the last second of a recording."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Browser, Page, expect
from sqlalchemy import func, select

from api.db.engine import Sessions
from api.db.tables import AuditEntry
from tests.browser.day import ANSWERED, COMPLAINT, PASSWORD

pytestmark = pytest.mark.browser
LogIn = Callable[..., Awaitable[Page]]


async def test_a_wrong_password_is_announced_and_the_name_stays(page: Page) -> None:
    await page.goto("/login")
    await page.fill("#username", "supervisor")
    await page.fill("#password", "wrong")
    await page.click("button[type=submit] >> text=ورود به سامانه")
    await expect(page.get_by_role("alert")).to_contain_text("درست نیست")
    await expect(page.locator("#username")).to_have_value("supervisor")


async def test_after_too_many_tries_the_page_says_how_long_to_wait(page: Page) -> None:
    told = re.compile("لطفاً [۱-۹][۰-۹]* ثانیه دیگر")
    for _ in range(15):  # where each try takes seconds, the first waits are over before the next one
        await page.goto("/login")
        await page.fill("#username", "manager")
        await page.fill("#password", "wrong")
        await page.click("button[type=submit] >> text=ورود به سامانه")
        await expect(page.get_by_role("alert")).to_be_visible(timeout=20_000)
        if told.search(await page.get_by_role("alert").inner_text()):
            return
    await expect(page.get_by_role("alert")).to_contain_text(told)


@pytest.mark.parametrize(
    ("role", "first", "ways"),
    [
        (
            "supervisor",
            "/floor",
            [
                "/floor",
                "/emergency",
                "/figures",
                "/staffing",
                "/roster",
                "/groups",
                "/agents",
                "/calls",
                "/cases",
                "/callbacks",
            ],
        ),
        ("operator01", "/desk", ["/desk", "/floor", "/roster"]),
        ("casework", "/cases", ["/calls", "/cases", "/callbacks"]),
        ("qa", "/calls", ["/floor", "/figures", "/calls", "/cases", "/callbacks"]),
    ],
)
async def test_each_role_comes_to_its_work_and_sees_its_ways(
    log_in: LogIn, role: str, first: str, ways: list[str]
) -> None:
    page = await log_in(role)
    assert page.url.endswith(first)
    links = await page.locator("nav.ways a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    assert links == ways


async def test_who_may_not_see_a_page_is_told_so_in_the_same_design(log_in: LogIn) -> None:
    page = await log_in("operator01")
    answer = await page.goto("/cases")
    assert answer is not None
    assert answer.status == 403
    await expect(page.get_by_test_id("error")).to_contain_text("اجازهٔ دیدن")


async def test_an_address_that_leads_nowhere_is_told_so(log_in: LogIn) -> None:
    page = await log_in("supervisor")
    answer = await page.goto("/nowhere")
    assert answer is not None
    assert answer.status == 404
    await expect(page.get_by_test_id("error")).to_be_visible()


async def test_english_is_one_click_away_and_stays(log_in: LogIn) -> None:
    page = await log_in("supervisor")
    await page.get_by_test_id("switch-language").click()
    await expect(page.locator("html")).to_have_attribute("dir", "ltr")
    await expect(page.locator("h1")).to_contain_text("Floor")
    await page.goto("/cases")
    await expect(page.locator("h1")).to_have_text("Cases")


async def test_the_floor_says_something_without_javascript(browser: Browser, site: str) -> None:
    context = await browser.new_context(base_url=site, java_script_enabled=False)
    page = await context.new_page()
    await page.goto("/login")
    await page.fill("#username", "supervisor")
    await page.fill("#password", PASSWORD)
    await page.click("text=ورود به سامانه")
    await expect(page.get_by_test_id("seat-seat01").locator(".word")).to_have_text("در مکالمه")
    await expect(page.get_by_test_id("age")).to_be_visible()
    await context.close()


async def test_calls_are_filtered_by_their_result(log_in: LogIn) -> None:
    page = await log_in("supervisor", at="/calls")
    await expect(page.get_by_test_id(f"call-{ANSWERED}")).to_be_visible()
    await page.select_option("#disposition", "abandoned")
    await page.click("text=نمایش >> visible=true")
    await expect(page.get_by_test_id(f"call-{ANSWERED}")).to_have_count(0)
    await expect(page.locator("#rows tr")).to_have_count(1)
    assert "disposition=abandoned" in page.url


async def test_a_date_that_is_none_is_explained_and_nothing_breaks(log_in: LogIn) -> None:
    page = await log_in("supervisor", at="/calls")
    await page.click("text=امروز")
    await expect(page.locator("#from")).to_have_value(re.compile("^۱۴[۰-۹]{2}/[۰-۹]{2}/[۰-۹]{2}$"))
    await page.goto("/calls?from=1405/13/41")
    await expect(page.get_by_role("alert")).to_contain_text("تاریخ")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("from=1405/09/05&to=1405/09/01", "جابه‌جا کنید"),
        ("caller=علی", "شماره را به شکل"),
        ("queue=genral", "بخش نادرست: queue"),
        ("cursor=zz", "بخش نادرست: cursor"),
    ],
)
async def test_a_wrong_filter_is_explained_in_the_language_of_the_page(log_in: LogIn, query: str, said: str) -> None:
    page = await log_in("supervisor", at=f"/calls?{query}")
    await expect(page.locator("#problem")).to_contain_text(said)


async def test_a_call_tells_its_story_and_its_sound_is_heard_by_ranges(log_in: LogIn, sessions: Sessions) -> None:
    page = await log_in("supervisor", at=f"/calls/{ANSWERED}")
    story = page.get_by_test_id("story")
    told = [await line.text_content() for line in await story.locator(".what b").all()]
    order = [
        "تماس رسید",
        "کلید ۱",
        "ورود به صف بیمه و حق بیمه",
        "پاسخ داد",
        "پایان مکالمه",
        "امتیاز ۴ از ۵",
        "پایان تماس",
    ]
    places = [next(at for at, text in enumerate(told) if wanted in (text or "")) for wanted in order]
    assert places == sorted(places)

    ranges: list[str | None] = []
    page.on(
        "request", lambda asked: ranges.append(asked.headers.get("range")) if asked.url.endswith("/audio") else None
    )
    await page.keyboard.press("Tab")
    player = page.locator("[data-player]")
    await player.locator("[data-do=toggle]").focus()
    await page.keyboard.press("Enter")
    await expect(player).to_have_attribute("data-playing", "true")
    await expect(player.locator(".clock")).to_contain_text(re.compile("۰:(۰[۱-۹]|[۱-۳][۰-۹]) /"), timeout=20_000)
    seek = player.locator(".seek")
    await seek.focus()
    await page.keyboard.press("End")
    await expect(player.locator(".clock")).to_contain_text("۰:۴۰ / ۰:۴۰", timeout=20_000)
    assert any(asked and asked.startswith("bytes=") for asked in ranges)
    async with sessions() as session:
        heard = await session.scalar(select(func.count()).where(AuditEntry.action == "recording.heard"))
    assert heard


async def test_a_caseworker_takes_a_case_and_answers_it(log_in: LogIn) -> None:
    page = await log_in("casework")
    await page.click(f"a[href='/cases/{COMPLAINT}']")
    await expect(page.locator(".intervals tbody tr").first).to_be_visible()
    await page.click("text=برداشتن پرونده")
    await expect(page.get_by_test_id("state")).to_have_attribute("data-state", "in_work")
    await page.fill("#text", "سابقه اصلاح شد و به شما خبر داده می‌شود.")
    await page.click("button >> text=ثبت پاسخ")
    await expect(page.get_by_test_id("state")).to_have_attribute("data-state", "answered")
    await expect(page.locator(".answer")).to_contain_text("سابقه اصلاح شد")


async def test_a_refused_answer_is_explained_and_what_was_typed_stays(page: Page, log_in: LogIn) -> None:
    page = await log_in("casework", at=f"/cases/{COMPLAINT}")
    await page.click("text=برداشتن پرونده")
    await page.fill("#text", "   ")
    await page.click("button >> text=ثبت پاسخ")
    await expect(page.locator("#refusal")).to_contain_text("متن پاسخ را بنویسید")
    await page.fill("#text", "سابقه اصلاح شد.")
    await page.evaluate("document.querySelector('.act-form [name=csrf]').value = 'of another session'")
    await page.click("button >> text=ثبت پاسخ")
    await expect(page.locator("#refusal")).to_contain_text("این فرم دیگر معتبر نیست")
    await page.context.clear_cookies()
    await page.click("button >> text=ثبت پاسخ")
    await expect(page.locator("#refusal")).to_contain_text("نشست شما پایان یافته است")
    await expect(page.locator("#text")).to_have_value("سابقه اصلاح شد.")


async def test_who_comes_second_to_a_case_is_told_so(log_in: LogIn) -> None:
    page = await log_in("casework", at=f"/cases/{COMPLAINT}")
    second = await page.context.new_page()
    await second.goto(f"/cases/{COMPLAINT}")
    await page.click("text=برداشتن پرونده")
    await expect(page.get_by_test_id("state")).to_have_attribute("data-state", "in_work")
    await second.click("text=برداشتن پرونده")
    await expect(second.locator("#refusal")).to_contain_text("پیش از شما تغییر کرده است")
    await second.click("text=باز کردن دوبارهٔ صفحه")
    await expect(second.get_by_test_id("state")).to_have_attribute("data-state", "in_work")


async def test_a_supervisor_reads_a_case_and_gets_no_buttons(log_in: LogIn) -> None:
    page = await log_in("supervisor", at=f"/cases/{COMPLAINT}")
    await expect(page.get_by_test_id("due")).to_be_visible()
    await expect(page.locator("text=برداشتن پرونده")).to_have_count(0)


async def test_the_keyboard_leads_through_a_page_from_the_skip_link(log_in: LogIn) -> None:
    page = await log_in("supervisor", at="/calls")
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.className") == "skip"
    await page.keyboard.press("Enter")
    assert await page.evaluate("document.activeElement.id") == "main"
    await page.keyboard.press("Tab")
    outline = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid", "who uses the keyboard sees where they are"


@pytest.mark.parametrize("address", ["/floor", "/calls", f"/calls/{ANSWERED}", "/cases", f"/cases/{COMPLAINT}"])
async def test_nothing_runs_out_of_a_telephone_screen(log_in: LogIn, address: str) -> None:
    page = await log_in("supervisor")
    await page.set_viewport_size({"width": 390, "height": 844})
    for language in ("fa", "en"):
        await page.goto(f"/preferences?language={language}&back={address}")
        too_wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert too_wide <= 0, f"{address} in {language} is {too_wide} px too wide"


async def test_a_prepared_link_does_not_lead_elsewhere(log_in: LogIn) -> None:
    page = await log_in("supervisor")
    for elsewhere in ("//example.org", "https://example.org", "/\\example.org"):
        await page.goto(f"/preferences?language=fa&back={elsewhere}")
        assert re.match(r"http://127\.0\.0\.1:\d+/", page.url)


async def test_logging_out_ends_the_session(log_in: LogIn) -> None:
    page = await log_in("supervisor")
    await page.click("text=خروج >> visible=true")
    await page.goto("/floor")
    assert "/login?next=" in page.url
