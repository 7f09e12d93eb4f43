"""A supervisor says what an agent serves; whoever is on duty serves accordingly at once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
import pytest
from sqlalchemy import select

from api.access.permissions import Role
from api.db.engine import Sessions
from api.db.tables import AuditEntry
from api.duty.repository import open_duties
from api.duty.service import sign_in
from ivr.kernel.clock import SystemClock

LogIn = Callable[[Role], Awaitable[dict[str, Any]]]


@pytest.fixture
async def lead(client: httpx2.AsyncClient, log_in: LogIn, add_person: Callable[..., Awaitable[None]]) -> dict[str, str]:
    await add_person(Role.OPERATOR, "operator01")
    return {"X-CSRF-Token": (await log_in(Role.SUPERVISOR))["csrf"]}


async def put(
    client: httpx2.AsyncClient, lead: dict[str, str], skills: object, agent: str = "operator01"
) -> httpx2.Response:
    return await client.put(f"/api/v1/skills/{agent}", headers=lead, json={"skills": skills})


async def test_skills_are_replaced_as_a_whole_and_told_in_the_trail(
    client: httpx2.AsyncClient, lead: dict[str, str], sessions: Sessions
) -> None:
    assert (await put(client, lead, {"insurance": 1, "general": 2})).json()["skills"] == {"general": 2, "insurance": 1}
    assert (await put(client, lead, {"pensions": 3})).json()["skills"] == {"pensions": 3}
    assert (await put(client, lead, {"pensions": 3})).status_code == 200  # the same once more is no change
    assert (await client.get("/api/v1/skills")).json()[0]["skills"] == {"pensions": 3}
    async with sessions() as session:
        rows = await session.scalars(
            select(AuditEntry).where(AuditEntry.action == "skills.changed").order_by(AuditEntry.id)
        )
        told = [(row.actor, row.target, row.details) for row in rows]
    assert told == [
        ("person:supervisor", "agent:operator01", {"before": {}, "after": {"general": 2, "insurance": 1}}),
        ("person:supervisor", "agent:operator01", {"before": {"general": 2, "insurance": 1}, "after": {"pensions": 3}}),
    ]


async def test_who_is_on_duty_has_the_new_skills(
    client: httpx2.AsyncClient, lead: dict[str, str], sessions: Sessions
) -> None:
    async with sessions.begin() as session:
        await sign_in(session, "operator01", "seat01", seats=["seat01"], at=SystemClock().now(), by="system:test")
    await put(client, lead, {"insurance": 2})
    async with sessions() as session:
        assert [duty.skills for duty in await open_duties(session)] == [{"insurance": 2}]


@pytest.mark.parametrize(
    ("skills", "code"),
    [
        ({"nowhere": 1}, "no_such_queue"),
        ({"general": 4}, "no_such_level"),
        ({"general": "x"}, "invalid"),
        ([], "invalid"),
    ],
)
async def test_what_nobody_can_serve_is_refused(
    client: httpx2.AsyncClient, lead: dict[str, str], skills: object, code: str
) -> None:
    refused = await put(client, lead, skills)
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, code)


async def test_nobody_else_has_skills(client: httpx2.AsyncClient, lead: dict[str, str]) -> None:
    assert (await put(client, lead, {}, agent="supervisor")).status_code == 404
    assert (await put(client, lead, {}, agent="operator99")).status_code == 404


async def test_the_page_does_the_same(client: httpx2.AsyncClient, lead: dict[str, str]) -> None:
    form = {"csrf": lead["X-CSRF-Token"], "level-insurance": "2", "level-general": ""}
    saved = await client.post("/skills/operator01", data=form)
    assert (saved.status_code, saved.headers["location"]) == (303, "/skills?saved=operator01")
    client.cookies.set("line1420_language", "en")
    page = (await client.get("/skills?saved=operator01")).text
    assert "The skills of" in page
    assert (await client.get("/api/v1/skills")).json()[0]["skills"] == {"insurance": 2}
    odd = await client.post("/skills/operator01", data=form | {"level-general": "7"})
    assert odd.status_code == 422
