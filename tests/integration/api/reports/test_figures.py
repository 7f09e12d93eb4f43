"""The figures of a day and a month: live floor, history and a second opinion say the same, and each answer says what it is."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from api.calls.record import VisitOutcome
from api.db.engine import Sessions
from api.db.tables import CallRecordRow, VisitRow
from api.floor.schemas import QueueToday, TodayNow
from ivr.kernel.clock import TEHRAN
from tests.builders import a_call_in_the_menu
from tests.integration.api.reports.conftest import MIDNIGHT, NOW, OPENS
from tests.integration.api.reports.day import at_their_seats, busy_hours, keep, over_midnight, still_going_on


@pytest.fixture
async def seeded(sessions: Sessions) -> None:
    """Today until now with calls that go on, one over midnight, and the six days before."""
    async with sessions.begin() as session:
        await keep(session, *busy_hours(OPENS, NOW - timedelta(minutes=20), 260, seed=7))
        await keep(session, *still_going_on(NOW), over_midnight(MIDNIGHT))
        await keep(session, over_midnight(MIDNIGHT - timedelta(days=1), "line1420-8000.2"))
        for back in range(1, 7):
            begins = OPENS - timedelta(days=back)
            await keep(session, *busy_hours(begins, begins + timedelta(hours=12), 60, seed=100 + back))
        await at_their_seats(session, OPENS, NOW)


SAME: dict[str, Callable[[dict[str, Any]], Any]] = {
    "since": lambda figures: figures["since"],
    "received": lambda figures: figures["calls"]["received"],
    "open_now": lambda figures: figures["calls"]["open"],
    "by_disposition": lambda figures: figures["calls"]["by_disposition"],
    "entered": lambda figures: figures["visits"]["offered"],
    "answered": lambda figures: figures["visits"]["answered"],
    "abandoned": lambda figures: figures["visits"]["abandoned"],
    "other_exits": lambda figures: figures["visits"]["other_exits"],
    "waiting_now": lambda figures: figures["visits"]["waiting"],
    "service_level": lambda figures: figures["visits"]["service_level"],
    "mean_wait_seconds": lambda figures: figures["visits"]["speed_of_answer"]["mean_seconds"],
    "mean_talk_seconds": lambda figures: figures["visits"]["talk_time"]["mean_seconds"],
    "occupancy": lambda figures: figures["work"]["occupancy"],
    "occupancy_of_agents": lambda figures: {one["agent"]: one["occupancy"]["value"] for one in figures["agents"]},
    "queues": lambda figures: [{name: queue[name] for name in QueueToday.model_fields} for queue in figures["queues"]],
}
"""Where the history tells what the floor shows. The floor's count of calls in the survey is of this moment only."""
OF_THIS_MOMENT = {"in_survey"}


async def test_the_floor_and_the_history_of_today_are_the_same_in_every_figure(seeded: None, ask: Any) -> None:
    assert set(SAME) | OF_THIS_MOMENT == set(TodayNow.model_fields), "a figure of the floor has no twin here"
    floor = (await ask("/api/v1/board"))["today"]
    history = await ask(day="1405-09-07")
    assert {name: floor[name] for name in SAME} == {name: told(history) for name, told in SAME.items()}
    assert floor["in_survey"] == 1
    assert min(floor["entered"], floor["answered"], floor["abandoned"], floor["other_exits"]) > 0
    assert floor["waiting_now"] == 2
    assert 0 < floor["occupancy"]["value"] < 1
    assert len(floor["occupancy_of_agents"]) == 16
    assert history["state"] == "running"


async def test_a_second_opinion_counts_the_day_from_its_rows(seeded: None, sessions: Sessions, ask: Any) -> None:
    """Plain Python over the rows, by the clock on the wall in Tehran; it shares no line with the statements."""
    async with sessions() as session:
        visits = [v for v in await session.scalars(select(VisitRow)) if on_the_seventh(v.entered_at)]
        calls = [c for c in await session.scalars(select(CallRecordRow)) if on_the_seventh(c.arrived_at)]
    told = await ask(day="1405-09-07")
    assert told["calls"]["received"] == len(calls)
    assert len(calls) == 260 + 5, "who arrived before midnight is a call of yesterday"
    compare(told["visits"], visits)
    for queue in told["queues"]:
        compare(queue, [visit for visit in visits if visit.queue == queue["queue"]])
        alone = await ask(day="1405-09-07", queue=queue["queue"])
        assert {name: alone["visits"][name] for name in queue if name != "queue"} == {
            name: value for name, value in queue.items() if name != "queue"
        }
        assert alone["calls"] is None, "calls belong to the line; only visits belong to a queue"
    for half in told["half_hours"]:
        here = [visit for visit in visits if half_hour(visit.entered_at) == half["start"]]
        entered = [visit for visit in here if visit.outcome != "refused_full"]
        assert half["offered"] == len(entered)
        assert half["speed_of_answer"]["total_seconds"] == pytest.approx(
            sum(visit.waited_seconds or 0 for visit in entered if visit.outcome == "answered")
        )
    starts = [half["start"] for half in told["half_hours"]]
    assert starts[0] == "00:00", "the visit that began a moment after midnight"
    assert starts == [f"{n // 2:02d}:{n % 2 * 30:02d}" for n in range(len(starts))]


