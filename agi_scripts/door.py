"""What a door is: it gets one knock, holds one conversation, and leaves. Each file in `doors/` makes one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from agi_scripts.phone import Phone


@dataclass(frozen=True, slots=True)
class Knock:
    """One call at one door. `caller` is hostile text, already free of control characters; empty when withheld."""

    phone: Phone
    caller: str
    leg: str
    language: str


Door = Callable[[Knock], Awaitable[None]]
