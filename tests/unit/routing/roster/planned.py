"""Short words for the roster's tests: days and times of Azar 1405, shifts, turns."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from ivr.kernel.ids import SeatName
from routing.roster.shifts import Break, Hours, Shift, instant
from routing.roster.turns import Turn, TurnKind, planned

SATURDAY = date(2026, 11, 28)
"""7 Azar 1405."""
MORNING = Shift("ص", "M", "صبح", "Morning", Hours(time(8), time(14)), (Break(time(10), 15), Break(time(12), 30)), id=1)
EVENING = Shift("ع", "A", "عصر", "Afternoon", Hours(time(14), time(20)), id=2)
NIGHT = Shift("ش", "N", "شب", "Night", Hours(time(22), time(6)), (Break(time(1), 30),), frozenset(range(7)), id=3)


def day(n: int) -> date:
    """So many days after Saturday."""
    return SATURDAY + timedelta(days=n)


def at(clock: str, on: date = SATURDAY, seconds: int = 0) -> datetime:
    """`08:15` in Tehran."""
    return instant(on, time.fromisoformat(clock)) + timedelta(seconds=seconds)


def hours(text: str) -> Hours:
    """`08:00-14:00`."""
    begins, ends = text.split("-")
    return Hours(time.fromisoformat(begins), time.fromisoformat(ends))


def turn(agent: str, on: date, what: Shift | str | None, kind: TurnKind = TurnKind.WORK, seat: str = "") -> Turn:
    """A turn of a shift, of hours like `09:00-11:00`, or of the whole day (None)."""
    return planned(
        agent,
        on,
        kind,
        shift=what if isinstance(what, Shift) else None,
        hours=hours(what) if isinstance(what, str) else None,
        seat=SeatName(seat) if seat else None,
    )
