"""However a request fails, the answer says what is wrong, where, and what to do, in one shape."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated, Any

import httpx2
import pytest
from fastapi import FastAPI, Query, Request
from pydantic import BaseModel
from sqlalchemy import func, select, text
from starlette.responses import HTMLResponse, Response

from api.access.permissions import Role
from api.audit.trail import write_audit
from api.db.engine import Sessions
from api.db.tables import AuditEntry
from api.db.transaction import Transaction
from ivr.kernel.clock import SystemClock
from ivr.kernel.errors import Conflict, Forbidden, Invalid, LineError, NotFound, Unavailable

LogIn = Callable[[Role], Awaitable[dict[str, Any]]]


class Body(BaseModel):
    amount: int


@pytest.fixture(autouse=True)
def strange_routes(app: FastAPI) -> None:
    @app.get("/api/v1/x/raise/{kind}")
    async def raise_it(kind: str) -> None:
        raise {
            "invalid": Invalid("Bad.", field="query.x"),
            "conflict": Conflict("Moved on."),
            "forbidden": Forbidden("No."),
            "not_found": NotFound("None."),
            "unavailable": Unavailable("Later."),
            "internal": RuntimeError("secret detail 09121234567"),
        }[kind]

    @app.post("/api/v1/x/body")
    async def take(body: Body) -> int:
        return body.amount

    @app.get("/api/v1/x/query")
    async def ask(n: Annotated[int, Query(ge=1)]) -> int:
        return n

    @app.post("/api/v1/x/write-then-fail")
    async def write_then_fail(session: Transaction) -> None:
        await write_audit(session, at=SystemClock().now(), actor="system:test", action="x", target="y")
        raise Conflict("Changed my mind.")

    @app.post("/api/v1/x/refused-at-commit")
    async def refused_at_commit(session: Transaction) -> str:
        await session.execute(text("CREATE TEMP TABLE t (a int UNIQUE DEFERRABLE INITIALLY DEFERRED)"))
        await session.execute(text("INSERT INTO t VALUES (1), (1)"))
        return "done"

    @app.get("/api/v1/x/slow")
    async def slow(session: Transaction) -> None:
        await session.execute(text("SET LOCAL statement_timeout = 50"))
        await session.execute(text("SELECT pg_sleep(5)"))


@pytest.mark.parametrize(
    ("kind", "status", "field"),
    [
        ("invalid", 422, "query.x"),
        ("conflict", 409, None),
        ("forbidden", 403, None),
        ("not_found", 404, None),
        ("unavailable", 503, None),
        ("internal", 500, None),
    ],
)
async def test_each_kind_has_its_status(client: httpx2.AsyncClient, kind: str, status: int, field: str | None) -> None:
    answer = await client.get(f"/api/v1/x/raise/{kind}")
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["field"]) == (status, kind, field)
    assert ("retry-after" in answer.headers) == (status == 503)
    assert "0912" not in answer.text
    assert answer.headers["cache-control"] == "no-store"


async def test_a_wrong_parameter_is_named(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/api/v1/x/query?n=0")
    assert answer.status_code == 422
    assert answer.json()["error"]["field"] == "query.n"
    assert "greater than or equal to 1" in answer.json()["error"]["message"]


async def test_a_body_that_is_no_json_is_malformed(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/api/v1/x/body", content=b'{"amount": ', headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "malformed")
    answer = await client.post("/api/v1/x/body", content=b'\xff\xfe{"', headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "malformed")


async def test_a_missing_page_and_a_wrong_method(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/api/v1/nothing")).json()["error"]["code"] == "not_found"
    wrong = await client.delete("/api/v1/me")
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (405, "method_not_allowed")


@pytest.mark.parametrize("path", ["/api/v1/x/query?n=%00", "/api/v1/%00", "/api/v1/audit?actor=a%00b"])
async def test_a_nul_never_reaches_the_database(client: httpx2.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid")


@pytest.mark.parametrize("declared", [True, False])
async def test_a_body_too_large_is_refused_with_or_without_its_length(
    client: httpx2.AsyncClient, declared: bool
) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(30):
            yield b"x" * 65_536

    content = b"x" * 2_000_000 if declared else chunks()
    answer = await client.post("/api/v1/x/body", content=content, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_failed_request_leaves_nothing_behind(client: httpx2.AsyncClient, sessions: Sessions) -> None:
    assert (await client.post("/api/v1/x/write-then-fail")).status_code == 409
    async with sessions() as session:
        assert await session.scalar(select(func.count()).select_from(AuditEntry)) == 0


async def test_nobody_is_told_of_a_success_that_the_commit_refuses(client: httpx2.AsyncClient) -> None:
    assert (await client.post("/api/v1/x/refused-at-commit")).status_code == 500


async def test_the_server_ends_a_statement_that_runs_too_long(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/api/v1/x/slow")
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "unavailable")
    assert int(answer.headers["retry-after"]) > 0


async def test_every_answer_carries_the_headers(client: httpx2.AsyncClient) -> None:
    for path in ("/live", "/api/v1/nothing", "/api/v1/x/raise/internal"):
        headers = (await client.get(path)).headers
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "unsafe-inline" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-request-id"]


async def test_a_request_id_is_taken_over_only_when_harmless(client: httpx2.AsyncClient) -> None:
    given = await client.get("/live", headers={"x-request-id": "abcdef12-3456"})
    assert given.headers["x-request-id"] == "abcdef12-3456"
    hostile = await client.get("/live", headers={"x-request-id": "a b{}\\n"})
    assert hostile.headers["x-request-id"] != "a b{}\\n"


async def test_a_page_gets_its_error_as_a_page(client: httpx2.AsyncClient, app: FastAPI) -> None:
    def page(request: Request, status: int, error: LineError) -> Response:
        return HTMLResponse(f"<p>{error.code}", status)

    app.state.error_page = page
    answer = await client.get("/nothing-here", headers={"accept": "text/html,*/*"})
    assert (answer.status_code, answer.text) == (404, "<p>not_found")
    assert (await client.get("/api/v1/nothing", headers={"accept": "text/html"})).json()["error"]["code"] == "not_found"


async def test_the_audit_trail_is_for_the_administrator_and_comes_in_pages(
    client: httpx2.AsyncClient, log_in: LogIn, api_token_headers: dict[str, str], sessions: Sessions
) -> None:
    assert (await client.get("/api/v1/audit")).status_code == 401
    refused = await client.get("/api/v1/audit", headers=api_token_headers)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "forbidden")
    await log_in(Role.ADMIN)
    async with sessions.begin() as session:
        for number in range(5):
            await write_audit(
                session, at=SystemClock().now(), actor="system:test", action="counted", target=f"n:{number}"
            )
    seen: list[str] = []
    cursor: str | None = None
    for _ in range(3):
        query: dict[str, str] = {"action": "counted", "limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = (await client.get("/api/v1/audit", params=query)).json()
        seen += [item["target"] for item in page["items"]]
        cursor = page["next"]
    assert seen == ["n:4", "n:3", "n:2", "n:1", "n:0"]
    assert cursor is None
    bad = await client.get("/api/v1/audit?cursor=nonsense")
    assert (bad.status_code, bad.json()["error"]["field"]) == (422, "query.cursor")


@pytest.mark.parametrize("header", ["Bearer wrong", "Bearer", "Basic abc", "bearer\t", "Bearer " + "é" * 10])
async def test_a_wrong_token_is_nobody(client: httpx2.AsyncClient, header: str) -> None:
    answer = await client.get("/api/v1/me", headers=[(b"authorization", header.encode("latin-1"))])
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unauthenticated")
    assert "bearer" in answer.headers["www-authenticate"].lower()


async def test_a_token_is_known_by_its_name_until_it_is_revoked(
    client: httpx2.AsyncClient, api_token_headers: dict[str, str], sessions: Sessions
) -> None:
    me = (await client.get("/api/v1/me", headers=api_token_headers)).json()
    assert (me["kind"], me["username"], me["role"], me["csrf"]) == ("token", "tests", None, None)
    async with sessions.begin() as session:
        await session.execute(text("UPDATE api_token SET revoked_at = now()"))
    assert (await client.get("/api/v1/me", headers=api_token_headers)).status_code == 401
