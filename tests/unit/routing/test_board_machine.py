"""Any floor, any disorder: after a snapshot the board equals the floor, and no event ever leaves nonsense on it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from ivr.kernel.ids import CallId, LegId, QueueName, SeatName
from routing.agents import DeviceStatus
from routing.board import Board
from routing.live import (
    CallerJoined,
    CallerLeft,
    LiveEvent,
    Member,
    MemberChanged,
    SeatCalled,
    SeatCompleted,
    SeatConnected,
    SeatMissed,
    Snapshot,
    SnapshotCaller,
)

QUEUES = [QueueName("general"), QueueName("insurance")]
SEATS = [SeatName("seat01"), SeatName("seat02")]
FATES = st.sampled_from(["heard", "heard", "heard", "twice", "lost", "late"])
T0 = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


class Floor(RuleBasedStateMachine):
    """A model of Asterisk's queues beside the board that hears of them, not always and not always in order."""

    def __init__(self) -> None:
        super().__init__()
        self.now = T0
        self.calls = 0
        self.waiting: dict[QueueName, list[LegId]] = {queue: [] for queue in QUEUES}
        self.talks: dict[SeatName, tuple[QueueName, LegId]] = {}
        self.board = Board()
        self.late: list[LiveEvent] = []
        self.perfect = True
        self.snapshot()

    def tell(self, event: LiveEvent, fate: str) -> None:
        if fate == "lost":
            self.perfect = False
        elif fate == "late":
            self.late.append(event)
            self.perfect = False
        else:
            for _ in range(2 if fate == "twice" else 1):
                self.board.apply(event)

    def member(self, queue: QueueName, seat: SeatName) -> Member:
        status = DeviceStatus.IN_USE if seat in self.talks else DeviceStatus.NOT_IN_USE
        in_call = seat in self.talks and self.talks[seat][0] == queue
        return Member(queue, seat, f"operator{seat[4:]}", status, False, in_call, None, 0)

    @rule(seconds=st.integers(0, 20))
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(queue=st.sampled_from(QUEUES), fate=FATES)
    def join(self, queue: QueueName, fate: str) -> None:
        self.calls += 1
        leg = LegId(f"line1420-1.{self.calls}")
        self.waiting[queue].append(leg)
        self.tell(CallerJoined(queue, leg, CallId(leg), len(self.waiting[queue]), "…1", self.now), fate)

    @rule(queue=st.sampled_from(QUEUES), n=st.integers(0, 5), fate=FATES)
    def give_up(self, queue: QueueName, n: int, fate: str) -> None:
        if n < len(self.waiting[queue]):
            self.tell(CallerLeft(queue, self.waiting[queue].pop(n), self.now), fate)

    @rule(queue=st.sampled_from(QUEUES), seat=st.sampled_from(SEATS), fate=FATES, answers=st.booleans())
    def ring(self, queue: QueueName, seat: SeatName, fate: str, answers: bool) -> None:
        if not self.waiting[queue] or seat in self.talks:
            return
        call = CallId(self.waiting[queue][0])
        self.tell(SeatCalled(queue, seat, "op", call, self.now), fate)
        if not answers:
            self.tell(SeatMissed(queue, seat, call, self.now), fate)
            return
        leg = self.waiting[queue].pop(0)
        self.talks[seat] = (queue, leg)
        for name in QUEUES:
            self.tell(MemberChanged(self.member(name, seat), self.now), fate)
        self.tell(CallerLeft(queue, leg, self.now), fate)
        self.tell(SeatConnected(queue, seat, "op", call, self.now), fate)

    @rule(seat=st.sampled_from(SEATS), fate=FATES)
    def hang_up(self, seat: SeatName, fate: str) -> None:
        if seat in self.talks:
            queue, leg = self.talks.pop(seat)
            self.tell(SeatCompleted(queue, seat, CallId(leg), self.now), fate)
            for name in QUEUES:
                self.tell(MemberChanged(self.member(name, seat), self.now), fate)

    @rule()
    def late_news(self) -> None:
        for event in self.late:
            self.board.apply(event)
        self.late.clear()

    @rule()
    def snapshot(self) -> None:
        callers = tuple(
            SnapshotCaller(queue, leg, n, "…1", self.now)
            for queue, legs in self.waiting.items()
            for n, leg in enumerate(legs, 1)
        )
        members = tuple(self.member(queue, seat) for queue in QUEUES for seat in SEATS)
        differed = self.board.replace(Snapshot(tuple(QUEUES), members, callers, self.now))
        if self.perfect and self.now > T0:
            assert differed == 0, "a snapshot differed although every event was heard"
        self.late.clear()
        self.perfect = True
        self.agrees()

    def agrees(self) -> None:
        shown = self.board.to_json(self.now)
        for queue in shown["queues"]:
            if queue["name"] in self.waiting:
                assert [caller["leg_id"] for caller in queue["waiting"]] == self.waiting[QueueName(queue["name"])]
        for seat in shown["seats"][: len(SEATS)]:
            assert (seat["state"] == "talking") == (SeatName(seat["seat"]) in self.talks)

    @invariant()
    def when_every_event_was_heard_the_board_is_the_floor(self) -> None:
        if self.perfect:
            self.agrees()

    @invariant()
    def nothing_is_doubled_or_negative(self) -> None:
        shown = self.board.to_json(self.now)
        assert len(shown["seats"]) == 16
        for queue in shown["queues"]:
            legs = [caller["leg_id"] for caller in queue["waiting"]]
            assert len(legs) == len(set(legs))
            assert [caller["position"] for caller in queue["waiting"]] == list(range(1, len(legs) + 1))
            assert 0 <= queue["members_available"] <= queue["members_total"]
        for seat in shown["seats"]:
            assert seat["since"] is None or seat["since"] <= self.now.isoformat(timespec="milliseconds").replace(
                "+00:00", "Z"
            )


TestFloor = Floor.TestCase
TestFloor.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)
