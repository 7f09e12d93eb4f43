"""Skills, numbers and PINs over the API: what changes, what is refused, what stands in the trail. PostgreSQL, no Asterisk."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from sqlalchemy import select, text, update

from api.access.permissions import Role
from api.access.secrets_of import password_fits
from api.db.duty_tables import Agent, AgentSkill, DutyRow
from api.db.engine import Sessions
from api.db.metadata import METADATA
from api.db.tables import AuditEntry, Person
from api.duty.pin_tries import FROM_STRANGE_SEATS
from api.duty.pins import check_pin
from api.duty.repository import open_row
from api.duty.service import sign_in, sign_out
from ivr.kernel.clock import SystemClock
from routing.seats import seat_names
from tests.fakes.recordings import StillClock
from tests.integration.conftest import PASSWORD

NOW = SystemClock().now()
AGENT = "/api/v1/agents/operator03"
Ask = Callable[..., Awaitable[httpx2.Response]]


@pytest.fixture
async def ask(client: httpx2.AsyncClient, log_in: Any, add_person: Any) -> Ask:
    """`await ask("PUT", AGENT + "/skills", skills={…})` as a supervisor; operator03 and operator04 are there."""
    for username in ("operator03", "operator04"):
        await add_person(Role.OPERATOR, username)
    me = await log_in(Role.SUPERVISOR)

    async def request(method: str, path: str, **body: Any) -> httpx2.Response:
        headers = {"x-csrf-token": me["csrf"]}
        return await client.request(method, path, headers=headers, json=body or None)

    return request


async def trail(sessions: Sessions, action: str) -> list[dict[str, Any]]:
    async with sessions() as session:
        query = select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.id)
        return [{"by": one.actor, "of": one.target, **one.details} for one in await session.scalars(query)]


def code(answer: httpx2.Response) -> str:
    return answer.json()["error"]["code"]


async def test_skills_are_changed_and_told_with_before_and_after(ask: Ask, sessions: Sessions) -> None:
    assert (await ask("GET", AGENT)).json()["skills"] == []
    changed = await ask("PUT", AGENT + "/skills", skills={"insurance": 1, "general": 2})
    skills = [{"queue": "general", "level": 2}, {"queue": "insurance", "level": 1}]
    assert (changed.status_code, changed.json()["skills"]) == (200, skills)
    assert (await ask("PUT", AGENT + "/skills", skills={"general": 2, "insurance": 1})).status_code == 200
    every = {"general": 1, "insurance": 1, "pensions": 1, "treatment": 1}
    assert (await ask("PUT", AGENT + "/skills", skills=every)).json()["skills"] == []
    told = {"by": "person:supervisor", "of": "agent:operator03"}
    assert await trail(sessions, "agent.skills_changed") == [
        told | {"before": every, "after": {"general": 2, "insurance": 1}},
        told | {"before": {"general": 2, "insurance": 1}, "after": every},
    ], "saying the same again is no change"


async def test_two_supervisors_do_not_overwrite_each_other_s_skills(ask: Ask) -> None:
    every = {"general": 1, "insurance": 1, "pensions": 1, "treatment": 1}
    first = await ask("PUT", AGENT + "/skills", skills={"insurance": 1}, expected=every)
    assert first.status_code == 200
    late = await ask("PUT", AGENT + "/skills", skills={"general": 1}, expected=every)
    assert (late.status_code, code(late)) == (409, "skills_moved_on")
    assert (await ask("GET", AGENT)).json()["skills"] == [{"queue": "insurance", "level": 1}]
    assert (await ask("PUT", AGENT + "/skills", skills={"general": 1})).status_code == 200, "who expects nothing may"


async def test_two_supervisors_do_not_overwrite_each_other_s_number(ask: Ask, sessions: Sessions) -> None:
    assert (await ask("PUT", AGENT + "/number", number="103", expected="")).status_code == 200
    late = await ask("PUT", AGENT + "/number", number="105", expected="")
    assert (late.status_code, code(late)) == (409, "number_moved_on")
    assert (await ask("PUT", AGENT + "/number", number="103", expected="")).status_code == 200, "both want the same"
    assert (await ask("GET", AGENT)).json()["number"] == "103"
    assert (await ask("PUT", AGENT + "/number", number=None, expected="103")).status_code == 200
    assert (await ask("PUT", AGENT + "/number", number="106")).status_code == 200, "who expects nothing may"
    assert [row["after"] for row in await trail(sessions, "agent.number_changed")] == ["103", None, "106"]


@pytest.mark.parametrize(
    ("path", "body", "status", "refused"),
    [
        ("/skills", {"skills": {}}, 422, "skills_none"),
        ("/skills", {"skills": {"housing": 1}}, 422, "unknown_queue"),
        ("/skills", {"skills": {"general": 9}}, 422, "skill_level"),
        ("/number", {"number": "12"}, 422, "number_form"),
        ("/number", {"number": "1234567"}, 422, "number_form"),
        ("/number", {"number": "۱۰۳"}, 422, "number_form"),
        ("/number", {"number": "10\n3"}, 422, "number_form"),
        ("/number", {"number": "104"}, 409, "number_taken"),
    ],
)
async def test_what_cannot_be_is_refused_and_changes_nothing(
    ask: Ask, sessions: Sessions, path: str, body: dict[str, Any], status: int, refused: str
) -> None:
    assert (await ask("PUT", "/api/v1/agents/operator04/number", number="104")).status_code == 200
    before = (await ask("GET", AGENT)).json()
    answer = await ask("PUT", AGENT + path, **body)
    assert (answer.status_code, code(answer)) == (status, refused)
    assert (await ask("GET", AGENT)).json() == before
    assert await trail(sessions, "agent.skills_changed") == []


@pytest.mark.parametrize("who", ["nobody", "supervisor", "operator99"])
async def test_who_is_no_operator_has_neither_skills_nor_pin(ask: Ask, who: str) -> None:
    for method, path, body in (
        ("GET", "", {}),
        ("PUT", "/skills", {"skills": {"general": 1}}),
        ("PUT", "/number", {"number": "107"}),
        ("POST", "/pin", {}),
    ):
        answer = await ask(method, f"/api/v1/agents/{who}{path}", **body)
        assert (answer.status_code, code(answer)) == (404, "agent_unknown")


async def test_a_pin_is_told_once_and_kept_nowhere_readable(ask: Ask, sessions: Sessions) -> None:
    assert code(await ask("POST", AGENT + "/pin")) == "number_missing"
    await ask("PUT", AGENT + "/number", number="103")
    first, second = [(await ask("POST", AGENT + "/pin")).json()["pin"] for _ in range(2)]
    assert first != second
    check_pin(second, "103")
    assert (await ask("GET", AGENT)).json()["pin_set"] is True
    async with sessions() as session:
        stored = await session.scalar(select(Agent.pin_hash))
        assert await password_fits(second, stored)
        assert not await password_fits(first, stored)
        for table in METADATA.sorted_tables:
            for row in await session.execute(text(f'SELECT CAST("{table.name}" AS text) FROM "{table.name}"')):
                assert first not in row[0], table.name
                assert second not in row[0], table.name
    told = {"by": "person:supervisor", "of": "agent:operator03", "after": "set"}
    assert await trail(sessions, "agent.pin_set") == [told | {"before": "none"}, told | {"before": "set"}]


async def test_another_number_needs_another_pin(ask: Ask, sessions: Sessions) -> None:
    await ask("PUT", AGENT + "/number", number="103")
    await ask("POST", AGENT + "/pin")
    assert (await ask("PUT", AGENT + "/number", number="103")).json()["pin_set"] is True
    assert (await ask("PUT", AGENT + "/number", number="203")).json()["pin_set"] is False
    assert (await ask("PUT", AGENT + "/number", number=None)).status_code == 200
    assert (await ask("GET", AGENT)).json()["number"] is None
    assert [(one["before"], one["after"]) for one in await trail(sessions, "agent.number_changed")] == [
        (None, "103"),
        ("103", "203"),
        ("203", None),
    ]


async def test_who_was_kept_out_by_wrong_tries_signs_in_with_the_new_pin_at_once(
    ask: Ask, app: FastAPI, client: httpx2.AsyncClient, door_token_headers: dict[str, str]
) -> None:
    app.state.clock = clock = StillClock(SystemClock().now())

    async def by_phone(pin: str) -> httpx2.Response:
        body = {"agent_number": "103", "pin": pin}
        return await client.post("/api/v1/seats/seat05/duty", json=body, headers=door_token_headers)

    await ask("PUT", AGENT + "/number", number="103")
    await ask("POST", AGENT + "/pin")
    wait = 0
    for _ in range(FROM_STRANGE_SEATS):
        clock.at += timedelta(seconds=wait)
        assert (await by_phone("000001")).status_code == 404
        kept_out = await by_phone("000001")
        assert kept_out.status_code == 429
        wait = int(kept_out.headers["retry-after"])
    assert wait > 600, "after so many wrong ones it is no matter of seconds"
    pin = (await ask("POST", AGENT + "/pin")).json()["pin"]
    assert (await by_phone(pin)).status_code == 201


async def test_usual_seats_and_who_is_on_duty(ask: Ask, sessions: Sessions) -> None:
    """The seat of most duties of a month; a year ago counts for nothing."""
    async with sessions.begin() as session:
        for seat, ago in (
            ("seat09", 400),
            ("seat09", 399),
            ("seat09", 398),
            ("seat02", 3),
            ("seat07", 2),
            ("seat07", 1),
        ):
            at = NOW - timedelta(days=ago)
            await sign_in(session, "operator03", seat, seats=seat_names(), at=at, by="test")
            row = await open_row(session, agent="operator03", lock=True)
            assert row is not None
            await sign_out(session, row, at=at + timedelta(hours=6), by="test")
        await sign_in(session, "operator03", "seat02", seats=seat_names(), at=NOW, by="test")
    card = (await ask("GET", AGENT)).json()
    assert (card["usual_seat"], card["on_duty"]["seat"]) == ("seat02", "seat02"), "as often, and used last"
    async with sessions.begin() as session:
        await session.execute(update(DutyRow).where(DutyRow.ended_at.is_(None)).values(ended_at=NOW))
    others = (await ask("GET", "/api/v1/agents")).json()["items"]
    assert [(one["agent"], one["on_duty"]) for one in others] == [("operator03", None), ("operator04", None)]


async def test_a_former_operator_is_no_agent(ask: Ask, sessions: Sessions) -> None:
    async with sessions.begin() as session:
        await session.execute(update(Person).where(Person.username == "operator03").values(active=False))
    assert [one["agent"] for one in (await ask("GET", "/api/v1/agents")).json()["items"]] == ["operator04"]
    assert (await ask("GET", AGENT)).status_code == 404


@pytest.fixture
async def me(client: httpx2.AsyncClient, log_in: Any, sessions: Sessions) -> dict[str, str]:
    """The operator of the session, with the number 107; headers for a change."""
    headers = {"x-csrf-token": (await log_in(Role.OPERATOR))["csrf"]}
    async with sessions.begin() as session:
        person = await session.scalar(select(Person).where(Person.username == "operator"))
        assert person is not None
        session.add(Agent(person_id=person.id, number="107", pin_hash=None))
        session.add(AgentSkill(person_id=person.id, queue="general", level=1))
    return headers


async def test_agents_choose_their_own_pin_with_their_password(
    client: httpx2.AsyncClient, me: dict[str, str], sessions: Sessions
) -> None:
    body = {"password": PASSWORD, "pin": "482913"}
    assert (await client.put("/api/v1/me/pin", json=body, headers=me)).status_code == 204
    async with sessions() as session:
        assert await password_fits("482913", await session.scalar(select(Agent.pin_hash)))
        entries = await session.scalars(select(AuditEntry).where(AuditEntry.target == "agent:operator"))
        told = [(one.actor, one.action, one.details) for one in entries]
    assert told == [("person:operator", "agent.pin_changed", {"before": "none", "after": "set"})]


@pytest.mark.parametrize(
    ("pin", "refused"),
    [("123456", "pin_trivial"), ("107107", "pin_trivial"), ("10799", "pin_form"), ("۴۸۲۹۱۳", "pin_form")],
)
async def test_a_pin_that_anybody_guesses_costs_no_try_of_the_password(
    client: httpx2.AsyncClient, me: dict[str, str], pin: str, refused: str
) -> None:
    for _ in range(8):
        answer = await client.put("/api/v1/me/pin", json={"password": "wrong", "pin": pin}, headers=me)
        assert (answer.status_code, code(answer)) == (422, refused)


async def test_a_stranger_at_an_open_desk_guesses_the_password_as_seldom_as_at_the_login(
    app: FastAPI, client: httpx2.AsyncClient, me: dict[str, str], sessions: Sessions
) -> None:
    app.state.clock = StillClock(SystemClock().now())  # the pause after the fifth is two seconds
    answers = [
        await client.put("/api/v1/me/pin", json={"password": f"guess {n}", "pin": "482913"}, headers=me)
        for n in range(7)
    ]
    assert [answer.status_code for answer in answers] == [422] * 5 + [429] * 2
    assert code(answers[0]) == "password_wrong"
    assert int(answers[-1].headers["retry-after"]) > 0
    at_the_login = await client.post("/login", data={"username": "operator", "password": "guess 8"})
    assert at_the_login.status_code == 429, "one count for both"
    assert len(await trail(sessions, "agent.pin_refused")) == 5
    async with sessions() as session:
        assert await session.scalar(select(Agent.pin_hash)) is None
