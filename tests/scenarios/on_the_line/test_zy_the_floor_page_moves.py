"""A supervisor watches the floor in a browser while callers come; then the listener dies and the page says so."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.line import Line
from tests.patience import quickest
from tests.scenarios.on_the_line.callers import eventually, scenario

pytestmark = [pytest.mark.line, pytest.mark.browser]

CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def floor(line: Line) -> Iterator[Page]:
    """The floor page, signed in as supervisor."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium-headless-shell", args=CHROMIUM)
        page = browser.new_page(viewport={"width": 1440, "height": 900}, locale="fa-IR")
        page.goto(f"{line.web}/login")
        page.fill("input[name=username]", "supervisor")
        page.fill("input[name=password]", line.password("supervisor"))
        page.press("input[name=password]", "Enter")
        page.goto(f"{line.web}/floor")
        expect(page.get_by_test_id("age")).to_be_visible()
        yield page
        browser.close()


def test_a_waiting_caller_is_on_the_page_within_a_second(line: Line, floor: Page, tmp_path: Path) -> None:
    with scenario(line, tmp_path) as play:
        play.operator("seat01", talk_seconds=None)
        expect(floor.get_by_test_id("seat-seat01")).to_have_attribute("data-state", "available", timeout=60_000)
        first = play.caller("02166000001").pause(2.5).press("1").pause(1).press("1").pause(300).hang_up()
        first.dial(limit_seconds=320)
        expect(floor.get_by_test_id("seat-seat01")).to_have_attribute("data-state", "talking", timeout=60_000)
        numbers = iter(f"021660001{n:02}" for n in range(10))

        def seconds_to_the_page() -> float:
            second = play.caller(next(numbers)).pause(2.5).press("1").pause(1).press("3").pause(60).hang_up()
            log = line.var / "asterisk" / "log" / "queue_log"
            rows = len(log.read_text().splitlines())
            second.dial()
            eventually(
                lambda: any("q-treatment|NONE|ENTERQUEUE" in row for row in log.read_text().splitlines()[rows:]),
                seconds=60,
                what="the second caller has joined",
            )
            joined = time.monotonic()
            floor.wait_for_selector('[data-testid="queue-treatment"] [data-testid^="waiting-"]', timeout=30_000)
            took = time.monotonic() - joined
            play.hang_up(second)
            expect(floor.locator('[data-testid^="waiting-"]')).to_have_count(0, timeout=30_000)
            return took

        assert quickest(seconds_to_the_page, 1.0) < 1.0
        play.hang_up(first)


def test_the_page_says_stale_when_the_listener_is_dead_and_recovers(line: Line, floor: Page) -> None:
    expect(floor.get_by_test_id("stale-banner")).to_be_hidden()
    line.supervision.stop("listener")
    try:
        expect(floor.get_by_test_id("stale-banner")).to_be_visible(timeout=20_000)
    finally:
        line.supervision.start("listener")
    expect(floor.get_by_test_id("stale-banner")).to_be_hidden(timeout=60_000)
