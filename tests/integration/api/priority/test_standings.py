"""What the door is told of a caller: groups they are in, calls that were not served, their province."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from api.db.engine import Sessions
from api.db.priority_tables import CallerGroup, GroupMember
from api.priority.standings import standing_of
from routing.priority import RoutingRules, Standing
from tests.integration.api.priority.callers import CALLER, NOON, called

RULES = RoutingRules(provinces={"ilam": 2})
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


async def asked(sessions: Sessions, caller: str = "09121234567", now: datetime = NOON) -> Standing:
    async with sessions() as session:
        return await standing_of(session, caller, RULES, now)


async def in_group(sessions: Sessions, code: str, priority: int, caller: str = CALLER, **changes: object) -> None:
    async with sessions.begin() as session:
        session.add(
            CallerGroup(
                code=code, name_fa=code, name_en=code, priority=priority, retired_at=changes.pop("retired", None)
            )
        )
        await session.flush()
        session.add(
            GroupMember(
                **{"group_code": code, "caller": caller, "since": NOON - DAY, "note": "", "added_by": "t"} | changes
            )  # pyright: ignore[reportArgumentType]
        )


async def test_nobody_in_particular_stands_at_nought(sessions: Sessions) -> None:
    assert await asked(sessions) == Standing()


async def test_a_member_is_known_however_the_number_is_written(sessions: Sessions) -> None:
    await in_group(sessions, "chronic", 5)
    for number in ("09121234567", "9121234567", "+98 912 123 4567", "0098912 1234567", "۰۹۱۲۱۲۳۴۵۶۷"):
        assert await asked(sessions, number) == Standing(5, "chronic")


@pytest.mark.parametrize(
    "over",
    [{"until": NOON}, {"ended_at": NOON - HOUR}, {"since": NOON + HOUR}, {"retired": NOON - HOUR}],
    ids=["past its end", "taken out", "not yet", "the group was given up"],
)
async def test_who_is_in_it_no_more_stands_at_nought(sessions: Sessions, over: dict[str, datetime]) -> None:
    await in_group(sessions, "chronic", 5, **over)
    assert await asked(sessions) == Standing()


async def test_of_two_groups_the_higher_counts(sessions: Sessions) -> None:
    await in_group(sessions, "elderly", 3)
    await in_group(sessions, "chronic", 5)
    assert await asked(sessions) == Standing(5, "chronic")


@pytest.mark.parametrize("disposition", ["abandoned", "timed_out", "closed_out", "refused_full", "no_agents"])
async def test_whoever_was_not_served_is_raised_when_they_call_again(sessions: Sessions, disposition: str) -> None:
    await called(sessions, disposition, ago=HOUR)
    assert await asked(sessions) == Standing(1, "", 1)


@pytest.mark.parametrize(
    ("disposition", "waited"),
    [
        ("answered", 60),
        ("left_message", 60),
        ("self_served", None),
        ("menu_abandoned", None),
        (None, 60),
        ("abandoned", 5),
    ],
)
async def test_other_ends_and_hanging_up_at_once_raise_nobody(
    sessions: Sessions, disposition: str | None, waited: float | None
) -> None:
    await called(sessions, disposition, ago=HOUR, waited=waited)
    assert await asked(sessions) == Standing()


async def test_only_calls_since_the_last_answer_and_within_the_window_count(sessions: Sessions) -> None:
    await called(sessions, "abandoned", ago=25 * HOUR)
    await called(sessions, "abandoned", ago=6 * HOUR)
    await called(sessions, "answered", ago=5 * HOUR)
    await called(sessions, "timed_out", ago=2 * HOUR)
    await called(sessions, "no_agents", ago=HOUR, waited=None)
    await called(sessions, "abandoned", ago=HOUR, caller="+989120000000")
    assert await asked(sessions) == Standing(2, "", 2)


async def test_calling_all_day_long_raises_to_the_limit(sessions: Sessions) -> None:
    for n in range(6):
        await called(sessions, "abandoned", ago=HOUR * (n + 1))
    assert await asked(sessions) == Standing(3, "", 6)


async def test_the_province_of_the_line_counts_where_a_rule_says_so(sessions: Sessions) -> None:
    assert await asked(sessions, "08433331234") == Standing(2, "", 0, "ilam")
    assert await asked(sessions, "02188001420") == Standing(0, "", 0, "tehran")


@pytest.mark.parametrize(
    "caller", ["", "anonymous", "<unknown>", "\x00", "'; DROP TABLE visit; --", "ناشناس", "🙂" * 500]
)
async def test_hostile_and_hidden_identities_are_nobody(sessions: Sessions, caller: str) -> None:
    await called(sessions, "abandoned", ago=HOUR, caller="")
    assert await asked(sessions, caller) == Standing()
