"""When an answer is due, counted in working time, with the list of what was counted.

A deadline that cannot be explained cannot be defended before a citizen or an inspector: `Deadline.intervals` shows every
stretch that was counted, and the holidays between them are what was left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ivr.kernel.calendar import Calendar, Interval
from ivr.kernel.clock import aware
from ivr.kernel.errors import Invalid

LONGEST = timedelta(days=3 * 366)
"""A deadline further away than this is a mistake in the hours or in the allowance."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A holiday between start and due time, for the explanation."""

    day: date
    name: str


@dataclass(frozen=True, slots=True)
class Deadline:
    """`due_at` is aware UTC. `intervals` are the counted stretches in order; their lengths add up to `allowance`."""

    from_at: datetime
    allowance: timedelta
    due_at: datetime
    intervals: tuple[Interval, ...]
    left_out: tuple[LeftOut, ...] = ()


def due_after(calendar: Calendar, section: str, instant: datetime, allowance: timedelta) -> Deadline:
    """The instant at which `allowance` of the section's working time has passed since `instant`.

    Nothing allowed is due at once. Raises `Invalid` for a negative allowance, or when the section does not work that
    much within three years.
    """
    start = aware(instant)
    if allowance < timedelta(0):
        raise Invalid("an allowance of working time cannot be negative")
    counted: list[Interval] = []
    left = allowance
    due = start
    for interval in calendar.open_intervals(section, start, start + LONGEST):
        if not left:
            break
        take = min(left, interval.length)
        due = interval.start + take
        counted.append(Interval(interval.start, due))
        left -= take
    if left:
        raise Invalid(f"{section!r} does not work {allowance} within three years; check its hours and the allowance")
    return Deadline(start, allowance, due, tuple(counted), tuple(_holidays(calendar, start, due)))


def working_time(calendar: Calendar, section: str, start: datetime, end: datetime) -> timedelta:
    """How much the section works between two instants; the inverse of `due_after`."""
    spans = (interval.length for interval in calendar.open_intervals(section, start, end))
    return sum(spans, timedelta(0))


def _holidays(calendar: Calendar, start: datetime, due: datetime) -> Iterator[LeftOut]:
    day, last = start.astimezone(calendar.zone).date(), due.astimezone(calendar.zone).date()
    while day <= last:
        if name := calendar.holiday(day):
            yield LeftOut(day, name)
        day += timedelta(days=1)
