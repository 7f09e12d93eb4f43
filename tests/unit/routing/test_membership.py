"""From what Asterisk holds to what it should hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ivr.kernel.ids import QueueName, SeatName
from routing.duty import LIMITS, Duty, PauseCause, Place, overdue, wanted
from routing.ladder import Ladder
from routing.membership import Join, Leave, Pause, Rank, action_of, after, steps
from routing.queues import QUEUES

T0 = datetime(2026, 11, 28, 8, tzinfo=UTC)
SEAT, GENERAL, INSURANCE = SeatName("seat01"), QueueName("general"), QueueName("insurance")


def duty(**changes: object) -> Duty:
    return Duty(**({"id": 1, "agent": "operator01", "seat": SEAT, "began_at": T0} | changes))  # pyright: ignore[reportArgumentType]


Held = dict[tuple[QueueName, SeatName], Place]

places = st.dictionaries(
    st.tuples(st.sampled_from(QUEUES), st.sampled_from([SeatName(f"seat{n:02d}") for n in range(1, 5)])),
    st.builds(Place, st.sampled_from(["operator01", "operator02"]), st.integers(0, 2), st.sampled_from(["", "break", "wrap_up"])),
)  # fmt: skip


@given(places, places)
def test_the_steps_lead_to_what_is_wanted(want: Held, have: Held) -> None:
    for step in steps(want, have):
        have = after(step, have)
    assert have == want
    assert steps(want, have) == []


@given(places, places)
def test_nobody_joins_before_everybody_who_must_leave_has_left(want: Held, have: Held) -> None:
    kinds = [type(step) for step in steps(want, have)]
    assert Leave not in kinds[kinds.index(Join) :] if Join in kinds else True


@given(places, places)
def test_whoever_must_be_paused_is_never_free_on_the_way(want: Held, have: Held) -> None:
    for step in steps(want, have):
        have = after(step, have)
        if isinstance(step, Join):
            assert bool(have[step.queue, step.seat].reason) == bool(want[step.queue, step.seat].reason)


def test_an_agent_without_skills_serves_every_queue_first() -> None:
    assert wanted([duty()], dict.fromkeys(QUEUES, Ladder())) == {
        (queue, SEAT): Place("operator01", 0, "") for queue in QUEUES
    }


def test_skills_decide_the_queues_and_who_is_asked_first() -> None:
    skilled = duty(skills={INSURANCE: 1, GENERAL: 3, QueueName("closed_long_ago"): 1})
    other = duty(id=2, agent="operator02", seat=SeatName("seat02"), skills={GENERAL: 1})
    found = wanted([skilled, other], dict.fromkeys(QUEUES, Ladder()))
    assert found == {
        (INSURANCE, SEAT): Place("operator01", 0, ""),
        (GENERAL, SEAT): Place("operator01", 2, ""),
        (GENERAL, other.seat): Place("operator02", 0, ""),
    }


def test_an_agent_is_free_only_when_no_cause_is_open() -> None:
    both = {PauseCause.SUPERVISOR: T0, PauseCause.BREAK: T0 + timedelta(minutes=1)}
    assert duty(causes=both, wrap_up=(GENERAL, T0)).reason == "break"
    assert duty(causes={PauseCause.SUPERVISOR: T0}, wrap_up=(GENERAL, T0)).reason == "supervisor"
    assert duty(wrap_up=(GENERAL, T0)).reason == "wrap_up"
    assert duty().reason == ""


def test_another_agent_at_a_seat_is_another_member() -> None:
    have = {(GENERAL, SEAT): Place("operator02", 0, "")}
    want = {(GENERAL, SEAT): Place("operator01", 0, "break")}
    assert steps(want, have) == [
        Leave(GENERAL, SEAT),
        Join(GENERAL, SEAT, Place("operator01", 0, "break")),
        Pause(GENERAL, SEAT, "break"),
    ]


def test_each_step_is_an_action_asterisk_knows() -> None:
    joins = Join(GENERAL, SEAT, Place("operator01", 2, "break"))
    where = {"Queue": "q-general", "Interface": "PJSIP/seat01"}
    assert action_of(joins) == (
        "QueueAdd",
        where | {"Penalty": "2", "Paused": "true", "MemberName": "operator01", "StateInterface": "PJSIP/seat01"},
    )
    assert action_of(Leave(GENERAL, SEAT)) == ("QueueRemove", where)
    assert action_of(Pause(GENERAL, SEAT, "meal")) == ("QueuePause", where | {"Paused": "true", "Reason": "meal"})
    assert action_of(Pause(GENERAL, SEAT, "")) == ("QueuePause", where | {"Paused": "false"})
    assert action_of(Rank(GENERAL, SEAT, 1)) == ("QueuePenalty", where | {"Penalty": "1"})


def test_a_pause_is_overdue_after_its_limit_and_training_by_a_supervisor_never() -> None:
    limit = LIMITS[PauseCause.BREAK]
    assert overdue(PauseCause.BREAK, T0, T0 + limit) is None
    assert overdue(PauseCause.BREAK, T0, T0 + limit + timedelta(seconds=1)) == timedelta(seconds=1)
    assert overdue(PauseCause.SUPERVISOR, T0, T0 + timedelta(days=1)) is None
