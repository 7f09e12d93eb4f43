"""A day's staffing over the API, reckoned from real rows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import httpx2
import pytest
from sqlalchemy import func, select

from api.db.engine import Sessions
from api.db.tables import CallRecordRow, VisitRow
from api.main import create_app
from api.settings import ApiSettings
from api.staffing.half_hours import begins
from tests.integration.api.staffing.weeks_of_calls import open_days, seed_calls, seed_weeks

NOW = datetime(2026, 11, 30, 9, 40, tzinfo=UTC)
"""Monday 9 Azar 1405, 13:10 in Tehran."""
TODAY = date(2026, 11, 30)


class StoppedClock:
    def now(self) -> datetime:
        return NOW


@pytest.fixture
async def client(sessions: Sessions, settings: ApiSettings) -> AsyncIterator[httpx2.AsyncClient]:
    """A program on a line whose clock stands at `NOW`."""
    app = create_app(settings, StoppedClock())
    async with app.router.lifespan_context(app):
        transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url="http://line.test") as client:
            yield client


Ask = dict[str, str]


async def staffing(client: httpx2.AsyncClient, headers: Ask, **asked: str) -> dict:
    answer = await client.get("/api/v1/staffing", headers=headers, params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def a_visit(sessions: Sessions, at: datetime, name: str, **values: object) -> None:
    async with sessions.begin() as session:
        session.add(
            CallRecordRow(
                call_id=name, node="line1420", caller="", caller_name="", language="fa", arrived_at=at, menu_path=[],
                fallbacks=[], survey_offered=False, problems=[],
            )
        )  # fmt: skip
        await session.flush()
        told = {"queue": "general", "outcome": "abandoned", **values}
        session.add(VisitRow(call_id=name, n=1, arrived_at=at, entered_at=at, **told))


async def test_today_tells_what_is_to_come_and_what_came(
    client: httpx2.AsyncClient, sessions: Sessions, api_token_headers: Ask
) -> None:
    async with sessions.begin() as session:
        await seed_weeks(session, NOW)
    told = await staffing(client, api_token_headers)
    assert (told["day"], told["jalali"], told["when"], told["seats"]) == ("2026-11-30", "1405/09/09", "today", 16)
    rows = told["half_hours"]
    assert [row["starts_at"] for row in rows[:2]] == ["2026-11-30T04:30:00Z", "2026-11-30T05:00:00Z"]
    assert len(rows) == 24
    ended = [row for row in rows if row["ended"]]
    assert len(ended) == 10, "08:00 to 13:00; the half hour that goes on is not told"
    assert all((row["actual_calls"] is not None) == row["ended"] for row in rows)
    async with sessions() as session:
        came = await session.scalar(
            select(func.count()).where(VisitRow.entered_at >= begins(TODAY), VisitRow.entered_at < begins(TODAY, 26))
        )
    assert told["actual_calls"] == sum(row["actual_calls"] for row in ended) == came
    assert (told["forecast"]["basis"], told["forecast"]["enough"]) == ("same_weekday", True)
    assert {date.fromisoformat(day).weekday() for day in told["forecast"]["days"]} == {TODAY.weekday()}
    busy = rows[5]
    assert busy["load_erlang"] == pytest.approx(busy["forecast_calls"] * busy["handling_seconds"] / 1800, rel=0.01)
    assert busy["erlang_a"]["operators"] <= busy["erlang_c"]["operators"] <= busy["erlang_c"]["scheduled"]
    assert told["error_of_day"]["half_hours"] == 10
    assert 0 < told["error_of_day"]["wape"] < 0.2
    assert told["error_of_28_days"]["days"] >= 20
    assert 0 < told["error_of_28_days"]["wape"] < 0.2
    assert abs(told["error_of_28_days"]["bias"]) < 0.1


async def test_a_day_ahead_has_no_calls_yet_and_a_past_day_has_all(
    client: httpx2.AsyncClient, sessions: Sessions, api_token_headers: Ask
) -> None:
    async with sessions.begin() as session:
        await seed_weeks(session, NOW, weeks=3)
    ahead = await staffing(client, api_token_headers, day="۱۴۰۵/۰۹/۱۵")
    assert (ahead["when"], ahead["actual_calls"], ahead["error_of_day"]["wape"]) == ("ahead", None, None)
    assert {row["actual_calls"] for row in ahead["half_hours"]} == {None}
    past = await staffing(client, api_token_headers, day="2026-11-28")
    assert past["when"] == "past"
    assert past["forecast"]["known_until"] == "2026-11-28"
    assert all(row["ended"] for row in past["half_hours"])
    assert past["error_of_day"]["actual_calls"] == past["actual_calls"] > 500


async def test_a_forecast_of_yesterday_is_not_changed_by_what_came(
    client: httpx2.AsyncClient, sessions: Sessions, api_token_headers: Ask
) -> None:
    yesterday = TODAY - timedelta(days=1)
    async with sessions.begin() as session:
        await seed_calls(session, open_days(yesterday, 6), until=NOW)
    before = await staffing(client, api_token_headers, day=yesterday.isoformat())
    async with sessions.begin() as session:
        await seed_calls(session, [yesterday, TODAY], until=NOW, scale=4)
    after = await staffing(client, api_token_headers, day=yesterday.isoformat())
    assert after["forecast"] == before["forecast"]
    assert after["error_of_28_days"] == before["error_of_28_days"]
    assert before["actual_calls"] == 0
    assert after["error_of_day"]["bias"] < -0.5


async def test_more_than_the_seats_hold_is_told(
    client: httpx2.AsyncClient, sessions: Sessions, api_token_headers: Ask
) -> None:
    async with sessions.begin() as session:
        await seed_weeks(session, NOW, weeks=5, scale=0.5, talking=7)
    told = await staffing(client, api_token_headers, day="1405-09-10")
    busiest = max(told["half_hours"], key=lambda row: row["load_erlang"])
    assert busiest["load_erlang"] > 16
    assert busiest["erlang_c"]["exceeds_seats"]
    assert busiest["erlang_a"]["exceeds_seats"]
    assert busiest["all_seats"]["service_level_c"] == 0
    assert 0 < busiest["all_seats"]["service_level_a"] < 0.8
    quiet = min(told["half_hours"], key=lambda row: row["load_erlang"])
    assert not quiet["erlang_a"]["exceeds_seats"]


async def test_one_queue_is_its_own_calls(
    client: httpx2.AsyncClient, sessions: Sessions, api_token_headers: Ask
) -> None:
    async with sessions.begin() as session:
        await seed_weeks(session, NOW, weeks=3)
    day = "2026-11-28"
    whole = await staffing(client, api_token_headers, day=day)
    parts = [
        await staffing(client, api_token_headers, day=day, queue=queue)
        for queue in ("general", "insurance", "pensions", "treatment")
    ]
    assert sum(part["actual_calls"] for part in parts) == whole["actual_calls"]
    assert parts[1]["actual_calls"] > parts[0]["actual_calls"]


async def test_who_was_refused_wanted_an_operator_and_the_rest_after_a_talk_is_handling(
    client: httpx2.AsyncClient, sessions: Sessions, api_token_headers: Ask
) -> None:
    at = begins(TODAY - timedelta(days=7), 20) + timedelta(minutes=3)
    await a_visit(sessions, at, "c.1", outcome="refused_full")
    await a_visit(sessions, at, "c.2", outcome="answered", talked_seconds=100.0)
    told = await staffing(client, api_token_headers, day=(TODAY - timedelta(days=7)).isoformat())
    assert told["actual_calls"] == 2
    today = await staffing(client, api_token_headers)
    assert today["forecast"]["calls"] == 2
    assert {row["handling_seconds"] for row in today["half_hours"]} == {105}, "the default rest is five seconds"
    assert (today["forecast"]["enough"], len(today["forecast"]["days"])) == (False, 1)


async def test_calls_outside_of_the_hours_are_not_lost(
    client: httpx2.AsyncClient, sessions: Sessions, api_token_headers: Ask
) -> None:
    day = TODAY - timedelta(days=1)
    await a_visit(sessions, begins(day, 41) + timedelta(minutes=1), "c.1")
    told = await staffing(client, api_token_headers, day=day.isoformat())
    late = told["half_hours"][-1]
    assert (late["open"], late["actual_calls"], late["forecast_calls"]) == (False, 1, None)
    assert told["actual_calls"] == 1


async def test_a_line_without_a_past_has_no_forecast(client: httpx2.AsyncClient, api_token_headers: Ask) -> None:
    told = await staffing(client, api_token_headers, day="1405-09-10")
    assert (told["forecast"]["basis"], told["forecast"]["calls"]) == ("nothing", None)
    assert told["open"]
    assert {row["erlang_c"] for row in told["half_hours"]} == {None}


@pytest.mark.parametrize(
    ("day", "holiday"), [("1405-09-13", ""), ("1405-10-02", "ولادت امام علی")], ids=["a Friday", "a public holiday"]
)
async def test_a_closed_day_says_so(client: httpx2.AsyncClient, api_token_headers: Ask, day: str, holiday: str) -> None:
    told = await staffing(client, api_token_headers, day=day)
    assert (told["open"], told["half_hours"]) == (False, [])
    assert holiday in told["holiday"]


async def test_a_sudden_closure_is_known_at_once(
    client: httpx2.AsyncClient, settings: ApiSettings, api_token_headers: Ask
) -> None:
    closure = '[[closure]]\nfrom = 2026-12-01T10:00:00+03:30\nto = 2026-12-01T12:00:00+03:30\nreason = "برق"\n'
    (settings.var / "closures.toml").write_text(closure, encoding="utf-8")
    told = await staffing(client, api_token_headers, day="2026-12-01")
    assert len(told["half_hours"]) == 20


@pytest.mark.parametrize(
    ("asked", "field", "code"),
    [
        ({"day": "1405-13-41"}, "query.day", "day_unreadable"),
        ({"day": "tomorrow"}, "query.day", "day_unreadable"),
        ({"day": "1405-09"}, "query.day", "day_unreadable"),
        ({"day": "99999-01-01"}, "query.day", "day_unreadable"),
        ({"day": "0-0-0"}, "query.day", "day_unreadable"),
        ({"day": "2027-01-30"}, "query.day", "day_too_far"),
        ({"day": "9999-12-31"}, "query.day", "day_too_far"),
        ({"day": "1-1-1"}, "query.day", "day_too_old"),
        ({"day": "1380-01-01"}, "query.day", "day_too_old"),
        ({"day": "1405-09-09" * 9}, "query.day", "invalid"),
        ({"queue": "genral"}, "query.queue", "unknown_queue"),
        ({"queue": "'; DROP TABLE visit; --"}, "query.queue", "unknown_queue"),
    ],
)
async def test_what_cannot_be_asked_is_explained(
    client: httpx2.AsyncClient, api_token_headers: Ask, asked: Ask, field: str, code: str
) -> None:
    answer = await client.get("/api/v1/staffing", headers=api_token_headers, params=asked)
    assert answer.status_code == 422
    assert (answer.json()["error"]["field"], answer.json()["error"]["code"]) == (field, code)


async def test_the_last_day_that_may_be_asked_for_is_sixty_days_ahead(
    client: httpx2.AsyncClient, api_token_headers: Ask
) -> None:
    assert (await staffing(client, api_token_headers, day="2027-01-29"))["when"] == "ahead"
