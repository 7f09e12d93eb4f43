"""Hours text → `Hours`: the calendar of the sections and of casework, and how long an answer may take by kind.

Takes text, never a path. Wrong text answers with every problem and where it stands. Days are written in the Jalali
calendar, because that is what the people who edit the file read on their wall.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal, TypeVar, get_args

from persiantools.jdatetime import JalaliDate
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ivr.kernel.calendar import Calendar, DayOverride, Interval, SuddenChange, Week, Window
from ivr.kernel.errors import Invalid

Weekday = Literal["saturday", "sunday", "monday", "tuesday", "wednesday", "thursday", "friday"]

CASEWORK = "casework"
"""The section whose hours count for deadlines of cases."""

WEEK = get_args(Weekday)

_WINDOW = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-(?:([01]\d|2[0-3]):([0-5]\d)|(24):(00))")


_SHORTEST_DAYS, _LONGEST_DAYS = 0.01, 700.0
"""An allowance outside of these is a slip of the hand."""

_LONGEST_WEEKS = 104
"""Within so many weeks of casework every allowance must be worked off; `working_time` gives up after three years."""


Form = TypeVar("Form", bound=BaseModel)


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class DayForm(_Form):
    """One day that differs from the public calendar."""

    day: str = Field(description="Jalali day, 1405/01/05.")
    open: bool = Field(description="false: a holiday of ours; true: no holiday for us.")
    name: str = ""


class HoursForm(_Form):
    """The hours file."""

    sections: dict[str, dict[Weekday, list[str]]] = Field(description="Windows by weekday, 08:00-14:00.")
    working_day_hours: float = Field(gt=0, le=24, description="Working hours that one day of an allowance stands for.")
    allowance_days: dict[str, float] = Field(description="Working days until an answer is due, by kind of case.")
    days: list[DayForm] = Field(default_factory=list)


class ChangeForm(_Form):
    """One sudden closure or opening."""

    start: datetime = Field(alias="from")
    end: datetime = Field(alias="to")
    reason: str = ""
    section: str = Field(default="", description="Empty: every section.")


class ClosuresForm(_Form):
    """The closures file."""

    closure: list[ChangeForm] = Field(default_factory=list)
    opening: list[ChangeForm] = Field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Hours:
    """What the hours file says."""

    calendar: Calendar
    working_day: timedelta
    allowances: Mapping[str, float]
    """Working days by kind."""

    def allowance(self, kind: str) -> timedelta:
        """Working time until an answer is due; a kind without its own figure has that of a question."""
        days = self.allowances.get(kind, self.allowances["question"])
        return days * self.working_day


def load_hours(text: str) -> Hours:
    """Read the hours file. Raises `Invalid` that lists every problem."""
    form = _validated(HoursForm, text, "the hours file")
    problems: list[str] = []
    sections = {name: _week(name, days, problems) for name, days in form.sections.items()}
    overrides = {day: DayOverride(d.open, d.name) for d in form.days if (day := _jalali(d.day, problems))}
    if CASEWORK not in sections:
        problems.append(f"[sections.{CASEWORK}] is missing; deadlines of cases are counted in its hours")
    if "question" not in form.allowance_days:
        problems.append("allowance_days.question is missing; it also serves kinds without a figure of their own")
    problems += [
        f"allowance_days.{kind} must be above 0 (at least {_SHORTEST_DAYS:g}) and at most {_LONGEST_DAYS:g}"
        for kind, days in form.allowance_days.items()
        if not _SHORTEST_DAYS <= days <= _LONGEST_DAYS  # so that nan, which is neither above nor below, is refused
    ]
    if not problems:
        problems = _never_due(form, sections[CASEWORK])
    if problems:
        raise _refused("the hours file", problems)
    return Hours(Calendar(sections, overrides), timedelta(hours=form.working_day_hours), form.allowance_days)


def load_closures(text: str) -> tuple[SuddenChange, ...]:
    """Read sudden closures and openings. Raises `Invalid` that lists every problem; instants need a zone."""
    form = _validated(ClosuresForm, text, "the closures file")
    problems: list[str] = []
    changes: list[SuddenChange] = []
    for kind, entries in (("closure", form.closure), ("opening", form.opening)):
        for number, entry in enumerate(entries, 1):
            if entry.start.tzinfo is None or entry.end.tzinfo is None:
                problems.append(f"{kind} {number}: write instants with their zone, 2026-11-21T08:00:00+03:30")
            elif entry.end <= entry.start:
                problems.append(f"{kind} {number}: `to` must be later than `from`")
            elif (interval := _interval(entry)) is None:
                problems.append(f"{kind} {number}: the calendar does not reach so far; write a year of this century")
            else:
                changes.append(SuddenChange(interval, kind == "opening", entry.reason, entry.section))
    if problems:
        raise _refused("the closures file", problems)
    return tuple(changes)


def _interval(entry: ChangeForm) -> Interval | None:
    """`None` for instants at the ends of time, which have no UTC form."""
    try:
        return Interval(entry.start, entry.end)
    except OverflowError:
        return None


def _never_due(form: HoursForm, casework: Week) -> list[str]:
    """Allowances that casework, as it works now, would not get through: then no case could be given a deadline."""
    weekly = sum((_hours(window) for windows in casework.values() for window in windows), 0.0)
    return [
        f"allowance_days.{kind}: casework works {weekly:g} hours a week, too few for {days:g} days; "
        f"change [sections.{CASEWORK}] or the allowance"
        for kind, days in form.allowance_days.items()
        if days * form.working_day_hours > weekly * _LONGEST_WEEKS
    ]


def _hours(window: Window) -> float:
    end = window.end.hour + window.end.minute / 60 if window.end else 24
    return end - window.start.hour - window.start.minute / 60


def _week(section: str, days: Mapping[Any, list[str]], problems: list[str]) -> Week:
    week: dict[int, list[Window]] = {}
    for day, windows in days.items():
        read = [window for text in windows if (window := _window(f"sections.{section}.{day}", text, problems))]
        week[WEEK.index(day)] = sorted(read, key=lambda window: window.start)
        for one, following in zip(week[WEEK.index(day)], week[WEEK.index(day)][1:], strict=False):
            if one.end is None or one.end > following.start:
                problems.append(f"sections.{section}.{day}: two windows overlap; join them or part them")
    return week


def _window(where: str, text: str, problems: list[str]) -> Window | None:
    match = _WINDOW.fullmatch(text)
    if not match:
        problems.append(f'{where}: {text!r} is no window; write "08:00-14:00" (midnight at the end is 24:00)')
        return None
    start = time(int(match[1]), int(match[2]))
    end = None if match[5] else time(int(match[3]), int(match[4]))
    if end is not None and end <= start:
        problems.append(f"{where}: {text!r} must end after it starts; split a night at 24:00")
        return None
    return Window(start, end)


def _jalali(text: str, problems: list[str]) -> date | None:
    match = re.fullmatch(r"(\d{4})/(\d{1,2})/(\d{1,2})", text)
    try:
        if match:
            return JalaliDate(int(match[1]), int(match[2]), int(match[3])).to_gregorian()
    except ValueError:
        pass
    problems.append(f"days: {text!r} is no Jalali day; write 1405/01/05")
    return None


def _validated(form: type[Form], text: str, file: str) -> Form:
    try:
        return form.model_validate(tomllib.loads(text))
    except ValidationError as error:
        where = [(".".join(str(part) for part in e["loc"]), e["msg"]) for e in error.errors()]
        raise _refused(file, [f"{place}: {message}" for place, message in where]) from None
    except (ValueError, RecursionError) as error:  # no TOML, or a number or nesting beyond any reader
        raise _refused(file, [str(error)]) from None


def _refused(file: str, problems: list[str]) -> Invalid:
    return Invalid(f"{file} has problems:\n" + "\n".join(f"  {problem}" for problem in problems), code="hours_invalid")
