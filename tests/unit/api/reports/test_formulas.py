"""The formulas against the examples that ICMI and Cisco print, and against their own definitions for any counts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.calls.record import VisitOutcome
from api.reports import formulas
from api.reports.counts import VisitCounts
from api.reports.formulas import service_level
from api.reports.standard import ABANDONED, ANSWERED, FORMULA, MOVED, OTHER_EXITS, REFUSED, Variant
from ivr.kernel.errors import Invalid
from ivr.kernel.measures import Mean, Ratio

ICMI = VisitCounts(
    offered=1060, answered=1000, abandoned=60, answered_in_time=860, abandoned_in_time=20, abandoned_short=10
)
"""ICMI, *Service Level Calculations*, 2002: T = 20 s, short within 5 s. SL6 is computed, the others are printed."""
CISCO = VisitCounts(offered=100, answered=75, abandoned=25, answered_in_time=70, abandoned_in_time=10)
"""Cisco ICM: 70 answered and 10 abandoned within the threshold, 20 neither."""


@pytest.mark.parametrize(
    ("variant", "percent"),
    [
        (Variant.SL1, 83.02),
        (Variant.SL2, 86.00),
        (Variant.SL3, 81.13),
        (Variant.SL4, 82.69),
        (Variant.SL5, 82.08),
        (Variant.SL6, 81.90),
    ],
)
def test_the_example_of_icmi_comes_out_as_printed(variant: Variant, percent: float) -> None:
    value = service_level(ICMI, variant).value
    assert value is not None
    assert round(100 * value, 2) == percent


@pytest.mark.parametrize(("variant", "percent"), [(Variant.SL4, 77.8), (Variant.SL3, 70.0), (Variant.SL1, 80.0)])
def test_the_example_of_cisco_comes_out_as_printed(variant: Variant, percent: float) -> None:
    value = service_level(CISCO, variant).value
    assert value is not None
    assert round(100 * value, 1) == percent


def test_what_is_published_is_the_fourth_variant() -> None:
    assert service_level(ICMI) == service_level(ICMI, Variant.SL4) == Ratio(860, 1040)


@pytest.mark.parametrize("variant", [v for v in Variant if v is not Variant.SL2])
def test_who_left_by_time_limit_or_key_counts_as_not_answered(variant: Variant) -> None:
    with_exits = VisitCounts(
        offered=1080, answered=1000, abandoned=60, answered_in_time=860, abandoned_in_time=20, abandoned_short=10
    )
    assert with_exits.other_exits == 20
    plain, full = service_level(ICMI, variant), service_level(with_exits, variant)
    assert (full.part, full.whole) == (plain.part, plain.whole + 20)


def test_who_still_waits_is_in_no_service_level() -> None:
    waiting = VisitCounts(
        offered=1067, answered=1000, abandoned=60, waiting=7, answered_in_time=860, abandoned_in_time=20, abandoned_short=10
    )  # fmt: skip
    assert all(service_level(waiting, variant) == service_level(ICMI, variant) for variant in Variant)


def test_every_variant_has_its_formula_in_words() -> None:
    assert set(FORMULA) == set(Variant)


def test_every_way_in_which_a_visit_can_end_is_counted_in_one_place() -> None:
    places = [ANSWERED, ABANDONED, REFUSED, MOVED, *OTHER_EXITS]
    assert sorted(places) == sorted(outcome.value for outcome in VisitOutcome)


def test_rates_of_the_example() -> None:
    assert formulas.answer_rate(ICMI) == Ratio(1000, 1060)
    assert formulas.unanswered_rate(ICMI) == Ratio(60, 1060)
    assert formulas.abandonment_rate(ICMI) == Ratio(60, 1060)
    assert formulas.abandonment_without_short(ICMI) == Ratio(50, 1050)


def test_each_mean_divides_by_its_own_number() -> None:
    """Ten offered: six answered (four talks over), three gave up, one waits; two were answered at once."""
    counts = VisitCounts(
        offered=10, answered=6, abandoned=3, waiting=1, waits=9, delayed=7, talks=4, waited_seconds=126.0,
        answered_waited_seconds=66.0, abandoned_waited_seconds=60.0, talked_seconds=480.0,
    )  # fmt: skip
    assert formulas.speed_of_answer(counts) == Mean(66.0, 6)
    assert formulas.mean_wait(counts) == Mean(126.0, 9)
    assert formulas.mean_delay(counts) == Mean(126.0, 7)
    assert formulas.time_to_abandon(counts) == Mean(60.0, 3)
    assert formulas.talk_time(counts) == formulas.handle_time(counts) == Mean(480.0, 4)
    worked = replace(counts, wraps=3, wrapped_seconds=60.0)
    assert formulas.handle_time(worked) == Mean(540.0, 4)
    assert formulas.after_call_work(worked) == Mean(60.0, 3)
    assert [formulas.speed_of_answer(counts).seconds, formulas.mean_delay(counts).seconds] == [11.0, 18.0]


def test_told_waits_are_held_against_the_waits_of_the_answered_only() -> None:
    """Four were told, three of them answered: 60 s too much, 20 s too little and 200 s too much, two of these right."""
    counts = VisitCounts(
        offered=5, answered=4, abandoned=1, told=4, told_answered=3, told_right=2, told_off_seconds=280.0,
        told_over_seconds=240.0,
    )  # fmt: skip
    assert formulas.told_error(counts) == Mean(280.0, 3)
    assert formulas.told_bias(counts) == Mean(240.0, 3)
    assert formulas.told_right(counts) == Ratio(2, 3)
    late = replace(counts, told_over_seconds=-30.0)
    assert formulas.told_bias(late).seconds == -10.0
    assert formulas.told_error(VisitCounts(told=1, offered=1, waiting=1)).seconds is None


def test_an_interval_without_anybody_has_no_figures_and_no_zero_that_looks_like_one() -> None:
    nobody = VisitCounts()
    assert [service_level(nobody, variant).value for variant in Variant] == [None] * 6
    means = (formulas.speed_of_answer, formulas.mean_wait, formulas.mean_delay, formulas.time_to_abandon)
    assert [mean(nobody).seconds for mean in means] == [None] * 4
    assert str(formulas.answer_rate(nobody)) == "–"


def test_counts_that_cannot_be_are_refused() -> None:
    with pytest.raises(Invalid):
        VisitCounts(offered=1, answered=2)
    with pytest.raises(Invalid):
        Mean(3.0, 0)


@st.composite
def counts(draw: st.DrawFn) -> VisitCounts:
    answered, abandoned, waiting, others = (draw(st.integers(0, 50)) for _ in range(4))
    early = draw(st.integers(0, abandoned))
    return VisitCounts(
        offered=answered + abandoned + waiting + others,
        answered=answered,
        abandoned=abandoned,
        waiting=waiting,
        answered_in_time=draw(st.integers(0, answered)),
        abandoned_in_time=early,
        abandoned_short=draw(st.integers(0, early)),
    )


@settings(deadline=None)
@given(counts())
def test_no_counts_make_a_share_below_nothing_or_above_all(some: VisitCounts) -> None:
    for variant in Variant:
        value = service_level(some, variant).value
        assert value is None or 0 <= value <= 1
    assert formulas.answer_rate(some).part + formulas.unanswered_rate(some).part == some.offered


@settings(deadline=None)
@given(counts(), counts())
def test_two_intervals_together_are_the_ratio_of_their_sums(one: VisitCounts, other: VisitCounts) -> None:
    names = ("offered", "answered", "abandoned", "waiting", "answered_in_time", "abandoned_in_time", "abandoned_short")
    both = VisitCounts(**{name: getattr(one, name) + getattr(other, name) for name in names})
    for variant in Variant:
        assert service_level(both, variant) == service_level(one, variant) + service_level(other, variant)
