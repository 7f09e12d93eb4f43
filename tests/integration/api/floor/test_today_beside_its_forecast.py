"""Today beside its forecast: the same forecast as the staffing's, the same counts as the report's, reckoned once for all."""

from __future__ import annotations

import asyncio
import html
import json
import re
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from api.access.permissions import Role, permissions_of_role
from api.access.principal import Principal
from api.alarms.standing import AlarmsFromRows, Standing
from api.db.engine import Sessions
from api.floor.beside import FORETELL_AGAIN, RECKON_AGAIN, Beside
from api.floor.opening import Opening
from api.floor.ports import ForetoldHalfHour
from api.floor.today import count_today
from api.main import create_app
from api.roster.planned import PlannedFromRoster
from api.settings import ApiSettings
from api.staffing.foretold import ForetoldToday
from tests.builders import a_call_in_the_menu
from tests.integration.api.reports.day import at_their_seats, keep
from tests.integration.api.staffing.test_reading_the_staffing import NOW, StoppedClock
from tests.integration.api.staffing.weeks_of_calls import seed_weeks
from tests.integration.conftest import PASSWORD

Headers = dict[str, str]


@pytest.fixture
async def client(sessions: Sessions, settings: ApiSettings) -> AsyncIterator[httpx2.AsyncClient]:
    app = create_app(settings, StoppedClock())
    async with app.router.lifespan_context(app):
        transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url="http://line.test") as client:
            yield client


async def test_the_floor_tells_the_staffings_forecast_and_the_reports_calls(
    client: httpx2.AsyncClient, sessions: Sessions, api_token_headers: Headers
) -> None:
    async with sessions.begin() as session:
        await seed_weeks(session, NOW, weeks=3)
        await at_their_seats(session, NOW - timedelta(hours=5), NOW)

    async def ask(path: str) -> Any:
        return (await client.get(path, headers=api_token_headers)).json()

    day, staffing, figures = await ask("/api/v1/board/day"), await ask("/api/v1/staffing"), await ask("/api/v1/figures")
    halves = {half["starts_at"]: half for half in day["half_hours"]}
    assert [half["starts_at"] for half in staffing["half_hours"]] == list(halves)
    for half in staffing["half_hours"]:
        mine = halves[half["starts_at"]]
        assert (mine["forecast"], mine["planned"], mine["open"]) == (
            half["forecast_calls"],
            half["planned"],
            half["open"],
        )
        assert mine["need"] == half["erlang_a"]["scheduled"]
        assert mine["need_by_c"] == half["erlang_c"]["scheduled"]
    begun = [half for half in day["half_hours"] if half["offered"] is not None]
    assert [(half["offered"], half["answered"]) for half in begun] == [
        (half["offered"], half["answered"]) for half in figures["half_hours"]
    ]
    [going_on] = [half for half in day["half_hours"] if half["going_on"]]
    assert going_on["starts_at"] == "2026-11-30T09:30:00Z"
    assert day["offered_so_far"] == sum(half["offered"] for half in begun) - going_on["offered"]
    assert day["forecast_so_far"] == pytest.approx(
        sum(half["forecast_calls"] for half in staffing["half_hours"] if half["ended"]), abs=0.06
    )
    assert 8 <= going_on["present"] < 12, "the eight who are still there, and some who left a moment ago"
    assert (await ask("/api/v1/board"))["day_mark"] == day["mark"]


async def test_how_busy_a_colleague_was_is_told_to_who_may_read_figures(
    sessions: Sessions, settings: ApiSettings, add_person: Any
) -> None:
    async with sessions.begin() as session:
        await at_their_seats(session, NOW - timedelta(hours=5), NOW)
    app = create_app(settings, StoppedClock())
    told: dict[Role, list[int]] = {}
    async with app.router.lifespan_context(app):
        for role in (Role.OPERATOR, Role.SUPERVISOR, Role.QA):
            transport = httpx2.ASGITransport(app=app)
            async with httpx2.AsyncClient(transport=transport, base_url="http://line.test") as one:
                await add_person(role)
                await one.post("/login", data={"username": role.value, "password": PASSWORD})
                shown = [(await one.get("/api/v1/board")).json()]
                for page in ("/floor", "/floor/wall"):
                    [text] = re.findall(r'data-board="([^"]*)"', (await one.get(page)).text)
                    shown.append(json.loads(html.unescape(text)))
                may = permissions_of_role(role)
                principal = Principal(f"person:{role.value}", "", "", role, may, None, "test")
                shown.append(json.loads(app.state.board_feed.text(principal)))
                assert all(board["today"]["occupancy"]["whole"] > 0 for board in shown), (
                    "of all together everybody is told"
                )
                told[role] = [len(board["today"]["occupancy_of_agents"]) for board in shown]
    assert set(told[Role.OPERATOR]) == {0}
    assert min(*told[Role.SUPERVISOR], *told[Role.QA]) > 8


