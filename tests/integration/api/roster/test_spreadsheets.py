"""A month out and in again as a spreadsheet, over the API and over the pages."""

from __future__ import annotations

import base64
import re
from datetime import timedelta
from html import unescape
from io import BytesIO
from typing import Any

import httpx2
import pytest
import xlsxwriter
from sqlalchemy import select

from api.access.permissions import Role
from api.db.engine import Sessions
from api.db.tables import AuditEntry
from api.roster.sheets.opening import open_sheets
from tests.integration.api.roster.plans_of_azar import SATURDAY, A, M, key_of, put

Key = dict[str, str]
PATH = "/api/v1/roster/months/1405-09/sheet"
DAY = timedelta(days=1)
COLUMN = 1 + 14
"""Of Saturday the 14th, counted from 0."""


async def exported(client: httpx2.AsyncClient, key: Key, language: str = "fa") -> bytes:
    answer = await client.get(f"{PATH}?language={language}", headers=key)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-disposition"] == 'attachment; filename="roster-1405-09.xlsx"'
    return answer.content


def edited(data: bytes, cells: dict[tuple[int, int], Any]) -> bytes:
    """The first sheet with some cells changed, as a spreadsheet program would save it."""
    rows = [list(row) for row in open_sheets(data)[0].rows]
    kept = BytesIO()
    with xlsxwriter.Workbook(kept, {"in_memory": True}) as book:
        sheet = book.add_worksheet("برنامه")
        for (row, column), value in cells.items():
            rows[row][column] = value
        for row, values in enumerate(rows):
            for column, value in enumerate(values):
                sheet.write(row, column, value)
    return kept.getvalue()


async def send(client: httpx2.AsyncClient, key: Key, data: bytes, **asked: Any) -> httpx2.Response:
    return await client.post(PATH, headers=key, params=asked, content=data)


async def plan_some(client: httpx2.AsyncClient, key: Key) -> None:
    for n in range(4):
        turn = {**(M if n % 2 else A), "seat": f"seat{n + 1:02d}", "note": "نگه داشته شود"}
        assert (await put(client, key, f"operator{n + 1:02d}", SATURDAY, turn)).status_code == 200
    await put(client, key, "operator01", SATURDAY + DAY, {"kind": "leave"})
    await put(client, key, "operator02", SATURDAY + DAY, {"begins": "21:30", "ends": "02:15"})


@pytest.mark.parametrize("language", ["fa", "en"])
async def test_out_and_in_again_is_no_change(
    client: httpx2.AsyncClient, supervisor: Key, sessions: Sessions, language: str
) -> None:
    await plan_some(client, supervisor)
    data = await exported(client, supervisor, language)
    answer = await send(client, supervisor, data)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["changes"], answer.json()["applied"]) == ([], False)
    async with sessions() as session:
        before = len(list(await session.scalars(select(AuditEntry.id))))
    applied = await send(client, supervisor, data, apply=True, expected=answer.json()["expected"])
    assert (applied.json()["changes"], applied.json()["applied"]) == ([], True)
    async with sessions() as session:
        assert len(list(await session.scalars(select(AuditEntry.id)))) == before


async def test_what_was_shown_is_what_is_applied_and_written_down(
    client: httpx2.AsyncClient, supervisor: Key, sessions: Sessions
) -> None:
    await plan_some(client, supervisor)
    data = edited(
        await exported(client, supervisor, "en"), {(3, COLUMN): "M @9", (4, COLUMN): "", (5, COLUMN + 2): "ص + ع"}
    )
    shown = (await send(client, supervisor, data)).json()
    changes = [(change["agent"], change["day"], change["before_en"], change["after_en"]) for change in shown["changes"]]
    assert changes == [
        ("operator01", "2026-12-05", "A @1", "M @9"),
        ("operator02", "2026-12-05", "M @2", ""),
        ("operator03", "2026-12-07", "", "M + A"),
    ]
    month = await client.get("/api/v1/roster/months/1405-09", headers=supervisor)
    assert "M @9" not in month.text, "only shown"
    applied = await send(client, supervisor, data, apply=True, expected=shown["expected"])
    assert applied.json()["changes"] == shown["changes"]
    async with sessions() as session:
        told = list(await session.scalars(select(AuditEntry).where(AuditEntry.action == "roster.imported")))
    assert [(entry.target, entry.details["agent"]) for entry in told] == [
        ("roster:2026-12-05", "operator01"), ("roster:2026-12-05", "operator02"), ("roster:2026-12-07", "operator03"),
    ]  # fmt: skip
    day = (await client.get(f"/api/v1/roster/days/{SATURDAY}", headers=supervisor)).json()
    notes = {row["agent"]["agent"]: [turn["note"] for turn in row["cell"]["turns"]] for row in day["agents"]}
    assert notes == {"operator01": [""], "operator03": ["نگه داشته شود"], "operator04": ["نگه داشته شود"]}


