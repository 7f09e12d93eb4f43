"""What watching for alarms needs from outside its room."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol


class Opening(Protocol):
    """Knows which queues take callers; the floor does."""

    def is_open(self, queue: str, now: datetime) -> bool: ...


class PlannedOperators(Protocol):
    """Knows who is to work when; the roster does."""

    async def through(self, spans: Sequence[tuple[datetime, datetime]], queue: str | None) -> list[int] | None:
        """How many are planned through the whole of each span; None where no work is planned at all."""
        ...
