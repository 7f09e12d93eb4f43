"""Keeping groups over the API: made, changed, filled, given up; each deed in the trail."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import select, update

from api.access.permissions import Role
from api.db.engine import Sessions
from api.db.priority_tables import CallerGroup, GroupMember
from api.db.tables import AuditEntry
from api.priority.seed import DEFAULT_GROUPS, seed_groups
from ivr.kernel.clock import SystemClock

LogIn = Callable[[Role], Awaitable[dict[str, Any]]]
ELDERLY = {"name_fa": "سالمندان", "name_en": "Elderly", "priority": 3}


class Keeper:
    """A supervisor's browser."""

    def __init__(self, client: httpx2.AsyncClient, csrf: str) -> None:
        self._client, self._headers = client, {"X-CSRF-Token": csrf}

    async def ask(self, method: str, path: str, **body: object) -> httpx2.Response:
        return await self._client.request(method, f"/api/v1{path}", headers=self._headers, json=body or None)

    async def do(self, method: str, path: str, **body: object) -> Any:
        answer = await self.ask(method, path, **body)
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    async def refused(self, status: int, method: str, path: str, **body: object) -> str:
        answer = await self.ask(method, path, **body)
        assert answer.status_code == status, answer.text
        return answer.json()["error"]["code"]


@pytest.fixture
async def keeper(client: httpx2.AsyncClient, log_in: LogIn) -> Keeper:
    return Keeper(client, (await log_in(Role.SUPERVISOR))["csrf"])


async def trail(sessions: Sessions) -> list[tuple[str, str, dict[str, Any]]]:
    async with sessions() as session:
        rows = await session.scalars(
            select(AuditEntry).where(AuditEntry.action.like("group.%")).order_by(AuditEntry.id)
        )
        return [(row.actor, row.action, row.details) for row in rows]


async def test_a_group_is_made_changed_given_up_and_taken_up_again(keeper: Keeper, sessions: Sessions) -> None:
    made = await keeper.do("PUT", "/groups/elderly", **ELDERLY)
    assert made == ELDERLY | {"code": "elderly", "members": 0, "retired_at": None}
    await keeper.do("PUT", "/groups/elderly", **ELDERLY)  # the same once more changes nothing
    await keeper.do("PUT", "/groups/elderly", **(ELDERLY | {"priority": 4}))
    assert (await keeper.do("DELETE", "/groups/elderly"))["retired_at"] is not None
    assert (await keeper.do("PUT", "/groups/elderly", **ELDERLY))["retired_at"] is None
    told = await keeper.do("GET", "/groups")
    assert [group["code"] for group in told["items"]] == ["elderly"]
    assert (told["step_seconds"], told["longest_ahead_seconds"]) == (30, 300)
    entries = await trail(sessions)
    assert [(actor, action) for actor, action, _ in entries] == [
        ("person:supervisor", action) for action in ("group.made", "group.changed", "group.retired", "group.changed")
    ]
    assert (entries[1][2]["before"]["priority"], entries[1][2]["after"]["priority"]) == (3, 4)


async def test_members_come_are_found_and_go(keeper: Keeper, sessions: Sessions) -> None:
    await keeper.do("PUT", "/groups/elderly", **ELDERLY)
    one = await keeper.do("POST", "/groups/elderly/members", caller="۰۹۱۲ ۱۲۳ ۴۵۶۷", note="نامهٔ ۱۲")
    assert (one["caller"], one["note"], one["until"]) == ("+989121234567", "نامهٔ ۱۲", None)
    await keeper.do("POST", "/groups/elderly/members", caller="02188001420")
    found = await keeper.do("GET", "/groups/elderly/members?caller=09121234567")
    assert [member["id"] for member in found["items"]] == [one["id"]]
    assert await keeper.refused(409, "POST", "/groups/elderly/members", caller="+989121234567") == "member_already"
    await keeper.do("DELETE", f"/groups/elderly/members/{one['id']}")
    assert await keeper.refused(404, "DELETE", f"/groups/elderly/members/{one['id']}") == "not_found"
    assert (await keeper.do("GET", "/groups"))["items"][0]["members"] == 1
    await keeper.do("POST", "/groups/elderly/members", caller="09121234567")  # and back again
    entries = await trail(sessions)
    assert [action for _, action, _ in entries][1:] == ["group.member_added"] * 2 + [
        "group.member_ended",
        "group.member_added",
    ]
    assert "+989121234567" not in str(entries), "the trail names members by id and last digits"


