"""When and how a call ended, as far as its own events say.

A call is over when the caller's channel hung up, when its last leg ended, or when the hangup handler wrote `final`;
the most exact of these gives the instant. A call that none of them closed may be declared lost by a fact of our own
(`call_lost`); any later sign of life, and any real end, takes that back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from api.calls.ordering import Story, first, seat_of
from ivr.kernel.milestones import Milestone

CALL_LOST = "call_lost"
"""Fact of source `line`: nobody ended this call. `reason`: a `Lost` value."""


class Lost(StrEnum):
    """Why a call has no end of its own."""

    RESTART = "restart"
    """Asterisk started anew after the last sign of life; the fact's instant is that start."""
    UNKNOWN = "unknown"
    """Too old to be alive; the fact's instant is the last sign of life."""


@dataclass(frozen=True, slots=True)
class Ending:
    """`at` is `None` while the call is open."""

    at: datetime | None
    lost: Lost | None
    by_agent: bool
    """The operator's side caused the hangup of the caller's channel."""


def ending_of(story: Story) -> Ending:
    """Find the end of the call."""
    hangup = first(story.caller_leg, "HANGUP")
    end = (
        hangup
        or first(story.caller_leg, "CHAN_END")
        or first(story.cel, "LINKEDID_END")
        or first(story.caller_leg, Milestone.FINAL)
    )
    if end is not None:
        source = hangup.fields.get("hangupsource", "") if hangup else ""
        return Ending(at=end.at, lost=None, by_agent=seat_of(source) is not None)
    last_sign = max((event.at for event in story.cel), default=None)
    for fact in story.facts:
        if fact.name == CALL_LOST and (last_sign is None or fact.at >= last_sign):
            reason = Lost.RESTART if fact.fields.get("reason") == Lost.RESTART else Lost.UNKNOWN
            return Ending(at=fact.at, lost=reason, by_agent=False)
    return Ending(at=None, lost=None, by_agent=False)
