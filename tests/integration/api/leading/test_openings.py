"""Openings beside closures: a closure wins, and who opens is told so."""

from __future__ import annotations

from typing import Any

import httpx2

from api.access.permissions import Role
from api.settings import ApiSettings
from tests.integration.api.leading.test_emergencies import HTML, ask, soon


async def test_an_opening_that_a_closure_would_undo_is_refused_and_so_is_the_same_closure_twice(
    client: httpx2.AsyncClient, log_in: Any, settings: ApiSettings
) -> None:
    me = await log_in(Role.SUPERVISOR)
    closure = {"queue": "pensions", "starts_at": soon(1), "ends_at": soon(2), "reason": "برف"}
    assert (await ask(client, me, "POST", "/closures", **closure)).status_code == 201
    written = (settings.var / "closures.toml").read_text("utf-8")
    for body, code in (
        (closure, "closure_twice"),
        ({**closure, "kind": "opening", "starts_at": soon(1.5)}, "closed_then"),
        ({**closure, "starts_at": soon(1.2), "ends_at": soon(1.8)}, "closed_already"),
    ):
        refused = await ask(client, me, "POST", "/closures", **body)
        assert (refused.status_code, refused.json()["error"]["code"]) == (409, code), refused.text
    assert (settings.var / "closures.toml").read_text("utf-8") == written
    for body in ({**closure, "kind": "opening", "queue": "insurance"}, {**closure, "ends_at": soon(3)}):
        assert (await ask(client, me, "POST", "/closures", **body)).status_code == 201


async def test_who_opens_the_whole_line_is_told_which_queue_a_closure_keeps_closed(
    client: httpx2.AsyncClient, log_in: Any
) -> None:
    me = await log_in(Role.SUPERVISOR)
    await ask(client, me, "POST", "/closures", queue="pensions", ends_at=soon(2), reason="برف")
    whole = {"kind": "opening", "ends_at": soon(3), "reason": "دورکاری"}
    opened = (await ask(client, me, "POST", "/closures", **whole)).json()
    assert opened["closed_meanwhile"] == ["pensions"]
    page = await client.get("/emergency", headers=HTML)
    assert "در همه یا بخشی از این مدت بسته می‌ماند: مستمری" in page.text
    closed_later = {"queue": "insurance", "starts_at": soon(2), "ends_at": soon(4), "reason": "مانور"}
    assert (await ask(client, me, "POST", "/closures", **closed_later)).json()["closed_meanwhile"] == []
    items = (await client.get("/api/v1/closures")).json()["items"]
    assert [one["closed_meanwhile"] for one in items if one["kind"] == "opening"] == [["insurance", "pensions"]]
    (snow,) = [one["id"] for one in items if one["queue"] == "pensions"]
    await ask(client, me, "DELETE", f"/closures/{snow}")
    items = (await client.get("/api/v1/closures")).json()["items"]
    assert [one["closed_meanwhile"] for one in items if one["kind"] == "opening"] == [["insurance"]], "it is over"
