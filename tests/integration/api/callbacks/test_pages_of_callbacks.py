"""The list and the cancelling, by API and by page: the same rows, the same refusals, and the trail."""

from __future__ import annotations

from sqlalchemy import select

from api.access.permissions import Role
from api.db.callback_tables import CallbackRow
from api.db.tables import AuditEntry
from tests.integration.api.callbacks.conftest import Desk, code, note


async def test_a_supervisor_sees_the_order_and_cancels_one(client, log_in, desk: Desk) -> None:
    me = await log_in(Role.SUPERVISOR)
    await desk.ask(note(1, joined_ago=90))
    await desk.ask(note(2, "+989351234567", joined_ago=80))
    page = (await client.get("/callbacks")).text
    assert page.index(f"callback-{code(1)}") < page.index(f"callback-{code(2)}")
    answer = await client.post(f"/callbacks/{code(1)}/cancel", data={"csrf": me["csrf"]})
    assert answer.status_code == 303
    listed = (await client.get("/api/v1/callbacks")).json()
    assert [one["code"] for one in listed["open"]] == [code(2)]
    assert [(one["code"], one["ended_by"]) for one in listed["over"]] == [(code(1), "person:supervisor")]
    again = await client.delete(f"/api/v1/callbacks/{code(1)}", headers={"X-CSRF-Token": me["csrf"]})
    assert (again.status_code, again.json()["error"]["code"]) == (409, "callback_over")
    second = await client.post(
        f"/callbacks/{code(1)}/cancel", data={"csrf": me["csrf"]}, headers={"accept": "text/html"}
    )
    assert "این تماس بازگشتی پایان یافته است" in second.text
    async with desk.sessions() as session:
        entries = await session.scalars(select(AuditEntry).where(AuditEntry.action == "callback.cancelled"))
        (entry,) = entries
    assert (entry.actor, entry.target) == ("person:supervisor", f"callback:{code(1)}")
    assert entry.details == {"before": "pending", "after": "cancelled", "with": []}


async def test_who_is_being_rung_cannot_be_cancelled(client, log_in, desk: Desk) -> None:
    me = await log_in(Role.CASEWORK)
    await desk.ask(note(1))
    async with desk.sessions.begin() as session:
        row = await session.get(CallbackRow, code(1))
        row.state = "dialling"
    answer = await client.delete(f"/api/v1/callbacks/{code(1)}", headers={"X-CSRF-Token": me["csrf"]})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "callback_dialling")


async def test_one_that_shares_a_place_is_cancelled_with_the_other(client, log_in, desk: Desk) -> None:
    me = await log_in(Role.ADMIN)
    await desk.ask(note(1))
    await desk.ask(note(2))
    headers = {"X-CSRF-Token": me["csrf"]}
    refused = await client.delete(f"/api/v1/callbacks/{code(2)}", headers=headers)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "callback_shares_place")
    assert (await client.delete(f"/api/v1/callbacks/{code(1)}", headers=headers)).json()["state"] == "cancelled"
    assert (await desk.row(2)).state == "cancelled"


async def test_quality_may_look_and_not_cancel(client, log_in, desk: Desk) -> None:
    me = await log_in(Role.QA)
    await desk.ask(note(1))
    assert (await client.get(f"/api/v1/callbacks/{code(1)}")).json()["place"] == 1
    refused = await client.delete(f"/api/v1/callbacks/{code(1)}", headers={"X-CSRF-Token": me["csrf"]})
    assert refused.status_code == 403
    assert f"/callbacks/{code(1)}/cancel" not in (await client.get("/callbacks")).text


async def test_an_unknown_code_is_not_found_and_a_mistyped_one_is_said_so(client, log_in) -> None:
    await log_in(Role.MANAGER)
    assert (await client.get(f"/api/v1/callbacks/{code(9)}")).status_code == 404
    assert (await client.get("/api/v1/callbacks/123456789")).status_code in (400, 422)
