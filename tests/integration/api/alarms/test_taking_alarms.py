"""Alarms over the API and on the pages: read, taken once, limits changed, and always word to whoever watches."""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from api.access.permissions import Role, permissions_of_role
from api.access.principal import Principal
from api.alarms.rules import asked_rule, change_rule
from api.db.alarm_tables import AlarmRow, AlarmRuleRow, AlarmWatchRow
from api.db.engine import Sessions
from api.db.tables import AuditEntry
from ivr.kernel.clock import SystemClock
from tests.integration.conftest import PASSWORD

LogIn = Callable[[Role], Any]
HTMX = {"hx-request": "true"}


async def an_alarm(
    sessions: Sessions, kind: str = "longest_wait", *, ago: float = 42, ended: bool = False, **changed: Any
) -> int:
    now = SystemClock().now()
    told: dict[str, Any] = {"queue": "insurance", "subject": "", "threshold": 120.0, "value": 121.0, "worst": 150.0}
    row = AlarmRow(
        kind=kind, began_at=now - timedelta(seconds=ago), ended_at=now if ended else None, **(told | changed)
    )
    async with sessions.begin() as session:
        session.add(row)
        await session.flush()
        return row.id


async def test_who_takes_an_alarm_owns_it_and_the_time_it_took_is_told(
    sessions: Sessions, client: httpx2.AsyncClient, log_in: LogIn
) -> None:
    alarm = await an_alarm(sessions)
    me = await log_in(Role.SUPERVISOR)
    answer = await client.post(f"/api/v1/alarms/{alarm}/take", headers={"x-csrf-token": me["csrf"]})
    told = answer.json()
    assert (answer.status_code, told["owner"], told["unit"], told["queue"]) == (
        200,
        "person:supervisor",
        "seconds",
        "insurance",
    )
    assert 42 <= told["seconds_to_acknowledge"] < 60
    again = await client.post(f"/api/v1/alarms/{alarm}/take", headers={"x-csrf-token": me["csrf"]})
    assert again.json() == told, "taking one's own again changes nothing"
    async with sessions() as session:
        [entry] = (await session.scalars(select(AuditEntry).where(AuditEntry.action == "alarm.taken"))).all()
    assert (entry.actor, entry.target) == ("person:supervisor", f"alarm:{alarm}")
    assert entry.details == {
        "kind": "longest_wait", "queue": "insurance", "subject": "", "before": None, "after": "person:supervisor",
    }  # fmt: skip


async def test_an_alarm_is_taken_by_one_and_not_when_it_is_over(
    sessions: Sessions, client: httpx2.AsyncClient, log_in: LogIn
) -> None:
    theirs = await an_alarm(sessions, owner="person:admin", acknowledged_at=SystemClock().now())
    over = await an_alarm(sessions, "waiting", ended=True)
    me = await log_in(Role.SUPERVISOR)
    for alarm, status, code in (
        (theirs, 409, "alarm_taken"),
        (over, 409, "alarm_over"),
        (over + 99, 404, "no_such_alarm"),
    ):
        answer = await client.post(f"/api/v1/alarms/{alarm}/take", headers={"x-csrf-token": me["csrf"]})
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
        page = await client.post(f"/floor/alarms/{alarm}/take", data={"csrf": me["csrf"]}, headers=HTMX)
        assert page.status_code == status
        assert "text/html" in page.headers["content-type"]


async def test_the_list_tells_newest_first_and_goes_on_where_it_ended(
    sessions: Sessions, client: httpx2.AsyncClient, api_token_headers: dict[str, str]
) -> None:
    made = [await an_alarm(sessions, "waiting", ago=100 - n, ended=True) for n in range(5)]
    standing = await an_alarm(sessions)
    first = (await client.get("/api/v1/alarms?limit=4", headers=api_token_headers)).json()
    assert [one["id"] for one in first["items"]] == [standing, *reversed(made[2:])]
    rest = (await client.get(f"/api/v1/alarms?limit=4&cursor={first['next']}", headers=api_token_headers)).json()
    assert ([one["id"] for one in rest["items"]], rest["next"]) == ([made[1], made[0]], None)
    only = (await client.get("/api/v1/alarms?standing=true", headers=api_token_headers)).json()
    assert [one["id"] for one in only["items"]] == [standing]
    assert (await client.get("/api/v1/alarms?cursor=x", headers=api_token_headers)).status_code == 422


