"""What a seat's telephone may do, over the API that the doors ask. PostgreSQL, no Asterisk."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import httpx2
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from api.access.permissions import Role
from api.access.secrets_of import hash_password
from api.db.duty_tables import Agent, DutyPauseRow, DutyRow
from api.db.engine import Sessions
from api.db.tables import AuditEntry, LoginAttempt, Person
from api.duty.repository import open_row
from api.duty.service import pause, sign_in
from ivr.kernel.clock import SystemClock
from routing.duty import PauseCause
from routing.seats import seat_names
from tests.fakes.recordings import StillClock

NUMBER, PIN, SEAT = "103", "482913", "seat05"
DUTY = f"/api/v1/seats/{SEAT}/duty"
Ask = Callable[..., Awaitable[httpx2.Response]]


@pytest.fixture
async def agents(sessions: Sessions, add_person: Callable[..., Awaitable[None]]) -> None:
    """operator03 has number and PIN, operator04 a number alone; operator05 has both and is no longer with us."""
    pin_hash = await hash_password(PIN)
    for username in ("operator03", "operator04", "operator05"):
        await add_person(Role.OPERATOR, username)
    async with sessions.begin() as session:
        for person in await session.scalars(select(Person)):
            has_pin = person.username != "operator04"
            session.add(
                Agent(person_id=person.id, number=f"1{person.username[-2:]}", pin_hash=pin_hash if has_pin else None)
            )
            person.active = person.username != "operator05"


@pytest.fixture
def ask(client: httpx2.AsyncClient, agents: None, door_token_headers: dict[str, str]) -> Ask:
    """`await ask("POST", DUTY, agent_number=…, pin=…)` as a door."""

    async def request(method: str, path: str, **body: str) -> httpx2.Response:
        return await client.request(method, path, headers=door_token_headers, json=body or None)

    return request


async def sign_in_by_phone(ask: Ask, *, seat: str = SEAT, number: str = NUMBER, pin: str = PIN) -> httpx2.Response:
    return await ask("POST", f"/api/v1/seats/{seat}/duty", agent_number=number, pin=pin)


async def trail(sessions: Sessions) -> list[AuditEntry]:
    async with sessions() as session:
        return list(await session.scalars(select(AuditEntry).order_by(AuditEntry.id)))


def code_of(answer: httpx2.Response) -> str:
    return answer.json()["error"]["code"]


async def test_number_and_pin_begin_a_duty_that_the_telephone_began(ask: Ask, sessions: Sessions) -> None:
    assert (await ask("GET", DUTY)).json() == {"state": "free", "agent_number": None}
    begun = await sign_in_by_phone(ask)
    assert (begun.status_code, begun.json()) == (201, {"state": "ready", "agent_number": NUMBER})
    assert (await ask("GET", DUTY)).json() == {"state": "ready", "agent_number": NUMBER}
    async with sessions() as session:
        row = await open_row(session, seat=SEAT)
        assert row is not None
        assert (row.agent, row.began_by, row.desk_seen_at) == ("operator03", "telephone", None)
    assert [(entry.actor, entry.action, entry.target) for entry in await trail(sessions)] == [
        ("person:operator03", "duty.began", f"seat:{SEAT}")
    ]


async def test_the_same_sign_in_again_is_the_same_duty(ask: Ask, sessions: Sessions) -> None:
    """The answer to the first one was lost on its way to the door."""
    for _ in range(2):
        assert (await sign_in_by_phone(ask)).status_code == 201
    async with sessions() as session:
        assert len(list(await session.scalars(select(DutyRow)))) == 1


@pytest.mark.parametrize(
    ("number", "pin"),
    [(NUMBER, "482914"), ("199", PIN), ("104", PIN), ("105", PIN), (PIN, NUMBER)],
    ids=["a wrong PIN", "nobody's number", "an agent without a PIN", "an agent who has left", "the two exchanged"],
)
async def test_which_of_the_two_is_wrong_is_not_told_and_neither_is_written_down(
    ask: Ask, sessions: Sessions, number: str, pin: str
) -> None:
    refused = await sign_in_by_phone(ask, number=number, pin=pin)
    assert (refused.status_code, code_of(refused)) == (404, "pin_refused")
    assert refused.json()["error"]["message"] == "There is no agent with this number and this PIN."
    (entry,) = await trail(sessions)
    assert (entry.actor, entry.action, entry.target) == ("token:doors", "duty.pin_refused", f"seat:{SEAT}")
    known = {NUMBER: "operator03", "104": "operator04"}.get(number)
    assert entry.details == ({"agent": known} if known else {})
    async with sessions() as session:
        (attempt,) = await session.scalars(select(LoginAttempt))
    assert (attempt.address, attempt.succeeded) == (f"SEAT:{SEAT}", False)
    assert PIN not in f"{entry.details} {attempt.username}"
    assert attempt.username.removeprefix("AGENT:") != number


async def test_after_wrong_tries_the_telephone_is_told_how_long_to_wait(
    ask: Ask, app: FastAPI, sessions: Sessions
) -> None:
    app.state.clock = clock = StillClock(SystemClock().now())
    assert code_of(await sign_in_by_phone(ask, pin="482914")) == "pin_refused"
    waits = await sign_in_by_phone(ask)
    assert (waits.status_code, code_of(waits)) == (429, "too_many_tries")
    assert waits.headers["retry-after"] == "2"
    assert [entry.action for entry in await trail(sessions)] == ["duty.pin_refused"], "a try that was not made is none"
    clock.at += timedelta(seconds=1)
    assert (await sign_in_by_phone(ask)).status_code == 429
    clock.at += timedelta(seconds=1)
    assert (await sign_in_by_phone(ask)).status_code == 201


async def test_an_agent_at_another_seat_is_told_which(ask: Ask) -> None:
    await sign_in_by_phone(ask, seat="seat12")
    refused = await sign_in_by_phone(ask)
    assert (refused.status_code, code_of(refused)) == (409, "agent_elsewhere")
    assert refused.headers["location"] == "/api/v1/seats/seat12/duty"


async def test_a_seat_of_another_is_told_and_the_right_pin_was_no_wrong_try(ask: Ask, sessions: Sessions) -> None:
    async with sessions.begin() as session:
        await sign_in(session, "operator04", SEAT, seats=seat_names(), at=SystemClock().now(), by="person:operator04")
    for _ in range(2):
        refused = await sign_in_by_phone(ask)
        assert (refused.status_code, code_of(refused)) == (409, "seat_taken")
    assert "operator04" not in refused.text


async def test_two_who_sign_in_together_at_one_seat_are_one(ask: Ask, sessions: Sessions) -> None:
    async with sessions.begin() as session:
        (agent,) = await session.scalars(select(Agent).where(Agent.number == "104"))
        agent.pin_hash = await hash_password(PIN)
    answers = await asyncio.gather(sign_in_by_phone(ask), sign_in_by_phone(ask, number="104"))
    assert sorted(answer.status_code for answer in answers) == [201, 409]


async def test_who_sits_there_takes_a_break_comes_back_and_goes(ask: Ask, sessions: Sessions) -> None:
    await sign_in_by_phone(ask)
    assert (await ask("PUT", f"/api/v1/seats/{SEAT}/pause")).json() == {"state": "paused", "agent_number": NUMBER}
    async with sessions() as session:
        (row,) = await session.scalars(select(DutyPauseRow))
        assert (row.cause, row.began_by) == ("break", f"seat:{SEAT}")
    assert (await ask("POST", f"/api/v1/seats/{SEAT}/ready")).json()["state"] == "ready"
    assert (await ask("DELETE", DUTY)).status_code == 204
    assert (await ask("GET", DUTY)).json()["state"] == "free"
    assert [(entry.actor, entry.action) for entry in await trail(sessions)] == [
        ("person:operator03", "duty.began"),
        (f"seat:{SEAT}", "duty.paused"),
        (f"seat:{SEAT}", "duty.resumed"),
        (f"seat:{SEAT}", "duty.ended"),
    ]


async def test_what_a_supervisor_began_a_telephone_does_not_end(ask: Ask, sessions: Sessions) -> None:
    await sign_in_by_phone(ask)
    async with sessions.begin() as session:
        row = await open_row(session, seat=SEAT)
        assert row is not None
        await pause(session, row, PauseCause.SUPERVISOR, at=SystemClock().now(), by="person:supervisor")
    assert (await ask("POST", f"/api/v1/seats/{SEAT}/ready")).json()["state"] == "held"


@pytest.mark.parametrize(("method", "what"), [("DELETE", "duty"), ("PUT", "pause"), ("POST", "ready")])
async def test_where_nobody_is_signed_in_nothing_can_be_ended(ask: Ask, method: str, what: str) -> None:
    answer = await ask(method, f"/api/v1/seats/{SEAT}/{what}")
    assert (answer.status_code, code_of(answer)) == (404, "not_on_duty")


@pytest.mark.parametrize("seat", ["seat17", "seat00", "trunk", "seat5", "%20"])
async def test_a_seat_that_is_none_is_not_found(ask: Ask, seat: str) -> None:
    for method, what in (("GET", "duty"), ("DELETE", "duty"), ("PUT", "pause"), ("POST", "ready")):
        answer = await ask(method, f"/api/v1/seats/{seat}/{what}")
        assert (answer.status_code, code_of(answer)) == (404, "not_found")
    assert (await sign_in_by_phone(ask, seat=seat)).status_code == 404


@pytest.mark.parametrize(
    "body",
    [{}, {"agent_number": "103"}, {"agent_number": "", "pin": PIN}, {"agent_number": "103", "pin": ""},
     {"agent_number": "1034567", "pin": PIN}, {"agent_number": "103\n", "pin": PIN}, {"agent_number": "۱۰۳", "pin": PIN},
     {"agent_number": "103", "pin": PIN * 2}],
)  # fmt: skip
async def test_nonsense_is_refused_without_being_repeated(ask: Ask, sessions: Sessions, body: dict[str, str]) -> None:
    answer = await ask("POST", DUTY, **body)
    assert answer.status_code == 422
    assert PIN not in answer.text
    async with sessions() as session:
        assert list(await session.scalars(select(LoginAttempt))) == []


async def test_a_name_tried_at_the_login_page_counts_against_no_agent(
    ask: Ask, client: httpx2.AsyncClient, sessions: Sessions, app: FastAPI
) -> None:
    await sign_in_by_phone(ask, pin="482914")
    async with sessions() as session:
        (attempt,) = await session.scalars(select(LoginAttempt))
    await client.post("/login", data={"username": attempt.username, "password": "x"})
    async with sessions() as session:
        assert len({row.username for row in await session.scalars(select(LoginAttempt))}) == 2
