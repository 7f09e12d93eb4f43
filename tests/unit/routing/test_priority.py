"""Priority: what it comes from, what it does to the order of those who wait, and what it never does."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from api.settings import ApiSettings
from asterisk_conf.render import texts
from asterisk_conf.settings import ExchangeSettings
from routing.ladder import Ladder
from routing.priority import (
    HORIZON,
    MOST,
    RoutingRules,
    Standing,
    ahead_seconds,
    counted_seconds,
    priority_of,
    queue_prio,
    standing,
)

RULES = RoutingRules(provinces={"ilam": 2, "tehran": 0})
STEP = RULES.step_seconds


@dataclass(frozen=True)
class Waiting:
    name: int
    entered: int
    priority: int

    @property
    def prio(self) -> int:
        return queue_prio(self.entered, self.priority, STEP)


def join(line: list[Waiting], caller: Waiting) -> list[Waiting]:
    """As Asterisk's join_queue does: before the first who has less, behind everybody who has as much."""
    place = next((n for n, other in enumerate(line) if caller.prio > other.prio), len(line))
    return [*line[:place], caller, *line[place:]]


arrivals = st.lists(st.tuples(st.integers(0, 900), st.integers(0, MOST)), max_size=40).map(
    lambda pairs: [
        Waiting(n, 1_796_000_000 + at, p) for n, (at, p) in enumerate(sorted(pairs, key=lambda pair: pair[0]))
    ]
)


@given(arrivals)
def test_nobody_is_passed_by_who_came_more_than_the_promised_time_later(callers: list[Waiting]) -> None:
    line: list[Waiting] = []
    for caller in callers:
        line = join(line, caller)
    for place, caller in enumerate(line):
        for ahead in line[:place]:
            assert ahead.entered - caller.entered <= MOST * STEP


def test_the_shipped_rules_keep_the_promised_five_minutes() -> None:
    assert MOST * RoutingRules().step_seconds == 300


@given(arrivals)
def test_callers_of_one_priority_are_served_as_they_came(callers: list[Waiting]) -> None:
    line: list[Waiting] = []
    for caller in callers:
        line = join(line, caller)
    for priority in range(MOST + 1):
        alike = [caller.name for caller in line if caller.priority == priority]
        assert alike == sorted(alike)


@given(arrivals, st.integers(0, 1_000))
def test_who_stands_before_another_may_ring_everybody_the_other_may(callers: list[Waiting], later: int) -> None:
    """Or Asterisk would let a free agent sit idle between a head who may not ring them and one behind who may."""
    ladder, line = Ladder((10, 20), {"general": 60, "pensions": 240}), []  # pyright: ignore[reportArgumentType]
    for caller in callers:
        line = join(line, caller)
    now = 1_796_000_000 + 900 + later
    may = [ladder.allowed(now - caller.entered + ahead_seconds(caller.priority, STEP)) for caller in line]
    assert may == sorted(may, reverse=True)


def test_asterisk_is_given_an_integer_it_can_hold_until_2090() -> None:
    """Below 0 the dialplan, which takes only digits over, would make of it a place before everybody."""
    for year in (1_790_000_000, 2_100_000_000, 3_000_000_000, 3_786_900_000):
        for priority in (0, MOST):
            assert 0 < queue_prio(year, priority, 120) < 2**31


def test_the_dialplan_reckons_as_we_do() -> None:
    told = texts(ExchangeSettings.model_validate({"agi_token": "t", "routing": {"step_seconds": 45}}))
    dialplan = told["extensions/30-queue.conf"]
    assert f"Set(QUEUE_PRIO=$[{HORIZON} + ${{LINE_RANK}} * 45 - ${{LINE_JOINED}}])" in dialplan
    assert f"Set(LINE_COUNTED=$[${{QUEUE_PRIO}} - {HORIZON} + ${{EPOCH}}])" in dialplan
    assert "Set(LINE_RUNG=$[(${LINE_COUNTED} - ${LINE_COUNTED} % 5) / 5])" in dialplan
    assert "Set(LINE_AHEAD=$[${LINE_RUNG} * 5])" in dialplan
    assert f"ExecIf($[${{LINE_RANK}} > {MOST}]?Set(LINE_RANK=0))" in dialplan


@given(st.integers(0, 2_000_000_000), st.integers(0, MOST), st.integers(1, 120), st.integers(0, 3600))
def test_a_place_tells_priority_and_waiting_again(joined: int, priority: int, step: int, waited: int) -> None:
    place = queue_prio(joined, priority, step)
    assert priority_of(place, joined, step) == priority
    assert counted_seconds(place, joined + waited) == waited + ahead_seconds(priority, step)


def test_a_place_before_everybody_counts_as_the_priority_that_comes_nearest_and_as_ten_at_most() -> None:
    head = queue_prio(1000, 10, 30)
    assert [priority_of(head + 1, joined, 30) for joined in (1000, 940, 800)] == [10, 8, 3]
    assert priority_of(head + 1, 1100, 30) == MOST
    assert priority_of(head + 1, 1100, 0) == 0


def test_group_repeats_and_province_add_up_to_ten_at_most() -> None:
    assert standing(RULES, groups={}, unserved=0, province=None) == Standing()
    assert standing(RULES, groups={"chronic": 4}, unserved=2, province="ilam") == Standing(8, "chronic", 2, "ilam")
    assert standing(RULES, groups={"chronic": 10}, unserved=2, province="ilam").priority == MOST


def test_of_several_groups_the_highest_counts_once() -> None:
    found = standing(RULES, groups={"elderly": 3, "chronic": 5, "blind": 5}, unserved=0, province=None)
    assert (found.priority, found.group) == (5, "blind")


def test_calling_again_and_again_raises_to_a_limit_only() -> None:
    raised = [standing(RULES, groups={}, unserved=n, province=None).priority for n in range(6)]
    assert raised == [0, 1, 2, 3, 3, 3]
    assert standing(RULES, groups={}, unserved=6, province=None).repeat == 6


@pytest.mark.parametrize("reader", [ApiSettings, ExchangeSettings])
def test_exchange_and_api_read_one_setting(
    monkeypatch: pytest.MonkeyPatch, reader: type[ApiSettings | ExchangeSettings]
) -> None:
    monkeypatch.setenv("LINE1420_ROUTING", '{"step_seconds": 20, "provinces": {"ilam": 2}}')
    assert reader().routing == RoutingRules(step_seconds=20, provinces={"ilam": 2})


@pytest.mark.parametrize(
    "given",
    [{"step_seconds": -1}, {"step_seconds": 121}, {"provinces": {"tehrn": 1}}, {"provinces": {"tehran": 11}}, {"x": 1}],
)
def test_rules_that_cannot_be_are_refused(given: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        RoutingRules.model_validate(given)
