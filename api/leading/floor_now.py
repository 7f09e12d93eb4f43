"""The floor as the board has it: who stands where, who talks with whom. Pure.

What a deed finds here says *whom* it means; whether that is still so Asterisk is asked in the moment of the deed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ivr.kernel.errors import Conflict
from ivr.kernel.ids import CallId, LegId, QueueName, SeatName
from routing.callbacks.request import code_of

TALKING = ("talking", "holding")
FREE_PHONE = "offline"
"""State of a seat at which nobody is signed in."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A caller in a queue."""

    call_id: CallId
    leg_id: LegId
    queue: QueueName
    position: int
    since: datetime
    caller: str
    """Masked."""
    priority: int
    """0 to 10."""

    @property
    def joined(self) -> int:
        """The second (since 1970) at which they began to wait."""
        return int(self.since.timestamp())


@dataclass(frozen=True, slots=True)
class Talk:
    """What an operator is talking in."""

    seat: SeatName
    agent: str
    call_id: CallId


class FloorNow:
    """One stored board."""

    def __init__(self, board: Mapping[str, Any]) -> None:
        self._queues: Sequence[Mapping[str, Any]] = board.get("queues", ())
        self._seats: Sequence[Mapping[str, Any]] = board.get("seats", ())

    def waiting(self, call_id: str) -> Waiting:
        """This caller. Raises `Conflict` when the board shows them in no queue any more."""
        for caller in self._callers():
            if caller.call_id == call_id:
                return caller
        raise Conflict("This caller waits no more: somebody answered, or they hung up.", code="caller_gone")

    def caller(self, call_id: str) -> Waiting:
        """The same, for a deed. Raises `Conflict` for a call back, too: its place is that of its caller's joining."""
        found = self.waiting(call_id)
        if code_of(found.call_id):
            raise Conflict("This is a call back: it keeps the place of its joining.", code="callback_keeps_place")
        return found

    def is_rung_for(self, call_id: str) -> bool:
        """Whether a seat is ringing for this caller at this moment."""
        return any(seat.get("state") == "ringing" and seat.get("call_id") == call_id for seat in self._seats)

    def members(self, queue: str) -> int:
        """How many seats serve this queue, those that only help out as well: Asterisk lets callers in for any of them."""
        found = next((one for one in self._queues if one.get("name") == queue), {})
        return int(found.get("members_total", 0)) + int(found.get("helpers_total", 0))

    def talk(self, seat: str) -> Talk:
        """What is talked at this seat. Raises `Conflict` when nothing is."""
        told = self._seat(seat)
        if told.get("state") not in TALKING or not told.get("call_id"):
            raise Conflict("Nobody is talking at this seat now.", code="no_talk")
        return Talk(SeatName(seat), str(told.get("agent") or ""), CallId(str(told["call_id"])))

    def free_phones(self) -> Sequence[SeatName]:
        """Seats whose telephone is on and at which nobody is signed in: a supervisor may use such a one."""
        return [
            SeatName(seat["seat"])
            for seat in self._seats
            if seat.get("phone") and not seat.get("agent") and seat.get("state") == FREE_PHONE
        ]

    def _seat(self, name: str) -> Mapping[str, Any]:
        return next((seat for seat in self._seats if seat.get("seat") == name), {})

    def _callers(self) -> Iterator[Waiting]:
        for queue in self._queues:
            for caller in queue.get("waiting", ()):
                yield Waiting(
                    CallId(caller["call_id"]), LegId(caller["leg_id"]), QueueName(queue["name"]), int(caller["position"]),
                    datetime.fromisoformat(caller["since"]), str(caller.get("caller_masked") or ""),
                    int(caller.get("priority", 0)),
                )  # fmt: skip
