"""A call back that was asked for, its states, and the id of the call that an attempt at it makes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ivr.kernel.ids import CallId, LegId, QueueName
from ivr.kernel.tracking_code import TrackingCode
from routing.priority import queue_prio


class CallbackState(StrEnum):
    """Where a call back is. The first five are open."""

    PENDING = "pending"
    """Keeps its place and does not stand in Asterisk's queue: just asked for, or the queue is closed or has nobody."""
    PLACED = "placed"
    """Stands in Asterisk's queue among all who wait."""
    DIALLING = "dialling"
    """An operator has taken it and the caller's telephone is rung."""
    RETRY = "retry"
    """Nobody was reached; waits for its next try."""
    SAME_PLACE = "same_place"
    """Asked for while another of the same number was open: shares that one's place and its end."""
    REACHED = "reached"
    GIVEN_UP = "given_up"
    """Every try failed, or the number may not be dialled. The case waits for a person."""
    CANCELLED = "cancelled"


OPEN = (CallbackState.PENDING, CallbackState.PLACED, CallbackState.DIALLING, CallbackState.RETRY)
"""States that may still lead to a dial."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One stand in Asterisk's queue, with at most one dial. `n` counts up and is never used again."""

    n: int
    call_id: CallId
    begun_at: datetime
    """When we wrote down that we would ask Asterisk for it."""


@dataclass(frozen=True, slots=True)
class Request:
    """One open call back. `joined_at` is when the caller began to wait in the queue, to the second."""

    code: TrackingCode
    queue: QueueName
    joined_at: datetime
    state: CallbackState = CallbackState.PENDING
    priority: int = 0
    """0 to 10, the caller's own when they began to wait."""
    tries: int = 0
    """Dials that reached nobody."""
    not_before: datetime | None = None
    attempt: Attempt | None = None
    """Under way; None between two."""

    def prio(self, step_seconds: int) -> int:
        """Its place, the same as its caller's: whoever stands in a queue with a larger number is served before."""
        return queue_prio(int(self.joined_at.timestamp()), self.priority, step_seconds)


_CALL = re.compile(r"-cb([0-9]{9})\.([0-9]{1,6})$")


def call_of(node: str, code: TrackingCode, n: int) -> CallId:
    """`line1420-cb123456786.2`: Asterisk takes the id from us, and refuses one that is there already."""
    return CallId(f"{node}-cb{code}.{n}")


def held_leg(call_id: CallId) -> LegId:
    """The half of a placeholder that waits to dial."""
    return LegId(f"{call_id}.held")


def code_of(call_id: str) -> str | None:
    """The code of the call back that this call is an attempt at; None for any other call."""
    found = _CALL.search(call_id)
    return found[1] if found else None
