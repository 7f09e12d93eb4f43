"""The half hours of Tehran's days, and what came in each of them. Pure.

A half hour is known by its day and its number on the wall clock, 0 (00:00) to 47 (23:30). Iran's offsets have all been
multiples of half an hour, so a half hour of UTC is a half hour of Tehran in every year. On the two days a year on which
the clock was changed (until 2022) 00:00 and 00:30 did not exist, or 23:00 and 23:30 came twice and stand in one number:
the sum over a day's numbers is the day's sum on those days too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from ivr.kernel.calendar import Calendar, iranian_holidays
from ivr.kernel.clock import TEHRAN
from ivr.kernel.opening import ClockOpen, takes_callers

LENGTH = timedelta(minutes=30)
SECONDS = LENGTH.total_seconds()
NUMBERS = range(48)


@dataclass(frozen=True, slots=True)
class Counted:
    """What came in a half hour, by entry into the queue. `handled` are those whose handling time is known."""

    calls: int = 0
    handled: int = 0
    handling_seconds: float = 0.0

    def __add__(self, other: Counted) -> Counted:
        return Counted(
            self.calls + other.calls, self.handled + other.handled, self.handling_seconds + other.handling_seconds
        )


NOTHING = Counted()
Day = Mapping[int, Counted]


@dataclass(frozen=True, slots=True)
class Book:
    """What is known of some days: their calls, the half hours in which the line was to be open, the public holidays."""

    days: Mapping[date, Day]
    """A day without any call is not in it."""
    open: Mapping[date, frozenset[int]] = field(default_factory=dict)
    holidays: frozenset[date] = frozenset()

    def before(self, until: date) -> Book:
        """The book as it was in the morning of `until`: nothing of that day or later."""
        return Book({day: told for day, told in self.days.items() if day < until}, self.open, self.holidays)

    def calls(self, day: date, number: int) -> int:
        return self.days[day].get(number, NOTHING).calls

    def total(self, day: date, numbers: Iterable[int] | None = None) -> int:
        """Calls of a day, or of some of its half hours."""
        told = self.days.get(day, {})
        return sum(told.get(number, NOTHING).calls for number in (told if numbers is None else numbers))


def place_of(instant: datetime) -> tuple[date, int]:
    """The day and the number of the half hour in which an instant lies."""
    local = instant.astimezone(TEHRAN)
    return local.date(), 2 * local.hour + local.minute // 30


def begins(day: date, number: int = 0) -> datetime:
    """The instant, in UTC, at which a half hour of a day begins; number 48 is the next day's beginning."""
    on = day + timedelta(days=number // 48)
    number %= 48
    return datetime.combine(on, time(number // 2, 30 * (number % 2)), TEHRAN).astimezone(UTC)


def open_half_hours(calendar: Calendar, queues: Sequence[str], day: date, clock_open: ClockOpen) -> frozenset[int]:
    """Half hours of a day in which at least one of these queues takes callers, even if only for a part of it."""
    if clock_open == "never":
        return frozenset()
    found: set[int] = set()
    for queue in queues:
        if clock_open == "auto" and queue in calendar.sections:
            for stretch in calendar.open_intervals(queue, begins(day), begins(day, 48)):
                last = stretch.end - timedelta(microseconds=1)
                found.update(range(place_of(stretch.start)[1], place_of(last)[1] + 1))
        elif clock_open == "always":
            found.update(n for n in NUMBERS if takes_callers(calendar, queue, begins(day, n), clock_open))
    return frozenset(found)


def is_holiday(calendar: Calendar, day: date) -> bool:
    """Whether people are at home: a public holiday, also one on which we work, or a holiday of ours."""
    return bool(calendar.holiday(day)) or day in iranian_holidays(day.year)
