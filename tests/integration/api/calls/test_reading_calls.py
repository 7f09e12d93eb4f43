"""What a supervisor, a program and a caseworker get when they ask for calls."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx2
import pytest

from api.access.permissions import Role
from api.db.engine import Sessions
from api.db.tables import CaseRow, RecordingRow
from api.ledger.store import PostgresLedger
from routing.events import Source
from tests.builders import NOON, CallStory, a_call_in_the_menu, an_answered_call
from tests.integration.api.ledger.test_storing_rows import batch_of

ANSWERED, ABANDONED, MESSAGE = "line1420-1.1", "line1420-2.1", "line1420-3.1"


@pytest.fixture
async def three_calls(sessions: Sessions) -> list[CallStory]:
    """Noon: answered; one minute later: gave up waiting; two minutes later, number withheld: left a message."""
    ledger = PostgresLedger(sessions, "line1420")
    later = [NOON + timedelta(minutes=n) for n in range(3)]
    stories = [
        an_answered_call(ANSWERED, at=later[0]),
        a_call_in_the_menu(ABANDONED, at=later[1], caller="02188776655").joins("pensions").wait(5).hangs_up_waiting(),
        a_call_in_the_menu(MESSAGE, at=later[2], caller="anonymous").records("m-1").wait(5)
        .milestone("message", message="m-1", state="kept", seconds="4.8").hangs_up(),
    ]  # fmt: skip
    for n, story in enumerate(stories):
        await ledger.store(batch_of(story.events, Source.CEL, n * 10_000))
        await ledger.store(batch_of(story.events, Source.QUEUE_LOG, n * 10_000))
    async with sessions.begin() as session:
        session.add(
            RecordingRow(recording_id=f"{ANSWERED}-1", call_id=ANSWERED, kind="talk", state="archived", seconds=40.1)
        )
    return stories


async def ids(client: httpx2.AsyncClient, headers: Any, **query: str | int) -> list[str]:
    answer = await client.get("/api/v1/calls", params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    return [item["call_id"] for item in answer.json()["items"]]


async def test_a_call_tells_all_that_the_line_promises(
    three_calls: list[CallStory], client: httpx2.AsyncClient, api_token_headers: Any
):
    call = (await client.get(f"/api/v1/calls/{ANSWERED}", headers=api_token_headers)).json()
    assert (call["caller"], call["disposition"], call["score"], call["language"]) == (
        "+989121234567",
        "answered",
        4,
        "fa",
    )
    assert [(step["node"], step["key"]) for step in call["menu_path"]] == [
        ("greeting", None), ("main", "1"), ("operators", "1"),
    ]  # fmt: skip
    [visit] = call["visits"]
    assert (visit["queue"], visit["outcome"], visit["agent"], visit["seat"]) == (
        "insurance", "answered", "operator03", "seat03",
    )  # fmt: skip
    assert visit["waited_seconds"] == pytest.approx(12, abs=0.01)
    assert visit["talked_seconds"] == pytest.approx(40, abs=0.01)
    assert call["recordings"] == [
        {"recording_id": f"{ANSWERED}-1", "kind": "talk", "state": "archived", "seconds": 40.1}
    ]
    assert (call["voice_message"], call["case_code"], call["problems"]) == (None, None, [])
    left = (await client.get(f"/api/v1/calls/{MESSAGE}", headers=api_token_headers)).json()
    assert left["voice_message"] == {
        "message": "m-1", "kind": "complaint", "state": "kept", "seconds": 4.8, "code": "123456782",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, [MESSAGE, ABANDONED, ANSWERED]),
        ({"caller": "09121234567"}, [ANSWERED]),
        ({"caller": "+989121234567"}, [ANSWERED]),
        ({"caller": "00989121234567"}, [ANSWERED]),
        ({"caller": "۰۹۱۲۱۲۳۴۵۶۷"}, [ANSWERED]),
        ({"caller": "\u202a+98 912 123-4567\u202c"}, [ANSWERED]),
        ({"caller": "withheld"}, [MESSAGE]),
        ({"disposition": "abandoned"}, [ABANDONED]),
        ({"queue": "insurance"}, [ANSWERED]),
        ({"agent": "operator03"}, [ANSWERED]),
        ({"agent": "operator03", "queue": "pensions"}, []),
        ({"from": (NOON + timedelta(seconds=30)).isoformat()}, [MESSAGE, ABANDONED]),
        ({"to": (NOON + timedelta(seconds=30)).isoformat()}, [ANSWERED]),
    ],
)
async def test_filters(
    query: dict[str, str],
    found: list[str],
    three_calls: list[CallStory],
    client: httpx2.AsyncClient,
    api_token_headers: Any,
):
    assert await ids(client, api_token_headers, **query) == found


async def test_pages_follow_each_other_without_gap_or_overlap(
    three_calls: list[CallStory], client: httpx2.AsyncClient, api_token_headers: Any
):
    first = (await client.get("/api/v1/calls", params={"limit": 2}, headers=api_token_headers)).json()
    assert [item["call_id"] for item in first["items"]] == [MESSAGE, ABANDONED]
    second = (
        await client.get("/api/v1/calls", params={"limit": 2, "cursor": first["next"]}, headers=api_token_headers)
    ).json()
    assert [item["call_id"] for item in second["items"]] == [ANSWERED]
    assert second["next"] is None


async def test_pages_of_a_queue_are_in_the_order_of_arrival_and_name_each_call_once(
    sessions: Sessions, client: httpx2.AsyncClient, api_token_headers: Any
):
    """Who arrived first may come to the queue last, and may come to it twice."""
    ledger = PostgresLedger(sessions, "line1420")
    slow = a_call_in_the_menu(ANSWERED, at=NOON).wait(50).joins("pensions").wait(5)
    slow.leaves_queue("EXITWITHTIMEOUT", "TIMEOUT").joins("pensions").wait(5).hangs_up_waiting()
    quick = [
        a_call_in_the_menu(call, at=NOON + timedelta(seconds=n)).joins("pensions").wait(3).hangs_up_waiting()
        for n, call in enumerate((ABANDONED, MESSAGE), 10)
    ]
    for n, story in enumerate((slow, *quick)):
        await ledger.store(batch_of(story.events, Source.CEL, n * 10_000))
        await ledger.store(batch_of(story.events, Source.QUEUE_LOG, n * 10_000))
    pages: list[list[str]] = []
    query: dict[str, str | int] = {"queue": "pensions", "limit": 1}
    while True:
        page = (await client.get("/api/v1/calls", params=query, headers=api_token_headers)).json()
        pages.append([item["call_id"] for item in page["items"]])
        if page["next"] is None:
            break
        query["cursor"] = page["next"]
    assert pages == [[MESSAGE], [ABANDONED], [ANSWERED]]
    assert await ids(client, api_token_headers, queue="pensions", to=(NOON + timedelta(seconds=5)).isoformat()) == [
        ANSWERED
    ]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"caller": "someone"}, "query.caller"),
        ({"caller": "0912abc"}, "query.caller"),
        ({"from": "0001-01-01T00:00:00+14:00"}, "query.from"),
        ({"to": "9999-12-31T23:59:59-12:00"}, "query.to"),
        ({"queue": "genral"}, "query.queue"),
        ({"disposition": "missed"}, "query.disposition"),
        ({"from": "yesterday"}, "query.from"),
        ({"from": "2026-11-21T08:00:00"}, "query.from"),
        ({"from": "2026-11-22T00:00:00Z", "to": "2026-11-21T00:00:00Z"}, "query.from"),
        ({"cursor": "abc"}, "query.cursor"),
        ({"limit": "0"}, "query.limit"),
    ],
)
async def test_a_wrong_filter_is_named(
    query: dict[str, str], field: str, client: httpx2.AsyncClient, api_token_headers: Any
):
    answer = await client.get("/api/v1/calls", params=query, headers=api_token_headers)
    assert answer.status_code == 422, answer.text
    assert answer.json()["error"]["field"] == field


async def test_the_timeline_tells_the_story_in_order_and_no_number(
    three_calls: list[CallStory], client: httpx2.AsyncClient, api_token_headers: Any
):
    path = f"/api/v1/calls/{ANSWERED}/timeline"
    answer = await client.get(path, headers=api_token_headers)
    items = answer.json()["items"]
    told = [item["event"] for item in items]
    for earlier, later in zip(
        ["offered", "choice", "talk", "CONNECT", "BRIDGE_EXIT", "score"],
        ["choice", "talk", "CONNECT", "BRIDGE_EXIT", "score", "final"],
        strict=True,
    ):
        assert told.index(earlier) < told.index(later)
    assert "9121234567" not in answer.text
    persian = (await client.get(path, params={"language": "fa"}, headers=api_token_headers)).json()["items"]
    assert persian[told.index("CONNECT")]["text"] == "کارشناس پاسخ داد"


async def test_an_unknown_call_is_not_found(client: httpx2.AsyncClient, api_token_headers: Any):
    for path in ("/api/v1/calls/line1420-9.9", "/api/v1/calls/line1420-9.9/timeline"):
        answer = await client.get(path, headers=api_token_headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
    assert (await client.get("/api/v1/calls/a%20b", headers=api_token_headers)).status_code == 422


async def test_casework_sees_the_calls_that_led_to_a_case_and_no_other(
    three_calls: list[CallStory], sessions: Sessions, client: httpx2.AsyncClient, log_in: Any
):
    case = CaseRow(
        code="123456782", kind="complaint", state="open", caller="", call_id=MESSAGE, recording_id="m-1",
        opened_at=NOON, due_at=NOON, deadline={}, details={},
    )  # fmt: skip
    async with sessions.begin() as session:
        session.add(case)
    await log_in(Role.CASEWORK)
    assert await ids(client, {}) == [MESSAGE]
    assert (await client.get(f"/api/v1/calls/{MESSAGE}/timeline")).status_code == 200
    for path in (f"/api/v1/calls/{ANSWERED}", f"/api/v1/calls/{ANSWERED}/timeline"):
        assert (await client.get(path)).status_code == 404


async def test_operators_and_strangers_read_no_calls(client: httpx2.AsyncClient, log_in: Any):
    assert (await client.get("/api/v1/calls")).status_code == 401
    await log_in(Role.OPERATOR)
    assert (await client.get("/api/v1/calls")).status_code == 403
