"""Erlang's models against printed tables, against a simulation, and against what must hold for every line."""

from __future__ import annotations

import heapq
import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.kernel.errors import Invalid
from routing.staffing.erlang import Outlook, erlang_a, erlang_b, erlang_c, least_operators_c
from tests.effort import explore, tried

loads = st.floats(0, 300, allow_subnormal=False)
operators = st.integers(0, 400)
handling = st.floats(5, 3600)
thresholds = st.floats(0, 300)
patiences = st.floats(1, 7200)


# -- textbook values of Erlang C: M/M/1, M/M/2, M/M/3


@pytest.mark.parametrize(
    ("load", "number", "waits", "occupancy"),
    [(0.8, 1, 0.8, 0.8), (1, 2, 1 / 3, 0.5), (2, 3, 4 / 9, 2 / 3)],
)
def test_the_small_textbook_lines(load: float, number: int, waits: float, occupancy: float) -> None:
    outlook = erlang_c(load, number, 180, 20)
    assert outlook.waits == pytest.approx(waits, rel=1e-12)
    assert outlook.occupancy == pytest.approx(occupancy, rel=1e-12)


def test_table_c_of_the_tetra_dimensioning_example() -> None:
    """Threshold = handling time: of those who wait at all, e^-4.13 wait longer than that."""
    outlook = erlang_c(3.87, 8, 60, 60)
    assert outlook.waits == pytest.approx(0.05009, abs=5e-6)
    assert (1 - outlook.service_level) / outlook.waits == pytest.approx(0.0161, abs=5e-5)
    assert outlook.occupancy == pytest.approx(0.48, abs=0.005)
    second = erlang_c(4.08, 10, 60, 60)
    assert second.waits == pytest.approx(0.01005, abs=5e-6)
    assert second.occupancy == pytest.approx(0.41, abs=0.005)


@pytest.mark.parametrize(
    ("number", "waits", "level", "mean_wait", "occupancy"),
    [
        (11, 0.6821182, 0.3896138, 122.781277, 0.9090909),
        (12, 0.4493882, 0.640158, 40.444940, 0.8333333),
        (13, 0.2852705, 0.7955948, 17.116227, 0.7692308),
        (14, 0.1741319335950498, 0.8883500191794669, 7.835937, 0.7142857142857143),
    ],
)
def test_the_package_erlangc_of_r(number: int, waits: float, level: float, mean_wait: float, occupancy: float) -> None:
    """100 calls in 30 minutes of 180 s each; row 14 also in pyworkforce, to the last digit."""
    outlook = erlang_c(10, number, 180, 20)
    tight = number == 14
    assert outlook.waits == pytest.approx(waits, abs=1e-14 if tight else 5e-8)
    assert outlook.service_level == pytest.approx(level, abs=1e-14 if tight else 5e-8)
    assert outlook.mean_wait_seconds == pytest.approx(mean_wait, abs=5e-6)
    assert outlook.occupancy == pytest.approx(occupancy, abs=5e-8)


SWPP = [
    (21, 0.760642, 35, 137, 95),
    (22, 0.567915, 59, 51, 91),
    (23, 0.415738, 75, 25, 87),
    (24, 0.298072, 85, 13, 83),
    (25, 0.209103, 91, 7, 80),
    (26, 0.143400, 94.7, 4, 77),
]
"""M. Klenke, Occupancy vs. Speed of Answer Goals, 2018: A = 20, AHT = 180 s, T = 30 s; prints whole points and seconds."""


@pytest.mark.parametrize(("number", "waits", "level", "mean_wait", "occupancy"), SWPP)
def test_the_table_of_occupancy_and_speed_of_answer(
    number: int, waits: float, level: float, mean_wait: float, occupancy: float
) -> None:
    outlook = erlang_c(20, number, 180, 30)
    assert outlook.waits == pytest.approx(waits, abs=5e-7)
    assert 100 * outlook.service_level == pytest.approx(level, abs=1)
    assert outlook.mean_wait_seconds == pytest.approx(mean_wait, abs=1)
    assert 100 * outlook.occupancy == pytest.approx(occupancy, abs=1)


def test_that_table_is_of_180_seconds_though_its_text_says_300() -> None:
    waits = [erlang_c(20, number, 300, 30).mean_wait_seconds for number, *_ in SWPP]
    assert waits == pytest.approx([228, 85, 42, 22, 13, 7], abs=1)


def test_the_walk_through_of_360_calls() -> None:
    outlook = erlang_c(48, 55, 240, 15)
    assert outlook.waits == pytest.approx(0.2387, abs=5e-5)
    assert outlook.service_level == pytest.approx(0.8459, abs=5e-5)
    assert outlook.mean_wait_seconds == pytest.approx(8.18, abs=0.005)
    assert outlook.occupancy == pytest.approx(0.873, abs=5e-4)


