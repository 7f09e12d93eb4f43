"""Fairness as a property: arrivals, requests, answers, hang-ups, tries in vain, deaths and restarts in any order.

The queue here is what app_queue 22.10.1 does (`join_queue`): inserted before the first of lower priority; the first is served
first. Everything else is the product's own rule and judging. Callers have priorities; a place is one number for all of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ivr.kernel.ids import CallId, QueueName
from ivr.kernel.tracking_code import TrackingCode
from routing.callbacks.judging import Told, is_silent, judged
from routing.callbacks.request import OPEN, Attempt, Request, call_of
from routing.callbacks.rule import Floor, Place, Withdraw, steps
from routing.callbacks.settings import CallbackSettings
from routing.priority import MOST, ahead_seconds, queue_prio

Q = QueueName("general")
NOON = datetime.fromisoformat("2026-11-28T08:30:00+00:00")
RULES = CallbackSettings(carrier="carrier.example", tries=3, apart_seconds=60, in_line=6)


STEP = 30


@dataclass(frozen=True)
class Standing:
    """Somebody in Asterisk's queue, a caller or the placeholder of a call back."""

    call_id: CallId
    since: datetime
    priority: int
    prio: int
    """As which they stand there."""


@dataclass
class Dial:
    call_id: CallId
    code: TrackingCode


@dataclass
class Exchange:
    """What Asterisk holds, and loses at a restart."""

    line: list[Standing] = field(default_factory=list)
    dials: list[Dial] = field(default_factory=list)
    talks: int = 0

    def joins(self, one: Standing) -> None:
        behind = sum(other.prio >= one.prio for other in self.line)
        self.line.insert(behind, one)


