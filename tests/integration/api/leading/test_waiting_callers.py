"""Waiting callers are moved and raised: Asterisk is told, the trail knows before and after, and too late is too late."""

from __future__ import annotations

import copy
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import select

from api.access.permissions import Role
from api.db.engine import Sessions
from api.db.tables import AuditEntry, BoardState
from api.settings import ApiSettings
from ivr.kernel.clock import SystemClock
from ivr.kernel.ids import QueueName
from ivr.kernel.tracking_code import TrackingCode
from tests.fakes.asterisk_floor import Entry, FloorAmi
from tests.integration.api.leading.conftest import CALL, OTHER

pytestmark = pytest.mark.usefixtures("board")
HTML = {"accept": "text/html"}


async def ask(client: httpx2.AsyncClient, me: dict[str, Any], method: str, path: str, **body: Any) -> httpx2.Response:
    return await client.request(method, f"/api/v1{path}", headers={"x-csrf-token": me["csrf"]}, json=body or None)


async def trail(sessions: Sessions) -> list[tuple[str, str, str, dict[str, Any]]]:
    async with sessions() as session:
        rows = (await session.scalars(select(AuditEntry).order_by(AuditEntry.id))).all()
    return [(row.actor, row.action, row.target, row.details) for row in rows if row.action.startswith("caller.")]


async def test_a_caller_is_moved_with_the_place_they_have(
    client: httpx2.AsyncClient, log_in: Any, asterisk: FloorAmi, sessions: Sessions
) -> None:
    me = await log_in(Role.SUPERVISOR)
    (entry,) = asterisk.queues["insurance"]
    answer = await ask(client, me, "PUT", f"/waiting/{CALL}/queue", queue="pensions")
    assert answer.json() == {"call_id": CALL, "from_queue": "insurance", "to_queue": "pensions"}
    (said,) = asterisk.said
    assert (said["Queue"], said["WithdrawInfo"]) == ("q-insurance", f"move,pensions,{entry.priority}")
    assert await trail(sessions) == [
        (
            "person:supervisor", "caller.moved", f"call:{CALL}",
            {
                "before": {"queue": "insurance", "position": 1, "priority": 0},
                "after": {"queue": "pensions", "position": 2, "priority": 0},
            },
        )
    ]  # fmt: skip
    again = await ask(client, me, "PUT", f"/waiting/{CALL}/queue", queue="pensions")
    assert (again.status_code, again.json()["error"]["code"]) == (409, "caller_gone"), "the board lags, Asterisk knows"
    assert len(await trail(sessions)) == 1, "what was not done is not in the trail"


async def test_who_counts_as_having_waited_longer_comes_before(
    client: httpx2.AsyncClient, log_in: Any, asterisk: FloorAmi, sessions: Sessions
) -> None:
    me = await log_in(Role.ADMIN)
    (entry,) = asterisk.queues["pensions"]
    assert (await ask(client, me, "PUT", f"/waiting/{OTHER}/queue", queue="insurance")).status_code == 200
    assert asterisk.said[-1]["WithdrawInfo"] == f"move,insurance,{entry.priority}"
    ((*_, details),) = await trail(sessions)
    assert details["after"] == {"queue": "insurance", "position": 1, "priority": 3}, "and keeps the priority"


async def test_a_call_back_keeps_its_place(
    client: httpx2.AsyncClient, log_in: Any, asterisk: FloorAmi, sessions: Sessions
) -> None:
    held = f"line1420-cb{TrackingCode.from_number(7)}.1"
    async with sessions.begin() as session:
        row = await session.get(BoardState, "line1420")
        assert row is not None
        board = copy.deepcopy(dict(row.board))
        (waits,) = next(queue["waiting"] for queue in board["queues"] if queue["name"] == "insurance")
        waits |= {"call_id": held, "leg_id": held}
        row.board = board
    me = await log_in(Role.SUPERVISOR)
    for method, path, body in (
        ("PUT", "queue", {"queue": "pensions"}), ("POST", "front", {}), ("PUT", "priority", {"priority": 5})
    ):  # fmt: skip
        answer = await ask(client, me, method, f"/waiting/{held}/{path}", **body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "callback_keeps_place")
    assert (asterisk.said, await trail(sessions)) == ([], [])