class CountedForecast:
    """The staffing's own, and how often it was asked."""

    def __init__(self, settings: ApiSettings) -> None:
        self.asked = 0
        opening = Opening.of(settings)
        self._foretold = ForetoldToday(settings, opening, PlannedFromRoster)

    async def of_today(self, session: AsyncSession, now: datetime) -> Sequence[ForetoldHalfHour]:
        self.asked += 1
        return await self._foretold.of_today(session, now)


async def test_fifty_pages_that_ask_at_once_are_answered_by_one_reckoning(
    sessions: Sessions, settings: ApiSettings
) -> None:
    foretold = CountedForecast(settings)
    beside = Beside(foretold, AlarmsFromRows())
    async with sessions() as session:
        today = await count_today(session, NOW)
        days = await asyncio.gather(*(beside.day(session, today, 3, NOW) for _ in range(50)))
    assert foretold.asked == 1
    assert all(day is days[0] for day in days)


async def test_the_forecast_is_asked_for_again_after_a_while_and_the_counts_at_once(
    sessions: Sessions, settings: ApiSettings
) -> None:
    foretold = CountedForecast(settings)
    beside = Beside(foretold, AlarmsFromRows())
    async with sessions() as session:
        today = await count_today(session, NOW)
        first = await beside.day(session, today, 3, NOW)
        assert await beside.day(session, today, 4, NOW + RECKON_AGAIN / 2) is first
        assert await beside.day(session, await count_today(session, NOW), 4, NOW + RECKON_AGAIN / 2) is first
        story = a_call_in_the_menu("line1420-5000.1", at=NOW - timedelta(minutes=3)).joins("general").hangs_up_waiting()
        await keep(session, story)
        other = await count_today(session, NOW)
        assert (await beside.day(session, other, 4, NOW + RECKON_AGAIN / 2)).here == 4, "who came is told at once"
        assert foretold.asked == 1
        await beside.day(session, other, 4, NOW + FORETELL_AGAIN)
        assert foretold.asked == 2


async def test_a_slow_reading_of_alarms_does_not_replace_a_later_one(sessions: Sessions, settings: ApiSettings) -> None:
    slow, quick = asyncio.Event(), asyncio.Event()
    quick.set()
    readings = iter([(Standing("old", 1, 1, NOW), slow), (Standing("new", 0, 0, NOW), quick)])

    class Alarms:
        async def now(self, session: AsyncSession) -> Standing:
            read, may_answer = next(readings)
            await may_answer.wait()
            return read

    beside = Beside(CountedForecast(settings), Alarms())
    async with sessions() as session:
        first = asyncio.create_task(beside.read_alarms(session))
        await asyncio.sleep(0)
        assert await beside.read_alarms(session)
        slow.set()
        assert not await first
    told = beside.alarms_at(NOW)
    assert told is not None
    assert told.mark == "new"


async def test_a_new_day_has_its_own_forecast(sessions: Sessions, settings: ApiSettings) -> None:
    foretold = CountedForecast(settings)
    beside = Beside(foretold, AlarmsFromRows())
    async with sessions() as session:
        midnight = (await count_today(session, NOW)).since + timedelta(days=1)
        await beside.day(
            session, await count_today(session, midnight - timedelta(seconds=1)), 0, midnight - timedelta(seconds=1)
        )
        await beside.day(session, await count_today(session, midnight), 0, midnight)
    assert foretold.asked == 2
