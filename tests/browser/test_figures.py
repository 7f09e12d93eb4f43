"""The figures of a day and a month in a real browser: what is on the page is what the API says, for eyes, ears and paper."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
import uvicorn
from playwright.async_api import Page, expect

from api.db.engine import Sessions
from api.main import create_app
from api.reports.periods import today
from api.settings import ApiSettings
from tests.browser.day import add_people
from tests.integration.api.reports.day import busy_hours, keep, still_going_on
from tests.integration.conftest import free_port

pytestmark = pytest.mark.browser
LogIn = Callable[..., Awaitable[Page]]

NOW = datetime(2026, 11, 28, 13, 10, tzinfo=UTC)
"""16:40 in Tehran on 7 Azar 1405."""


class Stopped:
    """A clock that stands still at `NOW`."""

    def now(self) -> datetime:
        return NOW


@pytest.fixture
async def site(built_pages: None, sessions: Sessions, settings: ApiSettings) -> AsyncIterator[str]:
    """The application with a week of calls, today unfinished; Friday nobody called."""
    opens = today(NOW).since + timedelta(hours=8)
    async with sessions.begin() as session:
        await add_people(session)
        await keep(session, *busy_hours(opens, NOW - timedelta(minutes=8), 420, seed=7), *still_going_on(NOW))
        for back in (2, 3, 4, 5, 6):
            begins = opens - timedelta(days=back)
            await keep(session, *busy_hours(begins, begins + timedelta(hours=12), 90, seed=100 + back))
    port = free_port()
    config = uvicorn.Config(
        create_app(settings, Stopped()), host="127.0.0.1", port=port, log_level="warning", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    await asyncio.wait_for(serving, 60)


async def test_the_page_of_today_shows_what_the_api_says(log_in: LogIn) -> None:
    page = await log_in("manager")
    await page.click("nav.ways a[href='/figures']")
    await expect(page.locator("h1")).to_contain_text("شنبه ۷ آذر ۱۴۰۵")
    await expect(page.get_by_test_id("notice")).to_contain_text("تا ساعت ۱۶:۴۰")
    told = await (await page.request.get("/api/v1/figures")).json()
    persian = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
    for name in ("offered", "answered", "abandoned"):
        await expect(page.locator(f"[data-figure={name}] dd")).to_have_text(
            str(told["visits"][name]).translate(persian)
        )
    level = f"{100 * told['visits']['service_level']['value']:.1f}٪".replace(".", "٫").translate(persian)
    await expect(page.locator("[data-figure=service_level] dd")).to_have_text(level)
    await expect(page.locator("[data-figure=service_level] .note")).to_contain_text("SL4، تا ۲۰ ثانیه")
    await expect(page.get_by_test_id("half-hours").locator("tbody tr")).to_have_count(len(told["half_hours"]))
    await expect(page.get_by_test_id("queues").locator("tbody tr")).to_have_count(4)
    await expect(page.get_by_test_id("variants").locator("tbody tr")).to_have_count(6)
    drawn = await page.locator("rect[data-kind=answered]").count()
    assert drawn == sum(half["answered"] > 0 for half in told["half_hours"])


async def test_each_figure_leads_by_keyboard_to_what_it_means(log_in: LogIn) -> None:
    page = await log_in("qa", at="/figures")
    term = page.locator("[data-figure=asa] a.term")
    meaning = page.locator("#d-asa")
    assert await term.get_attribute("title") == await meaning.text_content()
    await expect(term).to_have_attribute("aria-describedby", "d-asa")
    await term.focus()
    await page.keyboard.press("Enter")
    await expect(meaning).to_be_in_viewport()
    lost = await page.locator("a.term").evaluate_all(
        "all => all.filter(one => !document.querySelector(one.hash)).length"
    )
    assert lost == 0, "a word leads to no definition"


async def test_the_chart_is_told_to_who_cannot_see_it(log_in: LogIn) -> None:
    page = await log_in("supervisor", at="/figures")
    picture = page.get_by_role("img", name="نمودار ورود به صف و سطح خدمت در هر نیم‌ساعت")
    await expect(picture).to_have_accessible_description(re.compile("بیشترین ورود: [۰-۹]+ در ۱?[۰-۹]+:[۰۳]۰"))


async def test_a_queue_is_chosen_and_its_calls_lie_behind_the_figures(log_in: LogIn) -> None:
    page = await log_in("supervisor", at="/figures?day=1405-09-05")
    await page.select_option("#queue", "insurance")
    await page.click("form button >> text=نمایش")
    await expect(page.locator("h1")).to_contain_text("بیمه و حق بیمه")
    await expect(page.get_by_test_id("queues").locator("tbody tr")).to_have_count(1)
    await page.click("text=فهرست تماس‌های این دوره")
    await expect(page.locator("#queue")).to_have_value("insurance")
    await expect(page.locator("#from")).to_have_value("۱۴۰۵/۰۹/۰۵")
    assert await page.locator("#rows tr").count() > 5


async def test_from_a_month_to_one_of_its_days(log_in: LogIn) -> None:
    page = await log_in("manager", at="/figures?month=1405-09")
    await expect(page.locator("h1")).to_contain_text("آذر ۱۴۰۵")
    await expect(page.get_by_test_id("days").locator("tbody tr")).to_have_count(7)
    await expect(page.locator("figure.chart")).to_have_count(2)
    await page.get_by_test_id("days").locator("a >> text=چهارشنبه ۴ آذر").click()
    await expect(page.locator("#period")).to_have_value("۱۴۰۵/۰۹/۰۴")
    await page.click("text=روز بعد")
    await expect(page.locator("#period")).to_have_value("۱۴۰۵/۰۹/۰۵")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("day=1405/09/06", "در این روز هیچ تماسی نرسید"),
        ("day=1405/09/08", "این روز هنوز نرسیده است"),
        ("month=1405/10", "این ماه هنوز نرسیده است"),
        ("day=1404/01/01", "پیش از نخستین تماس"),
    ],
)
async def test_a_period_without_figures_says_why(log_in: LogIn, query: str, said: str) -> None:
    page = await log_in("supervisor", at=f"/figures?{query}")
    await expect(page.get_by_test_id("notice")).to_contain_text(said)
    await expect(page.locator(".figure")).to_have_count(0)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("day=1405/13/41", "چنین روزی در تقویم نیست"),
        ("day=دیروز", "روز را به شکل ۱۴۰۵/۰۹/۰۷ بنویسید"),
        ("month=1405-9-9", "ماه را به شکل ۱۴۰۵/۰۹ بنویسید"),
        ("day=<script>alert(1)</script>", "روز را به شکل"),
        ("queue=genral", "صفی با این نام نیست"),
        ("day=1405-09-07&month=1405-09", "نه هر دو را"),
    ],
)
async def test_a_wrong_question_is_explained_in_the_language_of_the_page(log_in: LogIn, query: str, said: str) -> None:
    page = await log_in("supervisor")
    answer = await page.goto(f"/figures?{query}")
    assert answer is not None
    assert answer.status == 422
    await expect(page.get_by_role("alert")).to_contain_text(said)
    await expect(page.locator("#period")).to_be_visible()


@pytest.mark.parametrize("address", ["/figures", "/figures?month=1405-09", "/figures?day=1405-09-06"])
async def test_it_fits_a_telephone_in_both_languages(log_in: LogIn, address: str) -> None:
    page = await log_in("supervisor")
    await page.set_viewport_size({"width": 390, "height": 844})
    for language in ("fa", "en"):
        await page.goto(f"/preferences?language={language}&back=/figures")
        await page.goto(address)
        too_wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert too_wide <= 0, f"{address} in {language} is {too_wide} px too wide"


async def test_on_paper_there_are_figures_and_nothing_to_click(log_in: LogIn) -> None:
    page = await log_in("manager", at="/figures?month=1405-09")
    await page.emulate_media(media="print")
    for hidden in (".ways", ".who", ".filters", ".quick"):
        await expect(page.locator(hidden).first).to_be_hidden()
    for seen in ("h1", ".headline", "[data-testid=days]", "[data-testid=variants]", ".meanings"):
        await expect(page.locator(seen)).to_be_visible()
    ground = await page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert ground == "rgb(255, 255, 255)"
