"""Which queues take callers now, as the board shows it: hours, holidays, and the file of sudden closures.

The doors decide for each caller by the same rule (`ivr/kernel/opening`) and the same file; the board only tells.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Self

import structlog

from api.house_hours import hours_of
from api.settings import ApiSettings
from ivr.kernel.calendar import Calendar
from ivr.kernel.errors import Invalid
from ivr.kernel.hours import load_closures
from ivr.kernel.opening import ClockOpen, takes_callers

log = structlog.get_logger(__name__)


class Opening:
    """What `ivr.kernel.opening` says of a queue, by the closures file as it lies there now. `calendar`: of the house's hours."""

    def __init__(self, closures: Path, clock_open: ClockOpen, calendar: Calendar) -> None:
        self._calendar = calendar
        self._effective = calendar
        self._closures = closures
        self._clock_open: ClockOpen = clock_open
        self._seen: tuple[int, int] | None = None

    @classmethod
    def of(cls, settings: ApiSettings) -> Self:
        """As this installation is set up. Raises `Invalid` for a file of hours that cannot be used."""
        return cls(settings.var / "closures.toml", settings.clock_open, hours_of(settings).calendar)

    def is_open(self, queue: str, now: datetime) -> bool:
        """Whether a caller who asks for this queue now is let in."""
        self._refresh()
        return takes_callers(self._effective, queue, now, self._clock_open)

    def calendar(self) -> Calendar:
        """Hours and holidays with the sudden closures and openings that are written down now."""
        self._refresh()
        return self._effective

    def _refresh(self) -> None:
        """Read the closures again when the file changed. One that cannot be read leaves the last good one in force."""
        try:
            stat = self._closures.stat()
            seen = (stat.st_mtime_ns, stat.st_size)
            if seen == self._seen:
                return
            self._seen = seen
            self._effective = self._calendar.with_closures(load_closures(self._closures.read_text("utf-8")))
        except FileNotFoundError:
            self._seen, self._effective = None, self._calendar
        except (OSError, UnicodeDecodeError, Invalid) as error:
            log.error("floor.closures_unreadable", file=str(self._closures), reason=str(error))
