"""The plan beside the need, in the roster and in the staffing, each through the other's port."""

from __future__ import annotations

from datetime import timedelta

import httpx2
from sqlalchemy import select

from api.access.permissions import Role
from api.access.secrets_of import hash_of
from api.db.duty_tables import AgentSkill
from api.db.engine import Sessions
from api.db.tables import ApiToken, Person
from tests.integration.api.roster.plans_of_azar import NOW, SATURDAY, M, key_of, put
from tests.integration.api.staffing.weeks_of_calls import seed_weeks

Key = dict[str, str]


async def test_the_plan_stands_beside_the_need_in_the_roster_and_in_the_staffing(
    client: httpx2.AsyncClient, supervisor: Key, sessions: Sessions
) -> None:
    async with sessions.begin() as session:
        await seed_weeks(session, NOW, weeks=6)
        skilled = await session.scalar(select(Person.id).where(Person.username == "operator02"))
        session.add(AgentSkill(person_id=skilled, queue="insurance", level=1))
    for agent in ("operator01", "operator02"):
        await put(client, supervisor, agent, SATURDAY, M)
    await put(client, supervisor, "operator03", SATURDAY, {"begins": "09:15", "ends": "11:00"})
    month = (await client.get("/api/v1/roster/months/1405-09", headers=supervisor)).json()
    coverage = {(one["day"], one["shift"]): one for one in month["coverage"]}
    saturday = coverage[str(SATURDAY), "M"]
    assert saturday["planned"] == 2
    assert len(coverage) == 2 * sum(day["weekday"] != 6 for day in month["days"])
    staffing = (await client.get(f"/api/v1/staffing?day={SATURDAY}", headers=supervisor)).json()
    half_hours = {row["starts_at"]: row for row in staffing["half_hours"]}
    morning = [row for row in staffing["half_hours"] if row["starts_at"] < "2026-12-05T10:30:00Z"]
    assert saturday["need_c"] == max(row["erlang_c"]["scheduled"] for row in morning)
    assert saturday["need_a"] == max(row["erlang_a"]["scheduled"] for row in morning)
    assert half_hours["2026-12-05T05:30:00Z"]["planned"] == 2, "09:00: the third comes in its middle"
    assert half_hours["2026-12-05T06:00:00Z"]["planned"] == 3
    assert half_hours["2026-12-05T10:30:00Z"]["planned"] == 0, "nobody in the afternoon"
    of_queue = (await client.get(f"/api/v1/staffing?day={SATURDAY}&queue=pensions", headers=supervisor)).json()
    assert of_queue["half_hours"][0]["planned"] == 1, "one of the two may serve insurance only"
    sunday = (await client.get(f"/api/v1/staffing?day={SATURDAY + timedelta(days=1)}", headers=supervisor)).json()
    assert {row["planned"] for row in sunday["half_hours"]} == {None}, "nobody is planned at all"


async def test_who_may_not_read_the_staffing_gets_no_need(client: httpx2.AsyncClient, sessions: Sessions) -> None:
    async with sessions.begin() as session:
        await seed_weeks(session, NOW, weeks=6)
        session.add(ApiToken(token_hash=hash_of("r"), name="r", scopes=["roster:read"]))
        manager = await key_of(session, Role.MANAGER)
    path = "/api/v1/roster/months/1405-09"
    token = (await client.get(path, headers={"authorization": "Bearer r"})).json()
    assert {one["need_a"] for one in token["coverage"]} == {None}
    assert any(one["need_a"] for one in (await client.get(path, headers=manager)).json()["coverage"])