async def test_limits_of_every_queue_are_read_and_a_manager_changes_one(
    sessions: Sessions, client: httpx2.AsyncClient, log_in: LogIn
) -> None:
    me = await log_in(Role.MANAGER)
    told = (await client.get("/api/v1/alarms/rules")).json()
    assert told["looked_at"] is None
    assert len(told["items"]) == 4 * 4 + 3
    asked = {"queue": "insurance", "threshold": 90, "after_seconds": 5}
    answer = await client.put("/api/v1/alarms/rules/longest_wait", json=asked, headers={"x-csrf-token": me["csrf"]})
    assert answer.json() == {
        "kind": "longest_wait", "unit": "seconds", "queue": "insurance", "threshold": 90.0, "calm_at": 72.0,
        "after_seconds": 5.0, "on": True,
    }  # fmt: skip
    rules = {(one["kind"], one["queue"]): one for one in (await client.get("/api/v1/alarms/rules")).json()["items"]}
    assert rules["longest_wait", "insurance"]["threshold"] == 90
    assert rules["longest_wait", "general"]["threshold"] == 120


@pytest.mark.parametrize(
    ("kind", "asked", "field"),
    [
        ("no_such_kind", {}, "kind"),
        ("longest_wait", {"queue": "moon"}, "queue"),
        ("longest_wait", {"queue": ""}, "queue"),
        ("stale", {"queue": "insurance"}, "queue"),
        ("longest_wait", {"threshold": -1}, "threshold"),
        ("service_level", {"threshold": 70}, "threshold"),
        ("waiting", {"threshold": 1e9}, "threshold"),
        ("waiting", {"after_seconds": 3601}, "after_seconds"),
        ("waiting", {"after_seconds": -0.1}, "after_seconds"),
    ],
)
async def test_a_limit_that_makes_no_sense_is_refused_and_named(
    client: httpx2.AsyncClient, log_in: LogIn, kind: str, asked: dict[str, Any], field: str
) -> None:
    me = await log_in(Role.MANAGER)
    body = {"queue": "insurance", "threshold": 0.5, "after_seconds": 1} | asked
    answer = await client.put(f"/api/v1/alarms/rules/{kind}", json=body, headers={"x-csrf-token": me["csrf"]})
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, field)


async def test_the_form_of_limits_changes_all_or_nothing(
    sessions: Sessions, client: httpx2.AsyncClient, log_in: LogIn
) -> None:
    me = await log_in(Role.MANAGER)
    page = await client.get("/floor/alarms/rules")
    assert page.status_code == 200
    form = {
        "csrf": me["csrf"], "on-longest_wait-insurance": "on", "threshold-longest_wait-insurance": "۹۰", "after-longest_wait-insurance": "0",
        "on-service_level-general": "on", "threshold-service_level-general": "صد", "after-service_level-general": "60",
    }  # fmt: skip
    wrong = await client.post("/floor/alarms/rules", data=form)
    assert wrong.status_code == 422
    assert 'value="۹۰"' in wrong.text, "what was typed stands there still"
    async with sessions() as session:
        assert (await session.scalars(select(AlarmRuleRow))).all() == []
    form["threshold-service_level-general"] = "۷۵٫۵"
    saved = await client.post("/floor/alarms/rules", data=form)
    assert (saved.status_code, saved.headers["location"]) == (303, "/floor/alarms/rules?changed=2")
    async with sessions() as session:
        rows = (await session.scalars(select(AlarmRuleRow).order_by(AlarmRuleRow.kind))).all()
    assert [(row.kind, row.queue, row.threshold) for row in rows] == [
        ("longest_wait", "insurance", 90.0), ("service_level", "general", 0.755),
    ]  # fmt: skip
    empty = await client.post("/floor/alarms/rules", data={"csrf": me["csrf"]})
    assert empty.status_code == 422, "half a form is no wish to switch everything off"


FIELD = re.compile(
    r'<input [^>]*?type="hidden" name="(was-[^"]+)" value="([^"]*)"|<input [^>]*?name="((?:on|threshold|after)-[^"]+)"([^>]*)'
)


def as_opened(page: str) -> dict[str, str]:
    """What a browser sends when nothing in the form is touched."""
    form: dict[str, str] = {}
    for hidden, was, name, rest in FIELD.findall(page):
        value = re.search(r'value="([^"]*)"', rest)
        if hidden:
            form[hidden] = was
        elif not name.startswith("on-"):
            form[name] = value[1] if value else ""
        elif "checked" in rest:
            form[name] = "on"
    return form


