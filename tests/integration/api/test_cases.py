"""Cases over HTTP: lists and filters, codes mistyped and unknown, the doors' look-up, taking and answering."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from api.access.permissions import Role
from api.cases.case import Case, CaseKind, CaseState
from api.cases.repository import CaseRows
from api.db.tables import AuditEntry
from ivr.kernel.clock import SystemClock
from ivr.kernel.ids import CallId
from ivr.kernel.tracking_code import TrackingCode

NOW = SystemClock().now()
CODE = TrackingCode.from_number(12345678)


async def a_case(sessions, number: int = 12345678, **changes) -> Case:
    opened = NOW - timedelta(minutes=number % 1000)
    values = {
        "code": TrackingCode.from_number(number), "kind": CaseKind.COMPLAINT, "caller": "+989121234567",
        "call_id": CallId("line1420-1.1"), "recording_id": None, "opened_at": opened, "due_at": NOW + timedelta(days=9),
        "deadline": {"allowance_seconds": 3600, "intervals": [[NOW.isoformat(), NOW.isoformat()]],
                     "left_out": [{"day": "2026-11-24", "name": "تعطیل"}]},
    }  # fmt: skip
    case = Case(**{**values, **changes})
    async with sessions.begin() as session:
        assert await CaseRows(session).add(case)
    return case


async def codes(client, headers, **query) -> list[str]:
    answer = await client.get("/api/v1/cases", params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    return [item["code"] for item in answer.json()["items"]]


async def test_a_list_is_newest_first_and_has_pages(client, api_token_headers, sessions):
    made = [(await a_case(sessions, number)).code for number in (1, 2, 3, 4, 5)]
    first = (await client.get("/api/v1/cases?limit=2", headers=api_token_headers)).json()
    second = (await client.get(f"/api/v1/cases?limit=2&cursor={first['next']}", headers=api_token_headers)).json()
    third = (await client.get(f"/api/v1/cases?limit=2&cursor={second['next']}", headers=api_token_headers)).json()
    assert [item["code"] for page in (first, second, third) for item in page["items"]] == made
    assert third["next"] is None


async def test_filters(client, api_token_headers, sessions):
    late = (await a_case(sessions, 1, due_at=NOW - timedelta(hours=1))).code
    done = (await a_case(sessions, 2, due_at=NOW - timedelta(hours=1), state=CaseState.ANSWERED)).code
    back = (await a_case(sessions, 3, kind=CaseKind.CALLBACK, caller="+982188880000")).code
    hidden = (await a_case(sessions, 4, caller="")).code
    headers = api_token_headers
    assert await codes(client, headers, overdue=True) == [late]
    assert await codes(client, headers, overdue=False) == [done, back, hidden]
    assert await codes(client, headers, state="answered") == [done]
    assert await codes(client, headers, kind="callback") == [back]
    for number in ("02188880000", "+982188880000", "00982188880000", "۰۲۱۸۸۸۸۰۰۰۰"):
        assert await codes(client, headers, caller=number) == [back]
    for nobody in ("", "withheld"):
        assert await codes(client, headers, caller=nobody) == [hidden]


@pytest.mark.parametrize(
    "query", ["state=lost", "kind=ticket", "overdue=perhaps", "limit=0", "limit=1000", "cursor=xyz", "caller=somebody"]
)
async def test_a_bad_filter_says_what_is_wrong(client, api_token_headers, query):
    answer = await client.get(f"/api/v1/cases?{query}", headers=api_token_headers)
    assert answer.status_code == 422
    assert answer.json()["error"]["field"] == f"query.{query.partition('=')[0]}"


async def test_one_case_explains_its_deadline(client, api_token_headers, sessions):
    await a_case(sessions)
    for written in (CODE, f"{CODE[:3]}-{CODE[3:6]}-{CODE[6:]}", CODE.translate({48 + n: 0x6F0 + n for n in range(10)})):
        answer = await client.get(f"/api/v1/cases/{written}", headers=api_token_headers)
        assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["code"], body["state"], body["overdue"], body["answer"]) == (CODE, "open", False, None)
    assert body["deadline"]["intervals"] == [
        {"from": body["deadline"]["intervals"][0]["to"], "to": body["deadline"]["intervals"][0]["to"]}
    ]
    assert body["deadline"]["left_out"] == [{"day": "2026-11-24", "name": "تعطیل"}]


async def test_a_mistyped_code_and_an_unknown_one_are_told_apart(
    client, api_token_headers, door_token_headers, sessions
):
    await a_case(sessions)
    for path, headers in (("", api_token_headers), ("/state", door_token_headers)):
        mistyped = await client.get(f"/api/v1/cases/{CODE[:-1]}{(int(CODE[-1]) + 1) % 10}{path}", headers=headers)
        assert (mistyped.status_code, mistyped.json()["error"]["code"]) == (422, "tracking_code_wrong")
        assert "digit" in mistyped.json()["error"]["message"]
        unknown = await client.get(f"/api/v1/cases/{TrackingCode.from_number(7)}{path}", headers=headers)
        assert unknown.status_code == 404
        for odd in ("abc", "1" * 59, "%00", "۱۲۳"):
            assert (await client.get(f"/api/v1/cases/{odd}{path}", headers=headers)).status_code == 422


async def test_a_door_reads_the_state_and_nothing_else(client, api_token_headers, door_token_headers, sessions):
    case = await a_case(sessions)
    answer = await client.get(f"/api/v1/cases/{CODE}/state", headers=door_token_headers)
    assert answer.json().keys() == {"code", "state", "opened_at", "due_at"}
    assert datetime.fromisoformat(answer.json()["due_at"]).astimezone(UTC) == case.due_at
    assert (await client.get(f"/api/v1/cases/{CODE}", headers=door_token_headers)).status_code == 403
    assert (await client.get(f"/api/v1/cases/{CODE}/state", headers=api_token_headers)).status_code == 403
    assert (await client.get(f"/api/v1/cases/{CODE}/state")).status_code == 401


async def test_taken_and_answered_with_audit(client, log_in, sessions):
    await a_case(sessions)
    headers = {"X-CSRF-Token": (await log_in(Role.CASEWORK))["csrf"]}
    too_early = await client.post(f"/api/v1/cases/{CODE}/answer", json={"text": "پاسخ"}, headers=headers)
    assert (too_early.status_code, too_early.json()["error"]["code"]) == (409, "case_moved_on")
    taken = await client.post(f"/api/v1/cases/{CODE}/take", headers=headers)
    assert (taken.status_code, taken.json()["state"], taken.json()["taken_by"]) == (200, "in_work", "casework")
    assert (await client.post(f"/api/v1/cases/{CODE}/take", headers=headers)).status_code == 409
    empty = await client.post(f"/api/v1/cases/{CODE}/answer", json={"text": " \u200b\n "}, headers=headers)
    assert (empty.status_code, empty.json()["error"]["field"]) == (422, "text")
    answer = await client.post(
        f"/api/v1/cases/{CODE}/answer", json={"text": "سلام،\nمی‌شود \u202eپیگیری شد."}, headers=headers
    )
    assert answer.json()["answer"] == "سلام،\nمی‌شود پیگیری شد."
    assert (answer.json()["state"], answer.json()["answered_by"]) == ("answered", "casework")
    async with sessions() as session:
        entries = (
            await session.execute(select(AuditEntry).where(AuditEntry.target == f"case:{CODE}").order_by(AuditEntry.id))
        ).scalars()
        assert [(entry.actor, entry.action) for entry in entries] == [
            ("person:casework", "case.taken"), ("person:casework", "case.answered"),
        ]  # fmt: skip


async def test_who_may_not_take(client, log_in, api_token_headers, sessions):
    await a_case(sessions)
    path = f"/api/v1/cases/{CODE}/take"
    assert (await client.post(path)).status_code == 401
    assert (await client.post(path, headers=api_token_headers)).status_code == 403
    me = await log_in(Role.SUPERVISOR)
    assert (await client.post(path, headers={"X-CSRF-Token": me["csrf"]})).status_code == 403


async def test_without_the_form_token_nothing_is_taken(client, log_in, sessions):
    await a_case(sessions)
    await log_in(Role.CASEWORK)
    answer = await client.post(f"/api/v1/cases/{CODE}/take")
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "csrf")


async def test_of_two_who_take_at_once_one_gets_it(client, log_in, sessions):
    await a_case(sessions)
    headers = {"X-CSRF-Token": (await log_in(Role.CASEWORK))["csrf"]}
    answers = await asyncio.gather(*(client.post(f"/api/v1/cases/{CODE}/take", headers=headers) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
