"""The queues of callers, in the order people know them, and the line of callers in one of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from ivr.kernel.ids import CallId, LegId, QueueName

QUEUES: tuple[QueueName, ...] = tuple(QueueName(name) for name in ("general", "insurance", "pensions", "treatment"))
"""Queues of the default menu; the board shows them even before the first word from Asterisk."""


@dataclass(frozen=True, slots=True)
class WaitingCaller:
    """A caller in a queue. `caller` is masked already: the board never carries a whole number."""

    leg_id: LegId
    call_id: CallId
    since: datetime
    caller: str


@dataclass(slots=True)
class Line:
    """Callers of one queue in order; the position of a caller is its place in the list, counted from 1."""

    callers: list[WaitingCaller] = field(default_factory=list)

    def join(self, caller: WaitingCaller, position: int) -> None:
        """Stand at `position`. A caller who stands in line already stays: the same news twice is one caller."""
        if all(known.leg_id != caller.leg_id for known in self.callers):
            self.callers.insert(min(max(position, 1) - 1, len(self.callers)), caller)

    def leave(self, leg_id: LegId) -> None:
        """Go, for whatever reason; leaving twice is leaving once."""
        self.callers = [caller for caller in self.callers if caller.leg_id != leg_id]

    @property
    def legs(self) -> tuple[LegId, ...]:
        return tuple(caller.leg_id for caller in self.callers)


EXCHANGE_PREFIX = "q-"
"""Asterisk's own names of our queues begin so: in queues.conf the word `general` is a section of its own, a queue called
that is silently not made."""


def exchange_name(queue: str) -> str:
    """What Asterisk calls our queue."""
    return EXCHANGE_PREFIX + queue


def our_name(exchange: str) -> str:
    """What we call a queue of Asterisk's; a name without the prefix stays."""
    return exchange.removeprefix(EXCHANGE_PREFIX)
