"""People log in, mistype, are attacked, leave."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI, Request
from sqlalchemy import select, update
from starlette.responses import HTMLResponse, Response

from api.access.guard import Anyone
from api.access.permissions import Role
from api.db.engine import Sessions
from api.db.tables import AuditEntry, LoginAttempt, Person, Session
from api.main import create_app
from api.people.ports import LoginProblem
from api.settings import ApiSettings
from tests.integration.conftest import PASSWORD

LogIn = Callable[[Role], Awaitable[dict[str, Any]]]
AddPerson = Callable[..., Awaitable[None]]


class MovableClock:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.present = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.present


@pytest.fixture
def clock(app: FastAPI) -> MovableClock:
    app.state.clock = MovableClock()
    return app.state.clock


@pytest.fixture(autouse=True)
def plain_login_page(app: FastAPI) -> None:
    def page(request: Request, *, next_path: str, username: str = "", problem: LoginProblem | None = None) -> Response:
        return HTMLResponse(f"next={next_path} problem={problem.kind if problem else 'none'}")

    app.state.login_page = page


async def try_password(client: httpx2.AsyncClient, password: str, username: str = "qa", **more: str) -> httpx2.Response:
    return await client.post("/login", data={"username": username, "password": password, **more})


async def test_the_right_password_opens_a_session_that_logging_out_ends(
    client: httpx2.AsyncClient, log_in: LogIn
) -> None:
    me = await log_in(Role.QA)
    assert me["username"] == "qa"
    assert me["role"] == "qa"
    assert "recording.hear" in me["permissions"]
    cookie = client.cookies["line1420_session"]
    left = await client.post("/logout", data={"csrf": me["csrf"]})
    assert left.status_code == 303
    client.cookies.set("line1420_session", cookie)
    assert (await client.get("/api/v1/me")).status_code == 401


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(
    client: httpx2.AsyncClient, add_person: AddPerson
) -> None:
    await add_person(Role.QA)
    cookie = (await try_password(client, PASSWORD)).headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=lax" in cookie.lower()


async def test_the_database_keeps_no_token_that_would_open_anything(
    client: httpx2.AsyncClient, log_in: LogIn, sessions: Sessions
) -> None:
    await log_in(Role.QA)
    async with sessions() as session:
        row = (await session.scalars(select(Session))).one()
    assert client.cookies["line1420_session"] not in {row.token_hash, row.csrf}
    client.cookies.clear()
    client.cookies.set("line1420_session", row.token_hash)
    assert (await client.get("/api/v1/me")).status_code == 401


@pytest.mark.parametrize("username", ["qa", "nobody"])
async def test_a_wrong_password_and_an_unknown_name_look_the_same(
    client: httpx2.AsyncClient, add_person: AddPerson, username: str
) -> None:
    await add_person(Role.QA)
    answer = await try_password(client, "wrong", username)
    assert (answer.status_code, answer.text) == (401, "next=/ problem=wrong")


async def test_failures_are_audited_without_the_tried_name_of_a_stranger(
    client: httpx2.AsyncClient, add_person: AddPerson, sessions: Sessions
) -> None:
    await add_person(Role.QA)
    await try_password(client, "wrong")
    await try_password(client, "x", "my-password-typed-into-the-name-field")
    await try_password(client, PASSWORD)
    async with sessions() as session:
        rows = (await session.scalars(select(AuditEntry).order_by(AuditEntry.id))).all()
    assert [(row.action, row.target) for row in rows] == [
        ("login.failed", "person:qa"),
        ("login.failed", "person:unknown"),
        ("login.succeeded", "person:qa"),
    ]
    assert all("typed" not in str(row.details) + row.target for row in rows)


async def test_guessing_is_slowed_down_and_the_right_password_works_after_the_wait(
    client: httpx2.AsyncClient, add_person: AddPerson, clock: MovableClock
) -> None:
    await add_person(Role.QA)
    for _ in range(5):
        assert (await try_password(client, "wrong")).status_code == 401
    refused = await try_password(client, PASSWORD)
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["retry-after"]) <= 2
    assert refused.text == "next=/ problem=wait"
    clock.present += timedelta(seconds=int(refused.headers["retry-after"]))
    assert (await try_password(client, "wrong")).status_code == 401
    longer = await try_password(client, PASSWORD)
    assert int(longer.headers["retry-after"]) > int(refused.headers["retry-after"])
    clock.present += timedelta(seconds=int(longer.headers["retry-after"]))
    assert (await try_password(client, PASSWORD)).status_code == 303


async def test_an_attacker_elsewhere_cannot_lock_a_person_out(
    app: FastAPI, client: httpx2.AsyncClient, add_person: AddPerson, clock: MovableClock, sessions: Sessions
) -> None:
    await add_person(Role.QA)
    assert (await try_password(client, PASSWORD)).status_code == 303
    async with sessions.begin() as session:
        for number in range(200):
            address = f"203.0.113.{number % 50}"
            session.add(LoginAttempt(username="qa", address=address, at=clock.present, succeeded=False))
    assert (await try_password(client, PASSWORD)).status_code == 303
    stranger = httpx2.ASGITransport(app=app, client=("203.0.113.200", 4))
    async with httpx2.AsyncClient(transport=stranger, base_url="http://line.test") as attacker:
        assert (await try_password(attacker, "guess")).status_code == 429


async def test_a_hundred_guesses_sent_together_count_one_by_one(
    client: httpx2.AsyncClient, add_person: AddPerson, sessions: Sessions, clock: MovableClock
) -> None:
    await add_person(Role.QA)
    answers = await asyncio.gather(*(try_password(client, f"guess{number}") for number in range(10)))
    assert sorted(answer.status_code for answer in answers) == [401] * 5 + [429] * 5


async def test_a_session_ends_when_idle_when_old_and_when_its_person_leaves(
    client: httpx2.AsyncClient, add_person: AddPerson, clock: MovableClock, sessions: Sessions
) -> None:
    async def known() -> bool:
        return (await client.get("/api/v1/me")).status_code == 200

    await add_person(Role.QA)
    assert (await try_password(client, PASSWORD)).status_code == 303
    for _ in range(12):  # used every hour, it lives on
        clock.present += timedelta(hours=1)
        assert await known()
    clock.present += timedelta(hours=1)
    assert not await known()  # 13 hours: the absolute limit

    assert (await try_password(client, PASSWORD)).status_code == 303
    clock.present += timedelta(hours=2, minutes=2)
    assert not await known()  # idle

    assert (await try_password(client, PASSWORD)).status_code == 303
    assert await known()
    async with sessions.begin() as session:
        await session.execute(update(Person).values(active=False))
    assert not await known()
    assert (await try_password(client, PASSWORD)).status_code == 401


@pytest.mark.parametrize(
    ("form", "headers", "why"),
    [
        ({}, {}, "no form token"),
        ({"csrf": "wrong"}, {}, "a wrong form token"),
        ({"csrf": "right"}, {"origin": "http://evil.test"}, "sent by another site"),
        ({"csrf": "right"}, {"sec-fetch-site": "cross-site"}, "sent by another site, the browser says"),
        ({"csrf": "right"}, {"origin": "null"}, "sent from a sandbox"),
    ],
)
async def test_a_change_needs_our_own_page(
    client: httpx2.AsyncClient, log_in: LogIn, form: dict[str, str], headers: dict[str, str], why: str
) -> None:
    me = await log_in(Role.QA)
    data = {key: me["csrf"] if value == "right" else value for key, value in form.items()}
    answer = await client.post("/logout", data=data, headers=headers)
    assert answer.status_code == 403, why
    assert answer.json()["error"]["code"] == "csrf"
    assert (await client.get("/api/v1/me")).status_code == 200


async def test_another_site_cannot_log_a_browser_in(client: httpx2.AsyncClient, add_person: AddPerson) -> None:
    await add_person(Role.QA)
    answer = await client.post(
        "/login", data={"username": "qa", "password": PASSWORD}, headers={"origin": "http://evil.test"}
    )
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("/calls?from=2026-11-21", "/calls?from=2026-11-21"),
        ("https://evil.test/", "/"),
        ("//evil.test", "/"),
        ("/\\evil.test", "/"),
        ("javascript:alert(1)", "/"),
        ("/a\r\nSet-Cookie: x=y", "/"),
    ],
)
async def test_logging_in_leads_only_to_our_own_pages(
    client: httpx2.AsyncClient, add_person: AddPerson, asked: str, given: str
) -> None:
    await add_person(Role.QA)
    answer = await try_password(client, PASSWORD, next=asked)
    assert answer.headers["location"] == given


async def test_a_page_without_a_session_leads_to_the_login_page_and_back(
    client: httpx2.AsyncClient, app: FastAPI
) -> None:
    @app.get("/somewhere")
    async def somewhere(principal: Anyone) -> str:
        return principal.username

    answer = await client.get("/somewhere?x=1", headers={"accept": "text/html"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=%2Fsomewhere%3Fx%3D1")
    corner = await client.get("/somewhere", headers={"accept": "text/html", "hx-request": "true"})
    assert (corner.status_code, corner.headers["hx-redirect"]) == (401, "/login")
    there = await client.get(
        "/somewhere", headers={"hx-request": "true", "hx-current-url": "https://line.example/cases?state=open"}
    )
    assert there.headers["hx-redirect"] == "/login?next=%2Fcases%3Fstate%3Dopen", "back to where they were"
    form = {"accept": "text/html", "referer": "https://line.example/emergency"}
    sent = await client.post("/emergency/closures", data={"reason": "x"}, headers=form)
    assert (sent.status_code, sent.headers["location"]) == (303, "/login?next=%2Femergency"), "back to the form's page"
    odd = await client.get("/somewhere", headers={"hx-request": "true", "hx-current-url": "http://["})
    assert (odd.status_code, odd.headers["hx-redirect"]) == (401, "/login")


async def test_logging_in_again_ends_the_session_before(client: httpx2.AsyncClient, log_in: LogIn) -> None:
    await log_in(Role.QA)
    before = client.cookies["line1420_session"]
    assert (await try_password(client, PASSWORD)).status_code == 303
    assert client.cookies["line1420_session"] != before
    client.cookies.clear()
    client.cookies.set("line1420_session", before)
    assert (await client.get("/api/v1/me")).status_code == 401


async def test_over_https_the_cookie_belongs_to_this_host_alone(
    sessions: Sessions, settings: ApiSettings, add_person: AddPerson
) -> None:
    await add_person(Role.QA)
    app = create_app(settings.model_copy(update={"cookie_secure": True}))
    transport = httpx2.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=transport, base_url="https://line.test") as client,
    ):
        answer = await try_password(client, PASSWORD)
        assert answer.headers["set-cookie"].startswith("__Host-line1420_session=")
        assert "Secure" in answer.headers["set-cookie"]
        assert "Domain" not in answer.headers["set-cookie"]
        assert "max-age" in answer.headers["strict-transport-security"]
        assert (await client.get("/api/v1/me")).json()["username"] == "qa"