async def test_saving_the_form_changes_what_its_reader_changed_and_undoes_nothing(
    sessions: Sessions, client: httpx2.AsyncClient, log_in: LogIn
) -> None:
    me = await log_in(Role.MANAGER)
    client.cookies.set("line1420_language", "en")

    async def put(threshold: float, after: float, queue: str = "insurance") -> None:
        asked = {"queue": queue, "threshold": threshold, "after_seconds": after}
        await client.put("/api/v1/alarms/rules/longest_wait", json=asked, headers={"x-csrf-token": me["csrf"]})

    await put(3600, 2.5)
    form = as_opened((await client.get("/floor/alarms/rules")).text) | {"csrf": me["csrf"]}
    assert form["threshold-longest_wait-insurance"] == "3600"
    same = await client.post("/floor/alarms/rules", data=form)
    assert same.headers["location"].endswith("changed=0")
    await put(1800, 2.5)  # a colleague, while the form is open
    await put(77, 7, "general")
    form["threshold-longest_wait-pensions"] = "1,234"
    form["after-longest_wait-insurance"] = "30"
    saved = await client.post("/floor/alarms/rules", data=form)
    assert saved.headers["location"].endswith("changed=2")
    rules = {(one["kind"], one["queue"]): one for one in (await client.get("/api/v1/alarms/rules")).json()["items"]}
    told = {queue: rules["longest_wait", queue] for queue in ("insurance", "general", "pensions")}
    assert {queue: (one["threshold"], one["after_seconds"]) for queue, one in told.items()} == {
        "insurance": (1800, 30), "general": (77, 7), "pensions": (1234, 0),
    }  # fmt: skip
    form["threshold-longest_wait-insurance"] = "99"
    late = await client.post("/floor/alarms/rules", data=form)
    assert (late.status_code, "now: 1800 s" in late.text) == (422, True), "the same number, changed by two"
    again = await client.post("/floor/alarms/rules", data=as_opened(late.text) | {"csrf": me["csrf"]})
    assert again.headers["location"].endswith("changed=1"), "told of it, a second press wins"


async def test_two_who_change_a_limit_for_the_first_time_come_one_after_the_other(
    sessions: Sessions, add_person: Any
) -> None:
    await add_person(Role.MANAGER)
    manager = Principal("person:manager", "م", "m", Role.MANAGER, permissions_of_role(Role.MANAGER), None, "test")

    async def change(threshold: float) -> bool:
        async with sessions.begin() as session:
            wanted = asked_rule("waiting", "general", threshold, 0, on=True)
            return await change_rule(session, wanted, at=SystemClock().now(), by=manager)

    assert await asyncio.gather(*(change(10 + number) for number in range(4))) == [True] * 4
    async with sessions() as session:
        entries = (await session.scalars(select(AuditEntry).order_by(AuditEntry.id))).all()
    for before, after in itertools.pairwise(entries):
        assert after.details["before"] == before.details["after"], "each knew of the one before"


async def test_the_board_says_that_something_stands_and_whether_anybody_looks(
    sessions: Sessions, client: httpx2.AsyncClient, api_token_headers: dict[str, str]
) -> None:
    async def alarms() -> dict[str, Any]:
        return (await client.get("/api/v1/board", headers=api_token_headers)).json()["alarms"]

    blind = await alarms()
    assert (blind["standing"], blind["watched"]) == (0, False), "an empty list that nobody fills is no good news"
    async with sessions.begin() as session:
        session.add(AlarmWatchRow(node="line1420", looked_at=SystemClock().now()))
    seen = await alarms()
    assert (seen["watched"], seen["mark"] != blind["mark"]) == (True, True)
    await an_alarm(sessions)
    told = await alarms()
    assert (told["standing"], told["unacknowledged"], told["mark"] != seen["mark"]) == (1, 1, True)


async def test_the_floors_part_has_a_button_for_who_may_take_and_a_word_for_who_may_not(
    app: FastAPI, sessions: Sessions, client: httpx2.AsyncClient, log_in: LogIn, add_person: Any
) -> None:
    alarm = await an_alarm(sessions)
    await log_in(Role.SUPERVISOR)
    part = (await client.get("/floor/parts/alarms")).text
    assert f'id="take-{alarm}"' in part
    assert 'aria-keyshortcuts="F2"' in part
    board = (await client.get("/api/v1/board")).json()
    assert f'data-mark="{board["alarms"]["mark"]}"' in part, "the page does not load it again and again"
    await add_person(Role.OPERATOR)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://line.test") as other:
        await other.post("/login", data={"username": "operator", "password": PASSWORD})
        part = (await other.get("/floor/parts/alarms")).text
    assert f"take-{alarm}" not in part
    assert "بی‌مسئول" in part


async def test_pages_with_alarms_are_drawn_in_both_languages(
    sessions: Sessions, client: httpx2.AsyncClient, log_in: LogIn
) -> None:
    await an_alarm(sessions, owner="person:supervisor", acknowledged_at=SystemClock().now())
    await an_alarm(sessions, "overdue_pause", queue="", subject="seat11", threshold=60.0)
    await an_alarm(sessions, "stale", ended=True, queue="", threshold=10.0)
    await log_in(Role.SUPERVISOR)
    for language in ("fa", "en"):
        client.cookies.set("line1420_language", language)
        for path in (
            "/floor",
            "/floor/wall",
            "/floor/alarms",
            "/floor/alarms?only=over",
            "/floor/alarms/rules",
            "/floor/parts/day",
        ):
            answer = await client.get(path)
            assert answer.status_code == 200, path
            assert "None" not in answer.text, path