def on_the_seventh(instant: datetime) -> bool:
    return instant.astimezone(TEHRAN).strftime("%Y-%m-%d") == "2026-11-28"


def half_hour(instant: datetime) -> str:
    here = instant.astimezone(TEHRAN)
    return f"{here:%H}:{'30' if here.minute >= 30 else '00'}"


def compare(told: dict[str, Any], visits: list[VisitRow]) -> None:
    """Every figure of `VisitFigures` against the rows themselves."""
    entered = [visit for visit in visits if visit.outcome != "refused_full"]
    answered = [visit for visit in entered if visit.outcome == "answered"]
    abandoned = [visit for visit in entered if visit.outcome == "abandoned"]
    waiting = [visit for visit in entered if visit.outcome is None]
    others = [visit for visit in entered if visit not in answered + abandoned + waiting]
    waits = sorted(visit.waited_seconds for visit in entered if visit.waited_seconds is not None)
    in_time = [visit for visit in answered if (visit.waited_seconds or 0) <= 20]
    early = [visit for visit in abandoned if (visit.waited_seconds or 0) <= 20]
    short = [visit for visit in abandoned if (visit.waited_seconds or 0) <= 5]
    talks = [visit.talked_seconds for visit in answered if visit.talked_seconds is not None]
    counts = {
        "offered": len(entered), "answered": len(answered), "abandoned": len(abandoned), "waiting": len(waiting),
        "other_exits": len(others), "short_abandoned": len(short), "refused_full": len(visits) - len(entered),
    }  # fmt: skip
    assert {name: told[name] for name in counts} == counts
    assert told["offered"] == told["answered"] + told["abandoned"] + told["other_exits"] + told["waiting"]
    outcomes = [outcome for outcome in VisitOutcome if any(visit.outcome == outcome for visit in others)]
    assert told["exits"] == {name: sum(visit.outcome == name for visit in others) for name in outcomes}
    good, ended, early_n = len(in_time), len(answered + abandoned + others), len(early)
    levels = {level["variant"]: (level["part"], level["whole"]) for level in told["service_level_variants"]}
    assert levels == {
        "SL1": (good + early_n, ended), "SL2": (good, len(answered)), "SL3": (good, ended),
        "SL4": (good, ended - early_n), "SL5": (good + len(short), ended), "SL6": (good, ended - len(short)),
    }  # fmt: skip
    rates = {
        "answer_rate": (len(answered), len(entered)),
        "unanswered_rate": (len(entered) - len(answered), len(entered)),
        "abandonment_rate": (len(abandoned), len(entered)),
        "abandonment_without_short": (len(abandoned) - len(short), len(entered) - len(short)),
    }
    assert {name: (told[name]["part"], told[name]["whole"]) for name in rates} == rates
    means = {
        "speed_of_answer": [visit.waited_seconds for visit in answered],
        "mean_wait": waits,
        "mean_delay": [wait for wait in waits if wait > 0],
        "time_to_abandon": [visit.waited_seconds for visit in abandoned],
        "talk_time": talks,
        "handle_time": talks,
    }
    for name, spans in means.items():
        mean = sum(spans) / len(spans) if spans else None  # type: ignore[arg-type]
        assert told[name]["count"] == len(spans), name
        assert told[name]["mean_seconds"] == (pytest.approx(mean) if spans else None), name
    assert told["longest_wait_seconds"] == (waits[-1] if waits else None)
    ranks = {
        percent: waits[math.ceil(percent / 100 * len(waits)) - 1] if waits else None for percent in (50, 80, 90, 95)
    }
    assert told["wait_percentiles"] == {f"p{percent}_seconds": wait for percent, wait in ranks.items()}
    assert told["handle_time_lacks"] == ["wrap_up"]