class Floors(RuleBasedStateMachine):
    """Time moves on two seconds with each step, so that every joining has a second of its own."""

    @initialize(operators=st.integers(1, 4))
    def begin(self, operators: int) -> None:
        self.now, self.operators = NOON, operators
        self.asterisk, self.ledger = Exchange(), dict[CallId, Told]()
        self.requests: dict[TrackingCode, Request] = {}
        self.fence: dict[TrackingCode, int] = {}
        self.rung: dict[TrackingCode, int] = {}
        self.number = 0
        self.is_open = True

    @property
    def free(self) -> int:
        return self.operators - self.asterisk.talks - len(self.asterisk.dials)

    def _tick(self) -> None:
        self.now += timedelta(seconds=2)

    @rule(priority=st.sampled_from([0, 0, 1, 3, MOST]))
    def a_caller_joins(self, priority: int) -> None:
        self._tick()
        self.number += 1
        name = CallId(f"n-{self.number}.0")
        prio = queue_prio(int(self.now.timestamp()), priority, STEP)
        self.asterisk.joins(Standing(name, self.now, priority, prio))

    @precondition(lambda self: any("cb" not in s.call_id for s in self.asterisk.line))
    @rule(data=st.data())
    def a_caller_asks_to_be_called_back(self, data: st.DataObject) -> None:
        self._tick()
        live = [s for s in self.asterisk.line if "cb" not in s.call_id]
        gone = data.draw(st.sampled_from(live))
        self.asterisk.line.remove(gone)
        code = TrackingCode.from_number(self.number * 1000 + len(self.requests))
        self.requests[code] = Request(code, Q, gone.since, priority=gone.priority)

    @precondition(lambda self: any("cb" not in s.call_id for s in self.asterisk.line))
    @rule(data=st.data())
    def a_caller_hangs_up(self, data: st.DataObject) -> None:
        self._tick()
        live = [s for s in self.asterisk.line if "cb" not in s.call_id]
        self.asterisk.line.remove(data.draw(st.sampled_from(live)))

    @rule(dies=st.booleans())
    def the_dialler_looks(self, dies: bool) -> None:
        """`dies`: after the attempt is written down and before Asterisk hears of it; a new one starts."""
        self._tick()
        self._follow()
        open_ones = [request for request in self.requests.values() if request.state in OPEN]
        open_queue = {Q} if self.is_open else set[QueueName]()
        floor = Floor({Q: tuple(one.call_id for one in self.asterisk.line)}, open_queue, (), {Q})
        for step in steps(open_ones, floor, self.now, in_line=RULES.in_line, step_seconds=STEP):
            if isinstance(step, Withdraw):
                self._withdraw(step.call_id)
                continue
            self.fence[step.code] = n = self.fence.get(step.code, 0) + 1
            call_id = call_of("n", step.code, n)
            request = self.requests[step.code]
            assert request.attempt is None
            self.requests[step.code] = replace(request, attempt=Attempt(n, call_id, self.now))
            if not dies:
                self._originate(step, call_id)

    def _originate(self, step: Place, call_id: CallId) -> None:
        self.ledger[call_id] = Told(placed_at=self.now)
        self.asterisk.joins(Standing(call_id, self.now, self.requests[step.code].priority, step.prio))

    @precondition(lambda self: self.asterisk.line and self.free > 0)
    @rule()
    def an_operator_answers_the_first(self) -> None:
        self._tick()
        first = self.asterisk.line.pop(0)
        request = next((r for r in self.requests.values() if r.attempt and r.attempt.call_id == first.call_id), None)
        if "cb" in first.call_id and (request is None or request.state not in OPEN):
            return  # nobody wants it any more; the next look would have taken it out
        for other in self.asterisk.line:
            assert self._counted(first) <= self._counted(other), "somebody was overtaken in the line"
            most = timedelta(seconds=MOST * STEP)
            assert self._joined(first) - self._joined(other) <= most, "a priority is never more than so much waiting"
        if request is None:
            self.asterisk.talks += 1
            return
        assert all(dial.code != request.code for dial in self.asterisk.dials), "dialled twice at once"
        self.rung[request.code] = self.rung.get(request.code, 0) + 1
        self.asterisk.dials.append(Dial(first.call_id, request.code))
        self.ledger[first.call_id] = replace(self.ledger[first.call_id], taken_at=self.now, dialled_at=self.now)

    @precondition(lambda self: self.asterisk.dials)
    @rule(data=st.data(), reached=st.booleans())
    def a_dial_ends(self, data: st.DataObject, reached: bool) -> None:
        self._tick()
        dial = data.draw(st.sampled_from(self.asterisk.dials))
        self.asterisk.dials.remove(dial)
        told = self.ledger[dial.call_id]
        if reached:
            self.asterisk.talks += 1
            self.ledger[dial.call_id] = replace(told, reached_at=self.now)
        else:
            self.ledger[dial.call_id] = replace(told, ended_at=self.now, status="NOANSWER")

    @precondition(lambda self: self.asterisk.talks)
    @rule()
    def a_talk_ends(self) -> None:
        self._tick()
        self.asterisk.talks -= 1

    @rule()
    def asterisk_restarts(self) -> None:
        self._tick()
        for call_id, told in self.ledger.items():
            if told.ended_at is None and told.reached_at is None:
                self.ledger[call_id] = replace(told, ended_at=self.now, lost=True)
        self.asterisk = Exchange()

    @rule()
    def the_queue_closes_or_opens(self) -> None:
        self._tick()
        self.is_open = not self.is_open

    @rule(seconds=st.sampled_from([10, 30, 70]))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @invariant()
    def never_more_dials_than_operators_and_never_more_than_the_rule_allows(self) -> None:
        assert self.free >= 0
        codes = [dial.code for dial in self.asterisk.dials]
        assert len(codes) == len(set(codes))
        assert all(count <= RULES.tries for count in self.rung.values())

    def teardown(self) -> None:
        """Everybody has an end: with an open queue and operators who work, no request stays for ever."""
        if not hasattr(self, "asterisk"):
            return
        self.is_open = True
        for _ in range(400):
            if all(request.state not in OPEN for request in self.requests.values()):
                break
            self.the_dialler_looks(dies=False)
            while self.asterisk.line and self.free > 0:
                self.an_operator_answers_the_first()
            for dial in list(self.asterisk.dials):
                self.asterisk.dials.remove(dial)
                self.ledger[dial.call_id] = replace(self.ledger[dial.call_id], ended_at=self.now, status="BUSY")
            self.asterisk.talks = 0
            self.now += timedelta(seconds=RULES.apart_seconds / 6)
        left = [request for request in self.requests.values() if request.state in OPEN]
        assert left == []

    def _withdraw(self, call_id: CallId) -> None:
        self.asterisk.line = [standing for standing in self.asterisk.line if standing.call_id != call_id]
        self.ledger[call_id] = replace(self.ledger[call_id], ended_at=self.now, status="WITHDRAW")

    def _follow(self) -> None:
        standing = {one.call_id for one in self.asterisk.line}
        for code, request in self.requests.items():
            if request.state in OPEN and request.attempt:
                told = self.ledger.get(request.attempt.call_id)
                stands = request.attempt.call_id in standing
                silent = is_silent(request.attempt.begun_at, self.now, stands=stands)
                self.requests[code], _ = judged(request, told, self.now, RULES, silent=silent)

    def _counted(self, standing: Standing) -> datetime:
        return self._joined(standing) - timedelta(seconds=ahead_seconds(standing.priority, STEP))

    def _joined(self, standing: Standing) -> datetime:
        for request in self.requests.values():
            if request.attempt and request.attempt.call_id == standing.call_id:
                return request.joined_at
        return standing.since


TestFloors = Floors.TestCase
TestFloors.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
