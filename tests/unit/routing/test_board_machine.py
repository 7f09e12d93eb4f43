"""Any floor, any disorder: after a snapshot the board equals the floor, and no event ever leaves nonsense on it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from ivr.kernel.ids import CallId, LegId, QueueName, SeatName
from routing.agents import DeviceStatus
from routing.board import Board
from routing.live import (
    CallerJoined,
    CallerLeft,
    HoldChanged,
    LiveEvent,
    Member,
    MemberChanged,
    MemberRemoved,
    SeatCalled,
    SeatCompleted,
    SeatConnected,
    SeatMissed,
    Snapshot,
    SnapshotCaller,
)

QUEUES = [QueueName("general"), QueueName("insurance")]
SEATS = [SeatName("seat01"), SeatName("seat02"), SeatName("seat03")]
FATES = st.sampled_from(["heard"] * 5 + ["twice", "lost", "late"])
ANY_QUEUE, ANY_SEAT = st.sampled_from(QUEUES), st.sampled_from(SEATS)
REST = timedelta(seconds=5)
T0 = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


class Floor(RuleBasedStateMachine):
    """A model of Asterisk's queues beside the board that hears of them, not always and not always in order."""

    def __init__(self) -> None:
        super().__init__()
        self.now = T0
        self.calls = 0
        self.waiting: dict[QueueName, list[LegId]] = {queue: [] for queue in QUEUES}
        self.serves: dict[QueueName, set[SeatName]] = {queue: set(SEATS) for queue in QUEUES}
        self.pauses: dict[tuple[QueueName, SeatName], str] = {}
        self.rings: dict[SeatName, tuple[QueueName, LegId]] = {}
        self.talks: dict[SeatName, tuple[QueueName, LegId]] = {}
        self.held: set[SeatName] = set()
        self.last_call: dict[SeatName, datetime] = {}
        self.board = Board()
        self.late: list[LiveEvent] = []
        self.linked = True
        self.perfect = True
        self.snapshot()

    # What Asterisk says

    def tell(self, event: LiveEvent, fate: str) -> None:
        if fate == "lost" or not self.linked:
            self.perfect = False
        elif fate == "late":
            self.late.append(event)
            self.perfect = False
        else:
            self.board.apply(event)
            if fate == "twice":
                once = self.board.to_json(self.now)
                self.board.apply(event)
                assert self.board.to_json(self.now) == once, f"twice is not once: {event}"

    def member(self, queue: QueueName, seat: SeatName) -> Member:
        status = DeviceStatus.NOT_IN_USE
        if seat in self.talks:
            status = DeviceStatus.IN_USE
        elif seat in self.rings:
            status = DeviceStatus.RINGING
        in_call = seat in self.talks and self.talks[seat][0] == queue
        reason = self.pauses.get((queue, seat))
        agent = f"operator{seat[4:]}"
        return Member(
            queue, seat, agent, status, reason is not None, in_call, self.last_call.get(seat), 0, reason or ""
        )

    def tell_members(self, seat: SeatName, fate: str) -> None:
        for queue in QUEUES:
            if seat in self.serves[queue]:
                self.tell(MemberChanged(self.member(queue, seat), self.now), fate)

    def engaged(self, seat: SeatName) -> bool:
        return seat in self.talks or seat in self.rings

    # What callers and operators do

    @rule(seconds=st.integers(0, 20))
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(queue=ANY_QUEUE, fate=FATES)
    def join(self, queue: QueueName, fate: str) -> None:
        self.calls += 1
        self.stand_in(queue, LegId(f"line1420-1.{self.calls}"), fate)

    def stand_in(self, queue: QueueName, leg: LegId, fate: str) -> None:
        self.waiting[queue].append(leg)
        self.tell(CallerJoined(queue, leg, CallId(leg), len(self.waiting[queue]), "…1", self.now), fate)

    @rule(queue=ANY_QUEUE, n=st.integers(0, 5), fate=FATES)
    def give_up(self, queue: QueueName, n: int, fate: str) -> None:
        if n < len(self.waiting[queue]):
            leg = self.waiting[queue].pop(n)
            self.tell(CallerLeft(queue, leg, self.now), fate)
            for seat in [seat for seat, ring in self.rings.items() if ring == (queue, leg)]:
                del self.rings[seat]
                self.tell_members(seat, fate)

    @rule(queue=ANY_QUEUE, n=st.integers(0, 5), to=ANY_QUEUE, fate=FATES)
    def change_queue(self, queue: QueueName, n: int, to: QueueName, fate: str) -> None:
        """A waiting caller is sent to another queue: out of one line, into the other."""
        if n < len(self.waiting[queue]) and all(leg != self.waiting[queue][n] for _, leg in self.rings.values()):
            leg = self.waiting[queue].pop(n)
            self.tell(CallerLeft(queue, leg, self.now), fate)
            self.stand_in(to, leg, fate)

    @rule(queue=ANY_QUEUE, seat=ANY_SEAT, fate=FATES)
    def ring(self, queue: QueueName, seat: SeatName, fate: str) -> None:
        free = not self.engaged(seat) and seat in self.serves[queue] and (queue, seat) not in self.pauses
        if self.waiting[queue] and free:
            self.rings[seat] = (queue, self.waiting[queue][0])
            self.tell(SeatCalled(queue, seat, f"operator{seat[4:]}", CallId(self.waiting[queue][0]), self.now), fate)
            self.tell_members(seat, fate)

    @rule(seat=ANY_SEAT, fate=FATES, answers=st.booleans())
    def pick_up_or_not(self, seat: SeatName, fate: str, answers: bool) -> None:
        if seat not in self.rings:
            return
        queue, leg = self.rings.pop(seat)
        if answers:
            self.waiting[queue].remove(leg)
            others = [other for other, ring in self.rings.items() if ring == (queue, leg)]
            self.talks[seat] = (queue, leg)
            self.tell(CallerLeft(queue, leg, self.now), fate)
            self.tell_members(seat, fate)
            self.tell(SeatConnected(queue, seat, f"operator{seat[4:]}", CallId(leg), self.now), fate)
            for other in others:
                del self.rings[other]
                self.tell_members(other, fate)
        else:
            self.tell(SeatMissed(queue, seat, CallId(leg), self.now), fate)
            self.tell_members(seat, fate)

    @rule(seat=ANY_SEAT, fate=FATES, to=st.none() | ANY_QUEUE)
    def end_the_talk(self, seat: SeatName, fate: str, to: QueueName | None) -> None:
        """By hanging up, or by transferring the caller to a queue."""
        if seat in self.talks:
            queue, leg = self.talks.pop(seat)
            self.held.discard(seat)
            self.last_call[seat] = self.now
            self.tell(SeatCompleted(queue, seat, CallId(leg), self.now), fate)
            self.tell_members(seat, fate)
            if to is not None:
                self.stand_in(to, leg, fate)

    @rule(seat=ANY_SEAT, fate=FATES)
    def hold_or_take_back(self, seat: SeatName, fate: str) -> None:
        if seat in self.talks:
            self.held ^= {seat}
            self.tell(HoldChanged(seat, CallId(self.talks[seat][1]), seat in self.held, self.now), fate)

    @rule(queue=ANY_QUEUE, seat=ANY_SEAT, fate=FATES, reason=st.sampled_from(["", "نماز", "ناهار"]))
    def pause(self, queue: QueueName, seat: SeatName, fate: str, reason: str) -> None:
        if seat in self.serves[queue]:
            self.pauses[queue, seat] = reason
            self.tell(MemberChanged(self.member(queue, seat), self.now), fate)

    @rule(queue=ANY_QUEUE, seat=ANY_SEAT, fate=FATES)
    def end_pause(self, queue: QueueName, seat: SeatName, fate: str) -> None:
        if self.pauses.pop((queue, seat), None) is not None:
            self.tell(MemberChanged(self.member(queue, seat), self.now), fate)

    @rule(queue=ANY_QUEUE, seat=ANY_SEAT, fate=FATES)
    def remove(self, queue: QueueName, seat: SeatName, fate: str) -> None:
        if seat in self.serves[queue] and not self.engaged(seat):
            self.serves[queue].discard(seat)
            self.pauses.pop((queue, seat), None)
            self.tell(MemberRemoved(queue, seat, self.now), fate)

    @rule(queue=ANY_QUEUE, seat=ANY_SEAT, fate=FATES)
    def add(self, queue: QueueName, seat: SeatName, fate: str) -> None:
        if seat not in self.serves[queue] and not self.engaged(seat):
            self.serves[queue].add(seat)
            self.tell(MemberChanged(self.member(queue, seat), self.now), fate)

    # What happens to the wire

    @rule()
    def late_news(self) -> None:
        for event in reversed(self.late):
            self.board.apply(event)
        self.late.clear()

    @precondition(lambda self: self.linked)
    @rule()
    def lose_the_link(self) -> None:
        self.linked = False

    @rule(meanwhile=st.booleans())
    def snapshot(self, meanwhile: bool = False) -> None:
        """`meanwhile`: late news arrives while the snapshot is on its way, and is of before it."""
        callers = tuple(
            SnapshotCaller(queue, leg, n, "…1", self.now)
            for queue, legs in self.waiting.items()
            for n, leg in enumerate(legs, 1)
        )
        members = tuple(self.member(queue, seat) for queue in QUEUES for seat in SEATS if seat in self.serves[queue])
        heard = [MemberChanged(member, self.now) for member in members] if meanwhile else []
        for event in heard:
            self.board.apply(event)
        # As the listener does: holds are asked for only when something may have been missed.
        holds = None if self.perfect else {seat: {CallId(self.talks[seat][1])} for seat in self.held}
        differed = self.board.replace(Snapshot(tuple(QUEUES), members, callers, self.now, holds), heard)
        if self.perfect and self.now > T0:
            assert differed == 0, "a snapshot differed although every event was heard"
        self.late.clear()
        self.linked = self.perfect = True
        self.agrees()

    # What must hold

    def expected(self, seat: SeatName) -> set[str]:
        mine = [queue for queue in QUEUES if seat in self.serves[queue]]
        if not mine:
            return {"offline"}
        if seat in self.talks:
            return {"holding" if seat in self.held else "talking"}
        if seat in self.rings:
            return {"ringing"}
        if all((queue, seat) in self.pauses for queue in mine):
            return {"paused"}
        rests = seat in self.last_call and self.last_call[seat] + REST > self.now
        return {"wrap_up"} if rests else {"available"}

    def agrees(self) -> None:
        shown = self.board.to_json(self.now)
        for queue in shown["queues"]:
            name = QueueName(queue["name"])
            if name in self.waiting:
                assert [caller["leg_id"] for caller in queue["waiting"]] == self.waiting[name]
                assert self.board.members[name] == self.serves[name]
        for seat in shown["seats"][: len(SEATS)]:
            assert seat["state"] in self.expected(seat["seat"]), seat
        told = {(q, s): reason for s in SEATS for q, reason in self.board.seats[s].paused_in.items()}
        assert told == self.pauses

    @invariant()
    def when_every_event_was_heard_the_board_is_the_floor(self) -> None:
        if self.perfect:
            self.agrees()

    @invariant()
    def nothing_is_doubled_or_negative(self) -> None:
        shown = self.board.to_json(self.now)
        assert len(shown["seats"]) == 16
        everywhere = [caller["leg_id"] for queue in shown["queues"] for caller in queue["waiting"]]
        assert len(everywhere) == len(set(everywhere)), "a caller stands in two places"
        for queue in shown["queues"]:
            positions = [caller["position"] for caller in queue["waiting"]]
            assert positions == list(range(1, len(positions) + 1))
            assert 0 <= queue["members_available"] <= queue["members_total"]
        moment = self.now.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        assert all(seat["since"] is None or seat["since"] <= moment for seat in shown["seats"])


TestFloor = Floor.TestCase
TestFloor.settings = settings(max_examples=60, stateful_step_count=40, deadline=None, derandomize=True, database=None)


@pytest.mark.slow
@pytest.mark.timeout(3600)
class TestManyFloors(Floor.TestCase):
    settings = settings(
        max_examples=2000,
        stateful_step_count=50,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
