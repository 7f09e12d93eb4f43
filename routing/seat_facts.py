"""What is known of one seat, before it is one word on the board."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from ivr.kernel.ids import CallId, QueueName, SeatName
from routing.agents import BUSY, DeviceStatus, SeatState


@dataclass(slots=True)
class SeatFacts:
    """What the board holds of one seat."""

    agent: str = ""
    device: DeviceStatus = DeviceStatus.UNAVAILABLE
    paused_in: dict[QueueName, str] = field(default_factory=dict)
    """Queue → reason given there, the newest last."""
    called: tuple[QueueName, CallId] | None = None
    talk: tuple[QueueName, CallId] | None = None
    talks_since: datetime | None = None
    """When the talk began; a hold is a part of it."""
    holds: set[CallId] = field(default_factory=set)
    """Calls that this seat has put on hold. A telephone may have a second one, of its own."""
    rests_until: datetime | None = None
    shown: SeatState = SeatState.OFFLINE
    since: datetime | None = None

    @property
    def reason(self) -> str:
        """Of its pauses the newest; empty when there is none."""
        return [*self.paused_in.values()][-1] if self.paused_in else ""

    def hold(self, call_id: CallId, *, on: bool) -> None:
        """News of a talk that is over holds nobody."""
        if on and (self.talk is not None or self.device in BUSY):
            self.holds.add(call_id)
        else:
            self.holds.discard(call_id)

    def be_gone(self) -> None:
        self.device, self.called, self.talk = DeviceStatus.UNAVAILABLE, None, None
        self.holds.clear()

    @property
    def holding(self) -> bool:
        """A listener that has just been started may know of the hold and not yet of the talk."""
        return self.talk[1] in self.holds if self.talk else bool(self.holds)


class Seats(dict[SeatName, SeatFacts]):
    """A seat that Asterisk speaks of is there from then on, also when it is not among ours (a setting was lowered)."""

    def __missing__(self, name: SeatName) -> SeatFacts:
        return self.setdefault(name, SeatFacts())
