"""What comes back from a phone or from a look-up. A hangup is a reply, not an error."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Keyed:
    """The keys pressed, from `0123456789*#`; never logged."""

    digits: str

    def __repr__(self) -> str:
        return f"Keyed({len(self.digits)} digits)"


@dataclass(frozen=True, slots=True)
class NoKey:
    """Nothing was pressed in time."""


@dataclass(frozen=True, slots=True)
class HungUp:
    """The caller has gone. The dialogue may still write milestones; nothing can be said any more."""


@dataclass(frozen=True, slots=True)
class CaseFound:
    """A case as far as a caller may know it: its state (`open`, `in_work`, `answered`, `closed`) and its deadline."""

    state: str
    opened_at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class CaseNotFound:
    """No case has this code."""


@dataclass(frozen=True, slots=True)
class Advice:
    """What the desk knows of a queue at this moment, for a caller who enters it next."""

    estimate_seconds: float | None
    """Expected wait; None where silence is more honest than a number."""
    basis: str
    """From what the estimate was reckoned: `recent`, `today`, `past`, `setting`; empty without one."""
    wait_limit_seconds: int
    """Nobody is kept waiting in this queue for longer."""


@dataclass(frozen=True, slots=True)
class DeskUnavailable:
    """The desk did not answer within its limit. Who asked for a case is told so and offered an operator; who is on the way
    to a queue hears nothing of it."""


@dataclass(frozen=True, slots=True)
class SeatNow:
    """The duty at a seat, also after it was changed: `free` (nobody), `ready`, `paused`, `held` (by a supervisor) or
    `wrap_up`; and the agent's number, if there is an agent with one."""

    state: str
    number: str = ""


@dataclass(frozen=True, slots=True)
class SeatRefused:
    """Nobody was signed in: `wrong` (number or PIN), `taken` (the seat, by another), `elsewhere` (the agent, at `seat`) or
    `wait` (too many wrong tries, for `seconds`)."""

    why: str
    seat: str = ""
    seconds: int = 0


Reply = Keyed | NoKey | HungUp | CaseFound | CaseNotFound | Advice | DeskUnavailable | SeatNow | SeatRefused
