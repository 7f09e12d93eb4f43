"""Shifts from the roster's page: seen, made, given up; what is wrong stands beside its field."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
import pytest
from sqlalchemy import select

from api.access.permissions import Role
from api.db.engine import Sessions
from api.db.roster_tables import ShiftRow
from api.db.tables import AuditEntry
from api.roster.seed import seed_shifts

HTML = {"accept": "text/html"}
NOON = {
    "name_fa": "میانه",
    "name_en": "Noon",
    "code_fa": "می",
    "code_en": "NO",
    "begins": "۱۱:۰۰",
    "ends": "17:00",
    "break-0": "13:00",
    "minutes-0": "30",
    "weekday-0": "yes",
}
Send = Callable[..., Awaitable[httpx2.Response]]


@pytest.fixture
async def send(client: httpx2.AsyncClient, log_in: Any, sessions: Sessions) -> Send:
    """`await send("/roster/shifts", **fields)` as a supervisor of a line with its two first shifts."""
    async with sessions.begin() as session:
        await seed_shifts(session)
    me = await log_in(Role.SUPERVISOR)

    async def sent(path: str, **fields: str) -> httpx2.Response:
        data = {"csrf": me["csrf"], **fields}
        return await client.post(path, data=data, headers=HTML, follow_redirects=True)

    return sent


async def held(sessions: Sessions) -> list[str]:
    async with sessions() as session:
        rows = await session.scalars(select(ShiftRow).where(ShiftRow.retired_at.is_(None)).order_by(ShiftRow.begins))
        return [row.code_en for row in rows]


async def test_a_shift_is_made_and_given_up(send: Send, sessions: Sessions) -> None:
    made = await send("/roster/shifts", **NOON)
    assert "شیفت ساخته شد" in made.text
    assert "۱۱:۰۰ تا ۱۷:۰۰" in made.text
    assert await held(sessions) == ["M", "NO", "A"]
    gone = await send("/roster/shifts/1/retire")
    assert "شیفت کنار گذاشته شد" in gone.text
    assert await held(sessions) == ["NO", "A"]
    assert "پیش از این کنار گذاشته شده بود" in (await send("/roster/shifts/1/retire")).text
    async with sessions() as session:
        trail = await session.scalars(
            select(AuditEntry).where(AuditEntry.target.like("shift:%")).order_by(AuditEntry.id)
        )
        assert [(one.actor, one.action) for one in trail] == [
            ("person:supervisor", "shift.added"),
            ("person:supervisor", "shift.retired"),
        ]


@pytest.mark.parametrize(
    ("changed", "field", "said"),
    [
        ({"code_fa": "ص"}, "code_fa", "این کد معنای دیگری دارد"),
        ({"code_en": "LV"}, "code_en", "این کد معنای دیگری دارد"),
        ({"break-1": "13:15", "minutes-1": "10"}, "break-1", "پیش از پایان استراحت بالاتر"),
        ({"break-0": "16:45"}, "break-0", "درون ساعت‌های شیفت نیست"),
        ({"ends": "11:00"}, "ends", "ساعت پایان با ساعت آغاز یکی است"),
        ({"begins": "یازده"}, "begins", "این ساعت خوانده نشد"),
        ({"name_fa": ""}, "name_fa", "نام شیفت"),
    ],
)
async def test_what_is_wrong_stands_beside_its_field(
    send: Send, sessions: Sessions, changed: dict[str, str], field: str, said: str
) -> None:
    answer = await send("/roster/shifts", **NOON | changed)
    assert answer.status_code == 422
    beside = re.search(rf'id="problem-{field}".*?</p>', answer.text, re.DOTALL)
    assert beside, answer.text
    assert said in beside.group()
    for name, value in (NOON | changed).items():
        assert name.startswith("weekday") or f'value="{value}"' in answer.text, "what was typed stays"
    assert await held(sessions) == ["M", "A"]


async def test_who_reads_the_roster_sees_shifts_and_changes_none(client: httpx2.AsyncClient, log_in: Any, sessions: Sessions) -> None:  # fmt: skip
    async with sessions.begin() as session:
        await seed_shifts(session)
    await log_in(Role.MANAGER)
    page = (await client.get("/roster/shifts", headers=HTML)).text
    assert "صبح" in page
    assert '<form method="post" action="/roster' not in page
    assert 'name="code_fa"' not in page


async def test_the_api_names_the_field_too(client: httpx2.AsyncClient, log_in: Any) -> None:
    me = await log_in(Role.SUPERVISOR)
    body = {"code_fa": "مر", "code_en": "X", "name_fa": "x", "name_en": "x", "begins": "08:00", "ends": "09:00"}
    answer = await client.post("/api/v1/roster/shifts", json=body, headers={"x-csrf-token": me["csrf"]})
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "body.code_fa")