def test_the_example_of_mandelbaum_and_zeltyn_with_and_without_patience() -> None:
    """48 calls a minute of a minute each, 50 operators; with a mean patience of two minutes 3.1 % hang up."""
    endless = erlang_c(48, 50, 60, 20)
    assert endless.waits == pytest.approx(0.6945, abs=5e-5)
    assert endless.mean_wait_seconds == pytest.approx(20.83, abs=0.005)
    assert endless.occupancy == pytest.approx(0.96)
    patient = erlang_a(48, 50, 60, 20, 120)
    assert patient.waits == pytest.approx(0.4678, abs=5e-5)
    assert patient.abandons == pytest.approx(0.03091, abs=5e-6)
    assert patient.mean_wait_seconds == pytest.approx(3.71, abs=0.005)
    assert patient.occupancy == pytest.approx(0.930, abs=5e-4)


@pytest.mark.parametrize(
    ("number", "waits", "mean_wait", "level"),
    [
        (30, 0.828, 208.7, 23.5),
        (31, 0.652, 74.7, 45.2),
        (32, 0.507, 37.6, 61.3),
        (33, 0.388, 21.3, 73.0),
        (34, 0.293, 12.7, 81.5),
        (35, 0.218, 7.8, 87.5),
    ],
)
def test_250_calls_in_half_an_hour(number: int, waits: float, mean_wait: float, level: float) -> None:
    outlook = erlang_c(250 * 210 / 1800, number, 210, 20)
    assert outlook.waits == pytest.approx(waits, abs=5e-4)
    assert outlook.mean_wait_seconds == pytest.approx(mean_wait, abs=0.05)
    assert 100 * outlook.service_level == pytest.approx(level, abs=0.05)


@pytest.mark.parametrize(
    ("number", "offered", "carried"),
    [
        (1, 0.0101, None),
        (5, 1.361, 1.347),
        (10, 4.461, 4.417),
        (20, 12.03, 11.91),
        (30, 20.34, 20.13),
        (50, 37.90, 37.52),
        (100, 84.06, None),
    ],
)
def test_erlang_b_blocks_one_in_a_hundred(number: int, offered: float, carried: float | None) -> None:
    """Offered loads at blocking 1 %. The trunk table in Avaya's BCMS manual prints the carried loads instead."""
    half_a_digit = 0.5 * 10 ** -(4 - len(str(int(offered)))) if offered >= 1 else 5e-5
    assert erlang_b(offered - half_a_digit, number) < 0.01 < erlang_b(offered + half_a_digit, number)
    if carried is not None:
        assert offered * (1 - erlang_b(offered, number)) == pytest.approx(carried, abs=0.01)


# -- an independent witness: the line played call by call


def played(load: float, number: int, handling_seconds: float, threshold: float, patience: float) -> Outlook:
    """Two hundred thousand calls of M/M/N+M with a fixed seed; the first tenth only fills the line."""
    chance = random.Random(1420)
    free = [0.0] * number
    now, total, warm = 0.0, 200_000, 20_000
    late = abandoned = abandoned_early = in_time = 0
    waited = 0.0
    for n in range(total):
        now += chance.expovariate(load / handling_seconds)
        limit = chance.expovariate(1 / patience)
        wait = max(free[0] - now, 0.0)
        if wait <= limit:
            heapq.heapreplace(free, now + wait + chance.expovariate(1 / handling_seconds))
        if n < warm:
            continue
        late += wait > 0
        waited += min(wait, limit)
        abandoned += wait > limit
        abandoned_early += limit < wait and limit <= threshold
        in_time += wait <= limit and wait <= threshold
    counted = total - warm
    level = in_time / (counted - abandoned_early)
    return Outlook(late / counted, level, waited / counted, math.nan, abandoned / counted)


@pytest.mark.parametrize(("load", "number"), [(10, 11), (20, 16), (5, 7)])
def test_erlang_a_foretells_a_line_that_is_played(load: float, number: int) -> None:
    told, seen = erlang_a(load, number, 180, 20, 120), played(load, number, 180, 20, 120)
    assert told.waits == pytest.approx(seen.waits, abs=0.012)
    assert told.service_level == pytest.approx(seen.service_level, abs=0.012)
    assert told.abandons == pytest.approx(seen.abandons, abs=0.006)
    assert told.mean_wait_seconds == pytest.approx(seen.mean_wait_seconds, rel=0.03)


# -- what holds for every line


@tried(quick=150, thorough=5000)
def test_shares_are_shares(examples: int) -> None:
    @given(loads, operators, handling, thresholds, patiences)
    def holds(load: float, number: int, aht: float, threshold: float, patience: float) -> None:
        for outlook in (erlang_c(load, number, aht, threshold), erlang_a(load, number, aht, threshold, patience)):
            for share in (outlook.waits, outlook.service_level, outlook.occupancy, outlook.abandons):
                assert 0 <= share <= 1
            assert outlook.mean_wait_seconds >= 0
        assert 0 <= erlang_b(load, number) <= 1

    explore(examples, holds)


