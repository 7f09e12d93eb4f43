"""Two agents swap their turns: one action, both sides or neither, written down on both."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx2

from api.db.engine import Sessions
from tests.integration.api.roster.plans_of_azar import SATURDAY, TODAY, A, M, cells, put, trail

Key = dict[str, str]
DAY = timedelta(days=1)


async def swap(client: httpx2.AsyncClient, key: Key, *names: tuple[str, Any]) -> httpx2.Response:
    body = {side: {"agent": agent, "day": str(day)} for side, (agent, day) in zip(("one", "other"), names, strict=True)}
    return await client.post("/api/v1/roster/swaps", headers=key, json=body)


async def test_two_agents_swap_their_turns_of_a_day(
    client: httpx2.AsyncClient, supervisor: Key, sessions: Sessions
) -> None:
    await put(client, supervisor, "operator01", SATURDAY, {**M, "seat": "seat01", "note": "یک"})
    await put(client, supervisor, "operator02", SATURDAY, A)
    answer = await swap(client, supervisor, ("operator01", SATURDAY), ("operator02", SATURDAY))
    assert answer.status_code == 200, answer.text
    day = str(SATURDAY)
    assert await cells(client, supervisor) == {("operator01", day): "A", ("operator02", day): "M @1"}
    told = (await trail(sessions))[-2:]
    assert {entry.action for entry in told} == {"roster.swapped"}
    assert {entry.details["agent"] for entry in told} == {"operator01", "operator02"}
    for entry in told:
        assert entry.details["between"] == [f"operator01 {day}", f"operator02 {day}"]
        assert entry.details["before"] != entry.details["after"]
    assert told[1].details["after"][0]["note"] == "یک"


async def test_two_agents_swap_turns_of_two_days(client: httpx2.AsyncClient, supervisor: Key) -> None:
    sunday = SATURDAY + DAY
    await put(client, supervisor, "operator01", SATURDAY, M)
    await put(client, supervisor, "operator02", SATURDAY, A)
    await put(client, supervisor, "operator02", sunday, M)
    await swap(client, supervisor, ("operator01", SATURDAY), ("operator02", sunday))
    assert await cells(client, supervisor) == {
        ("operator02", str(SATURDAY)): "M + A",
        ("operator01", str(sunday)): "M",
    }


async def test_a_swap_that_breaks_a_rule_on_one_side_changes_neither(
    client: httpx2.AsyncClient, supervisor: Key, sessions: Sessions
) -> None:
    sunday = SATURDAY + DAY
    await put(client, supervisor, "operator01", SATURDAY, M)
    await put(client, supervisor, "operator02", SATURDAY, {"begins": "09:00", "ends": "10:00"})
    await put(client, supervisor, "operator02", sunday, M)
    before, told = await cells(client, supervisor), len(await trail(sessions))
    answer = await swap(client, supervisor, ("operator01", SATURDAY), ("operator02", sunday))
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "turns_overlap")
    assert await cells(client, supervisor) == before
    assert len(await trail(sessions)) == told


async def test_what_cannot_be_swapped_is_refused(client: httpx2.AsyncClient, supervisor: Key) -> None:
    async def code(*names: tuple[str, Any]) -> str:
        return (await swap(client, supervisor, *names)).json()["error"]["code"]

    await put(client, supervisor, "operator01", SATURDAY, {"kind": "leave"})
    assert await code(("operator01", SATURDAY), ("operator02", SATURDAY)) == "swap_of_leave"
    assert await code(("operator01", SATURDAY), ("operator01", TODAY)) == "swap_with_oneself"
    assert await code(("operator02", SATURDAY), ("operator03", SATURDAY)) == "swap_of_nothing"
    assert await code(("operator01", SATURDAY), ("nobody", SATURDAY)) == "not_found"
    assert await code(("operator01", SATURDAY), ("operator02", SATURDAY + 90 * DAY)) == "swap_too_far"
    assert await code(("operator01", SATURDAY), ("operator02", "1405-13-01")) == "roster_day_unreadable"
