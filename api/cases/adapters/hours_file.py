"""The hours in which deadlines run: those of the house, and the sudden closures of the day."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import structlog

from ivr.kernel.errors import Invalid
from ivr.kernel.hours import Hours, load_closures

_log = structlog.get_logger()


class HoursFile:
    """`hours` were read once; `closures.toml` is looked at each time, because it changes by the hour."""

    def __init__(self, closures: Path, hours: Hours) -> None:
        self._hours = hours
        self._closures = closures

    def now(self) -> Hours:
        """A broken closures file is an alarm, not a reason to lose a case."""
        try:
            changes = load_closures(self._closures.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return self._hours
        except (OSError, ValueError, Invalid) as error:
            _log.error("closures_unreadable", problem=str(error)[:300], alarm=True)
            return self._hours
        return replace(self._hours, calendar=self._hours.calendar.with_closures(changes))
