"""Shifts: the hours of the day that turns are made from, on Tehran's wall clock, with the breaks inside them. Pure.

Hours end on the day they begin or, when the end lies before the beginning, on the next one: 22:00–06:00 is a night. So no
shift lasts 24 hours or longer, and one that ended when it began would be none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from ivr.kernel.clock import TEHRAN
from ivr.kernel.errors import Invalid
from ivr.kernel.persian_text import clean

DAY = timedelta(hours=24)
_CODE = re.compile(r"[^\W\d_]{1,3}[0-9]?")
_LONGEST_NAME = 40
WEEKDAYS = frozenset(range(7))
"""Saturday 0 … Friday 6, as in the calendar."""


@dataclass(frozen=True, slots=True)
class Hours:
    """From one time of the day to another, perhaps over midnight; whole minutes."""

    begins: time
    ends: time

    def __post_init__(self) -> None:
        check_clock(self.begins, self.ends)
        if self.begins == self.ends:
            raise Invalid("hours end at another time than they begin", code="hours_empty")

    @property
    def length(self) -> timedelta:
        """By the clock on the wall; always less than a day."""
        return after(self.begins, self.ends)

    def on(self, day: date) -> tuple[datetime, datetime]:
        """The instants, in UTC, of these hours when they begin on this day of Tehran."""
        last = day if self.ends > self.begins else day + timedelta(days=1)
        return instant(day, self.begins), instant(last, self.ends)

    def __str__(self) -> str:
        return f"{self.begins:%H:%M}-{self.ends:%H:%M}"


@dataclass(frozen=True, slots=True)
class Break:
    """A planned rest within a shift: when it begins, and for how long."""

    begins: time
    minutes: int

    def __post_init__(self) -> None:
        check_clock(self.begins)
        if not 1 <= self.minutes <= 240:
            raise Invalid(f"a break lasts 1 to 240 minutes, not {self.minutes}", code="break_length")


@dataclass(frozen=True, slots=True)
class Shift:
    """A shift of the line. Its codes are what stands in a cell of the roster, in Persian and in Latin letters."""

    code_fa: str
    code_en: str
    name_fa: str
    name_en: str
    hours: Hours
    breaks: tuple[Break, ...] = ()
    weekdays: frozenset[int] = frozenset(range(6))
    """On which days it is held: by default Saturday to Thursday."""
    id: int | None = None

    def __post_init__(self) -> None:
        for field, code in (("code_fa", self.code_fa), ("code_en", self.code_en)):
            if not _CODE.fullmatch(code):
                raise Invalid(
                    f"a shift's code is one to three letters, perhaps with a digit, not {code[:20]!r}",
                    code="shift_code_unreadable",
                    field=f"body.{field}",
                )
        for field, name in (("name_fa", self.name_fa), ("name_en", self.name_en)):
            if not name or len(name) > _LONGEST_NAME or clean(name) != name:
                raise Invalid(
                    f"a shift has a name of 1 to {_LONGEST_NAME} letters", code="shift_name", field=f"body.{field}"
                )
        if not self.weekdays or not self.weekdays <= WEEKDAYS:
            raise Invalid(
                "a shift is held on at least one weekday, 0 (Saturday) to 6 (Friday)",
                code="shift_weekdays",
                field="body.weekdays",
            )
        check_breaks(self.hours, self.breaks)

    def held_on(self, day: date) -> bool:
        return weekday(day) in self.weekdays


def check_clock(*times: time) -> None:
    """Times of the wall clock: whole minutes, no zone. Raises `Invalid`."""
    if any(at.second or at.microsecond or at.tzinfo for at in times):
        raise Invalid("hours are whole minutes of Tehran's wall clock, like 08:00", code="hours_unreadable")


def check_breaks(hours: Hours, breaks: Sequence[Break]) -> None:
    """Breaks lie within the hours, in order, one after the other. Raises `Invalid`."""
    free_from = timedelta(0)
    for one in breaks:
        begins = after(hours.begins, one.begins)
        ends = begins + timedelta(minutes=one.minutes)
        if begins < free_from:
            raise Invalid(
                f"the break at {one.begins:%H:%M} begins before the one before it ends", code="breaks_overlap"
            )
        if ends >= hours.length or begins == timedelta(0):
            raise Invalid(f"the break at {one.begins:%H:%M} does not lie within {hours}", code="break_outside")
        free_from = ends


def after(begins: time, at: time) -> timedelta:
    """How long after `begins` the clock shows `at` for the first time; nothing when it shows it at once."""
    return (_since_midnight(at) - _since_midnight(begins)) % DAY


def instant(day: date, at: time) -> datetime:
    """The instant, in UTC, at which Tehran's clocks show this time on this day."""
    return datetime.combine(day, at, TEHRAN).astimezone(UTC)


def weekday(day: date) -> int:
    """Saturday 0 … Friday 6."""
    return (day.weekday() + 2) % 7


def _since_midnight(at: time) -> timedelta:
    return timedelta(hours=at.hour, minutes=at.minute)