async def test_a_caller_is_put_first_and_given_a_priority(
    client: httpx2.AsyncClient, log_in: Any, asterisk: FloorAmi, sessions: Sessions
) -> None:
    head = Entry.joined("line1420-1.8", 30, 10)
    asterisk.queues["insurance"] = [head, Entry.joined("line1420-1.9", 20, 10), Entry.joined(CALL, 40)]
    me = await log_in(Role.SUPERVISOR)
    assert (await ask(client, me, "POST", f"/waiting/{CALL}/front")).json() == {"call_id": CALL, "priority": 10}
    assert (asterisk.queues["insurance"][0].leg, asterisk.said[-1]["Priority"]) == (CALL, str(head.priority + 1))
    first = await ask(client, me, "POST", f"/waiting/{CALL}/front")
    assert first.json()["priority"] == 10
    assert asterisk.said[-1]["Priority"] == str(head.priority + 1), "who is first already is raised no further"
    answer = await ask(client, me, "PUT", f"/waiting/{CALL}/priority", priority=2)
    assert answer.json() == {"call_id": CALL, "priority": 2}
    assert [one.leg for one in asterisk.queues["insurance"]] == ["line1420-1.8", "line1420-1.9", CALL]
    assert {said["Immediate"] for said in asterisk.said} == {"yes"}
    told = [(action, details["before"]["priority"], details["after"]["priority"]) for _, action, _, details in await trail(sessions)]  # fmt: skip
    assert told == [("caller.to_front", 0, 10), ("caller.to_front", 10, 10), ("caller.prioritised", 10, 2)]


@pytest.mark.parametrize(
    ("call", "queue", "status", "code"),
    [
        (CALL, "nowhere", 422, "no_such_queue"),
        (CALL, "insurance'; DROP TABLE visit; --", 422, "no_such_queue"),
        (CALL, "q" * 500, 422, "invalid"),
        (CALL, "insurance", 409, "same_queue"),
        (CALL, "treatment", 409, "queue_unserved"),
        ("line1420-9.9", "pensions", 409, "caller_gone"),
        ("../../etc", "pensions", 404, "not_found"),
    ],
)
async def test_what_cannot_be_is_refused_and_changes_nothing(
    client: httpx2.AsyncClient, log_in: Any, asterisk: FloorAmi, sessions: Sessions, call: str, queue: str, status: int,
    code: str,
) -> None:  # fmt: skip
    answer = await ask(client, await log_in(Role.SUPERVISOR), "PUT", f"/waiting/{call}/queue", queue=queue)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert (asterisk.said, await trail(sessions)) == ([], [])


async def test_a_full_queue_takes_who_has_a_place_already(
    client: httpx2.AsyncClient, log_in: Any, settings: ApiSettings, asterisk: FloorAmi
) -> None:
    asterisk.queues["pensions"] = asterisk.queues["pensions"] * settings.queues[QueueName("pensions")].max_waiting
    answer = await ask(client, await log_in(Role.SUPERVISOR), "PUT", f"/waiting/{CALL}/queue", queue="pensions")
    assert answer.status_code == 200, answer.text
    assert len(asterisk.said) == 1


async def test_nobody_is_moved_into_a_closed_queue(
    client: httpx2.AsyncClient, log_in: Any, settings: ApiSettings, asterisk: FloorAmi
) -> None:
    now = SystemClock().now()
    (settings.var / "closures.toml").write_text(
        f'[[closure]]\nfrom = {(now - timedelta(hours=1)).isoformat()}\nto = {(now + timedelta(hours=1)).isoformat()}\nsection = "pensions"\n'
    )
    answer = await ask(client, await log_in(Role.SUPERVISOR), "PUT", f"/waiting/{CALL}/queue", queue="pensions")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "queue_closed")
    assert asterisk.said == []


