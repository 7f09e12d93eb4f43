"""What priority does to everybody: waits by group beside the rest, and repeated calls."""

from __future__ import annotations

from datetime import timedelta

import pytest

from api.db.engine import Sessions
from api.db.priority_tables import CallerGroup
from api.priority.effect import read_effect
from api.priority.schemas import EffectView
from api.reports.periods import read_period
from api.reports.service import read_figures
from tests.integration.api.priority.callers import NOON, called, moved_before

MINUTE = timedelta(minutes=1)


async def effect(sessions: Sessions, day: str = "1405-09-07") -> EffectView:
    async with sessions() as session:
        return await read_effect(session, read_period(day, None, NOON))


@pytest.fixture
async def chronic(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        session.add(CallerGroup(code="chronic", name_fa="بیماران", name_en="Chronic", priority=5, retired_at=None))


async def test_groups_others_and_the_rest_are_counted_apart(sessions: Sessions, chronic: None) -> None:
    in_group = {"priority": 5, "caller_group": "chronic", "repeat": 0}
    await called(sessions, "answered", ago=9 * MINUTE, waited=10, caller="+98911", **in_group)
    await called(sessions, "answered", ago=8 * MINUTE, waited=30, caller="+98912", **in_group)
    await called(sessions, "abandoned", ago=7 * MINUTE, waited=40, caller="+98913", priority=1, repeat=1)
    await called(sessions, "answered", ago=6 * MINUTE, waited=90, caller="+98914", priority=0, repeat=0)
    await called(sessions, "answered", ago=5 * MINUTE, waited=110, caller="")  # nobody was asked
    await called(sessions, "refused_full", ago=4 * MINUTE, waited=0, caller="+98915", priority=0, repeat=0)
    told = await effect(sessions)
    (group,) = told.groups
    assert (group.code, group.offered, group.answered, group.mean_wait.total_seconds, group.p90_wait_seconds) == (
        "chronic", 2, 2, 40, 30,
    )  # fmt: skip
    assert (group.service_level.part, group.service_level.whole) == (1, 2)
    assert (told.others_raised.offered, told.others_raised.abandoned) == (1, 1)
    assert (told.rest.offered, told.rest.mean_wait.total_seconds, told.rest.p90_wait_seconds) == (2, 200, 110)
    assert (told.unserved_repeats.part, told.unserved_repeats.whole) == (1, 5)


async def test_who_is_moved_to_another_queue_is_counted_once_here_and_in_the_figures(
    sessions: Sessions, chronic: None
) -> None:
    call = await called(
        sessions, "answered", ago=9 * MINUTE, waited=50, caller="+98911", priority=5, caller_group="chronic", repeat=1
    )
    await moved_before(sessions, call, waited=30)
    told = await effect(sessions)
    (group,) = told.groups
    assert (group.offered, group.answered, group.mean_wait.total_seconds, group.mean_wait.count) == (1, 1, 50, 1)
    assert (told.unserved_repeats.part, told.unserved_repeats.whole) == (1, 1)
    async with sessions() as session:
        figures = (await read_figures(session, read_period("1405-09-07", None, NOON), None, NOON)).visits
    assert (figures.offered, figures.answered) == (group.offered, group.answered)
    assert (figures.mean_wait, figures.service_level.whole) == (group.mean_wait, group.service_level.whole)


async def test_a_group_without_a_call_stands_there_with_nothing(sessions: Sessions, chronic: None) -> None:
    told = await effect(sessions)
    assert [(group.offered, group.mean_wait.mean_seconds, group.p90_wait_seconds) for group in told.groups] == [
        (0, None, None)
    ]
    assert told.repeat_rate.value is None


async def test_the_repeat_rate_counts_calls_that_follow_an_earlier_one_within_a_week(sessions: Sessions) -> None:
    day = timedelta(days=1)
    await called(sessions, "answered", ago=8 * day, caller="+98921")
    await called(sessions, "answered", ago=6 * day, caller="+98922")
    await called(sessions, "answered", ago=5 * MINUTE, caller="+98921")  # eight days later: no repeat
    await called(sessions, "answered", ago=4 * MINUTE, caller="+98922")
    await called(sessions, "menu_abandoned", ago=3 * MINUTE, caller="+98923", waited=None)
    await called(sessions, "answered", ago=2 * MINUTE, caller="+98923")
    await called(sessions, "answered", ago=MINUTE, caller="")
    told = await effect(sessions)
    assert (told.repeat_rate.part, told.repeat_rate.whole, told.without_number) == (2, 4, 1)
    assert (await effect(sessions, "1405-09-06")).repeat_rate.whole == 0
