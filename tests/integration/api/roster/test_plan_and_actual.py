"""Plan beside actual over the API, from duties and pauses as they were written down; and the plan beside the need."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import httpx2
import pytest

from api.db.engine import Sessions
from tests.integration.api.roster.plans_of_azar import TODAY, A, M, add_duty, put, tehran

Key = dict[str, str]
YESTERDAY = TODAY - timedelta(days=1)
HOUR = 3600


async def day_of(client: httpx2.AsyncClient, key: Key, day: date = TODAY) -> dict[str, Any]:
    answer = await client.get(f"/api/v1/roster/days/{day}", headers=key)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_day_that_went_as_planned_and_one_that_did_not(
    client: httpx2.AsyncClient, supervisor: Key, sessions: Sessions
) -> None:
    for agent in ("operator01", "operator02", "operator03"):
        await put(client, supervisor, agent, YESTERDAY, M)
    at = lambda clock: tehran(clock, YESTERDAY)  # noqa: E731
    async with sessions.begin() as session:
        breaks = [("break", at("10:00"), at("10:15")), ("meal", at("12:00"), at("12:30"))]
        await add_duty(session, "operator01", at("08:00"), at("14:00"), breaks)
        await add_duty(session, "operator02", at("08:20"), at("13:30"), [("other", at("09:00"), at("09:30"))])
        await add_duty(session, "operator04", at("09:00"), at("09:45"))
    told = await day_of(client, supervisor, YESTERDAY)
    rows = {row["agent"]["agent"]: row for row in told["agents"]}
    assert set(rows) == {"operator01", "operator02", "operator03", "operator04"}
    assert told["free"] == []
    whole, late, absent, unplanned = (rows[f"operator{n:02d}"]["measured"] for n in (1, 2, 3, 4))
    assert (whole["adherence"]["value"], whole["conformance"]) == (1.0, 1.0)
    assert (whole["late_turns"], whole["early_turns"], whole["absent_turns"]) == (0, 0, 0)
    worked = 5 * HOUR + 10 * 60 - 30 * 60
    assert late["adherence"] == {"part": worked - 45 * 60, "whole": 6 * HOUR, "value": (worked - 45 * 60) / (6 * HOUR)}
    assert (late["worked_seconds"], late["to_work_seconds"]) == (worked, 6 * HOUR - 45 * 60)
    assert (late["late_turns"], late["late_seconds"]) == (1, 20 * 60)
    assert (late["early_turns"], late["early_seconds"]) == (1, 30 * 60)
    assert (absent["absent_turns"], absent["adherence"]["value"], absent["late_turns"]) == (1, 0.0, 0)
    assert (unplanned["adherence"]["value"], unplanned["unplanned_seconds"]) == (None, 45 * 60)
    assert [(one["state"], one["cause"]) for one in rows["operator02"]["seen"]] == [
        ("working", ""), ("away", "other"), ("working", ""),
    ]  # fmt: skip
    everybody = told["measured"]
    assert everybody["adherence"]["part"] == sum(row["measured"]["adherence"]["part"] for row in told["agents"])
    month = (await client.get("/api/v1/roster/months/1405-09", headers=supervisor)).json()
    assert month["measured"] == everybody, "nothing else happened in this month"
    assert {one["agent"]: one["measured"] for one in month["totals"]} == {a: r["measured"] for a, r in rows.items()}


async def test_today_is_measured_up_to_now_and_an_open_duty_goes_on(
    client: httpx2.AsyncClient, supervisor: Key, sessions: Sessions
) -> None:
    """It is 13:10."""
    for agent, turn in (("operator01", M), ("operator02", M), ("operator03", A)):
        await put(client, supervisor, agent, TODAY, turn)
    async with sessions.begin() as session:
        await add_duty(session, "operator01", tehran("08:00"), None, [("meal", tehran("13:00"), None)])
    rows = {row["agent"]["agent"]: row for row in (await day_of(client, supervisor))["agents"]}
    assert rows["operator01"]["measured"]["adherence"]["whole"] == 5 * HOUR + 10 * 60
    assert rows["operator01"]["seen"][-1]["cause"] == "meal"
    assert rows["operator01"]["measured"]["early_turns"] == 0
    assert rows["operator02"]["measured"]["late_seconds"] == 5 * HOUR + 10 * 60, "so far"
    assert rows["operator02"]["measured"]["absent_turns"] == 0, "not yet"
    assert rows["operator03"]["measured"]["adherence"]["whole"] == 0, "the afternoon has not begun"


async def test_a_night_counts_on_both_days_and_its_coming_and_going_once(
    client: httpx2.AsyncClient, supervisor: Key, sessions: Sessions
) -> None:
    await put(client, supervisor, "operator01", YESTERDAY, {"begins": "22:00", "ends": "06:00"})
    async with sessions.begin() as session:
        await add_duty(session, "operator01", tehran("22:10", YESTERDAY), tehran("05:00"))
    first, second = await day_of(client, supervisor, YESTERDAY), await day_of(client, supervisor)
    assert [told["measured"]["adherence"]["whole"] for told in (first, second)] == [2 * HOUR, 6 * HOUR]
    assert (first["measured"]["late_seconds"], first["measured"]["early_seconds"]) == (600, HOUR)
    assert (second["measured"]["late_turns"], second["measured"]["early_turns"]) == (0, 0)
    month = (await client.get("/api/v1/roster/months/1405-09", headers=supervisor)).json()["measured"]
    assert month["adherence"]["part"] == sum(told["measured"]["adherence"]["part"] for told in (first, second))


@pytest.mark.parametrize("path", ["/roster", "/roster?month=1405-09", f"/roster/day/{YESTERDAY}"])
@pytest.mark.parametrize("language", ["fa", "en"])
async def test_the_pages_say_the_same(
    client: httpx2.AsyncClient, supervisor: Key, sessions: Sessions, path: str, language: str
) -> None:
    await put(client, supervisor, "operator02", YESTERDAY, M)
    at = lambda clock: tehran(clock, YESTERDAY)  # noqa: E731
    async with sessions.begin() as session:
        await add_duty(session, "operator02", at("08:20"), at("13:30"), [("meal", at("12:00"), at("12:30"))])
    headers = {**supervisor, "cookie": f"{supervisor['cookie']}; line1420_language={language}"}
    page = await client.get(path, headers=headers)
    assert page.status_code == 200
    share = (await day_of(client, supervisor, YESTERDAY))["measured"]["adherence"]["value"]
    assert (f"{100 * share:.1f}%" if language == "en" else "٪") in page.text
