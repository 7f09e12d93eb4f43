"""Which queues take callers now, as the board shows it: hours, holidays, and the file of sudden closures.

The doors decide for each caller by the same calendar (`ivr/kernel`) and the same file; the board only tells.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from importlib.resources import files
from pathlib import Path

import structlog

from ivr.kernel.calendar import Calendar, SuddenChange
from ivr.kernel.errors import Invalid
from ivr.kernel.hours import load_closures, load_hours

log = structlog.get_logger(__name__)


class Opening:
    """`clock_open` is `auto`, or `always` / `never` for demos and tests (a sudden closure still closes)."""

    def __init__(self, closures: Path, clock_open: str, calendar: Calendar | None = None) -> None:
        self._calendar = calendar or load_hours((files("ivr.data") / "hours.toml").read_text("utf-8")).calendar
        self._closures = closures
        self._clock_open = clock_open
        self._seen: tuple[int, int] | None = None
        self._changes: Sequence[SuddenChange] = ()

    def is_open(self, queue: str, now: datetime) -> bool:
        """Whether a caller who asks for this queue now is let in."""
        self._refresh()
        if self._clock_open == "never":
            return False
        if self._clock_open == "always":
            return not any(not c.open and c.touches(queue) and now in c.interval for c in self._changes)
        return self._calendar.with_closures(self._changes).is_open(queue, now)

    def _refresh(self) -> None:
        """Read the closures again when the file changed. One that cannot be read leaves the last good one in force."""
        try:
            stat = self._closures.stat()
            seen = (stat.st_mtime_ns, stat.st_size)
            if seen == self._seen:
                return
            self._seen = seen
            self._changes = load_closures(self._closures.read_text("utf-8"))
        except FileNotFoundError:
            self._seen, self._changes = None, ()
        except (OSError, UnicodeDecodeError, Invalid) as error:
            log.error("floor.closures_unreadable", file=str(self._closures), reason=str(error))
