"""What a call looks like once it is told: plain values, made by `fold` and by nothing else.

Instants are aware UTC; spans are float seconds. `None` means "did not happen" or "not known", never zero.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from api.calls.standing import Stood
from ivr.kernel.ids import CallId
from ivr.kernel.measures import Score


class Disposition(StrEnum):
    """How a call ended; each ended call has exactly one."""

    ANSWERED = "answered"
    ABANDONED = "abandoned"
    TIMED_OUT = "timed_out"
    CLOSED_OUT = "closed_out"
    NO_AGENTS = "no_agents"
    LEFT_MESSAGE = "left_message"
    CALLBACK_REQUESTED = "callback_requested"
    SELF_SERVED = "self_served"
    MENU_ABANDONED = "menu_abandoned"
    AFTER_HOURS = "after_hours"
    REFUSED_FULL = "refused_full"
    SYSTEM_DROP = "system_drop"
    LOST_BY_RESTART = "lost_by_restart"
    LOST_UNKNOWN = "lost_unknown"


class VisitOutcome(StrEnum):
    """How one stay in one queue ended."""

    ANSWERED = "answered"
    ABANDONED = "abandoned"
    TIMED_OUT = "timed_out"
    CLOSED_OUT = "closed_out"
    """The queue was closed under those who waited in it."""
    NO_AGENTS = "no_agents"
    LEFT_BY_KEY = "left_by_key"
    MOVED = "moved"
    """A supervisor moved the caller to another queue, where the next visit of the call began."""
    REFUSED_FULL = "refused_full"
    SYSTEM_DROP = "system_drop"
    LOST_BY_RESTART = "lost_by_restart"
    LOST_UNKNOWN = "lost_unknown"


class EndedBy(StrEnum):
    """Who ended a talk."""

    CALLER = "caller"
    AGENT = "agent"
    TRANSFER = "transfer"


@dataclass(frozen=True, slots=True)
class MenuStep:
    """A place in the menu and what was keyed there: a key, `none`, `wrong`, or `None` when the caller left."""

    node: str
    key: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Visit:
    """One stay in one queue, the n-th of its call (from 1)."""

    n: int
    queue: str
    entered_at: datetime
    connected_at: datetime | None
    ended_at: datetime | None
    outcome: VisitOutcome | None
    agent: str | None
    seat: str | None
    ended_by: EndedBy | None
    recording: str | None
    """RecordingId of the talk, announced before the queue; sound exists only when the visit was answered."""
    told_seconds: float | None = None
    """How long a wait the caller was told of before it began; None when nothing was said."""

    @property
    def waited_seconds(self) -> float | None:
        """From entering the queue to the first word with an operator, or to leaving; none while still waiting."""
        until = self.connected_at or self.ended_at
        return (until - self.entered_at).total_seconds() if until else None

    @property
    def talked_seconds(self) -> float | None:
        if self.connected_at is None or self.ended_at is None:
            return None
        return (self.ended_at - self.connected_at).total_seconds()


@dataclass(frozen=True, slots=True)
class VoiceMessage:
    """What a caller left, or began to leave. `state`: `started`, `recorded`, `kept`, `empty`, `missing`."""

    message: str
    kind: str
    state: str
    seconds: float | None
    code: str | None


@dataclass(frozen=True, slots=True)
class Fallback:
    """The dialplan went on without a door."""

    door: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One call. `disposition` is `None` exactly while the call is open (`ended_at` is `None` then too)."""

    call_id: CallId
    caller: str
    """E.164, bare digits, or empty for withheld."""
    caller_name: str
    language: str
    arrived_at: datetime
    answered_at: datetime | None
    """When an operator first answered (not when the menu did)."""
    ended_at: datetime | None
    disposition: Disposition | None
    menu_path: tuple[MenuStep, ...]
    visits: tuple[Visit, ...]
    fallbacks: tuple[Fallback, ...]
    survey_offered: bool
    score: Score | None
    voice_message: VoiceMessage | None
    case_code: str | None
    problems: tuple[str, ...]
    """What did not add up, e.g. `score_without_survey`; counted, never hidden."""
    province: str | None = None
    """Of the caller's fixed line, by its area code."""
    stood: Stood = field(default_factory=Stood)
    """With what priority they waited, and why."""
