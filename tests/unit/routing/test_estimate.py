"""How long a caller will wait: worked examples first, then what must hold on any floor."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ivr.kernel.ids import QueueName, SeatName
from routing.estimate import ENOUGH, Basis, Estimate, Floor, Handling, Span, estimate, handling_time

A, B = QueueName("insurance"), QueueName("pensions")
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 20, 20, 30, tzinfo=UTC)
THREE_MINUTES = Handling(180.0, Basis.RECENT)


def seats(first: int, last: int) -> frozenset[SeatName]:
    return frozenset(SeatName(f"seat{number:02d}") for number in range(first, last + 1))


def wait(
    floor: Floor, *, patience: float = 1e9, priority: int = 0, handling: Handling | None = THREE_MINUTES
) -> Estimate:
    return estimate(floor, A, handling, patience_seconds=patience, priority=priority)


class TestExamples:
    def test_all_four_talk_and_nobody_waits_so_the_next_end_of_a_talk_is_mine(self) -> None:
        assert wait(Floor(serving={A: seats(1, 4)})).seconds == pytest.approx(180 / 4)

    def test_seven_before_me_and_four_agents_are_eight_ends_of_talks(self) -> None:
        floor = Floor(waiting={A: [0] * 7}, serving={A: seats(1, 4)})
        assert wait(floor).seconds == pytest.approx(8 * 180 / 4)

    def test_call_backs_that_keep_their_place_are_before_me_like_callers(self) -> None:
        callers = Floor(waiting={A: [0] * 7}, serving={A: seats(1, 4)})
        mixed = Floor(waiting={A: [0] * 4}, call_backs={A: 3}, serving={A: seats(1, 4)})
        assert wait(mixed).seconds == pytest.approx(wait(callers).seconds)
        assert (wait(mixed).waiting_ahead, wait(mixed).call_backs_ahead) == (4, 3)

    def test_two_free_agents_take_the_first_two_at_once(self) -> None:
        floor = Floor(waiting={A: [0] * 3}, serving={A: seats(1, 4)}, free=seats(1, 2))
        assert wait(floor).seconds == pytest.approx(2 * 180 / 4)

    def test_agents_of_two_queues_serve_the_callers_of_both(self) -> None:
        shared = Floor(waiting={A: [0], B: [0] * 6}, serving={A: seats(1, 4), B: seats(1, 4)})
        alone = Floor(waiting={A: [0] * 7}, serving={A: seats(1, 4)})
        assert wait(shared).seconds == pytest.approx(wait(alone).seconds)

    def test_of_two_agents_the_one_who_serves_nobody_else_counts_more(self) -> None:
        floor = Floor(waiting={B: [0] * 3}, serving={A: seats(1, 2), B: seats(2, 3)})
        assert wait(floor).seconds == pytest.approx(180 / (1 + 1 / 4))

    def test_a_higher_priority_stands_before_the_others(self) -> None:
        floor = Floor(waiting={A: [5, 0, 0, 0]}, serving={A: seats(1, 2)})
        assert wait(floor, priority=5).waiting_ahead == 1
        assert wait(floor, priority=5).seconds == pytest.approx(2 * 180 / 2)
        assert wait(floor, priority=0).seconds == pytest.approx(5 * 180 / 2)

    def test_some_before_me_hang_up(self) -> None:
        floor = Floor(waiting={A: [0] * 9}, serving={A: seats(1, 3)})
        found = wait(floor, patience=120).seconds
        assert found == pytest.approx(60 + 120 * math.log(1 + 540 / 120))
        # the exact wait of somebody who stays in M/M/s+M: Σ 1 / (s μ + i θ)
        assert found == pytest.approx(sum(1 / (3 / 180 + i / 120) for i in range(10)), rel=0.1)

    def test_nobody_serves_and_nothing_is_said(self) -> None:
        assert wait(Floor(waiting={A: [0]}, serving={B: seats(1, 3)})).seconds is None

    def test_nothing_is_known_of_the_talks_and_nothing_is_said(self) -> None:
        assert wait(Floor(serving={A: seats(1, 3)}), handling=None).seconds is None


PLACES = [SeatName(f"seat{number:02d}") for number in range(1, 9)]
SOME = st.frozensets(st.sampled_from(PLACES))
LINES = st.lists(st.integers(0, 3), max_size=20)
FLOORS = st.builds(
    Floor,
    waiting=st.fixed_dictionaries({A: LINES, B: LINES}),
    call_backs=st.fixed_dictionaries({A: st.integers(0, 5), B: st.integers(0, 5)}),
    serving=st.fixed_dictionaries({A: SOME.filter(bool), B: SOME}),
    free=SOME,
)
PATIENCE = st.floats(10, 3600)
HANDLING = st.builds(Handling, seconds=st.floats(1, 3600), basis=st.just(Basis.RECENT))


def seconds(floor: Floor, handling: Handling, patience: float, priority: int = 0) -> float:
    found = estimate(floor, A, handling, patience_seconds=patience, priority=priority).seconds
    assert found is not None
    return found


def not_longer(shorter: float, longer: float) -> bool:
    return shorter <= longer * (1 + 1e-9) + 1e-9


class TestOnAnyFloor:
    @given(FLOORS, HANDLING, PATIENCE, SOME)
    def test_more_agents_never_make_it_longer(
        self, floor: Floor, handling: Handling, patience: float, more: frozenset[SeatName]
    ) -> None:
        better = replace(floor, serving={**floor.serving, A: frozenset(floor.serving[A]) | more})
        assert not_longer(seconds(better, handling, patience), seconds(floor, handling, patience))

    @given(FLOORS, HANDLING, PATIENCE, SOME)
    def test_an_agent_who_becomes_free_never_makes_it_longer(
        self, floor: Floor, handling: Handling, patience: float, more: frozenset[SeatName]
    ) -> None:
        better = replace(floor, free=frozenset(floor.free) | more)
        assert not_longer(seconds(better, handling, patience), seconds(floor, handling, patience))

    @given(FLOORS, HANDLING, PATIENCE, LINES, LINES, st.integers(0, 3))
    def test_more_before_me_never_make_it_shorter(
        self, floor: Floor, handling: Handling, patience: float, here: list[int], there: list[int], calls: int
    ) -> None:
        worse = replace(
            floor,
            waiting={A: [*floor.waiting[A], *here], B: [*floor.waiting[B], *there]},
            call_backs={**floor.call_backs, A: floor.call_backs[A] + calls},
        )
        assert not_longer(seconds(floor, handling, patience), seconds(worse, handling, patience))

    @given(FLOORS, HANDLING, PATIENCE, st.integers(0, 3), st.integers(0, 3))
    def test_a_higher_priority_never_waits_longer(
        self, floor: Floor, handling: Handling, patience: float, one: int, other: int
    ) -> None:
        low, high = sorted((one, other))
        assert not_longer(seconds(floor, handling, patience, high), seconds(floor, handling, patience, low))

    @given(FLOORS, HANDLING, PATIENCE, st.floats(1, 10), st.floats(1, 10))
    def test_longer_talks_and_more_patient_callers_never_make_it_shorter(
        self, floor: Floor, handling: Handling, patience: float, slower: float, calmer: float
    ) -> None:
        base = seconds(floor, handling, patience)
        assert not_longer(base, seconds(floor, replace(handling, seconds=handling.seconds * slower), patience))
        assert not_longer(base, seconds(floor, handling, patience * calmer))

    @given(FLOORS, HANDLING, PATIENCE)
    def test_nobody_before_me_and_a_free_agent_is_no_wait(
        self, floor: Floor, handling: Handling, patience: float
    ) -> None:
        empty = replace(floor, waiting={A: [], B: []}, call_backs={})
        assume(frozenset(floor.free) & frozenset(floor.serving[A]))
        assert seconds(empty, handling, patience) == 0

    @given(FLOORS, HANDLING, PATIENCE)
    def test_people_who_hang_up_only_shorten_it_and_never_below_my_own_turn(
        self, floor: Floor, handling: Handling, patience: float
    ) -> None:
        thinned, whole = seconds(floor, handling, patience), seconds(floor, handling, 1e12)
        assert not_longer(thinned, whole)
        assert not_longer(min(whole, handling.seconds / len(floor.serving[A])), thinned)


def spans(number: int, seconds: float, ago: timedelta) -> list[Span]:
    return [Span(NOW - ago, seconds)] * number


class TestHandlingTime:
    def known(self, talks: list[Span], work: list[Span], setting: float = 240) -> Handling | None:
        return handling_time(talks, work, now=NOW, midnight=MIDNIGHT, setting=setting, rest=5)

    def test_talks_of_two_hours_and_the_work_after_them(self) -> None:
        recent = spans(ENOUGH, 100, timedelta(minutes=30))
        old = spans(20, 900, timedelta(days=3))
        found = self.known([*recent, *old], spans(ENOUGH, 40, timedelta(minutes=20)))
        assert found == Handling(140, Basis.RECENT)

    def test_too_few_of_them_so_today_counts(self) -> None:
        talks = spans(ENOUGH - 1, 100, timedelta(minutes=30)) + spans(1, 600, timedelta(hours=5))
        assert self.known(talks, []) == Handling(200 + 5, Basis.TODAY)

    def test_the_first_talks_of_a_day_are_reckoned_with_yesterday_s(self) -> None:
        talks = spans(1, 100, timedelta(minutes=5)) + spans(ENOUGH, 160, timedelta(days=1))
        assert self.known(talks, []) == Handling(150 + 5, Basis.PAST)

    def test_a_new_queue_has_what_the_settings_say(self) -> None:
        assert self.known(spans(ENOUGH - 1, 100, timedelta(minutes=5)), []) == Handling(240, Basis.SETTING)

    def test_a_setting_of_nothing_says_nothing(self) -> None:
        assert self.known([], [], setting=0) is None
