"""Which queues take callers now: weekly hours and holidays, and the file of sudden closures, read anew when it changes.

A supervisor who closes a section must be heard by the next caller, without a restart. A closures file that cannot be
read is no reason to close or to open anything: the last one that could be read stays in force, and the log says so.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from ivr.kernel.calendar import Calendar
from ivr.kernel.clock import TEHRAN, Clock
from ivr.kernel.errors import Invalid
from ivr.kernel.hours import load_closures
from ivr.kernel.opening import ClockOpen, takes_callers, waits_until

log = structlog.get_logger()


class Opening:
    """What `ivr.kernel.opening` says of each queue at this instant, by the closures file as it lies there now."""

    def __init__(
        self,
        calendar: Calendar,
        queues: frozenset[str],
        closures: Path,
        clock: Clock,
        clock_open: ClockOpen,
        wait_after_closing: timedelta,
    ) -> None:
        self._wait_after_closing = wait_after_closing
        self._calendar = calendar
        self._queues = queues
        self._closures = closures
        self._clock = clock
        self._clock_open: ClockOpen = clock_open
        self._seen: tuple[int, int] | None = None
        self._effective = calendar
        self._told: frozenset[str] | None = None

    async def open_queues(self) -> frozenset[str]:
        """Queues that are open at this instant."""
        await self._refresh()
        now = self._clock.now()
        found = frozenset(q for q in self._queues if takes_callers(self._effective, q, now, self._clock_open))
        if found != self._told:
            # With its zone: an hour's difference between this line and the wall is a wrong clock or a wrong zone.
            log.info(
                "opening", at=now.astimezone(TEHRAN).isoformat(timespec="seconds"), zone=TEHRAN.key, open=sorted(found)
            )
            self._told = found
        return found

    async def waits_until(self, queue: str) -> datetime | None:
        """Until when somebody who enters the queue now may wait in it; None while it does not close soon."""
        await self._refresh()
        return waits_until(self._effective, queue, self._clock.now(), self._wait_after_closing, self._clock_open)

    async def _refresh(self) -> None:
        try:
            seen, text = await asyncio.to_thread(_read, self._closures, self._seen)
        except (OSError, UnicodeDecodeError) as error:
            log.error("closures_unreadable", file=str(self._closures), error=str(error))
            return
        if text is None:
            return
        self._seen = seen
        try:
            self._effective = self._calendar.with_closures(load_closures(text))
        except Invalid as error:
            log.error("closures_invalid", file=str(self._closures), problem=error.message)
        else:
            log.info("closures_read", changes=len(self._effective.closures))


def _read(path: Path, seen: tuple[int, int] | None) -> tuple[tuple[int, int] | None, str | None]:
    """Identity and text of the file; text is `None` when it is the file that was seen last."""
    try:
        stat = path.stat()
    except FileNotFoundError:
        return None, None if seen is None else ""
    now = (stat.st_mtime_ns, stat.st_size)
    return now, None if now == seen else path.read_text(encoding="utf-8")
