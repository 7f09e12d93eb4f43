"""What the staffing needs from outside its room."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from ivr.kernel.calendar import Calendar


class OpeningHours(Protocol):
    """Hours, holidays and sudden closures as they are in force now."""

    def calendar(self) -> Calendar: ...


class PlannedOperators(Protocol):
    """Knows who is to work when; the roster does."""

    async def through(self, spans: Sequence[tuple[datetime, datetime]], queue: str | None) -> list[int] | None:
        """How many, of those who may serve the queue, are planned through the whole of each span; None where no work is
        planned at all."""
        ...
