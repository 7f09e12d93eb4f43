"""What a dialogue may ask of a phone. Plain data, carried out in order by `agi_scripts/conversation`.

A step's last verb decides what comes back: `Gather` → `Keyed` | `NoKey`; `LookUpCase` → `CaseFound` | `CaseNotFound` |
`DeskUnavailable`; `AskAdvice` → `Advice` | `DeskUnavailable`; `AskSeat` → `SeatNow` | `SeatRefused` | `DeskUnavailable`;
`Leave` → the conversation is over. Any verb may end in `HungUp` instead. Verbs before the last one answer nothing. Prompts are names from the prompt catalogue in the caller's language; a long sentence is several short
prompts, because a phone renews its lease before each (see ARCHITECTURE, decision on leases).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from ivr.kernel.milestones import Goto, Milestone
from ivr.kernel.tracking_code import TrackingCode


@dataclass(frozen=True, slots=True)
class Say:
    """Play prompts one after the other; keys pressed meanwhile are ignored."""

    prompts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Gather:
    """Play prompts and collect keys; a key during a prompt stops the prompts (barge-in).

    With `digits=1` the first key of `0-9*#` ends the gathering. With more, it ends at `digits` keys, at `finish`
    (not part of the result), or when no further key comes for `between_seconds`.
    `first_seconds` is counted from the end of the prompts.
    """

    prompts: tuple[str, ...]
    digits: int = 1
    finish: str = ""
    first_seconds: float = 5.0
    between_seconds: float = 3.0


@dataclass(frozen=True, slots=True)
class Mark:
    """Write a milestone into Asterisk's ledger."""

    milestone: Milestone
    fields: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Speak:
    """Change the caller's language, `fa` or `en`, for everything that follows (dialplan included)."""

    language: str


@dataclass(frozen=True, slots=True)
class LookUpCase:
    """Ask the desk for the state of a case (300 ms limit)."""

    code: TrackingCode


@dataclass(frozen=True, slots=True)
class AskAdvice:
    """Ask the desk what is known of a queue that the caller is about to enter (300 ms limit, silence meanwhile)."""

    queue: str


class SeatDeed(StrEnum):
    """What is asked of the desk about a seat."""

    LOOK = "look"
    """Who is on duty there?"""
    SIGN_IN = "sign_in"
    SIGN_OUT = "sign_out"
    BREAK = "break"
    READY = "ready"
    """Pauses and the work after a talk are over."""


@dataclass(frozen=True, slots=True)
class AskSeat:
    """Ask the desk about the duty at a seat, or to change it. `number` and `pin` for signing in only; never logged."""

    seat: str
    deed: SeatDeed
    number: str = field(default="", repr=False)
    pin: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class PlayMessage:
    """Let the caller listen to what they have just recorded; any key stops it."""


@dataclass(frozen=True, slots=True)
class KeepMessage:
    """The recorded message stays: `.part` becomes final."""


@dataclass(frozen=True, slots=True)
class Remember:
    """Keep the place in the conversation on the channel, so that a second door server can go on from there."""

    node: str


@dataclass(frozen=True, slots=True)
class Leave:
    """The conversation is over; the dialplan carries the call to `goto`. `queue` and `kind` as the target needs."""

    goto: Goto
    queue: str = ""
    kind: str = ""


Verb = Say | Gather | Mark | Speak | LookUpCase | AskAdvice | AskSeat | PlayMessage | KeepMessage | Remember | Leave

State = TypeVar("State")


@dataclass(frozen=True, slots=True)
class Step(Generic[State]):
    """Where the conversation is now, and what the phone does next."""

    state: State
    verbs: tuple[Verb, ...]


class Dialogue(Protocol[State]):
    """A conversation. Pure: the same state and reply always give the same step."""

    def start(self) -> Step[State]: ...

    def advance(self, state: State, reply: object) -> Step[State]: ...
