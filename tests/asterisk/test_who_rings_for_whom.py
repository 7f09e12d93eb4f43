"""The ladder and the order of those who wait, on a real Asterisk alone: no keeper, no database, no look-up."""

from __future__ import annotations

import itertools
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from asterisk_conf.robots.caller import Caller
from asterisk_conf.robots.seat import Seat
from asterisk_conf.rootfs import ensure_root
from routing.ladder import Ladder
from routing.queues import QUEUES, QueueSettings
from tests.asterisk.exchange import REPOSITORY, Exchange
from tests.patience import one_try_of_several, quickest

GENERAL, INSURANCE, PENSIONS, _ = QUEUES
RELAX, HELP = 5, 9
LADDER = Ladder((RELAX, RELAX), {GENERAL: HELP})
LATE = 3.5
"""Seconds: Asterisk looks once a second at who may ring, and the telephone rings half a second."""
FAR = 10**6
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def floor() -> Iterator[Exchange]:
    """Agents sign in here, so no seat serves a queue until it is put there."""
    queues = {INSURANCE: QueueSettings(relax_seconds=(RELAX, RELAX), helped_by={GENERAL: HELP}, ring_seconds=4)}
    bench = Exchange(
        Path(tempfile.mkdtemp(prefix="line1420-ladder-")),
        ensure_root(REPOSITORY / "var", None),
        sign_in="desk",
        queues=queues,
    )
    try:
        yield bench.start()
    finally:
        bench.stop()


class Hall:
    """Seats with a penalty each, and callers who go to insurance."""

    def __init__(self, floor: Exchange, folder: Path) -> None:
        self.floor, self._folder = floor, folder
        self._seats: list[Seat] = []
        self._callers: list[Caller] = []

    def seat(self, number: int, penalty: int, *, talk: float | None = 2.0, ring: float = 0.5) -> Seat:
        name = f"seat{number:02d}"
        secret = self.floor.settings.seat_secrets[name].get_secret_value()
        seat = Seat(self._folder, self.floor.target, seat=name, secret=secret, ring_seconds=ring, talk_seconds=talk)
        self._seats.append(seat.sign_in())
        said = self.floor.remote(f"queue add member PJSIP/{name} to q-insurance penalty {penalty} as {name}")
        assert "Added interface" in said, said
        return seat

    def caller(self, rank: object = 0, then: Callable[[Caller], Caller] = lambda call: call) -> Caller:
        """Somebody who waits in insurance; with `rank` as a door would have left it. `then`: what they do in the queue."""
        self.floor.remote(f"dialplan set global LINE_RANK {rank}")  # read where the channel has none of its own
        user = f"0915{next(_numbers):07d}"
        self._callers.append(Caller(self._folder, self.floor.target, user=user))
        caller = then(self._callers[-1].pause(2).press("11")).until_bye(90).dial()
        self.floor.await_row(user, "talk")
        self.floor.until(lambda: self.log(caller, "ENTERQUEUE") != [], f"{user} is in no queue")
        return caller

    def everybody_is_talking(self) -> Caller:
        """The one seat of the first level."""
        self.seat(1, 0, talk=None)
        caller = self.caller()
        self.answered(caller)
        return caller

    def log(self, caller: Caller, event: str) -> list[list[str]]:
        calls = {row.call for row in self.floor.rows(caller.user)}
        return [line for line in self.floor.queue_log() if line[1] in calls and line[4] == event]

    def answered(self, caller: Caller) -> tuple[str, int]:
        """By which seat, and after how many seconds of waiting."""
        self.floor.until(lambda: self.log(caller, "CONNECT") != [], f"{caller.user} was not answered")
        connect = self.log(caller, "CONNECT")[0]
        return connect[3], int(connect[5])

    def waits(self, rank: int, by: str) -> int:
        """How many seconds somebody with this rank waited for that seat; the call is over then."""
        caller = self.caller(rank)
        seat, waited = self.answered(caller)
        assert seat == by
        self.hang_up(caller)
        return waited

    def hang_up(self, caller: Caller) -> None:
        """At once: a robot that was only stopped says nothing."""
        caller.stop()
        self.floor.hang_up(self.floor.rows(caller.user)[0].columns["channame"])

    def place(self, caller: Caller) -> int:
        """In the line, from 1."""
        shown = self.floor.remote("queue show q-insurance")
        channels = {row.columns["channame"] for row in self.floor.rows(caller.user) if row.name == "offered"}
        found = [n for n, channel in re.findall(r"^\s+(\d+)\. (\S+) \(wait", shown, re.M) if channel in channels]
        assert len(found) == 1, shown
        return int(found[0])

    def prio(self, caller: Caller) -> int:
        shown = self.floor.remote("queue show q-insurance")
        channels = {row.columns["channame"] for row in self.floor.rows(caller.user) if row.name == "offered"}
        return next(
            int(p) for c, p in re.findall(r"\d+\. (\S+) \(wait: [\d:]+, prio: (-?\d+)\)", shown) if c in channels
        )

    def go_home(self) -> None:
        for caller in self._callers:
            caller.stop()
        self.floor.clear()
        for seat in self._seats:
            self.floor.remote(f"queue remove member PJSIP/{seat.seat} from q-insurance")
            seat.sign_out()
        self._callers, self._seats = [], []


