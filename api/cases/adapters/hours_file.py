"""The hours in which deadlines run: the file of the house, and the sudden closures of the day."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import structlog

from ivr.kernel.errors import Invalid
from ivr.kernel.hours import Hours, load_closures, load_hours

_log = structlog.get_logger()


class HoursFile:
    """Read once; `closures.toml` is looked at each time, because it changes by the hour."""

    def __init__(self, closures: Path) -> None:
        self._hours = load_hours(files("ivr.data").joinpath("hours.toml").read_text(encoding="utf-8"))
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
