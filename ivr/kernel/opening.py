"""Whether a queue takes callers at an instant: the one rule that the doors decide by and the board tells.

Pure: the edges read the file of sudden closures and give a calendar that knows them.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from ivr.kernel.calendar import Calendar
from ivr.kernel.clock import aware

ClockOpen = Literal["auto", "always", "never"]
"""`auto` follows hours and holidays; `always` and `never` replace them, for demos and tests."""

SOON = timedelta(hours=1)
"""Nobody waits longer than this; who comes earlier has left the queue before it closes."""


def takes_callers(calendar: Calendar, queue: str, instant: datetime, clock_open: ClockOpen = "auto") -> bool:
    """A sudden closure closes even a queue that is `always` open; a queue without hours is closed, as no door leads to it."""
    if clock_open == "never" or queue not in calendar.sections:
        return False
    if clock_open == "always":
        return not any(not c.open and c.touches(queue) and instant in c.interval for c in calendar.closures)
    return calendar.is_open(queue, instant)


def closes_at(
    calendar: Calendar, queue: str, instant: datetime, within: timedelta, clock_open: ClockOpen = "auto"
) -> datetime | None:
    """When a queue that takes callers at `instant` stops doing so; None when it is closed already or goes on for longer
    than `within`."""
    at = aware(instant)
    if not takes_callers(calendar, queue, at, clock_open):
        return None
    if clock_open == "always":
        starts = [c.interval.start for c in calendar.closures if not c.open and c.touches(queue)]
        return min((start for start in starts if at < start <= at + within), default=None)
    stretch = next(calendar.open_intervals(queue, at, at + within), None)
    return stretch.end if stretch is not None and stretch.end < at + within else None


def waits_until(
    calendar: Calendar, queue: str, instant: datetime, after_closing: timedelta, clock_open: ClockOpen = "auto"
) -> datetime | None:
    """Until when somebody who enters the queue at `instant` may wait in it: so long after it closes; None while it does not close
    within `SOON`. Who was in the menu while it closed waits no longer than who came before; later nobody waits at all."""
    if takes_callers(calendar, queue, instant, clock_open):
        closing = closes_at(calendar, queue, instant, SOON, clock_open)
        return None if closing is None else closing + after_closing
    closed = closes_at(calendar, queue, instant - after_closing, after_closing, clock_open)
    return instant if closed is None else closed + after_closing