@pytest.fixture
def hall(floor: Exchange, tmp_path: Path) -> Iterator[Hall]:
    hall = Hall(floor, tmp_path)
    yield hall
    hall.go_home()


def test_a_second_level_agent_rings_only_for_who_has_waited_and_a_priority_counts_as_waiting(hall: Hall) -> None:
    hall.seat(2, LADDER.penalty_of_level(2), talk=None)
    assert RELAX <= quickest(lambda: hall.waits(0, "seat02"), RELAX + LATE) <= RELAX + LATE
    at_once = quickest(lambda: hall.waits(1, "seat02"), LATE)
    assert at_once <= LATE, "thirty seconds count as waited, so everybody may ring at once"


def test_who_has_priority_comes_before_an_earlier_caller_and_not_before_everybody(hall: Hall) -> None:
    first = hall.everybody_is_talking()
    earlier, raised, later = hall.caller(), hall.caller(5), hall.caller()
    assert [hall.place(caller) for caller in (raised, earlier, later)] == [1, 2, 3]
    ahead = hall.prio(raised) - hall.prio(earlier)
    assert 150 - 20 <= ahead < 150, "five steps of thirty seconds, less what the other had waited already"
    hall.hang_up(first)
    by, _ = hall.answered(raised)
    assert by == "seat01"
    assert hall.log(earlier, "CONNECT") == []


@pytest.mark.slow
def test_who_can_give_no_number_for_a_call_back_comes_back_to_their_place(hall: Hall) -> None:
    """Three numbers that nobody can ring; somebody without priority came a moment after them."""
    hall.everybody_is_talking()
    asks = hall.caller(5, then=lambda call: call.pause(8).press("1").pause(4).press("2").pause(3).press("1#1#1#"))
    place, later = hall.prio(asks), hall.caller()
    hall.floor.await_row(asks.user, "queue", status="KEY")
    hall.floor.until(lambda: len(hall.log(asks, "ENTERQUEUE")) == 2, "they did not come back")
    assert hall.prio(asks) == place
    assert [hall.place(caller) for caller in (asks, later)] == [1, 2]


@pytest.mark.slow
def test_agents_of_another_queue_help_out_after_their_time_and_nobody_loses_a_place(hall: Hall) -> None:
    hall.everybody_is_talking()
    hall.seat(3, LADDER.penalty_of_helper(GENERAL) or FAR)
    assert HELP <= quickest(lambda: hall.waits(0, "seat03"), HELP + LATE) <= HELP + LATE
    caller = hall.caller()
    assert hall.answered(caller)[0] == "seat03"
    assert len(hall.log(caller, "ENTERQUEUE")) == 1


@pytest.mark.slow
@pytest.mark.parametrize("rank", ["99", "-3", "1e9", "12345678901234567890", "x,y", "5)", "${EPOCH}"])
def test_a_rank_that_no_door_leaves_counts_for_no_more_than_its_digits(hall: Hall, rank: str) -> None:
    hall.everybody_is_talking()
    ordinary = hall.caller()
    odd = hall.caller(rank)
    ahead = hall.prio(odd) - hall.prio(ordinary)
    kept = int(re.sub("[^0-9]", "", rank)[:2] or 0)
    assert ahead <= (30 * kept if kept <= 10 else 0), "never more than the digits say, and nothing past ten"


@pytest.mark.slow
def test_nobody_on_duty_is_still_told_while_helpers_could_come(hall: Hall) -> None:
    """Without a telephone anywhere the caller is not let in; with a helper's alone they are."""
    caller = Caller(hall._folder, hall.floor.target, user="09159999999")
    caller.pause(2).press("11").pause(60).hang_up().dial()
    left = hall.floor.await_row(caller.user, "queue")
    assert left.fields["status"] == "JOINEMPTY"
    caller.stop()
    hall.seat(3, LADDER.penalty_of_helper(GENERAL) or FAR)
    by, _ = hall.answered(hall.caller())
    assert by == "seat03"


@pytest.mark.slow
@one_try_of_several
async def test_whoever_stands_ahead_keeps_no_free_agent_from_those_behind(hall: Hall) -> None:
    """The one ahead has hardly waited, the one behind for long enough that a second-level agent may ring; one comes, is asked
    for the one ahead, who counts as having waited longer still, and then a second for the other."""
    hall.go_home()
    hall.everybody_is_talking()
    patient = hall.caller()
    time.sleep(RELAX + 1)
    raised = hall.caller(2)
    assert [hall.place(caller) for caller in (raised, patient)] == [1, 2]
    hall.seat(2, LADDER.penalty_of_level(2), talk=None)
    by, waited = hall.answered(raised)
    assert (by, waited <= LATE) == ("seat02", True)
    hall.seat(4, LADDER.penalty_of_level(2), talk=None)
    assert hall.answered(patient)[0] == "seat04"
