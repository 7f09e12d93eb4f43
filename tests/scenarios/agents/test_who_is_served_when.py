"""From what a supervisor writes down to who rings for whom: skills, groups of callers and overflow, on the whole line."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from routing.queues import QUEUES
from tests.line import REPOSITORY
from tests.scenarios.agents.conftest import HELP_SECONDS, RELAX_SECONDS, Hall
from tests.scenarios.agents.test_agents_at_their_seats import insists, sign_in
from tests.scenarios.on_the_line.callers import eventually

pytestmark = pytest.mark.line
LATE = 8.0
"""Seconds: Asterisk looks once a second at who may ring, the telephone rings half a second, and the machine may stand still."""
EARLY = 3.5
"""The same the other way: a wait that was noted late."""
FIRST, SECOND, HELPER = "operator04", "operator03", "operator05"


@pytest.fixture
def floor(hall: Hall) -> Iterator[Hall]:
    """One agent of the first level, who stays in every talk, and one of the second, who is free."""
    lead = hall.desk("supervisor")
    lead.do("PUT", f"/agents/{FIRST}/skills", skills={"insurance": 1})
    lead.do("PUT", f"/agents/{SECOND}/skills", skills={"insurance": 2})
    lead.do("PUT", f"/agents/{HELPER}/skills", skills={"general": 1})
    hall.telephone("seat06", talk_seconds=None)
    sign_in(hall, FIRST, "seat06")
    yield hall
    hang_up_all(
        hall
    )  # a robot that is ended in mid-call says no goodbye, and its seat would look busy to the next test
    for agent in (FIRST, SECOND, HELPER):
        lead.do("PUT", f"/agents/{agent}/skills", skills=dict.fromkeys(QUEUES, 1))


def hang_up_all(hall: Hall) -> None:
    command = [sys.executable, "-m", "asterisk_conf.exchange", "channel", "request", "hangup", "all"]
    subprocess.run(command, cwd=REPOSITORY, env=hall.line.environment, check=True, capture_output=True)


def answered(hall: Hall, number: str) -> tuple[str, float, dict[str, Any]]:
    """By whom, after how many seconds of waiting, and the record."""
    eventually(lambda: connected(hall, number), seconds=60, what=f"{number} is answered")
    call = hall.calls_of(number)[0]
    visit = call["visits"][-1]
    return visit["agent"], visit["waited_seconds"], call


def connected(hall: Hall, number: str) -> bool:
    calls = hall.calls_of(number)
    return bool(calls and calls[0]["visits"] and calls[0]["visits"][-1]["connected_at"])


def test_the_second_level_rings_after_its_time_and_at_once_for_a_group_with_priority(floor: Hall) -> None:
    floor.telephone("seat05", talk_seconds=2)
    sign_in(floor, SECOND, "seat05")
    insists(floor, "02160000021").dial()
    floor.seat_shows("seat06", state="talking")
    ordinary = insists(floor, "08433330001").dial()
    by, waited, call = answered(floor, "08433330001")
    assert by == SECOND
    assert RELAX_SECONDS - EARLY <= waited <= RELAX_SECONDS + LATE
    assert (call["priority"], call["province"]) == (0, "ilam")
    floor.hang_up(ordinary)
    desk = floor.desk(SECOND)
    floor.seat_shows("seat05", state="wrap_up")
    desk.do("POST", "/duty/ready")
    floor.seat_shows("seat05", state="available")
    lead = floor.desk("supervisor")
    lead.do("POST", "/groups/chronic/members", caller="02160000022")
    raised = insists(floor, "02160000022").dial()
    by, waited, call = answered(floor, "02160000022")
    assert (by, waited < LATE) == (SECOND, True)
    assert (call["priority"], call["province"], call["repeat"]) == (5, "tehran", 0)
    floor.hang_up(raised)


@pytest.mark.slow
def test_agents_of_another_queue_help_out_after_their_time_and_are_counted_apart(floor: Hall) -> None:
    floor.telephone("seat07", talk_seconds=2)
    floor.desk(HELPER).do("POST", "/duty", seat="seat07")
    floor.seat_shows("seat07", state="available", agent=HELPER)

    def insurance() -> tuple[int, int]:
        found = next(queue for queue in floor.board()["queues"] if queue["name"] == "insurance")
        return found["members_total"], found["helpers_total"]

    eventually(lambda: insurance() == (1, 1), seconds=60, what="one agent and one helper")
    insists(floor, "02161000031").dial()
    floor.seat_shows("seat06", state="talking")
    waits = insists(floor, "02161000032").dial()
    by, waited, _ = answered(floor, "02161000032")
    assert by == HELPER
    assert HELP_SECONDS - EARLY <= waited <= HELP_SECONDS + LATE
    floor.hang_up(waits)


@pytest.mark.slow
def test_who_was_not_served_is_raised_when_they_call_again(floor: Hall) -> None:
    insists(floor, "02160000041").dial()
    floor.seat_shows("seat06", state="talking")
    gives_up = floor.caller("08433330042").pause(2.5).press("1").pause(1).press("1").pause(14).hang_up().dial()
    floor.finish(gives_up)
    eventually(
        lambda: [call["disposition"] for call in floor.calls_of("08433330042")] == ["abandoned"],
        seconds=20,
        what="gave up",
    )
    insists(floor, "08433330042").dial()
    eventually(lambda: floor.waiting("insurance"), seconds=60, what="they call again")
    eventually(lambda: floor.waiting("insurance")[0]["repeat"] == 1, seconds=60, what="the floor says so")
    assert floor.waiting("insurance")[0]["priority"] == 1
