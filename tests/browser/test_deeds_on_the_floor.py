"""Deeds of who leads the floor, in a real browser: callers moved from a dialog, talks heard, queues closed, callers told."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect
from pydantic import SecretStr

from api.db.engine import Sessions
from api.settings import ApiSettings
from tests.browser.seated import the_board_says
from tests.fakes.asterisk_floor import Entry, FloorAmi
from tests.integration.conftest import settings as plain_settings
from tests.sounds import tone, wav_bytes

pytestmark = pytest.mark.browser
LogIn = Callable[..., Awaitable[Page]]
FIRST, SECOND, TALK = "line1420-5.1", "line1420-5.2", "line1420-5.3"
WAITING = {"insurance": [(FIRST, 95), (SECOND, 12)]}
__all__ = ["plain_settings"]


@pytest.fixture
async def asterisk() -> AsyncIterator[FloorAmi]:
    fake = FloorAmi(queues={"insurance": [Entry.joined(FIRST, 95), Entry.joined(SECOND, 12)]})
    fake.talks("seat01", TALK)
    async with fake:
        yield fake


@pytest.fixture
def settings(plain_settings: ApiSettings, asterisk: FloorAmi) -> ApiSettings:
    return plain_settings.model_copy(
        update={
            "ami_port": asterisk.port,
            "ami_lead_secret": SecretStr(asterisk.secret),
            "clock_open": "always",
        }
    )


async def the_board(sessions: Sessions) -> None:
    await the_board_says(sessions, 1, WAITING, state="talking", call_id=TALK, queue="general")


async def test_a_caller_is_moved_by_keyboard_from_a_dialog(
    log_in: LogIn, sessions: Sessions, asterisk: FloorAmi
) -> None:
    await the_board(sessions)
    page = await log_in("supervisor")
    await the_board(sessions)
    more = page.get_by_test_id(f"waiting-{SECOND}").locator(".row-more")
    prio = asterisk.queues["insurance"][1].priority
    await expect(more).to_have_attribute("aria-label", "کارهای نفر ۲")
    await more.focus()
    await page.keyboard.press("Enter")
    dialog = page.locator("#deeds")
    await expect(dialog).to_be_visible()
    await expect(dialog).to_contain_text("نفر ۲ در صف بیمه")
    await page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    await expect(more).to_be_focused()
    await page.keyboard.press("Enter")
    await dialog.get_by_label("جابه‌جایی به صف").select_option("pensions")
    await dialog.get_by_role("button", name="جابه‌جایی").press("Enter")
    await expect(dialog).to_be_hidden()
    await expect(page.locator("#announce")).to_have_text("انجام شد")
    assert [said["WithdrawInfo"] for said in asterisk.said] == [f"move,pensions,{prio}"]
    await more.click()
    await dialog.get_by_role("button", name="بردن به سر صف").click()
    await expect(page.locator("#refusal")).to_contain_text("دیگر در انتظار نیست")
    await expect(dialog).to_be_hidden()


async def test_a_row_that_comes_later_has_its_deeds_too(log_in: LogIn, sessions: Sessions) -> None:
    page = await log_in("supervisor")
    await expect(page.locator(".row-more")).to_have_count(0)
    await the_board(sessions)
    await expect(page.locator(".row-more svg")).to_have_count(2)
    await page.get_by_test_id(f"waiting-{FIRST}").locator(".row-more").click()
    await expect(page.get_by_test_id("caller-deeds")).to_be_visible()


async def test_who_does_not_lead_sees_no_deeds(log_in: LogIn, sessions: Sessions) -> None:
    await the_board(sessions)
    page = await log_in("manager")
    await expect(page.get_by_test_id(f"waiting-{FIRST}")).to_be_visible()
    await expect(page.locator(".row-more")).to_have_count(0)
    await expect(page.locator("a[href='/emergency']")).to_have_count(0)


async def test_a_talk_is_heard_muted_first_and_every_supervisor_sees_it(
    log_in: LogIn, sessions: Sessions, asterisk: FloorAmi
) -> None:
    await the_board(sessions)
    page = await log_in("supervisor")
    await the_board(sessions)
    menu, dialog = page.get_by_test_id("menu-seat01"), page.locator("#deeds")
    await menu.locator("summary").click()
    await menu.get_by_text("شنود گفت‌وگو").click()
    await expect(dialog).to_contain_text("اپراتور در میز خود آگاه می‌شود")
    await expect(dialog.get_by_role("button", name=re.compile("نجوا|ورود به گفت‌وگو"))).to_have_count(0)
    await dialog.get_by_label("تلفن من").select_option("seat13")
    await dialog.get_by_role("button", name="شنیدن").click()
    await expect(dialog).to_be_hidden()
    assert [said["Channel"] for said in asterisk.said] == ["PJSIP/seat13"]
    asterisk.hears("seat13", "seat01", TALK, "supervisor")
    strip = page.get_by_test_id("under-way-listening")
    await expect(strip).to_contain_text("گفت‌وگوی جایگاه ۱ را می‌شنود", timeout=15_000)
    await the_board(sessions)
    await strip.get_by_role("link").click()
    await expect(page.get_by_test_id("hearing-deeds")).to_have_attribute("data-mode", "listen")
    await dialog.get_by_role("button", name="نجوا با اپراتور").click()
    await expect(strip).to_contain_text("نجوا می‌کند", timeout=15_000)
    assert asterisk.said[-1]["Exten"] == "whisper"


async def test_callers_are_told_something_and_a_queue_is_closed(
    log_in: LogIn, sessions: Sessions, tmp_path: Path
) -> None:
    sound = tmp_path / "told.wav"
    sound.write_bytes(wav_bytes(tone(3.0)))
    page = await log_in("supervisor", at="/emergency")
    await expect(page.locator(".file-name")).to_have_text("فایلی انتخاب نشده است")
    await page.set_input_files("#sound", sound)
    await expect(page.locator(".file-name")).to_have_text(sound.name)
    await page.fill("#text", "به علت قطع برق پاسخ‌گویی با تأخیر انجام می‌شود.")
    await page.get_by_role("button", name="پخش برای تماس‌گیرندگان").click()
    await expect(page.get_by_test_id("announcements")).to_contain_text("قطع برق")
    await page.select_option("#section", "treatment")
    await page.fill("#reason", "آتش‌سوزی")
    await page.get_by_role("button", name="ثبت").click()
    await expect(page.get_by_test_id("closings")).to_contain_text("آتش‌سوزی")
    await page.goto("/floor")
    await expect(page.get_by_test_id("under-way-announcement")).to_contain_text("همهٔ خط")
    await expect(page.get_by_test_id("under-way-closure")).to_contain_text("آتش‌سوزی")
    await expect(page.get_by_test_id("queue-treatment").locator(".queue-shut")).to_be_visible()
    link = page.get_by_test_id("under-way-closure").locator("a")
    await link.focus()
    for _ in range(2):  # the first look puts in what came with the page, the second finds it as it stands
        async with page.expect_response("**/floor/under-way"):
            await page.evaluate("htmx.trigger(document.getElementById('under-way'), 'look')")
        await expect(link, "it is drawn again under the keyboard").to_be_focused()
    await page.goto("/emergency")
    await page.get_by_role("button", name="پایان پخش").click()
    await page.get_by_role("button", name="بازکردن اکنون").click()
    await expect(page.locator(".acts li[data-runs=yes]")).to_have_count(0)


async def test_all_of_it_works_without_javascript(
    log_in: LogIn, browser: Browser, site: str, sessions: Sessions, asterisk: FloorAmi
) -> None:
    page = await log_in("supervisor")
    plain = await browser.new_context(
        base_url=site, java_script_enabled=False, storage_state=await page.context.storage_state()
    )
    still = await plain.new_page()
    await the_board(sessions)
    await still.goto("/floor")
    await still.get_by_test_id(f"waiting-{FIRST}").locator(".row-more").click()
    await still.get_by_role("button", name="بردن به سر صف").click()
    await expect(still).to_have_url(re.compile("/floor$"))
    assert [said["Action"] for said in asterisk.said] == ["QueueChangePriorityCaller"]
    await plain.close()
