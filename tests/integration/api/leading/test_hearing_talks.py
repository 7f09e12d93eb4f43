"""Hearing a talk: every role by every way, written down before the first sound, muted first, and shown to who may know."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from api.access.permissions import Role
from api.db.engine import Sessions
from api.db.tables import AuditEntry
from api.duty.service import sign_in
from ivr.kernel.clock import SystemClock
from routing.seats import seat_names
from tests.fakes.asterisk_ami import Headers, Session
from tests.fakes.asterisk_floor import FloorAmi
from tests.integration.api.leading.conftest import TALK

pytestmark = pytest.mark.usefixtures("board")
HTML = {"accept": "text/html"}


async def ask(client: httpx2.AsyncClient, me: dict[str, Any], method: str, path: str, **body: Any) -> httpx2.Response:
    return await client.request(method, f"/api/v1{path}", headers={"x-csrf-token": me["csrf"]}, json=body or None)


async def trail(sessions: Sessions) -> list[tuple[str, str, str, Any, Any]]:
    async with sessions() as session:
        rows = (await session.scalars(select(AuditEntry).order_by(AuditEntry.id))).all()
    return [
        (row.actor, row.action, row.target, row.details["before"], row.details["after"])
        for row in rows
        if row.action.startswith("talk.")
    ]


async def test_a_supervisor_hears_whispers_joins_and_leaves(
    client: httpx2.AsyncClient, log_in: Any, asterisk: FloorAmi, sessions: Sessions
) -> None:
    me = await log_in(Role.SUPERVISOR)
    assert (await ask(client, me, "PUT", "/listening/seat03", phone="seat16")).status_code == 202
    (rung,) = asterisk.said
    assert (rung["Channel"], rung["Context"], rung["Exten"]) == ("PJSIP/seat16", "line-listening", "begin")
    assert "LINE_SPIED=PJSIP/seat03-0000002a" in rung["Variable"]
    assert f"LINE_SPIED_CALL={TALK}" in rung["Variable"]
    asterisk.hears("seat16", "seat03", TALK, "supervisor")
    told = (await ask(client, me, "GET", "/listening")).json()["items"]
    assert told == [{"seat": "seat03", "call_id": TALK, "by": "supervisor", "phone": "seat16", "mode": "listen"}]
    for path in ("whisper", "barge", "muted"):
        assert (await ask(client, me, "PUT", f"/listening/seat03/{path}")).status_code == 204
    assert [said["Exten"] for said in asterisk.said if said["Action"] == "Redirect"] == ["whisper", "barge", "listen"]
    assert (await ask(client, me, "DELETE", "/listening/seat03")).status_code == 204
    who, call = "person:supervisor", f"call:{TALK}"
    assert await trail(sessions) == [
        (who, "talk.listened", call, None, "listen"),
        (who, "talk.whispered", call, "listen", "whisper"),
        (who, "talk.barged", call, "whisper", "barge"),
        (who, "talk.listened", call, "barge", "listen"),
        (who, "talk.left", call, "listen", None),
    ]


async def test_the_trail_is_committed_before_the_telephone_rings(
    client: httpx2.AsyncClient, log_in: Any, asterisk: FloorAmi, sessions: Sessions
) -> None:
    seen: list[int] = []
    act = asterisk.on_action
    assert act is not None

    async def looking(session: Session, action: Headers) -> bool:
        if action["Action"] == "Originate":
            seen.append(len(await trail(sessions)))
        return await act(session, action)

    asterisk.on_action = looking
    await ask(client, await log_in(Role.QA), "PUT", "/listening/seat03", phone="seat15")
    assert seen == [1]


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.SUPERVISOR, {"listen", "muted", "whisper", "barge"}),
        (Role.QA, {"listen", "muted"}),
        (Role.OPERATOR, set()),
        (Role.MANAGER, set()),
        (Role.CASEWORK, set()),
        (Role.ADMIN, set()),
    ],
)
async def test_each_way_of_hearing_is_a_right_of_its_own(
    client: httpx2.AsyncClient, log_in: Any, asterisk: FloorAmi, role: Role, may: set[str]
) -> None:
    me = await log_in(role)
    began = await ask(client, me, "PUT", "/listening/seat03", phone="seat16")
    assert (began.status_code == 202) is ("listen" in may)
    asterisk.hears("seat16", "seat03", TALK, role.value, "barge" if role is Role.QA else "listen")
    done = {path: (await ask(client, me, "PUT", f"/listening/seat03/{path}")).status_code for path in ("whisper", "muted", "barge")}  # fmt: skip
    assert {path for path, status in done.items() if status == 204} == may - {"listen"}
    assert {status for path, status in done.items() if path not in may} <= {403}
    assert (await ask(client, me, "GET", "/listening")).status_code == (200 if may else 403)


@pytest.mark.parametrize(
    ("seat", "phone", "status", "code"),
    [
        ("seat04", "seat16", 409, "no_talk"),
        ("seat03", "seat03", 422, "phone_not_free"),
        ("seat03", "seat07", 422, "phone_not_free"),
        ("seat03", "seat16,PJSIP/trunk", 422, "phone_not_free"),
        ("seat03", "", 422, "phone_not_free"),
        ("seat99", "seat16", 404, "no_such_seat"),
    ],
)
async def test_what_cannot_be_heard_is_refused_and_not_in_the_trail(
    client: httpx2.AsyncClient, log_in: Any, asterisk: FloorAmi, sessions: Sessions, seat: str, phone: str, status: int,
    code: str,
) -> None:  # fmt: skip
    answer = await ask(client, await log_in(Role.SUPERVISOR), "PUT", f"/listening/{seat}", phone=phone)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert (asterisk.said, await trail(sessions)) == ([], [])


async def test_nobody_changes_or_ends_what_another_hears(
    client: httpx2.AsyncClient, log_in: Any, asterisk: FloorAmi
) -> None:
    asterisk.hears("seat16", "seat03", TALK, "another")
    me = await log_in(Role.SUPERVISOR)
    for method, path in (("PUT", "/whisper"), ("PUT", "/barge"), ("DELETE", "")):
        answer = await ask(client, me, method, f"/listening/seat03{path}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_listening")
    taken = await ask(client, me, "PUT", "/listening/seat03", phone="seat16")
    assert (taken.status_code, taken.json()["error"]["code"]) == (409, "listening_already")
    assert asterisk.said == []


async def test_the_floor_shows_who_hears_to_those_who_may_hear_and_to_nobody_else(
    client: httpx2.AsyncClient, log_in: Any, asterisk: FloorAmi
) -> None:
    asterisk.hears("seat16", "seat03", TALK, "supervisor", "whisper")
    await log_in(Role.SUPERVISOR)
    for path in ("/floor", "/floor/under-way"):
        assert 'data-kind="listening"' in (await client.get(path, headers=HTML)).text
    page = (await client.get("/floor/seats/seat03/listening", headers=HTML)).text
    assert 'data-mode="whisper"' in page
    assert "/floor/seats/seat03/listen" in page
    assert "/floor/seats/seat03/barge" in page
    await log_in(Role.OPERATOR)
    for path in ("/floor", "/floor/under-way"):
        assert 'data-kind="listening"' not in (await client.get(path, headers=HTML)).text


async def test_the_page_does_the_same_deeds(
    client: httpx2.AsyncClient, log_in: Any, asterisk: FloorAmi, sessions: Sessions
) -> None:
    me = await log_in(Role.SUPERVISOR)
    page = (await client.get("/floor/seats/seat03/listening", headers=HTML)).text
    assert page.count("<option") == 2, "the telephones of the two seats at which nobody is"

    async def press(path: str, **fields: str) -> str:
        sent = {"csrf": me["csrf"], **fields}
        return (await client.post(f"/floor/seats/seat03/{path}", data=sent, headers=HTML)).headers["location"]

    assert await press("hear", phone="seat15") == "/floor"
    asterisk.hears("seat15", "seat03", TALK, "supervisor")
    for path in ("whisper", "barge", "listen", "leave"):
        assert await press(path) == "/floor"
    assert [action for _, action, *_ in await trail(sessions)] == [
        "talk.listened", "talk.whispered", "talk.barged", "talk.listened", "talk.left",
    ]  # fmt: skip


@pytest.mark.parametrize("told", [True, False])
async def test_an_operator_is_told_when_the_line_wants_it(
    client: httpx2.AsyncClient, log_in: Any, asterisk: FloorAmi, sessions: Sessions, app: FastAPI, told: bool
) -> None:
    app.state.settings = app.state.settings.model_copy(update={"listening_told": told})
    await log_in(Role.OPERATOR)
    async with sessions.begin() as session:
        await sign_in(session, "operator", "seat03", seats=seat_names(), at=SystemClock().now(), by="test")
    assert 'data-testid="heard"' not in (await client.get("/desk/panel", headers=HTML)).text
    asterisk.hears("seat16", "seat03", TALK, "supervisor")
    assert ('data-testid="heard"' in (await client.get("/desk/panel", headers=HTML)).text) is told