async def test_who_is_moved_waits_until_the_new_queue_closes(
    client: httpx2.AsyncClient, log_in: Any, settings: ApiSettings, asterisk: FloorAmi
) -> None:
    closing = (SystemClock().now() + timedelta(minutes=20)).replace(microsecond=0)
    (settings.var / "closures.toml").write_text(
        f'[[closure]]\nfrom = {closing.isoformat()}\nto = {(closing + timedelta(hours=1)).isoformat()}\nsection = "pensions"\n'
    )
    (entry,) = asterisk.queues["insurance"]
    answer = await ask(client, await log_in(Role.SUPERVISOR), "PUT", f"/waiting/{CALL}/queue", queue="pensions")
    assert answer.status_code == 200
    until = int((closing + settings.wait_after_closing).timestamp())
    assert asterisk.said[-1]["WithdrawInfo"] == f"move,pensions,{entry.priority},{until}"


async def test_an_exchange_that_is_away_is_said_and_nothing_is_written(
    client: httpx2.AsyncClient, log_in: Any, asterisk: FloorAmi, sessions: Sessions
) -> None:
    me = await log_in(Role.SUPERVISOR)
    asterisk.answer_logins = False  # or the link would be back in half a second
    asterisk.session.drop()
    answer = await ask(client, me, "POST", f"/waiting/{CALL}/front")
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "exchange_away")
    assert await trail(sessions) == []


@pytest.mark.parametrize(
    ("method", "path", "body", "action"),
    [
        ("PUT", "queue", {"queue": "pensions"}, "caller.moved"),
        ("POST", "front", {}, "caller.to_front"),
        ("PUT", "priority", {"priority": 5}, "caller.prioritised"),
    ],
)
async def test_a_deed_whose_answer_is_lost_stands_in_the_trail(
    client: httpx2.AsyncClient, log_in: Any, asterisk: FloorAmi, sessions: Sessions, method: str, path: str,
    body: dict[str, Any], action: str,
) -> None:  # fmt: skip
    me = await log_in(Role.SUPERVISOR)
    asterisk.breaks = "after"
    answer = await ask(client, me, method, f"/waiting/{CALL}/{path}", **body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "exchange_away")
    assert len(asterisk.said) == 1, "it was done"
    ((actor, written, target, details),) = await trail(sessions)
    assert (actor, written, target) == ("person:supervisor", action, f"call:{CALL}")
    assert (details["before"]["queue"], details["result"]) == ("insurance", "unknown")


async def test_the_page_shows_and_does_the_same(
    client: httpx2.AsyncClient, log_in: Any, asterisk: FloorAmi, sessions: Sessions
) -> None:
    me = await log_in(Role.SUPERVISOR)
    page = (await client.get(f"/floor/waiting/{CALL}", headers=HTML)).text
    assert "<html" in page
    assert page.count("<option") == 3 + 11
    assert "درمان (بدون اپراتور)" in page
    within = {"x-csrf-token": me["csrf"], "hx-request": "true"}
    assert "<html" not in (await client.get(f"/floor/waiting/{CALL}", headers=within)).text
    for path, fields in (("priority", {"level": "3"}), ("front", {}), ("move", {"queue": "pensions"})):
        answer = await client.post(f"/floor/waiting/{CALL}/{path}", data={"csrf": me["csrf"], **fields}, headers=HTML)
        assert answer.headers["location"] == "/floor"
    assert [action for _, action, _, _ in await trail(sessions)] == ["caller.prioritised", "caller.to_front", "caller.moved"]  # fmt: skip
    late = await client.post(f"/floor/waiting/{CALL}/move", data={"queue": "general"}, headers=within)
    assert (late.status_code, late.headers["hx-retarget"]) == (409, "#refusal")
    assert "دیگر در انتظار نیست" in late.text


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.QA, Role.MANAGER, Role.CASEWORK])
async def test_who_does_not_lead_does_nothing(
    client: httpx2.AsyncClient, log_in: Any, asterisk: FloorAmi, role: Role
) -> None:
    me = await log_in(role)
    for method, path, body in (
        ("PUT", "queue", {"queue": "pensions"}), ("POST", "front", {}), ("PUT", "priority", {"priority": 5})
    ):  # fmt: skip
        assert (await ask(client, me, method, f"/waiting/{CALL}/{path}", **body)).status_code == 403
    assert asterisk.said == []
