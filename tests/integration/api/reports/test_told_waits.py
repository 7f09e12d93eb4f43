"""What callers were told of their wait, beside the wait they had: by queue, day and month, and on the page."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from api.access.permissions import Role
from api.db.engine import Sessions
from tests.builders import CallStory, a_call_in_the_menu
from tests.integration.api.reports.conftest import OPENS
from tests.integration.api.reports.day import keep


def told(n: int, queue: str, seconds: int, waited: float, *, days_ago: int = 0) -> CallStory:
    at = OPENS - timedelta(days=days_ago) + timedelta(minutes=n)
    story = a_call_in_the_menu(f"line1420-{int(at.timestamp())}.{n}", at=at)
    story.milestone("estimate", queue=queue, told=str(seconds), seconds=str(seconds - 1), basis="recent").wait(2)
    return story.joins(queue).wait(waited)


def answered(story: CallStory) -> CallStory:
    return story.is_answered(1).wait(30).hangs_up_talking()


@pytest.fixture
async def told_day(sessions: Sessions) -> None:
    """Insurance: 60 s too much, 61 s too little, and one who gave up. Pensions: a tenth of a long wait too much. Nothing was
    said to one more. The day before: one, 200 s too much."""
    async with sessions.begin() as session:
        await keep(
            session,
            answered(told(1, "insurance", 120, 60)),
            answered(told(2, "insurance", 120, 181)),
            told(3, "insurance", 300, 20).hangs_up_waiting(),
            answered(told(4, "pensions", 1200, 1000)),
            answered(a_call_in_the_menu("line1420-5.1", at=OPENS + timedelta(hours=1)).joins("insurance").wait(5)),
            answered(told(6, "pensions", 300, 100, days_ago=1)),
        )


def shown(figures: dict[str, Any]) -> tuple[Any, ...]:
    waits = figures["told_waits"]
    error, bias, right = waits["mean_absolute_error"], waits["bias"], waits["right"]
    return waits["told"], error["count"], round(error["total_seconds"]), round(bias["total_seconds"]), right["part"]


async def test_each_queue_has_its_error_its_bias_and_its_share(ask: Any, told_day: None) -> None:
    day = await ask(day="1405-09-07")
    queues = {queue["queue"]: shown(queue) for queue in day["queues"]}
    assert queues["insurance"] == (3, 2, 60 + 61, 60 - 61, 1)
    assert queues["pensions"] == (1, 1, 200, 200, 1), "a fifth of the wait is within a quarter of it"
    assert queues["general"] == (0, 0, 0, 0, 0)
    assert shown(day["visits"]) == (4, 3, 321, 199, 2)
    assert day["visits"]["told_waits"]["mean_absolute_error"]["mean_seconds"] == pytest.approx(107, abs=0.1)
    assert (day["standard"]["told_tolerance_seconds"], day["standard"]["told_tolerance_share"]) == (60, 0.25)


async def test_a_month_is_the_sum_of_its_days(ask: Any, told_day: None) -> None:
    days = [shown((await ask(day=f"1405-09-{day:02d}"))["visits"]) for day in range(1, 8)]
    month = shown((await ask(month="1405-09"))["visits"])
    assert month == tuple(sum(parts) for parts in zip(*days, strict=True))
    assert month == (5, 4, 521, 399, 2)


async def test_one_queue_alone_says_the_same_of_itself(ask: Any, told_day: None) -> None:
    assert shown((await ask(day="1405-09-07", queue="insurance"))["visits"]) == (3, 2, 121, -1, 1)


@pytest.mark.parametrize(("language", "bias"), [("fa", "۰:۳۹ بیشتر"), ("en", "0:39 over")])
async def test_the_page_shows_it_and_says_nothing_where_nobody_was_told(
    sessions: Sessions, client: Any, log_in: Any, language: str, bias: str
) -> None:
    await log_in(Role.MANAGER)
    client.cookies.set("line1420_language", language)
    async with sessions.begin() as session:
        await keep(session, answered(told(1, "insurance", 120, 80.5, days_ago=20)))
    page = (await client.get("/figures", params={"day": "1405-08-17"})).text
    [table] = re.findall(r'data-testid="told-waits">.*?</table>', page, re.DOTALL)
    assert bias in table
    other = (await client.get("/figures", params={"day": "1405-08-16"})).text
    assert "told-waits" not in other
