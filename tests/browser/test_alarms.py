"""Alarms on the floor in a real browser: they come by themselves, one press or one key takes them, and everybody sees whose."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import select

from api.alarms.repository import CHANNEL
from api.db.alarm_tables import AlarmRow, AlarmWatchRow
from api.db.engine import Sessions
from api.db.notify import notify
from api.settings import ApiSettings
from ivr.kernel.clock import SystemClock
from tests.integration.conftest import settings as plain_settings

pytestmark = pytest.mark.browser
LogIn = Callable[..., Awaitable[Page]]
__all__ = ["plain_settings"]


@pytest.fixture
def settings(plain_settings: ApiSettings) -> ApiSettings:
    """Open at any hour: the table of a Friday would have no row to scroll to."""
    return plain_settings.model_copy(update={"clock_open": "always"})


async def looked(sessions: Sessions, *alarms: AlarmRow) -> list[int]:
    """What the worker does: a look is written down, alarms begin, word is given. The numbers of the alarms."""
    async with sessions.begin() as session:
        # the test's own looks are few: this one counts for a while
        await session.merge(AlarmWatchRow(node="line1420", looked_at=SystemClock().now() + timedelta(minutes=5)))
        session.add_all(alarms)
        await session.flush()
        await notify(session, CHANNEL, "line1420")
        return [alarm.id for alarm in alarms]


def an_alarm(kind: str = "longest_wait", queue: str = "insurance", subject: str = "", ago: float = 75) -> AlarmRow:
    began = SystemClock().now() - timedelta(seconds=ago)
    return AlarmRow(kind=kind, queue=queue, subject=subject, threshold=120, value=130, worst=130, began_at=began)


async def test_an_alarm_comes_by_itself_and_one_press_takes_it(log_in: LogIn, sessions: Sessions) -> None:
    page = await log_in("supervisor")
    strip = page.get_by_test_id("alarms")
    await expect(page.get_by_test_id("unwatched")).to_be_visible()
    await looked(sessions)
    await expect(page.get_by_test_id("unwatched")).to_be_hidden()
    await expect(strip).to_contain_text("هشداری نیست")
    [alarm] = await looked(sessions, an_alarm())
    row = page.get_by_test_id(f"alarm-{alarm}")
    await expect(row).to_contain_text("انتظار طولانی")
    await expect(row).to_have_attribute("data-taken", "no")
    await expect(page.locator("#announce")).to_contain_text("انتظار طولانی")
    first = await row.locator(".since-clock").text_content()
    await expect(row.locator(".since-clock"), "it counts up").not_to_have_text(first or "")
    await row.get_by_role("button", name="برعهده می‌گیرم").click()
    await expect(row).to_have_attribute("data-taken", "yes")
    await expect(row.get_by_test_id("owner")).to_contain_text("مریم احمدی")
    async with sessions() as session:
        assert await session.scalar(select(AlarmRow.owner)) == "person:supervisor"


async def test_f2_takes_the_alarm_that_has_waited_longest(log_in: LogIn, sessions: Sessions) -> None:
    page = await log_in("supervisor")
    young, old = await looked(sessions, an_alarm(ago=20), an_alarm("waiting", ago=90))
    await expect(page.get_by_test_id(f"alarm-{old}").locator("kbd")).to_have_text("F2")
    await page.keyboard.press("F2")
    await expect(page.get_by_test_id(f"alarm-{old}")).to_have_attribute("data-taken", "yes")
    await expect(page.get_by_test_id(f"alarm-{young}")).to_have_attribute("data-taken", "no")
    await expect(page.get_by_test_id(f"alarm-{young}").locator("kbd"), "the next one has the key").to_have_text("F2")


async def test_who_waits_at_a_button_keeps_the_focus_when_the_list_is_drawn_anew(
    log_in: LogIn, sessions: Sessions
) -> None:
    page = await log_in("supervisor")
    [alarm] = await looked(sessions, an_alarm())
    button = page.locator(f"#take-{alarm}")
    await button.focus()
    [other] = await looked(sessions, an_alarm("waiting"))
    await expect(page.get_by_test_id(f"alarm-{other}")).to_be_visible()
    await expect(button).to_be_focused()


async def test_an_operator_sees_alarms_and_takes_none(log_in: LogIn, sessions: Sessions) -> None:
    page = await log_in("operator01")
    [alarm] = await looked(sessions, an_alarm())
    await page.goto("/floor")
    await expect(page.get_by_test_id(f"alarm-{alarm}")).to_contain_text("بی‌مسئول")
    await expect(page.locator(".take")).to_have_count(0)


async def test_a_manager_changes_limits_and_a_supervisor_reads_them(log_in: LogIn) -> None:
    page = await log_in("manager", at="/floor/alarms/rules")
    field = page.locator('[name="threshold-longest_wait-insurance"]')
    await expect(field).to_have_value("۱۲۰")
    await field.fill("۹۰")
    await page.get_by_role("button", name="ذخیرهٔ حدها").click()
    await expect(page.get_by_test_id("saved")).to_contain_text("۱ حد")
    await expect(field).to_have_value("۹۰")
    await field.fill("نود")
    await page.get_by_role("button", name="ذخیرهٔ حدها").click()
    await expect(page.get_by_test_id("problems")).to_contain_text("یک عدد بنویسید")
    await expect(field).to_have_value("نود")


@pytest.mark.parametrize(("path", "strip"), [("/floor", "alarms"), ("/floor/wall", "wall-alarms")])
async def test_alarms_that_cannot_be_loaded_are_not_shown_as_those_of_now(
    page: Page, log_in: LogIn, sessions: Sessions, path: str, strip: str
) -> None:
    await page.clock.install()
    await log_in("supervisor")
    await looked(sessions)
    await page.goto(path)
    await expect(page.get_by_text("هشداری نیست")).to_be_visible()
    await page.route("**/floor/parts/*alarms", lambda route: route.abort())
    asked = page.expect_request("**/floor/parts/*alarms")
    async with asked:
        [alarm] = await looked(sessions, an_alarm())
    await expect(page.get_by_text("هشداری نیست"), "one failure is none yet").to_be_visible()
    await page.clock.fast_forward(17_000)
    await expect(page.get_by_test_id("alarms-lost")).to_be_visible()
    await expect(page.get_by_text("هشداری نیست"), "that would be read as true").to_be_hidden()
    await page.unroute("**/floor/parts/*alarms")
    await page.clock.fast_forward(10_000)
    await expect(page.get_by_test_id(strip).locator(f'[data-alarm="{alarm}"]')).to_be_visible()
    await expect(page.get_by_test_id("alarms-lost")).to_be_hidden()


async def test_today_beside_its_forecast_comes_after_the_floor_and_its_table_stays_open(
    log_in: LogIn, sessions: Sessions
) -> None:
    page = await log_in("supervisor")
    table = page.locator("#beside-table")
    await expect(page.get_by_test_id("staff")).to_contain_text("حاضر")
    await table.locator("summary").click()
    rows = page.get_by_test_id("day-table").locator("tbody tr")
    assert await rows.count() > 0
    async with page.expect_response("**/floor/parts/day"):
        await page.evaluate("document.querySelector('[data-part=day]').dataset.mark = 'old'")
    await expect(page.locator("[data-part=day]")).not_to_have_attribute("data-mark", "old")
    await expect(table).to_have_attribute("open", "")
    place = page.locator("#beside-table-rows")
    await page.evaluate("""() => { const sheet = new CSSStyleSheet(); document.adoptedStyleSheets = [sheet];
      sheet.replaceSync("#beside-table-rows { max-block-size: 6rem; overflow: auto }") }""")
    await place.evaluate("one => { one.scrollTop = 40; one.focus() }")
    async with page.expect_response("**/floor/parts/day"):
        await page.evaluate("document.querySelector('[data-part=day]').dataset.mark = 'older'")
    await expect(page.locator("[data-part=day]")).not_to_have_attribute("data-mark", "older")
    await expect(place, "who reads there goes on reading there").to_be_focused()
    assert await place.evaluate("one => one.scrollTop") == 40


async def test_older_alarms_come_below_and_the_keyboard_stays_there(log_in: LogIn, sessions: Sessions) -> None:
    page = await log_in("supervisor")
    now = SystemClock().now()
    async with sessions.begin() as session:
        for ago in range(101):
            row = an_alarm(ago=60 + ago)
            row.ended_at = now
            session.add(row)
    await page.goto("/floor/alarms")
    rows, older = page.get_by_test_id("alarms-table").locator("tbody tr"), page.locator("#older")
    for shown in (50, 100, 101):
        await expect(rows).to_have_count(shown)
        if shown > 50:
            await expect(older).to_be_focused()
        if shown < 101:
            await older.focus()
            await page.keyboard.press("Enter")
