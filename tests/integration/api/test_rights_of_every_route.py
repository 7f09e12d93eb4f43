"""Every route of the application, asked by everybody: who may is let in, who may not is refused, nobody else decides.

`WHO` is a second opinion beside the guards in the code. A route that is not in it fails the test, so that nothing is
opened without somebody writing down for whom.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from sqlalchemy import func, select

from api.access.permissions import DOOR_SCOPES, PERSON, READ_SCOPES, SCOPE, Permission, Role
from api.access.secrets_of import hash_of
from api.access.sessions import open_session
from api.db.engine import Sessions
from api.db.tables import ApiToken, Person, Session
from ivr.kernel.clock import SystemClock
from tests.fakes.asterisk_floor import FloorAmi
from tests.integration.api.for_whom import BODIES, ENDLESS, PUBLIC, VALUES, WHO
from tests.integration.api.leading.conftest import asterisk, plain_settings, settings

__all__ = ["asterisk", "plain_settings", "settings"]
"""There is an exchange to ask, or those who may would be told that there is none."""

Somebody = tuple[frozenset[Permission], dict[str, str], str]
"""What they may, the headers they send, and their form token."""


def operations(routes: Iterable[Any]) -> list[str]:
    """`GET /path` of each operation, those of included routers too."""
    found: list[str] = []
    for route in routes:
        if isinstance(route, APIRoute):
            found += [f"{method} {route.path}" for method in sorted(route.methods)]
        elif inner := getattr(route, "original_router", None) or getattr(route, "router", None):
            found += operations(inner.routes)
    return found


@pytest.fixture
async def everybody(sessions: Sessions) -> dict[str, Somebody]:
    """Each role with a session, both kinds of token, nobody, and those whose key has been taken away."""
    now = SystemClock().now()
    known: dict[str, Somebody] = {}
    async with sessions.begin() as session:
        for role in Role:
            for name, active in ((role.value, True), (f"former-{role.value}", False)):
                person = Person(
                    username=name, name_fa=name, name_en=name, role=role.value, password_hash="x", active=active
                )
                session.add(person)
                await session.flush()
                token, csrf = await open_session(session, person, now=now, limit=timedelta(hours=1), address="test")
                may = frozenset(p for p, roles in PERSON.items() if role in roles) if active else frozenset()
                known[name] = (may, {"cookie": f"line1420_session={token}"}, csrf if active else "")
        for name, scopes in (("reader", READ_SCOPES), ("door", DOOR_SCOPES), ("bare", ())):
            session.add(ApiToken(token_hash=hash_of(name), name=name, scopes=list(scopes)))
            known[f"token {name}"] = (frozenset(SCOPE[s] for s in scopes), {"authorization": f"Bearer {name}"}, "token")
        session.add(ApiToken(token_hash=hash_of("old"), name="old", scopes=list(READ_SCOPES), revoked_at=now))
        overdue = Person(username="late", name_fa="x", name_en="x", role="admin", password_hash="x", active=True)
        session.add(overdue)
        await session.flush()
        ended, _ = await open_session(session, overdue, now=now, limit=-timedelta(seconds=1), address="test")
    nobody = {"nobody": {}, "revoked token": {"authorization": "Bearer old"}, "ended session": {"cookie": f"line1420_session={ended}"},
              "forged session": {"cookie": "line1420_session=" + "A" * 43}, "basic": {"authorization": "Basic YWRtaW46eA=="}}  # fmt: skip
    return known | {name: (frozenset(), headers, "") for name, headers in nobody.items()}


async def ask(client: httpx2.AsyncClient, operation: str, headers: dict[str, str]) -> httpx2.Response:
    method, _, path = operation.partition(" ")
    return await client.request(method, path.format(**VALUES), headers=headers, **BODIES.get(operation, {}))


def test_every_route_has_somebody_it_is_for(app: FastAPI) -> None:
    assert sorted(operations(app.routes)) == sorted(WHO)


@pytest.mark.timeout(900)
async def test_who_may_is_let_in_and_who_may_not_is_refused(
    client: httpx2.AsyncClient, everybody: dict[str, Somebody], asterisk: FloorAmi
) -> None:
    await asterisk.logged_in.wait()
    wrong: list[str] = []
    for operation, wanted in WHO.items():
        for name, (may, headers, csrf) in everybody.items() if wanted != PUBLIC else ():
            let_in = wanted in may if isinstance(wanted, Permission) else bool(csrf)
            if (let_in and operation in ENDLESS) or (let_in and operation == "POST /logout"):
                continue  # logging out is tried below; here it would leave the others without their session
            status = (await ask(client, operation, headers | ({"x-csrf-token": csrf} if csrf else {}))).status_code
            refused = 403 if csrf else 401
            if status == refused or status >= 500 if let_in else status != refused:
                wrong.append(f"{operation}: {status} to {name}, who {'may' if let_in else 'may not'}")
    assert wrong == []


async def test_a_change_needs_the_form_token_and_our_own_page(
    client: httpx2.AsyncClient, everybody: dict[str, Somebody], sessions: Sessions
) -> None:
    """Another site can make the browser send the cookie; it knows no form token, and the browser says where it stands."""

    def attempts(csrf: str, foreign: str) -> dict[str, dict[str, str]]:
        return {
            "no form token": {},
            "an empty one": {"x-csrf-token": ""},
            "somebody else's": {"x-csrf-token": foreign},
            "a longer one": {"x-csrf-token": csrf + "A"},
            "letters that are none": {"x-csrf-token": "é" * 43},
            "another origin": {"x-csrf-token": csrf, "origin": "https://evil.example"},
            "no origin at all": {"x-csrf-token": csrf, "origin": "null"},
            "an origin that begins alike": {"x-csrf-token": csrf, "origin": "http://line.test.evil.example"},
            "another site": {"x-csrf-token": csrf, "sec-fetch-site": "cross-site"},
            "a neighbour": {"x-csrf-token": csrf, "sec-fetch-site": "same-site"},
        }

    wrong: list[str] = []
    for operation in (name for name, who in WHO.items() if not name.startswith("GET") and who != PUBLIC):
        method, _, path = operation.partition(" ")
        body = BODIES.get(operation, {"data": {"text": "x"}} if method == "POST" else {})
        # somebody who may, so that it is the form and not the right that is refused
        role, foreign = (
            ("supervisor", "casework") if WHO[operation] is Permission.ROSTER_EDIT else ("casework", "admin")
        )
        _, cookie, csrf = everybody[role]
        for name, headers in attempts(csrf, everybody[foreign][2]).items():
            sent = {key: value.encode("latin-1") for key, value in (cookie | headers).items()}
            answer = await client.request(method, path.format(**VALUES), headers=sent, **body)
            if answer.status_code != 403:
                wrong.append(f"{operation} with {name}: {answer.status_code}")
    assert wrong == []
    async with sessions() as session:
        assert await session.scalar(select(func.count()).select_from(Session)) == 2 * len(Role) + 1, (
            "somebody was logged out"
        )
    _, cookie, csrf = everybody["casework"]
    own = await client.post("/logout", headers=cookie | {"x-csrf-token": csrf, "origin": "http://line.test"})
    assert own.status_code == 303