@tried(quick=150, thorough=5000)
def test_who_may_wait_waits_more_often_than_who_may_not_is_lost(examples: int) -> None:
    @given(loads, operators)
    def holds(load: float, number: int) -> None:
        assert erlang_c(load, number, 180, 20).waits >= erlang_b(load, number) * (1 - 1e-12) - (load == 0)

    explore(examples, holds)


@tried(quick=150, thorough=5000)
def test_one_operator_more_never_makes_it_worse(examples: int) -> None:
    @given(loads, operators, handling, thresholds, patiences)
    def holds(load: float, number: int, aht: float, threshold: float, patience: float) -> None:
        assert erlang_b(load, number + 1) <= erlang_b(load, number)
        for fewer, more in (
            (erlang_c(load, number, aht, threshold), erlang_c(load, number + 1, aht, threshold)),
            (erlang_a(load, number, aht, threshold, patience), erlang_a(load, number + 1, aht, threshold, patience)),
        ):
            assert more.service_level >= fewer.service_level - 1e-6
            assert more.mean_wait_seconds <= fewer.mean_wait_seconds * (1 + 1e-9) + 1e-9
            assert more.abandons <= fewer.abandons + 1e-9

    explore(examples, holds)


@tried(quick=150, thorough=5000)
def test_more_calls_never_make_it_better(examples: int) -> None:
    @given(st.floats(0.01, 200), st.floats(0.001, 50), operators, handling, thresholds, patiences)
    def holds(load: float, further: float, number: int, aht: float, threshold: float, patience: float) -> None:
        assert erlang_b(load + further, number) >= erlang_b(load, number) - 1e-12
        for quiet, busy in (
            (erlang_c(load, number, aht, threshold), erlang_c(load + further, number, aht, threshold)),
            (
                erlang_a(load, number, aht, threshold, patience),
                erlang_a(load + further, number, aht, threshold, patience),
            ),
        ):
            assert busy.service_level <= quiet.service_level + 1e-6
            assert busy.waits >= quiet.waits - 1e-9

    explore(examples, holds)


@tried(quick=150, thorough=5000)
def test_with_endless_patience_nobody_hangs_up(examples: int) -> None:
    @given(st.floats(0.5, 60), st.integers(1, 20), handling, thresholds)
    def holds(load: float, spare: int, aht: float, threshold: float) -> None:
        number = math.ceil(load) + spare
        endless, patient = erlang_c(load, number, aht, threshold), erlang_a(load, number, aht, threshold, 1e9)
        assert patient.waits == pytest.approx(endless.waits, rel=1e-3, abs=1e-6)
        assert patient.service_level == pytest.approx(endless.service_level, rel=1e-3, abs=1e-6)
        assert patient.mean_wait_seconds == pytest.approx(endless.mean_wait_seconds, rel=1e-2, abs=1e-6)
        assert erlang_a(load, number, aht, threshold, math.inf) == endless

    explore(examples, holds)


@tried(quick=150, thorough=5000)
def test_the_fewest_operators_are_enough_and_one_less_is_not(examples: int) -> None:
    @given(st.floats(0.001, 200), handling, thresholds, st.floats(0.01, 0.99))
    def holds(load: float, aht: float, threshold: float, level: float) -> None:
        needed = least_operators_c(load, aht, threshold, level)
        assert needed > load, "never fewer than the load, or the line of callers grows without end"
        assert erlang_c(load, needed, aht, threshold).service_level >= level
        assert erlang_c(load, needed - 1, aht, threshold).service_level < level

    explore(examples, holds)


def test_a_line_far_beyond_its_operators_still_has_an_answer() -> None:
    """The weights of the chain pass every float on the way; nothing overflows."""
    outlook = erlang_a(5000, 16, 600, 20, 3600)
    assert outlook.abandons == pytest.approx(1 - 16 / 5000, rel=1e-3)
    assert outlook.service_level == pytest.approx(0, abs=1e-6)
    assert erlang_a(1, 400, 180, 20, 120).service_level == 1
    assert erlang_a(2, 0, 180, 20, 120) == Outlook(1.0, 0.0, 120, 0.0, 1.0)
    assert erlang_b(10_000, 20_000) == 0


@pytest.mark.parametrize(
    "wrong",
    [(-1, 5, 180, 20, 120), (math.nan, 5, 180, 20, 120), (math.inf, 5, 180, 20, 120), (1, -1, 180, 20, 120),
     (1, 5, 0, 20, 120), (1, 5, 180, -1, 120), (1, 5, 180, 20, 0)],
)  # fmt: skip
def test_what_is_no_line_is_refused(wrong: tuple[float, int, float, float, float]) -> None:
    with pytest.raises(Invalid):
        erlang_a(*wrong)
