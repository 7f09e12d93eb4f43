"""What the staffing needs from outside its room."""

from __future__ import annotations

from typing import Protocol

from ivr.kernel.calendar import Calendar


class OpeningHours(Protocol):
    """Hours, holidays and sudden closures as they are in force now."""

    def calendar(self) -> Calendar: ...
