"""What is counted of visits and of calls before anything is divided: plain sums, taken as they are. Pure.

*Calls* are counted by their arrival, *visits* (stays in queues) by their entry, both in the interval in which that
lies, however long they last. The two are different measures and never share a number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from ivr.kernel.errors import Invalid


@dataclass(frozen=True, slots=True)
class VisitCounts:
    """Sums over the visits of one interval. Every visit offered was answered, abandoned, left otherwise or still waits."""

    offered: int = 0
    answered: int = 0
    abandoned: int = 0
    waiting: int = 0
    """Not over and not answered yet."""
    refused: int = 0
    """Found the queue full; not among the offered."""
    exits: Mapping[str, int] = field(default_factory=dict)
    """Other exits by outcome."""
    answered_in_time: int = 0
    abandoned_in_time: int = 0
    """Gave up within the threshold; `abandoned_short` within the short one."""
    abandoned_short: int = 0
    waits: int = 0
    """Offered visits whose wait is over; `delayed` of them waited longer than nothing."""
    delayed: int = 0
    talks: int = 0
    """Answered visits whose talk is over."""
    wraps: int = 0
    """Of these those whose work after the talk was measured and is over."""
    told: int = 0
    """Offered visits whose caller had been told how long the wait would be."""
    told_answered: int = 0
    """Of these the answered: only their wait came to the end that was told. `told_right` of them as it was told."""
    told_right: int = 0
    told_off_seconds: float = 0.0
    """Over them, Σ |told − waited|; `told_over_seconds` with its sign: Σ (told − waited)."""
    told_over_seconds: float = 0.0
    waited_seconds: float = 0.0
    answered_waited_seconds: float = 0.0
    abandoned_waited_seconds: float = 0.0
    talked_seconds: float = 0.0
    wrapped_seconds: float = 0.0
    longest_seconds: float | None = None

    def __post_init__(self) -> None:
        if self.other_exits < 0:
            raise Invalid("more visits ended than were offered")

    @property
    def other_exits(self) -> int:
        """Whatever is left: an outcome that we have no name for yet is counted here as well."""
        return self.offered - self.answered - self.abandoned - self.waiting


@dataclass(frozen=True, slots=True)
class VisitTally:
    """The same visits, counted as a whole and cut in three ways. A half hour is its number in the day, from 0."""

    whole: VisitCounts
    by_queue: Mapping[str, VisitCounts]
    by_day: Mapping[date, VisitCounts]
    by_half_hour: Mapping[int, VisitCounts]


@dataclass(frozen=True, slots=True)
class CallCounts:
    """Calls that arrived in an interval."""

    received: int
    open: int
    """Not over."""
    in_survey: int
    """Open calls that were asked for a score."""
    by_disposition: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class AgentTime:
    """Whole seconds of an agent in an interval. What is left of `signed_in` is pauses without handling."""

    signed_in: int = 0
    handling: int = 0
    """Talks with hold, and work after talks, while signed in; also when a pause was open."""
    available: int = 0
    """Signed in, no pause open, nothing to handle: ringing telephones too, which are part of the wait."""

    def __post_init__(self) -> None:
        if self.paused < 0:
            raise Invalid("more time was spent than the agent was there")

    def __add__(self, other: AgentTime) -> AgentTime:
        return AgentTime(
            self.signed_in + other.signed_in, self.handling + other.handling, self.available + other.available
        )

    @property
    def paused(self) -> int:
        return self.signed_in - self.handling - self.available
