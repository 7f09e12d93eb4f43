"""When we are open: hours per section, Iranian holidays, our overrides, sudden closures and openings.

Pure: hours come as a value (`hours.load_hours`), closures and openings too. Inside, everything is a UTC interval of
aware instants, half open; Tehran and Jalali appear only where a day begins. Lunar holidays of coming years are
estimates of the `holidays` package, so overrides by Jalali day always win over it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from ivr.kernel.clock import TEHRAN, aware
from ivr.kernel.errors import Invalid, NotFound, Unavailable

HORIZON = timedelta(days=400)
"""How far `next_opening` looks ahead; a section that is closed for longer has no next opening."""


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """From `start` up to, but not including, `end`; aware UTC instants."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "start", aware(self.start))
        object.__setattr__(self, "end", aware(self.end))
        if self.end <= self.start:
            raise Invalid("an interval ends after it starts")

    def __contains__(self, instant: datetime) -> bool:
        return self.start <= instant < self.end

    @property
    def length(self) -> timedelta:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class SuddenChange:
    """A sudden closure (`open=False`) or opening of one section, or of all when `section` is empty."""

    interval: Interval
    open: bool
    reason: str = ""
    section: str = ""

    def touches(self, section: str) -> bool:
        return self.section in {"", section}

    def closed_meanwhile(self, known: Iterable[SuddenChange]) -> list[str]:
        """Sections that one of these keeps closed for part or all of this opening, by name; an empty name is the whole line.
        None for a closure: no opening undoes one."""
        closed = {
            one.section or self.section
            for one in known
            if not one.open and (one.touches(self.section) or not self.section)
            if _overlap(one.interval, self.interval)
        }
        return sorted(closed) if self.open else []


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of the day on the wall clock; `end` `None` is midnight."""

    start: time
    end: time | None


Week = Mapping[int, Sequence[Window]]
"""Windows by weekday, Saturday 0 … Friday 6."""


@dataclass(frozen=True, slots=True)
class DayOverride:
    """Our own word about one day: `open=False` makes it a holiday, `open=True` takes a holiday away."""

    open: bool
    name: str = ""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Hours of every section and of casework. `closures` are the sudden ones, read anew for each call."""

    sections: Mapping[str, Week]
    overrides: Mapping[date, DayOverride] = field(default_factory=dict)
    closures: tuple[SuddenChange, ...] = ()
    zone: ZoneInfo = TEHRAN

    def with_closures(self, closures: Sequence[SuddenChange]) -> Calendar:
        """The same calendar with these sudden closures and openings."""
        return Calendar(self.sections, self.overrides, tuple(closures), self.zone)

    def holiday(self, day: date) -> str:
        """The Persian name of the holiday, or empty on a working day. Friday is no holiday but a day without hours."""
        if override := self.overrides.get(day):
            return "" if override.open else override.name or "تعطیل"
        return iranian_holidays(day.year).get(day, "")

    def is_open(self, section: str, instant: datetime) -> bool:
        """Whether the section works at this instant. A closure wins over an opening, both over the hours."""
        at = aware(instant)
        return any(at in interval for interval in self.open_intervals(section, at, at + timedelta(seconds=1)))

    def next_opening(self, section: str, instant: datetime) -> datetime | None:
        """The instant itself while open, else the next opening within `HORIZON`, else `None`."""
        at = aware(instant)
        first = next(iter(self.open_intervals(section, at, at + HORIZON)), None)
        return first.start if first else None

    def open_intervals(self, section: str, start: datetime, end: datetime) -> Iterator[Interval]:
        """Open stretches between two instants, in order, cut to them, joined where they touch."""
        start, end = aware(start), aware(end)
        waiting: Interval | None = None
        for interval in self._day_by_day(section, start, end):
            if waiting and interval.start == waiting.end:
                waiting = Interval(waiting.start, interval.end)
                continue
            if waiting:
                yield waiting
            waiting = interval
        if waiting:
            yield waiting

    def _day_by_day(self, section: str, start: datetime, end: datetime) -> Iterator[Interval]:
        week = self.sections.get(section)
        if week is None:
            raise NotFound(f"there are no hours for {section!r}; add [sections.{section}] to the hours file")
        day, last = start.astimezone(self.zone).date(), end.astimezone(self.zone).date()
        while day <= last:
            for interval in self._of_day(section, week, day):
                low, high = max(interval.start, start), min(interval.end, end)
                if low < high:
                    yield Interval(low, high)
            day += timedelta(days=1)

    def _of_day(self, section: str, week: Week, day: date) -> list[Interval]:
        """The day's open stretches: hours unless holiday, openings added, closures cut out."""
        whole = Interval(self._instant(day, time()), self._instant(day + timedelta(days=1), time()))
        windows = () if self.holiday(day) else week.get((day.weekday() + 2) % 7, ())
        stretches = [
            Interval(self._instant(day, w.start), self._instant(day, w.end) if w.end else whole.end) for w in windows
        ]
        concerned = [e for e in self.closures if e.touches(section)]
        for opening in (e.interval for e in concerned if e.open):
            if part := _overlap(opening, whole):
                stretches.append(part)
        stretches = _joined(stretches)
        for closure in (e.interval for e in concerned if not e.open):
            stretches = [rest for stretch in stretches for rest in _without(stretch, closure)]
        return stretches

    def _instant(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, self.zone).astimezone(UTC)


def _overlap(one: Interval, other: Interval) -> Interval | None:
    start, end = max(one.start, other.start), min(one.end, other.end)
    return Interval(start, end) if start < end else None


def _joined(intervals: list[Interval]) -> list[Interval]:
    joined: list[Interval] = []
    for interval in sorted(intervals):
        if joined and interval.start <= joined[-1].end:
            joined[-1] = Interval(joined[-1].start, max(joined[-1].end, interval.end))
        else:
            joined.append(interval)
    return joined


def _without(interval: Interval, closure: Interval) -> list[Interval]:
    cut = _overlap(interval, closure)
    if cut is None:
        return [interval]
    around = ((interval.start, cut.start), (cut.end, interval.end))
    return [Interval(start, end) for start, end in around if start < end]


@lru_cache(maxsize=64)
def iranian_holidays(year: int, language: str = "fa") -> Mapping[date, str]:
    """Public holidays of a Gregorian year by day; lunar dates of coming years are marked as estimates in the name."""
    named = holidays.country_holidays("IR", years=year, language="fa_IR" if language == "fa" else "en_US")
    return dict(named.items())


def check_time_zone(zone: ZoneInfo = TEHRAN) -> None:
    """At start-up: refuse zone data from before 2022b, which is an hour wrong all summer. Raises `Unavailable`."""
    offset = datetime(2023, 7, 1, 12, tzinfo=zone).utcoffset()
    if offset != timedelta(hours=3, minutes=30):
        raise Unavailable(
            f"the time zone data of {zone.key} is too old: it says {offset} for July 2023 and Iran has kept +03:30 "
            "since 2022; update the system's tzdata to 2022b or newer",
            code="time_zone_old",
        )