async def test_pages_of_members_follow_each_other(keeper: Keeper) -> None:
    await keeper.do("PUT", "/groups/elderly", **ELDERLY)
    for n in range(5):
        await keeper.do("POST", "/groups/elderly/members", caller=f"0912000000{n}")
    first = await keeper.do("GET", "/groups/elderly/members?limit=3")
    rest = await keeper.do("GET", f"/groups/elderly/members?limit=3&cursor={first['next']}")
    assert [member["caller"][-1] for member in (*first["items"], *rest["items"])] == ["4", "3", "2", "1", "0"]
    assert rest["next"] is None


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"caller": "ناشناس"}, "invalid"),
        ({"caller": ""}, "invalid"),
        ({"caller": "withheld"}, "no_number"),
        ({"caller": "09121234567", "until": "2020-01-01T00:00:00Z"}, "past_end"),
        ({"caller": "09121234567", "until": "tomorrow"}, "invalid"),
        ({"caller": "09121234567", "until": "2030-01-01T00:00:00"}, "invalid"),
        ({"caller": "0" * 41}, "invalid"),
        ({"caller": "09121234567", "note": "x" * 201}, "invalid"),
    ],
)
async def test_who_cannot_be_a_member_is_refused_with_the_reason(
    keeper: Keeper, body: dict[str, object], code: str
) -> None:
    await keeper.do("PUT", "/groups/elderly", **ELDERLY)
    assert await keeper.refused(422, "POST", "/groups/elderly/members", **body) == code


async def test_a_membership_that_ran_out_may_begin_anew(keeper: Keeper, sessions: Sessions) -> None:
    await keeper.do("PUT", "/groups/elderly", **ELDERLY)
    tomorrow = SystemClock().now() + timedelta(days=1)
    await keeper.do("POST", "/groups/elderly/members", caller="09121234567", until=tomorrow.isoformat())
    async with sessions.begin() as session:  # time goes by
        await session.execute(update(GroupMember).values(since=GroupMember.since - timedelta(days=2)))
        await session.execute(update(GroupMember).values(until=GroupMember.until - timedelta(days=2)))
    assert (await keeper.do("GET", "/groups/elderly/members"))["items"] == []
    await keeper.do("POST", "/groups/elderly/members", caller="09121234567")
    assert len((await keeper.do("GET", "/groups/elderly/members"))["items"]) == 1


@pytest.mark.parametrize(
    "changes", [{"priority": 11}, {"priority": -1}, {"priority": 2.5}, {"name_fa": " "}, {"name_en": "x" * 61}]
)
async def test_a_group_that_cannot_be_is_refused(keeper: Keeper, changes: dict[str, object]) -> None:
    assert await keeper.refused(422, "PUT", "/groups/elderly", **(ELDERLY | changes)) == "invalid"
    assert await keeper.refused(422, "PUT", "/groups/El-derly", **ELDERLY) == "invalid"


async def test_nobody_joins_a_group_that_is_given_up_or_not_there(keeper: Keeper) -> None:
    assert await keeper.refused(404, "POST", "/groups/elderly/members", caller="09121234567") == "not_found"
    await keeper.do("PUT", "/groups/elderly", **ELDERLY)
    await keeper.do("DELETE", "/groups/elderly")
    assert await keeper.refused(409, "POST", "/groups/elderly/members", caller="09121234567") == "group_retired"


async def test_a_fresh_line_has_the_groups_the_organisation_names_and_an_old_one_keeps_its_own(
    sessions: Sessions,
) -> None:
    for _ in range(2):
        async with sessions.begin() as session:
            await seed_groups(session)
    async with sessions() as session:
        assert set(await session.scalars(select(CallerGroup.code))) == {code for code, *_ in DEFAULT_GROUPS}
