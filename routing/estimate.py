"""How long a caller who comes now will wait, reckoned from the floor as it is at this moment. Pure.

An agent a of the queue has before him everybody whom he may serve next: the n callers before me, me, and the r_a who wait
in his other queues. Of each talk that he ends 1 / (n + 1 + r_a) is mine, so with S = Σ_a 1 / (n + 1 + r_a) over all
agents, F the same sum over those who are free, s agents and a handling time of AHT seconds

    W₀ = max(0, 1 − F) / S · AHT          the wait if nobody hung up; for equal agents (places to go) · AHT / s
    b  = AHT / s                          between two ends of talks on the whole floor of the queue
    W  = W₀                               for W₀ ≤ b: I am the next
    W  = b + P · ln(1 + (W₀ − b) / P)     else: those before me hang up with a mean patience of P seconds

The last line is the fluid form of the wait in Erlang A (M/M/s+M) for somebody who does not hang up, Σ_i 1 / (s/AHT + i/P).
It never falls when somebody more is before me and never rises when somebody more serves, which the sum, with agents
who are shared between queues, does not promise.

Who may serve counts while talking, ringing and working after a talk; who is in a pause does not. Call backs that keep their
place are before me like callers.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from ivr.kernel.ids import QueueName, SeatName

NEWEST = 30
"""Talks of a queue that are looked at."""
ENOUGH = 5
"""Fewer say nothing about how long a talk takes."""
RECENT = timedelta(hours=2)


class Basis(StrEnum):
    """Which talks a handling time was reckoned from."""

    RECENT = "recent"
    """The newest of the last two hours."""
    TODAY = "today"
    PAST = "past"
    """Today and days before."""
    SETTING = "setting"
    """There are too few talks; what the settings say."""


@dataclass(frozen=True, slots=True)
class Span:
    """A talk, or the work after one, that is over."""

    ended_at: datetime
    seconds: float


@dataclass(frozen=True, slots=True)
class Handling:
    """AHT: mean talk and mean work after it."""

    seconds: float
    basis: Basis


@dataclass(frozen=True, slots=True)
class Floor:
    """Who waits and who serves, at one moment."""

    waiting: Mapping[QueueName, Sequence[int]] = field(default_factory=dict)
    """The priority of each waiting caller, 0 as a rule."""
    call_backs: Mapping[QueueName, int] = field(default_factory=dict)
    """Call backs that keep a place in the queue and have not been made."""
    serving: Mapping[QueueName, Collection[SeatName]] = field(default_factory=dict)
    """Signed in, telephone reachable, in no pause: whatever else they do just now."""
    free: Collection[SeatName] = ()
    """Of all of these, who could take a call at once."""

    def before(self, queue: QueueName, priority: int) -> int:
        """Callers whom somebody of this priority stands behind."""
        return sum(theirs >= priority for theirs in self.waiting.get(queue, ()))

    def demand(self, queue: QueueName) -> int:
        """Everybody who wants an agent of this queue."""
        return len(self.waiting.get(queue, ())) + self.call_backs.get(queue, 0)


@dataclass(frozen=True, slots=True)
class Estimate:
    """What was reckoned, and from what. `seconds` is None where nobody serves, or nothing is known of the talks."""

    seconds: float | None
    waiting_ahead: int
    call_backs_ahead: int
    agents: int
    free: int
    handling: Handling | None


def estimate(
    floor: Floor, queue: QueueName, handling: Handling | None, *, patience_seconds: float, priority: int = 0
) -> Estimate:
    """The expected wait of a caller with this priority who enters the queue now. `patience_seconds` is P, above zero."""
    ahead, call_backs = floor.before(queue, priority), floor.call_backs.get(queue, 0)
    agents = set(floor.serving.get(queue, ()))
    free = agents.intersection(floor.free)
    seconds = None
    if agents and handling is not None:
        mine = {agent: 1 / (ahead + call_backs + 1 + _rivals(floor, agent, queue)) for agent in agents}
        left = max(0.0, 1 - sum(mine[agent] for agent in free))
        unthinned = left / sum(mine.values()) * handling.seconds
        seconds = _thinned(unthinned, handling.seconds / len(agents), patience_seconds)
    return Estimate(seconds, ahead, call_backs, len(agents), len(free), handling)


def handling_time(
    talks: Sequence[Span], work: Sequence[Span], *, now: datetime, midnight: datetime, setting: float, rest: float
) -> Handling | None:
    """AHT from the newest talks of a queue: of two hours, else of today, else of past days, else the setting.

    `rest` stands for the work after a talk where too little of it was measured: Asterisk's own pause. None when there are
    too few talks and the setting is 0, "say nothing".
    """
    talked = _newest(talks, now, midnight)
    if talked is None:
        return Handling(setting, Basis.SETTING) if setting else None
    worked = _newest(work, now, midnight)
    return Handling(talked.seconds + (worked.seconds if worked else rest), talked.basis)


def _newest(spans: Sequence[Span], now: datetime, midnight: datetime) -> Handling | None:
    for basis, since in ((Basis.RECENT, now - RECENT), (Basis.TODAY, midnight), (Basis.PAST, None)):
        found = [span.seconds for span in spans if since is None or span.ended_at >= since]
        if len(found) >= ENOUGH:
            return Handling(math.fsum(found) / len(found), basis)
    return None


def _rivals(floor: Floor, agent: SeatName, queue: QueueName) -> int:
    """Everybody who wants this agent in his other queues."""
    return sum(floor.demand(other) for other, agents in floor.serving.items() if other != queue and agent in agents)


def _thinned(unthinned: float, between: float, patience: float) -> float:
    if unthinned <= between:
        return unthinned
    return between + patience * math.log1p((unthinned - between) / patience)