async def test_when_the_roster_has_moved_on_nothing_is_applied(client: httpx2.AsyncClient, supervisor: Key) -> None:
    data = edited(await exported(client, supervisor), {(3, COLUMN): "M"})
    shown = (await send(client, supervisor, data)).json()
    await put(client, supervisor, "operator01", SATURDAY, A)
    late = await send(client, supervisor, data, apply=True, expected=shown["expected"])
    assert (late.status_code, late.json()["error"]["code"]) == (409, "roster_moved_on")
    blind = await send(client, supervisor, data, apply=True)
    assert blind.status_code == 409, "nobody applies what was not shown"


async def test_one_bad_cell_keeps_all_others_out_and_each_is_named(client: httpx2.AsyncClient, supervisor: Key) -> None:
    await put(client, supervisor, "operator04", SATURDAY, {**M, "seat": "seat04"})
    base = await exported(client, supervisor)
    bad = edited(base, {(3, COLUMN): "M", (4, COLUMN): "ق", (5, COLUMN): 8.5})
    refused = await send(client, supervisor, bad)
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "sheet_bad_cells")
    message = refused.json()["error"]["message"]
    assert re.search(r"برنامه!P5: 'ق' does not belong here; write ص/M", message)
    assert "برنامه!P6: A number, date or time stands here" in message
    clash = edited(base, {(3, COLUMN): "M @4", (4, COLUMN): "ص", **{(5, COLUMN + n): "M" for n in range(7)}})
    message = (await send(client, supervisor, clash)).json()["error"]["message"]
    assert "P4: seat04 is planned for operator01 and for operator04" in message
    assert re.search(r"P6: operator03 would work more than 6 days in a row", message)
    month = (await client.get("/api/v1/roster/months/1405-09", headers=supervisor)).json()
    assert [cell["agent"] for cell in month["cells"]] == ["operator04"]


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"", 422, "sheet_missing"),
        (b"PK\x03\x04nonsense", 422, "sheet_not_xlsx"),
        (b"\0" * 600_000, 422, "sheet_too_large"),
        (b"\0" * 2_000_000, 413, "too_large"),
    ],
)
async def test_a_file_that_is_none_is_refused(
    client: httpx2.AsyncClient, supervisor: Key, data: bytes, status: int, code: str
) -> None:
    answer = await send(client, supervisor, data)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


async def test_only_who_plans_may_send_one(client: httpx2.AsyncClient, supervisor: Key, sessions: Sessions) -> None:
    data = await exported(client, supervisor)
    async with sessions.begin() as session:
        keys = [await key_of(session, role) for role in (Role.MANAGER, Role.QA)]
    for key in keys:
        assert (await send(client, key, data)).status_code == 403
    assert (await send(client, {"cookie": supervisor["cookie"]}, data)).status_code == 403


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return unescape(found[1])


async def test_the_pages_show_the_changes_and_then_apply_them(client: httpx2.AsyncClient, supervisor: Key) -> None:
    data = edited(await exported(client, supervisor), {(3, COLUMN): "M", (4, COLUMN): "مر"})
    shown = await client.post(
        "/roster/sheet", headers=supervisor, data={"month": "1405-09"}, files={"sheet": ("r.xlsx", data)}
    )
    assert shown.status_code == 200, shown.text
    assert "۲ تغییر" in shown.text
    assert base64.urlsafe_b64decode(hidden(shown.text, "sheet")) == data
    fields = {name: hidden(shown.text, name) for name in ("month", "expected", "sheet")}
    done = await client.post("/roster/sheet/apply", headers=supervisor, data=fields)
    assert (done.status_code, done.headers["location"]) == (303, "/roster?month=1405-09&imported=2")
    page = await client.get(done.headers["location"], headers=supervisor)
    assert "۲ خانه تغییر کرد" in page.text
    again = await client.post("/roster/sheet/apply", headers=supervisor, data=fields)
    assert again.status_code == 409, "the changes that were shown are there already"


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "فایلی برگزیده نشده است"),
        ({"sheet": ("r.xls", b"\xd0\xcf\x11\xe0")}, "فایل اکسل (xlsx) نیست"),
        ({"sheet": ("r.xlsx", b"\0" * 600_000)}, "بزرگ‌تر از برنامهٔ یک ماه"),
        ({"sheet": ("r.xlsx", b"\0" * 1_100_000)}, "بیش از اندازه بزرگ"),
    ],
)
async def test_the_page_says_what_is_wrong_with_a_file(
    client: httpx2.AsyncClient, supervisor: Key, files: dict, words: str
) -> None:
    headers = {**supervisor, "accept": "text/html"}
    answer = await client.post("/roster/sheet", headers=headers, data={"month": "1405-09"}, files=files)
    assert answer.status_code in {413, 422}
    assert words in answer.text


async def test_a_form_that_was_tampered_with_is_refused(client: httpx2.AsyncClient, supervisor: Key) -> None:
    for sheet in ("", "????", "AAAA", "x" * 700_000):
        fields = {"month": "1405-09", "expected": "x", "sheet": sheet}
        answer = await client.post("/roster/sheet/apply", headers={**supervisor, "accept": "text/html"}, data=fields)
        assert answer.status_code == 422
