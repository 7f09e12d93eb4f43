"""Who may ring for whom after how long, and how it is told to Asterisk."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from asterisk_conf.render import texts
from asterisk_conf.settings import ExchangeSettings
from ivr.kernel.ids import QueueName, SeatName
from routing.duty import Duty, PauseCause, wanted
from routing.ladder import GRAIN_SECONDS, MOST_RULES, Ladder, Rung
from routing.queues import QUEUES, QueueSettings

T0 = datetime(2026, 11, 28, 8, tzinfo=UTC)
GENERAL, INSURANCE, PENSIONS, _ = QUEUES
waits = st.integers(0, 600)
ladders = st.builds(
    Ladder,
    st.tuples(waits, waits).map(sorted).map(tuple),
    st.dictionaries(st.sampled_from(QUEUES), waits, max_size=3),
)


def agent(number: int, skills: dict[QueueName, int], *causes: PauseCause) -> Duty:
    seat = SeatName(f"seat{number:02d}")
    return Duty(number, f"operator{number:02d}", seat, T0, skills=skills, causes=dict.fromkeys(causes, T0))


def penalties(duties: list[Duty], ladder: Ladder, queue: QueueName = INSURANCE) -> dict[str, int]:
    return {
        place.agent: place.penalty for (found, _), place in wanted(duties, {queue: ladder}).items() if found == queue
    }


def test_rungs_stand_in_the_order_of_time_and_the_queues_own_agents_first() -> None:
    ladder = Ladder((10, 20), {GENERAL: 10, PENSIONS: 60})
    assert ladder.rungs == (Rung(0, 1), Rung(10, 2), Rung(10, helper=GENERAL), Rung(20, 3), Rung(60, helper=PENSIONS))
    assert [ladder.penalty_of_level(level) for level in (1, 2, 3)] == [0, 1, 3]
    assert [ladder.is_helper(penalty) for penalty in range(6)] == [False, False, True, False, True, False]


def test_a_caller_rings_the_first_level_at_once_and_the_others_in_time() -> None:
    ladder = Ladder((10, 20), {GENERAL: 60})
    assert [ladder.allowed(seconds) for seconds in (0, 9.9, 10, 20, 59, 60, 900)] == [0, 0, 1, 2, 2, 3, 3]
    assert ladder.changes(0) == [(10, 1), (20, 2), (60, 3)]
    assert ladder.changes(30) == [(30, 3)]
    assert ladder.changes(300) == []


@given(ladders, st.integers(0, 300), st.integers(0, 900))
def test_what_asterisk_is_told_is_what_the_ladder_says(ladder: Ladder, ahead: int, waited: int) -> None:
    told = ladder.allowed(ahead)
    for seconds, penalty in ladder.changes(ahead):
        assert seconds > 0
        if seconds <= waited:
            assert penalty > told, "a rule that changes nothing, or takes somebody away"
            told = penalty
    assert told == ladder.allowed(ahead + waited)


@given(ladders, waits, waits)
def test_whoever_has_waited_longer_may_ring_at_least_the_same(ladder: Ladder, one: int, other: int) -> None:
    assert ladder.allowed(min(one, other)) <= ladder.allowed(max(one, other))


def test_agents_of_another_queue_help_out_on_their_rung_only() -> None:
    ladder = Ladder((10, 20), {GENERAL: 60})
    duties = [
        agent(1, {INSURANCE: 1}),
        agent(2, {GENERAL: 1}),
        agent(3, {PENSIONS: 1}),
        agent(4, {GENERAL: 2, INSURANCE: 3}),
    ]
    assert penalties(duties, ladder) == {"operator01": 0, "operator02": 3, "operator04": 2}


def test_an_agent_without_skills_is_of_every_queues_own() -> None:
    assert penalties([agent(1, {})], Ladder((10, 20), {GENERAL: 60})) == {"operator01": 0}


def test_nobody_waits_for_a_level_that_is_not_there() -> None:
    ladder = Ladder((10, 20))
    second, third = agent(2, {INSURANCE: 2}), agent(3, {INSURANCE: 3})
    assert penalties([second, third], ladder) == {"operator02": 0, "operator03": 1}
    at_lunch, back = agent(1, {INSURANCE: 1}, PauseCause.MEAL), agent(1, {INSURANCE: 1})
    assert penalties([at_lunch, second, third], ladder) == {"operator01": 0, "operator02": 0, "operator03": 1}
    assert penalties([back, second, third], ladder) == {"operator01": 0, "operator02": 1, "operator03": 2}
    everybody_at_lunch = [at_lunch, agent(2, {INSURANCE: 2}, PauseCause.MEAL)]
    assert penalties(everybody_at_lunch, ladder) == {"operator01": 0, "operator02": 1}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"insurance": {"relax_seconds": [20, 10]}}, "give the smaller wait first"),
        ({"insurance": {"helped_by": {"insurance": 5}}}, "insurance cannot be helped by insurance"),
        ({"insurance": {"helped_by": {"nobody": 5}}}, "name another queue of general, insurance"),
        ({"insurance": {"helped_by": {"x]\n[y": 5}}}, "helped_by"),
        ({"insurance": {"helped_by": {"general": -1}}}, "helped_by"),
    ],
)
def test_what_no_ladder_can_be_is_refused_with_the_reason(given: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError) as refused:
        ExchangeSettings.model_validate({"queues": given})
    assert told in str(refused.value)


@given(ladders, st.integers(0, 120), st.integers(0, 200_000))
def test_whoever_has_waited_already_begins_less_than_a_grain_too_low_and_ends_where_all_may_ring(
    ladder: Ladder, step: int, counted: int
) -> None:
    grain, climbs = ladder.grain(step), ladder.climbs(step)
    begins = min(counted // grain, len(climbs) - 1)
    ahead = begins * grain
    assert ladder.allowed(ahead) >= ladder.allowed(counted - grain + 1)
    assert climbs[begins] == ladder.changes(ahead)
    assert climbs[-1] == []
    assert len(climbs) <= MOST_RULES + 1


@pytest.mark.parametrize("step", [0, 1, 30, 45, 120])
def test_a_rung_beyond_ten_steps_keeps_nobody_from_those_behind(step: int) -> None:
    """A helper after seven minutes, and somebody with 500 s behind them: the helper may ring at once."""
    ladder = Ladder((10, 20), {GENERAL: 420})
    climbs, grain = ladder.climbs(step), ladder.grain(step)
    begins = min(500 // grain, len(climbs) - 1)
    assert ladder.allowed(begins * grain) == ladder.penalty_of_helper(GENERAL)
    assert grain <= GRAIN_SECONDS
    assert len(Ladder((10, 86_400)).climbs(step)) <= MOST_RULES + 1, "a day is cut into no more than that"


def test_each_queue_and_wait_has_its_rule_and_the_dialplan_begins_where_it_does() -> None:
    queues = {"insurance": QueueSettings(relax_seconds=(10, 20), helped_by={GENERAL: 45})}
    told = texts(ExchangeSettings.model_validate({"queues": queues, "agi_token": "t"}))
    rules = told["queuerules.conf"]
    assert "[q-insurance-0]\npenaltychange => 10,1\npenaltychange => 20,2\npenaltychange => 45,3\n" in rules
    assert "[q-insurance-6]\npenaltychange => 15,3\n" in rules  # one step, thirty seconds, is six grains of five
    assert "[q-insurance-9]" not in rules  # everybody may ring at once: there is nothing to change
    dialplan = told["extensions/30-queue.conf"]
    assert "ExecIf($[${LINE_RUNG} > 9]?Set(LINE_RUNG=9))" in dialplan
    assert "QUEUE_MAX_PENALTY=$[(${LINE_AHEAD} >= 10) + (${LINE_AHEAD} >= 20) + (${LINE_AHEAD} >= 45) + 0])" in dialplan
    assert "Queue(q-insurance,c,,,${LINE_WAIT},,line-talk,q-insurance-${LINE_RUNG})" in dialplan
