"""What a call may ask the written side: how a case stands, what a queue is like, and, at a seat's telephone, who is on duty."""

from __future__ import annotations

from typing import Protocol

from ivr.dialogue.replies import Advice, CaseFound, CaseNotFound, DeskUnavailable, SeatNow, SeatRefused
from ivr.dialogue.verbs import AskAdvice, AskSeat
from ivr.kernel.tracking_code import TrackingCode


class Desk(Protocol):
    """Answers within its limit or says `DeskUnavailable`; never raises, never keeps a caller waiting."""

    @property
    def seat_seconds(self) -> float:
        """So long may an answer about a seat take: an agent waits for it and no caller."""
        ...

    async def look_up_case(self, code: TrackingCode) -> CaseFound | CaseNotFound | DeskUnavailable: ...

    async def advise(self, asked: AskAdvice) -> Advice | DeskUnavailable: ...

    async def ask_seat(self, asked: AskSeat) -> SeatNow | SeatRefused | DeskUnavailable: ...


class NoDesk:
    """A desk that is never there: for phones that must work alone (fallback, terminal)."""

    seat_seconds = 0.0

    async def look_up_case(self, code: TrackingCode) -> DeskUnavailable:
        return DeskUnavailable()

    async def advise(self, asked: AskAdvice) -> DeskUnavailable:
        return DeskUnavailable()

    async def ask_seat(self, asked: AskSeat) -> DeskUnavailable:
        return DeskUnavailable()
