"""Whether a queue takes callers at an instant: the one rule that the doors decide by and the board tells.

Pure: the edges read the file of sudden closures and give a calendar that knows them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from ivr.kernel.calendar import Calendar

ClockOpen = Literal["auto", "always", "never"]
"""`auto` follows hours and holidays; `always` and `never` replace them, for demos and tests."""


def takes_callers(calendar: Calendar, queue: str, instant: datetime, clock_open: ClockOpen = "auto") -> bool:
    """A sudden closure closes even a queue that is `always` open; a queue without hours is closed, as no door leads to it."""
    if clock_open == "never" or queue not in calendar.sections:
        return False
    if clock_open == "always":
        return not any(not c.open and c.touches(queue) and instant in c.interval for c in calendar.closures)
    return calendar.is_open(queue, instant)
