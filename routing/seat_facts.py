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
    hold: CallId | None = None
    """The call that this seat has put on hold."""
    rests_until: datetime | None = None
    shown: SeatState = SeatState.OFFLINE
    since: datetime | None = None

    @property
    def reason(self) -> str:
        """Of its pauses the newest; empty when there is none."""
        return [*self.paused_in.values()][-1] if self.paused_in else ""

    def hold_or_not(self, call_id: CallId | None) -> None:
        """None takes the talk back; news of a talk that is over holds nobody."""
        self.hold = call_id if self.talk is not None or self.device in BUSY else None

    def be_gone(self) -> None:
        self.device, self.called, self.talk, self.hold = DeviceStatus.UNAVAILABLE, None, None, None

    @property
    def holding(self) -> bool:
        """A listener that has just been started may know of the hold and not yet of the talk."""
        return self.hold is not None and (self.talk is None or self.talk[1] == self.hold)


class Seats(dict[SeatName, SeatFacts]):
    """A seat that Asterisk speaks of is there from then on, also when it is not among ours (a setting was lowered)."""

    def __missing__(self, name: SeatName) -> SeatFacts:
        return self.setdefault(name, SeatFacts())
