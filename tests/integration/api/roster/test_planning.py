"""Planning turns over the API: rules, swaps, shifts, and what the audit trail keeps of them."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import httpx2
import pytest
from sqlalchemy import text

from api.access.permissions import Role
from api.db.engine import Sessions
from tests.integration.api.roster.plans_of_azar import SATURDAY, A, M, cells, key_of, put, trail

Key = dict[str, str]
DAY = timedelta(days=1)


async def test_a_turn_is_planned_changed_and_removed_and_each_is_written_down(
    client: httpx2.AsyncClient, supervisor: Key, sessions: Sessions
) -> None:
    planned = await put(client, supervisor, "operator01", SATURDAY, {**M, "seat": "seat07", "note": "آموزش نفر نو"})
    assert planned.status_code == 200, planned.text
    (change,) = planned.json()["changes"]
    assert (change["before"], change["after_en"], change["after_fa"]) == ([], "M @7", "ص @۷")
    (turn,) = change["after"]
    assert (turn["begins_at"], turn["ends_at"]) == ("2026-12-05T04:30:00Z", "2026-12-05T10:30:00Z")
    assert [one["minutes"] for one in turn["breaks"]] == [15, 30]
    await put(client, supervisor, "operator01", SATURDAY, A)
    gone = await client.delete(f"/api/v1/roster/days/{SATURDAY}/agents/operator01", headers=supervisor)
    assert gone.json()["changes"][0]["after"] == []
    told = await trail(sessions)
    assert [(entry.action, entry.target, entry.actor) for entry in told] == [
        (f"roster.{deed}", "roster:2026-12-05", "person:supervisor") for deed in ("planned", "changed", "removed")
    ]
    assert told[1].details["agent"] == "operator01"
    assert [turn["note"] for turn in told[1].details["before"]] == ["آموزش نفر نو"]
    assert [turn["shift"] for turn in told[1].details["after"]] == ["A"]
    assert told[2].details["after"] == []


async def test_planning_the_same_twice_changes_nothing(
    client: httpx2.AsyncClient, supervisor: Key, sessions: Sessions
) -> None:
    await put(client, supervisor, "operator01", SATURDAY, M, {"kind": "training", "begins": "15:00", "ends": "16:30"})
    again = await put(
        client, supervisor, "operator01", SATURDAY, {"kind": "training", "begins": "15:00", "ends": "16:30"}, M
    )
    assert again.json() == {"changes": [], "notices": []}
    assert len(await trail(sessions)) == 1


@pytest.mark.parametrize(
    ("first", "second", "code"),
    [
        ([("operator01", 0, M)], ("operator01", 0, [M, {"begins": "13:00", "ends": "15:00"}]), "turns_overlap"),
        ([("operator01", 0, M)], ("operator01", 0, [M, {"kind": "leave"}]), "turns_overlap"),
        ([("operator01", -1, {"begins": "22:00", "ends": "06:00"})], ("operator01", 0, [{"begins": "05:00", "ends": "09:00"}]), "turns_overlap"),
        ([("operator02", 0, {**M, "seat": "seat03"})], ("operator01", 0, [{"begins": "13:00", "ends": "20:00", "seat": "seat03"}]), "seat_taken"),
        ([("operator01", n, M) for n in range(1, 7)], ("operator01", 0, [M]), "no_weekly_rest"),
        ([], ("operator01", 0, [{"begins": "08:00", "ends": "08:00"}]), "hours_empty"),
        ([], ("operator01", 0, [{"kind": "training"}]), "hours_missing"),
        ([], ("operator01", 0, [{**M, "begins": "08:00", "ends": "09:00"}]), "shift_and_hours"),
        ([], ("operator01", 0, [{"shift": "X"}]), "shift_unknown"),
        ([], ("operator01", 0, [{**M, "seat": "seat17"}]), "seat_unknown"),
        ([], ("operator01", 0, [{"kind": "sick", "seat": "seat01"}]), "seat_without_work"),
        ([], ("operator01", 0, [{"begins": "08:00:30", "ends": "09:00"}]), "hours_unreadable"),
    ],
)  # fmt: skip
async def test_a_plan_that_breaks_a_rule_is_refused_whole(
    client: httpx2.AsyncClient, supervisor: Key, sessions: Sessions, first: list, second: tuple, code: str
) -> None:
    for agent, day, turn in first:
        answer = await put(client, supervisor, agent, SATURDAY + day * DAY, turn)
        assert answer.status_code == 200, answer.text
    before = len(await trail(sessions))
    agent, day, turns = second
    refused = await put(client, supervisor, agent, SATURDAY + day * DAY, *turns)
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, code)
    assert len(await trail(sessions)) == before


async def test_two_supervisors_do_not_overwrite_each_other(client: httpx2.AsyncClient, supervisor: Key) -> None:
    day = (await client.get(f"/api/v1/roster/days/{SATURDAY}", headers=supervisor)).json()
    assert day["agents"] == []
    planned = await put(client, supervisor, "operator01", SATURDAY, M)
    assert planned.status_code == 200
    (row,) = (await client.get(f"/api/v1/roster/days/{SATURDAY}", headers=supervisor)).json()["agents"]
    seen = row["cell"]["fingerprint"]
    assert (await put(client, supervisor, "operator01", SATURDAY, A, expected=seen)).status_code == 200
    late = await put(client, supervisor, "operator01", SATURDAY, M, expected=seen)
    assert (late.status_code, late.json()["error"]["code"]) == (409, "roster_moved_on")


async def test_two_who_want_one_seat_at_the_same_moment_do_not_both_get_it(
    client: httpx2.AsyncClient, supervisor: Key
) -> None:
    answers = await asyncio.gather(
        *(put(client, supervisor, f"operator{n:02d}", SATURDAY, {**M, "seat": "seat01"}) for n in (1, 2, 3, 4))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 422, 422, 422]


async def test_work_on_a_holiday_is_allowed_and_named(client: httpx2.AsyncClient, supervisor: Key) -> None:
    answer = await client.get("/api/v1/roster/months/1405-11", headers=supervisor)
    holidays = {day["day"]: day["holiday"] for day in answer.json()["days"] if day["holiday"]}
    assert "2027-02-11" in holidays, "22 Bahman"
    planned = await client.put(
        "/api/v1/roster/days/1405-11-22/agents/operator01", headers=supervisor, json={"turns": [M]}
    )
    (notice,) = planned.json()["notices"]
    assert (notice["code"], notice["holiday"]) == ("work_on_holiday", holidays["2027-02-11"])


async def test_a_shift_on_a_friday_is_told(client: httpx2.AsyncClient, supervisor: Key) -> None:
    answer = await put(client, supervisor, "operator01", SATURDAY - DAY, M)
    assert [(one["code"], one["shift"]) for one in answer.json()["notices"]] == [("shift_not_held", "M")]


NIGHT = {
    "code_fa": "ش", "code_en": "N", "name_fa": "شب", "name_en": "Night", "begins": "22:00", "ends": "06:00",
    "breaks": [{"begins": "01:00", "minutes": 30}], "weekdays": [0, 6],
}  # fmt: skip


async def test_a_shift_is_added_used_and_given_up_without_touching_what_was_planned(
    client: httpx2.AsyncClient, supervisor: Key, sessions: Sessions
) -> None:
    added = await client.post("/api/v1/roster/shifts", headers=supervisor, json=NIGHT)
    assert added.status_code == 201, added.text
    await put(client, supervisor, "operator01", SATURDAY, {"shift": "n"})
    gone = await client.delete(f"/api/v1/roster/shifts/{added.json()['id']}", headers=supervisor)
    assert gone.status_code == 200
    assert (await cells(client, supervisor))["operator01", str(SATURDAY)] == "N"
    shifts = (await client.get("/api/v1/roster/shifts", headers=supervisor)).json()
    assert [shift["code_en"] for shift in shifts] == ["M", "A"]
    refused = await put(client, supervisor, "operator02", SATURDAY, {"shift": "N"})
    assert refused.json()["error"]["code"] == "shift_unknown"
    other = await client.post("/api/v1/roster/shifts", headers=supervisor, json=NIGHT | {"begins": "21:00"})
    assert other.status_code == 201, "its code is free again"
    twice = await client.delete(f"/api/v1/roster/shifts/{added.json()['id']}", headers=supervisor)
    assert twice.status_code == 404
    assert [e.action for e in await trail(sessions)] == [
        "shift.added",
        "roster.planned",
        "shift.retired",
        "shift.added",
    ]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"code_en": "m"}, "shift_code_taken"),
        ({"code_fa": "مر"}, "shift_code_taken"),
        ({"code_en": "=1"}, "shift_code_unreadable"),
        ({"ends": "22:00"}, "hours_empty"),
        ({"breaks": [{"begins": "12:00", "minutes": 30}]}, "break_outside"),
        ({"weekdays": [9]}, "shift_weekdays"),
        ({"name_fa": "\u202eشب"}, None),
    ],
)
async def test_a_shift_that_makes_no_sense_is_refused(
    client: httpx2.AsyncClient, supervisor: Key, change: dict, code: str | None
) -> None:
    answer = await client.post("/api/v1/roster/shifts", headers=supervisor, json=NIGHT | change)
    if code is None:
        assert answer.json()["name_fa"] == "شب", "what turns the line around is left out"
    else:
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, code)


async def test_who_is_no_operator_is_not_planned(
    client: httpx2.AsyncClient, supervisor: Key, sessions: Sessions
) -> None:
    for name in ("supervisor", "nobody", "operator99"):
        assert (await put(client, supervisor, name, SATURDAY, M)).status_code == 404
    await put(client, supervisor, "operator04", SATURDAY, M)
    async with sessions.begin() as session:
        await session.execute(text("UPDATE person SET active = false WHERE username = 'operator04'"))
    assert (await put(client, supervisor, "operator04", SATURDAY + DAY, M)).status_code == 404, "gone"
    month = (await client.get("/api/v1/roster/months/1405-09", headers=supervisor)).json()
    assert {a["agent"]: a["active"] for a in month["agents"]}["operator04"] is False, "still shown where planned"
    assert (await client.delete(f"/api/v1/roster/days/{SATURDAY}/agents/operator04", headers=supervisor)).json()[
        "changes"
    ]


async def test_an_operator_sees_their_own_turns_and_nobody_elses(
    client: httpx2.AsyncClient, supervisor: Key, sessions: Sessions
) -> None:
    await put(client, supervisor, "operator01", SATURDAY, {**M, "note": "برای خودم"})
    await put(client, supervisor, "operator02", SATURDAY, {**A, "note": "secret"})
    async with sessions.begin() as session:
        own = await key_of(session, Role.OPERATOR, "operator01")
    for path in ("months/1405-09", f"days/{SATURDAY}"):
        answer = await client.get(f"/api/v1/roster/{path}", headers=own)
        assert answer.status_code == 200
        assert "operator02" not in answer.text
        assert "secret" not in answer.text
        assert answer.json()["coverage"] == []
    assert await cells(client, own) == {("operator01", str(SATURDAY)): "M"}
    sheet = await client.get("/api/v1/roster/months/1405-09/sheet", headers=own)
    assert sheet.status_code == 200
    assert b"operator02" not in sheet.content
    assert (await put(client, own, "operator01", SATURDAY, A)).status_code == 403
    page = await client.get(f"/roster/day/{SATURDAY}", headers=own)
    assert "operator02" not in page.text
    assert (await client.get(f"/roster/day/{SATURDAY}/operator01", headers=own)).status_code == 403


async def test_a_change_needs_the_form_token(client: httpx2.AsyncClient, supervisor: Key) -> None:
    bare = {"cookie": supervisor["cookie"]}
    assert (await put(client, bare, "operator01", SATURDAY, M)).status_code == 403
    gone = await client.delete(f"/api/v1/roster/days/{SATURDAY}/agents/operator01", headers=bare)
    assert gone.status_code == 403


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("days/1405-13-01", "roster_day_unreadable"),
        ("days/yesterday", "roster_day_unreadable"),
        ("days/1420-01-01", "roster_too_far"),
        ("days/1300-01-01", "roster_too_old"),
        ("days/9999999-01-01", "roster_day_unreadable"),
        ("months/1405", "roster_month_unreadable"),
        ("months/1405-13", "roster_month_unreadable"),
        ("months/1405-09-01", "roster_month_unreadable"),
        ("months/1500-01", "roster_too_far"),
    ],
)
async def test_what_is_no_day_or_month_is_told(
    client: httpx2.AsyncClient, supervisor: Key, path: str, code: str
) -> None:
    answer = await client.get(f"/api/v1/roster/{path}", headers=supervisor)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, code)
    what, _, when = path.partition("/")
    address = f"/roster/day/{when}" if what == "days" else f"/roster?month={when}"
    page = await client.get(address, headers={**supervisor, "accept": "text/html"})
    assert page.status_code == 422
    assert 'role="alert"' in page.text or 'data-testid="error"' in page.text


async def test_an_address_of_several_operations_names_them_all(client: httpx2.AsyncClient, supervisor: Key) -> None:
    answer = await client.request("OPTIONS", "/api/v1/roster/shifts", headers=supervisor)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")
    answer = await client.request("PATCH", f"/api/v1/roster/days/{SATURDAY}/agents/operator01", headers=supervisor)
    assert (answer.status_code, answer.headers["allow"]) == (405, "DELETE, PUT")
