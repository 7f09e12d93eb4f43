"""The page of call backs as a supervisor uses it: order, what comes next, cancelling, in both languages, small and large."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from playwright.async_api import Page, expect

from api.db.callback_tables import CallbackRow
from api.db.engine import Sessions
from ivr.kernel.clock import SystemClock
from ivr.kernel.tracking_code import TrackingCode

pytestmark = pytest.mark.browser
LogIn = Callable[..., Awaitable[Page]]


def code(number: int) -> str:
    return str(TrackingCode.from_number(number * 1_234_567))


def asked(number: int, ago: float, state: str, queue: str = "insurance", **more: object) -> CallbackRow:
    now = SystemClock().now().replace(microsecond=0)
    joined = now - timedelta(seconds=ago)
    return CallbackRow(
        code=code(number), number=f"+98912345670{number}", keyed=False, queue=queue, priority=0, asked_call=f"n-{number}.1",
        asked_at=joined + timedelta(seconds=40), joined_at=joined, state=state, attempt=1,
        **({"tries": 0} | more),
    )  # fmt: skip  # pyright: ignore[reportArgumentType]


@pytest.fixture
async def some(sessions: Sessions, site: str) -> None:
    now = SystemClock().now()
    async with sessions.begin() as session:
        session.add_all(
            [
                asked(1, 190, "dialling"),
                asked(2, 150, "placed"),
                asked(3, 120, "pending"),
                asked(4, 900, "retry", "pensions", tries=1, not_before=now + timedelta(minutes=11)),
                asked(5, 1800, "reached", ended_at=now - timedelta(minutes=20), ended_by="reached"),
                asked(6, 5400, "given_up", tries=3, ended_at=now - timedelta(minutes=30), ended_by="tries"),
                asked(7, 2400, "cancelled", ended_at=now - timedelta(minutes=35), ended_by="person:supervisor"),
            ]
        )


async def test_a_supervisor_reads_the_order_and_cancels_one_by_keyboard(log_in: LogIn, some: None) -> None:
    page = await log_in("supervisor")
    await page.click("nav.ways a[href='/callbacks']")
    rows = page.get_by_test_id("callbacks-insurance").locator("tbody tr")
    await expect(rows).to_have_count(3)
    assert [await row.get_attribute("data-callback") for row in await rows.all()] == [code(1), code(2), code(3)]
    await expect(rows.first).to_contain_text("در حال تماس")
    await expect(rows.first.get_by_role("button")).to_have_count(0)
    await expect(page.get_by_test_id("callbacks-pensions")).to_contain_text("نه پیش از")
    await expect(page.get_by_test_id("callbacks-off")).to_be_visible()
    button = page.get_by_test_id(f"callback-{code(3)}").get_by_role("button")
    await button.focus()
    await page.keyboard.press("Enter")
    over = page.get_by_test_id("callbacks-over")
    await expect(over.get_by_test_id(f"callback-{code(3)}")).to_contain_text("لغو به دست")
    await expect(rows).to_have_count(2)


@pytest.mark.parametrize("width", [1440, 390])
async def test_nothing_leads_sideways_and_every_table_has_heads(log_in: LogIn, some: None, width: int) -> None:
    page = await log_in("manager")
    await page.set_viewport_size({"width": width, "height": 900})
    await page.goto("/callbacks")
    overflow = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0
    for table in await page.locator("table").all():
        assert await table.locator("caption").count() == 1
        assert await table.locator("th[scope=col]").count() >= 8
    await expect(page.get_by_role("button", name="لغو")).to_have_count(0)
