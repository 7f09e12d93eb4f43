"""The agent's page and the floor's menu over HTTP: plain forms, the same deeds as the JSON API, refusals in a sentence."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import select, update

from api.access.permissions import Role
from api.db.duty_tables import DutyPauseRow, DutyRow, WrapUpRow
from api.db.engine import Sessions
from api.db.tables import AuditEntry
from api.duty.service import SEEN_EVERY, desk_seen, pause, sign_in, sign_out
from api.floor.sink import PostgresBoard
from ivr.kernel.clock import SystemClock
from routing.board import Board
from routing.duty import PauseCause
from routing.ports import BoardLink, BoardPublication
from routing.seats import seat_names

HTML = {"accept": "text/html"}
NOW = SystemClock().now()


async def press(client: httpx2.AsyncClient, me: dict[str, Any], path: str, **fields: str) -> httpx2.Response:
    return await client.post(path, data={"csrf": me["csrf"], **fields}, headers=HTML)


async def shown(client: httpx2.AsyncClient, path: str = "/desk") -> str:
    answer = await client.get(path, headers=HTML)
    assert answer.status_code == 200, answer.text
    return answer.text


def state(html: str) -> str:
    found = re.search(r'class="panel post" data-state="(\w+)"', html)
    return found.group(1) if found else ""


async def open_duty(sessions: Sessions, seat: str) -> DutyRow | None:
    async with sessions() as session:
        return await session.scalar(select(DutyRow).where(DutyRow.seat == seat, DutyRow.ended_at.is_(None)))


async def causes(sessions: Sessions) -> list[tuple[str, str | None]]:
    async with sessions() as session:
        rows = (await session.scalars(select(DutyPauseRow).order_by(DutyPauseRow.id))).all()
    return [(row.cause, row.ended_by) for row in rows]


async def seated(sessions: Sessions, agent: str, seat: str, *paused: PauseCause) -> None:
    async with sessions.begin() as session:
        await sign_in(session, agent, seat, seats=seat_names(), at=NOW, by="test")
        row = await session.scalar(select(DutyRow).where(DutyRow.seat == seat, DutyRow.ended_at.is_(None)))
        assert row is not None
        for cause in paused:
            await pause(session, row, cause, at=NOW, by="test")


async def test_a_working_day_by_plain_forms(client: httpx2.AsyncClient, log_in: Any, sessions: Sessions):
    me = await log_in(Role.OPERATOR)
    page = await shown(client)
    assert page.count('name="seat"') == 16
    assert (await press(client, me, "/desk/sign-in", seat="seat05")).headers["location"] == "/desk"
    page = await shown(client)
    assert 'data-seat="seat05"' in page
    assert page.count('name="cause"') == 5

    assert (await press(client, me, "/desk/pause", cause="meal")).status_code == 303
    page = await shown(client)
    assert (state(page), page.count('name="cause"')) == ("paused", 0)
    assert "/desk/ready" in page
    assert (await press(client, me, "/desk/ready")).status_code == 303
    assert await causes(sessions) == [("meal", "person:operator")]

    row = await open_duty(sessions, "seat05")
    assert row is not None
    async with sessions.begin() as session:
        session.add(WrapUpRow(duty_id=row.id, queue="general", call_id="line1420-1.1", began_at=SystemClock().now()))
    page = await shown(client)
    assert state(page) == "wrap_up"
    assert (await press(client, me, "/desk/wrap-up-done")).status_code == 303
    async with sessions() as session:
        assert (await session.scalar(select(WrapUpRow.ended_by))) == "agent"

    assert (await press(client, me, "/desk/sign-out")).status_code == 303
    assert await open_duty(sessions, "seat05") is None
    assert 'name="seat"' in await shown(client)
    async with sessions() as session:
        entries = (
            await session.execute(select(AuditEntry).where(AuditEntry.target == "seat:seat05").order_by(AuditEntry.id))
        ).scalars()
        assert [(one.actor, one.action) for one in entries] == [
            ("person:operator", name) for name in ("duty.began", "duty.paused", "duty.resumed", "duty.ended")
        ]


async def test_the_panel_alone_is_what_the_page_shows(client: httpx2.AsyncClient, log_in: Any, sessions: Sessions):
    await log_in(Role.OPERATOR)
    await seated(sessions, "operator", "seat02")
    page, panel = await shown(client), await shown(client, "/desk/panel")
    mark = re.search(r'data-mark="[\w]+"', page)
    assert mark
    assert mark.group() in panel
    assert "<html" not in panel
    await client.get("/preferences?language=en")
    assert "My queues" in await shown(client, "/desk/panel")


async def test_looking_at_the_page_is_being_there(client: httpx2.AsyncClient, log_in: Any, sessions: Sessions):
    await log_in(Role.OPERATOR)
    await seated(sessions, "operator", "seat02")
    long_ago = SystemClock().now() - timedelta(minutes=9)
    for path in ("/desk", "/desk/panel"):
        async with sessions.begin() as session:
            await session.execute(update(DutyRow).values(desk_seen_at=long_ago))
        await shown(client, path)
        row = await open_duty(sessions, "seat02")
        assert row is not None
        assert row.desk_seen_at is not None
        assert row.desk_seen_at > long_ago + timedelta(minutes=8)
    async with sessions() as session:
        entries = await session.scalars(select(AuditEntry.action).where(AuditEntry.target == "seat:seat02"))
        assert entries.all() == ["duty.began"], "being seen is not written into the trail"


async def test_a_page_that_is_heard_of_often_is_written_down_seldom(sessions: Sessions, add_person: Any):
    await add_person(Role.OPERATOR)
    await seated(sessions, "operator", "seat02")
    async with sessions.begin() as session:
        row = await session.scalar(select(DutyRow))
        assert row is not None
        for later, seen in (
            (timedelta(seconds=9), NOW),
            (SEEN_EVERY, NOW + SEEN_EVERY),
            (timedelta(seconds=2), NOW + SEEN_EVERY),
            (-SEEN_EVERY, NOW - SEEN_EVERY),  # the clock was set back
        ):
            await desk_seen(session, row, NOW + later)
            assert row.desk_seen_at == seen


@pytest.mark.parametrize(
    ("path", "fields", "status", "said"),
    [
        ("/desk/sign-in", {"seat": "seat03"}, 409, "همکار دیگری در این جایگاه است"),
        ("/desk/sign-in", {"seat": "seat99"}, 422, "چنین جایگاهی نیست"),
        ("/desk/sign-in", {"seat": "'; DROP TABLE duty; --"}, 422, "چنین جایگاهی نیست"),
        ("/desk/sign-in", {}, 422, "چنین جایگاهی نیست"),
        ("/desk/sign-in", {"seat": "s" * 500}, 422, "بخش نادرست"),
        ("/desk/pause", {"cause": "supervisor"}, 422, "چنین علتی برای توقف نیست"),
        ("/desk/ready", {}, 404, "خروج از این جایگاه ثبت شده است"),
        ("/desk/sign-out", {}, 404, "خروج از این جایگاه ثبت شده است"),
        ("/desk/wrap-up-done", {}, 404, "خروج از این جایگاه ثبت شده است"),
    ],
)
async def test_a_refusal_is_a_sentence(
    client: httpx2.AsyncClient, log_in: Any, add_person: Any, sessions: Sessions, path: str, fields: dict[str, str],
    status: int, said: str,
):  # fmt: skip
    await add_person(Role.OPERATOR, "another")
    await seated(sessions, "another", "seat03")
    answer = await press(client, await log_in(Role.OPERATOR), path, **fields)
    assert answer.status_code == status
    assert said in answer.text


async def test_who_sits_somewhere_does_not_sit_down_elsewhere(client: httpx2.AsyncClient, log_in: Any):
    me = await log_in(Role.OPERATOR)
    await press(client, me, "/desk/sign-in", seat="seat05")
    assert "همین جایگاه هستید" in (await press(client, me, "/desk/sign-in", seat="seat05")).text
    assert "هنوز در جایگاه دیگری هستید" in (await press(client, me, "/desk/sign-in", seat="seat06")).text


async def test_what_a_supervisor_began_an_agent_does_not_end(
    client: httpx2.AsyncClient, log_in: Any, sessions: Sessions
):
    me = await log_in(Role.OPERATOR)
    await seated(sessions, "operator", "seat02", PauseCause.SUPERVISOR)
    page = await shown(client)
    assert "تنها سرپرست آن را پایان می‌دهد" in page
    assert "/desk/ready" not in page
    await press(client, me, "/desk/ready")
    assert await causes(sessions) == [("supervisor", None)]


async def test_a_supervisor_leads_from_the_floor(
    client: httpx2.AsyncClient, log_in: Any, add_person: Any, sessions: Sessions
):
    await add_person(Role.OPERATOR)
    await seated(sessions, "operator", "seat02", PauseCause.BREAK)
    me = await log_in(Role.SUPERVISOR)
    assert (await press(client, me, "/floor/seats/seat02/pause")).headers["location"] == "/floor"
    assert (await press(client, me, "/floor/seats/seat02/resume")).status_code == 303
    assert await causes(sessions) == [("break", "person:supervisor"), ("supervisor", "person:supervisor")]
    within = {"x-csrf-token": me["csrf"], "hx-request": "true"}
    assert (await client.post("/floor/seats/seat02/sign-out", headers=within)).status_code == 204
    async with sessions() as session:
        assert await session.scalar(select(DutyRow.ended_by)) == "supervisor"
    refused = await client.post("/floor/seats/seat02/pause", headers=within)
    assert (refused.status_code, refused.headers["hx-retarget"]) == (404, "#refusal")
    assert "خروج از این جایگاه ثبت شده است" in refused.text


@pytest.mark.parametrize(("role", "menus"), [(Role.SUPERVISOR, 16), (Role.ADMIN, 16), (Role.MANAGER, 0), (Role.OPERATOR, 0)])  # fmt: skip
async def test_only_who_leads_has_a_menu_at_the_seats(client: httpx2.AsyncClient, log_in: Any, role: Role, menus: int):
    await log_in(role)
    assert (await shown(client, "/floor")).count('data-testid="menu-seat') == menus


async def test_a_seat_whose_telephone_is_on_says_so(client: httpx2.AsyncClient, log_in: Any, sessions: Sessions):
    await log_in(Role.OPERATOR)
    assert (await shown(client)).count('data-phone="unknown"') == 16
    now = SystemClock().now()
    board = Board().to_json(now)
    board["seats"][3]["phone"] = True
    await PostgresBoard(sessions, "line1420").publish(BoardPublication(board, now, 1, "e", BoardLink.LIVE))
    page = await shown(client)
    assert (page.count('data-phone="on"'), page.count('data-phone="off"')) == (1, 15)


async def test_duties_end_and_the_page_shows_the_seats_again(
    client: httpx2.AsyncClient, log_in: Any, sessions: Sessions
):
    await log_in(Role.OPERATOR)
    await seated(sessions, "operator", "seat02")
    async with sessions.begin() as session:
        row = await session.scalar(select(DutyRow))
        assert row is not None
        await sign_out(session, row, at=SystemClock().now(), by="system:listener", how="phone_gone")
    assert (await shown(client)).count('name="seat"') == 16
