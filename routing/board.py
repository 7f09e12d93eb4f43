"""The live picture: who waits in which queue, what each seat does. A fold over live events, corrected by snapshots.

Any event may come twice, late, or for a queue or seat nobody knows; nothing here counts up and down, so nothing can go
negative. A snapshot replaces what it knows and says how much differed: on a quiet, healthy link that is nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from ivr.kernel.ids import CallId, QueueName, SeatName
from routing.agents import BUSY, GONE, RINGING, DeviceStatus, SeatState, seat_state
from routing.duty import WRAP_UP
from routing.helping import Helpers
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
)
from routing.queues import QUEUES, Line, OnTheirWay, QueueSettings, WaitingCaller, default_queues, iso
from routing.seat_facts import SeatFacts, Seats
from routing.seats import ROLL_CALL, seat_names


@dataclass(slots=True)
class Board:
    """The fold. Mutable, owned by one consumer; `to_json` is what everyone else sees."""

    settings: Mapping[QueueName, QueueSettings] = field(default_factory=default_queues)
    """Asterisk does not tell over AMI how long a seat rests after a talk of a queue; these do."""
    queues: tuple[QueueName, ...] = QUEUES
    """Those that are shown even when Asterisk says nothing of them come first; a snapshot decides on all others."""
    lines: dict[QueueName, Line] = field(default_factory=dict)
    members: dict[QueueName, set[SeatName]] = field(default_factory=dict)
    places: tuple[SeatName, ...] = field(default_factory=seat_names)
    """Every place of the floor, occupied or not; they are always shown, and first."""
    seats: dict[SeatName, SeatFacts] = field(default_factory=Seats, init=False)
    on_roll: set[SeatName] = field(default_factory=set, init=False)
    """Seats of whose telephone Asterisk tells also while nobody is signed in."""
    on_their_way: OnTheirWay = field(default_factory=OnTheirWay, init=False)
    helpers: Helpers = field(init=False)
    _always: tuple[QueueName, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.helpers = Helpers(self.settings)
        self._always = self.queues
        for queue in self.queues:
            self._know(queue)
        for seat in self.places:
            self.seats[seat] = SeatFacts()

    def apply(self, event: LiveEvent) -> None:
        """Take one event in. The same event twice is the same event."""
        match event:
            case CallerJoined():
                self._know(event.queue)
                for queue, line in self.lines.items():
                    if queue != event.queue:
                        line.leave(event.leg_id)  # nobody stands in two queues: we did not hear the leaving
                since = self.on_their_way.since(event.leg_id, event.at)
                caller = WaitingCaller(event.leg_id, event.call_id, since, event.caller)
                self.lines[event.queue].join(caller, event.position)
            case CallerLeft():
                self._know(event.queue)
                self.on_their_way.leaves(self.lines[event.queue].leave(event.leg_id), event.at)
            case MemberChanged():
                self._take(event.member, event.at, status_is_news=event.status_is_news)
            case MemberRemoved():
                self._remove(event)
            case SeatCalled():
                seat = self.seats[event.seat]
                seat.agent, seat.called = event.agent, (event.queue, event.call_id)
            case SeatConnected():
                seat = self.seats[event.seat]
                seat.agent, seat.called, seat.talk = event.agent, None, (event.queue, event.call_id)
            case HoldChanged():
                self.seats[event.seat].hold(event.call_id, on=event.on_hold)
            case SeatMissed():
                seat = self.seats[event.seat]
                if seat.called == (event.queue, event.call_id):
                    seat.called = None
            case SeatCompleted():
                seat = self.seats[event.seat]
                if seat.talk == (event.queue, event.call_id):
                    # The event comes a moment before the telephone's own state: do not show "talking" in between.
                    seat.talk, seat.rests_until = None, event.at + self._rest_after(event.queue)
                    seat.device = DeviceStatus.NOT_IN_USE
                    seat.holds.clear()
        name = event.member.seat if isinstance(event, MemberChanged) else getattr(event, "seat", None)
        if name is not None:
            self._settle_seat(name, event.at)

    def replace(self, snapshot: Snapshot, meanwhile: Sequence[LiveEvent] = ()) -> int:
        """Put the snapshot in place of what we believed; returns in how much the two differed: who waits where, who
        serves which queue, paused or not, and in what state a seat is.

        `meanwhile` was heard and applied while the snapshot was on its way. It is applied once more, so that it does not
        count as a difference whether it happened before the snapshot or after.
        """
        self.settle(snapshot.at)
        before = self._believed()
        calls = {caller.leg_id: caller for line in self.lines.values() for caller in line.callers}
        self.queues = tuple(q for q in dict.fromkeys((*self._always, *snapshot.queues)) if q != ROLL_CALL)
        self.on_roll = {member.seat for member in snapshot.members if member.queue == ROLL_CALL}
        self.lines = {queue: Line() for queue in self.queues}
        self.members = {queue: set() for queue in self.queues}
        for entry in sorted(snapshot.callers, key=lambda entry: entry.position):
            known = calls.get(entry.leg_id)
            caller = known or WaitingCaller(entry.leg_id, CallId(entry.leg_id), entry.since, entry.caller)
            self._know(entry.queue)
            self.lines[entry.queue].join(replace(caller, prio=entry.priority), entry.position)
        engaged = {member.seat for member in snapshot.members if member.in_call}
        present = {member.seat for member in snapshot.members}
        for name in self.seats.keys() - present - set(self.places):
            del self.seats[name]
        for name, seat in self.seats.items():
            if name not in present:
                seat.be_gone()
            elif name not in engaged:
                seat.talk = None
            if snapshot.holds is not None:
                seat.holds = set(snapshot.holds.get(name, ()))
            seat.paused_in, seat.agent = {}, ""
        for member in snapshot.members:
            if member.status not in RINGING:
                self.seats[member.seat].called = None
            self._take(member, snapshot.at)
        for event in meanwhile:
            self.apply(event)
        self.settle(snapshot.at)
        return len(before ^ self._believed())

    def contradictions(self) -> set[SeatName]:
        """Seats whose telephone is in use without a talk of ours, or rests in a talk: for a moment, or by a mistake."""
        return {name for name, seat in self.seats.items() if (seat.talk is not None) != (seat.device in BUSY)}

    def settle(self, now: datetime) -> None:
        """Let what time alone changes happen: the end of a rest. Moves `since` of every seat whose state changed."""
        for name in self.seats:
            self._settle_seat(name, now)

    def _settle_seat(self, name: SeatName, now: datetime) -> None:
        seat, changed_at = self.seats[name], now
        if seat.rests_until is not None and seat.rests_until <= now:
            if seat.shown is SeatState.WRAP_UP:
                changed_at = seat.rests_until
            seat.rests_until = None
        paused = self._paused(name)
        wraps_up = paused and seat.reason == WRAP_UP
        state = seat_state(
            seat.device,
            talking=seat.talk is not None,
            holding=seat.holding,
            called=seat.called is not None,
            paused=paused and not wraps_up,
            resting=wraps_up or seat.rests_until is not None,
            manned=bool(self._queues_of(name)),
        )
        if state is not seat.shown or seat.since is None:
            if (seat.shown, state) == (SeatState.HOLDING, SeatState.TALKING):
                changed_at = seat.talks_since = seat.talks_since or changed_at  # the talk goes on
            elif state is SeatState.TALKING:
                seat.talks_since = changed_at
            elif state is not SeatState.HOLDING:
                seat.talks_since = None
            seat.shown, seat.since = state, changed_at

    def _queues_of(self, name: SeatName) -> set[QueueName]:
        return {queue for queue, members in self.members.items() if name in members}

    def _paused(self, name: SeatName) -> bool:
        """In all its queues; who takes calls of one is not paused."""
        mine = self._queues_of(name)
        return bool(mine) and mine <= self.seats[name].paused_in.keys()

    def _serves(self, name: SeatName, queue: QueueName) -> bool:
        """Whether calls of this queue reach the seat, now or after a talk and the work after it."""
        seat = self.seats[name]
        return seat.device not in GONE and seat.paused_in.get(queue, WRAP_UP) == WRAP_UP

    def to_json(self, now: datetime) -> dict[str, Any]:
        """The board as pages and the API show it; instants are ISO-8601 UTC. `since` is null before the first news."""
        self.settle(now)
        return {
            "queues": [self._queue_json(queue) for queue in self.queues],
            "seats": [self._seat_json(name, seat) for name, seat in self.seats.items()],
        }

    def _rest_after(self, queue: QueueName) -> timedelta:
        known = self.settings.get(queue)
        return timedelta(seconds=known.wrapup_seconds if known else 0)

    def _know(self, queue: QueueName) -> None:
        self.lines.setdefault(queue, Line())
        self.members.setdefault(queue, set())
        if queue not in self.queues:
            self.queues = (*self.queues, queue)

    def _remove(self, event: MemberRemoved) -> None:
        if event.queue == ROLL_CALL:
            self.on_roll.discard(event.seat)
            return
        self._know(event.queue)
        self.members[event.queue].discard(event.seat)
        seat = self.seats[event.seat]
        seat.paused_in.pop(event.queue, None)
        if not self._queues_of(event.seat):
            seat.agent = ""
            if event.seat not in self.on_roll:
                seat.be_gone()

    def _take(self, member: Member, now: datetime, *, status_is_news: bool = True) -> None:
        seat = self.seats[member.seat]
        if status_is_news:
            if member.status in GONE:
                seat.called = seat.talk = None
            elif member.status is DeviceStatus.NOT_IN_USE and seat.device in RINGING:
                seat.called = None  # the caller left while it rang; Asterisk has no other word for that
            seat.device = member.status
            if member.status not in BUSY:
                seat.holds.clear()
        if member.queue == ROLL_CALL:
            self.on_roll.add(member.seat)
            return
        self._know(member.queue)
        self.members[member.queue].add(member.seat)
        self.helpers.take(member)
        seat.agent = member.agent
        seat.paused_in.pop(member.queue, None)
        if member.paused:
            seat.paused_in[member.queue] = member.pause_reason
        if member.last_call is not None and seat.talk is None:
            until = member.last_call + (timedelta(seconds=member.wrapup_seconds) or self._rest_after(member.queue))
            if until > now:
                seat.rests_until = max(seat.rests_until or until, until)

    def _believed(self) -> set[tuple[object, ...]]:
        waiting: set[tuple[object, ...]] = {
            (queue, leg, place) for queue, line in self.lines.items() for place, leg in enumerate(line.legs, 1)
        }
        seats: set[tuple[object, ...]] = {(name, seat.shown) for name, seat in self.seats.items()}
        serving: set[tuple[object, ...]] = {
            (queue, name, self.seats[name].paused_in.get(queue))
            for queue, names in self.members.items()
            for name in names
        }
        return waiting | seats | serving

    def _queue_json(self, queue: QueueName) -> dict[str, Any]:
        members = self.members[queue]
        return {
            "name": queue,
            "waiting": self.lines[queue].to_json(),
            **self.helpers.counts(queue, members, lambda seat: self.seats[seat].shown is SeatState.AVAILABLE),
            "serving": sorted(seat for seat in self.helpers.own(queue, members) if self._serves(seat, queue)),
        }

    def _seat_json(self, name: SeatName, seat: SeatFacts) -> dict[str, Any]:
        queue, call_id = seat.talk or seat.called or (None, None)
        return {
            "seat": name,
            "agent": seat.agent or None,
            "state": seat.shown,
            "since": None if seat.since is None else iso(seat.since),
            "queue": queue,
            "call_id": call_id,
            "pause_reason": (seat.reason or None) if self._paused(name) else None,
            "phone": seat.device not in GONE,
        }