async def test_a_month_is_the_sum_of_its_days(seeded: None, ask: Any) -> None:
    month = await ask(month="1405-09")
    days = [await ask(day=day["day"]) for day in month["days"]]
    assert [day["period"] for day in days] == [f"1405-09-{n:02d}" for n in range(1, 8)], "as far as it has come"
    for name in ("offered", "answered", "abandoned", "other_exits", "waiting", "refused_full", "short_abandoned"):
        assert month["visits"][name] == sum(day["visits"][name] for day in days)
    for part in ("part", "whole"):
        total = sum(day["visits"]["service_level"][part] for day in days)
        assert month["visits"]["service_level"][part] == total, "the ratio of sums"
    assert month["calls"]["received"] == sum(day["calls"]["received"] for day in days)
    for told, day in zip(month["days"], days, strict=True):
        shared = [name for name in told if name not in {"day", "date"}]
        assert {name: told[name] for name in shared} == {name: day["visits"][name] for name in shared}
    by_half_hour = sum(half["offered"] for half in month["half_hours"])
    assert by_half_hour == month["visits"]["offered"]


@pytest.mark.parametrize(
    ("asked", "state"),
    [
        ({}, "running"),
        ({"month": "1405-09"}, "running"),
        ({"day": "1405-09-08"}, "future"),
        ({"month": "1405-10"}, "future"),
        ({"day": "1405-08-01"}, "before_first_call"),
        ({"month": "1400-01"}, "before_first_call"),
        ({"day": "1405-09-05"}, "no_calls"),
        ({"day": "1405-09-04"}, "over"),
    ],
)
async def test_an_answer_says_what_it_is(sessions: Sessions, ask: Any, asked: dict[str, str], state: str) -> None:
    async with sessions.begin() as session:
        await keep(session, *busy_hours(OPENS - timedelta(days=3), OPENS - timedelta(days=3, hours=-1), 5, seed=3))
    told = await ask(**asked)
    assert told["state"] == state
    if state != "over" and "month" not in asked:
        assert told["visits"]["offered"] == 0
        assert told["half_hours"] == []
        assert told["visits"]["service_level"]["value"] is None
        assert [queue["queue"] for queue in told["queues"]] == ["general", "insurance", "pensions", "treatment"]


@pytest.mark.parametrize(
    ("asked", "code", "field"),
    [
        ({"day": "1405-13-01"}, "no_such_day", "query.day"),
        ({"day": "soon"}, "bad_day", "query.day"),
        ({"month": "1405-9-9"}, "bad_month", "query.month"),
        ({"day": "1405-09-07", "month": "1405-09"}, "day_and_month", "query.month"),
        ({"queue": "q' OR 1=1"}, "unknown_queue", "query.queue"),
    ],
)
async def test_a_wrong_question_is_refused_with_what_would_be_right(
    ask: Any, asked: dict[str, str], code: str, field: str
) -> None:
    error = (await ask(status=422, **asked))["error"]
    assert (error["code"], error["field"]) == (code, field)


async def test_the_standard_is_named_beside_the_figures(ask: Any) -> None:
    told = await ask()
    assert told["standard"] == {
        "variant": "SL4", "formula": "An(T) / (An + Ab + X − Ab(T))", "threshold_seconds": 20,
        "short_abandon_seconds": 5, "goal": 0.8, "other_exits": "not_answered", "counted_by": "entry",
        "told_tolerance_seconds": 60, "told_tolerance_share": 0.25,
    }  # fmt: skip


async def test_noon_is_noon_before_and_after_a_change_of_the_clock(sessions: Sessions, ask: Any) -> None:
    """On 30 Shahrivar 1401 Tehran was 4.5 hours ahead, from the next day on 3.5."""
    noons = (datetime(2022, 9, 21, 7, 30, tzinfo=UTC), datetime(2022, 9, 22, 8, 30, tzinfo=UTC))
    async with sessions.begin() as session:
        for n, noon in enumerate(noons):
            await keep(session, a_call_in_the_menu(f"line1420-7000.{n}", at=noon).joins("general").hangs_up_waiting())
    told = await ask(month="1401-06")
    assert [half["start"] for half in told["half_hours"]] == ["12:00"]
    assert [day["offered"] for day in told["days"][28:]] == [0, 1, 1]
