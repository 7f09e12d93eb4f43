"""Callers who call themselves something hostile, on every page where they stand: nothing runs, nothing is turned around.

The rows are as the worst reader could have left them, not as ours does: the pages must not lean on what was cleaned before.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from playwright.async_api import Page
from sqlalchemy import update

from api.db.engine import Sessions
from api.db.tables import CallRecordRow, CaseRow
from ivr.kernel.clock import SystemClock
from ivr.kernel.persian_text import clean
from tests.browser.day import ANSWERED, COMPLAINT, board_json, publish

pytestmark = pytest.mark.browser

SCRIPTS = (
    "<script>window.ran = 1</script><img src=x onerror='window.ran = 1'><svg onload='window.ran = 1'>"
    "\"'><a href=\"javascript:window.ran=1\" autofocus onfocus=window.ran=1>x</a>{{constructor.constructor('window.ran=1')()}}"
    "</textarea></title></style><iframe srcdoc='<script>parent.ran=1</script>'></iframe>&lt;script&gt;window.ran=1&lt;/script&gt;"
)
ODD = '=HYPERLINK("http://evil.example","x") @SUM(1) ${7*7} {{7*7}} \u202egnp.exe\u2066 \u200b \x1b[31m ../../etc/passwd\u2028 \'; DROP TABLE x; --'
PAGES = (
    "/calls",
    f"/calls/{ANSWERED}",
    "/cases",
    f"/cases/{COMPLAINT}",
    "/floor",
    f"/calls?caller={'%3Cscript%3E'}",
    "/calls?queue=%3Csvg%2Fonload%3D1%3E",
)

LogIn = Callable[..., Awaitable[Page]]


@pytest.mark.parametrize("hostile", [SCRIPTS, ODD], ids=["scripts", "formulas and marks"])
async def test_no_page_runs_or_shows_more_than_text(log_in: LogIn, sessions: Sessions, hostile: str) -> None:
    text = hostile.replace("\0", "")
    written = clean(text)  # answers and the board hold text that was cleaned when it was written
    async with sessions.begin() as session:
        await session.execute(update(CallRecordRow).values(caller=text, caller_name=text, problems=[f"alarm:{text}"]))
        await session.execute(update(CaseRow).values(caller=text, details={"answer": written, "taken_by": written}))
        now = SystemClock().now()
        board = board_json(now, waiting={"general": [(ANSWERED, 5)]})
        board["queues"][0]["waiting"][0]["caller_masked"] = written
        board["seats"][0]["agent"] = written
        await publish(session, board, now + timedelta(seconds=1))
    asked: list[str] = []
    page = await log_in("supervisor")
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: asked.append(f"dialog: {dialog.message}"))
    for address in PAGES:
        answer = await page.goto(address)
        assert answer is not None
        assert answer.status < 500, address
        await page.wait_for_timeout(150)
        assert await page.evaluate("window.ran") is None, f"{address} ran what a caller wrote"
        strangers = await page.evaluate(
            "document.querySelectorAll('main iframe, main img, main [onerror], main [onload], main [onfocus]').length"
        )
        assert strangers == 0, f"{address} made elements of what a caller wrote"
        links = await page.evaluate("[...document.querySelectorAll('a')].map(a => a.href)")
        assert not [link for link in links if link.startswith("javascript:") or "evil.example" in link.split("?")[0]], (
            address
        )
        shown = await page.inner_text("main")
        assert not set(shown) & set("\u202a\u202b\u202d\u202e"), f"{address} lets a caller turn the line around"
    assert not [url for url in asked if "evil.example" in url or url.startswith("dialog")]
