"""The form of a new shift: what was typed, and the shift that it means or what is wrong with which field. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import time

from api.web.roster_form import read_time
from ivr.kernel.errors import Invalid
from ivr.kernel.persian_text import ascii_digits, clean
from routing.roster.shifts import WEEKDAYS, Break, Hours, Shift, check_breaks

_SOME_SHIFT = Shift("ش", "S", "شیفت", "Shift", Hours(time(8), time(14)))
"""What a form is written onto, field by field."""

BREAKS = 4
"""Lines for breaks in the form; the API takes more."""

FIELDS = (
    *("name_fa", "name_en", "code_fa", "code_en", "begins", "ends", "weekdays"),
    *(f"break-{n}" for n in range(BREAKS)),
)
"""In the order of the form; a break's two fields are one."""

Problems = dict[str, Invalid]
"""By field."""


@dataclass(frozen=True, slots=True)
class Typed:
    """The form as text, to be shown again."""

    code_fa: str = ""
    code_en: str = ""
    name_fa: str = ""
    name_en: str = ""
    begins: str = ""
    ends: str = ""
    breaks: tuple[tuple[str, str], ...] = (("", ""),) * BREAKS
    """When each begins, and its minutes."""
    weekdays: frozenset[int] = frozenset(range(6))


def typed_shift(form: Mapping[str, str]) -> Typed:
    """What was sent; a checkbox that was not ticked is not there."""
    return Typed(
        code_fa=form.get("code_fa", ""),
        code_en=form.get("code_en", ""),
        name_fa=form.get("name_fa", ""),
        name_en=form.get("name_en", ""),
        begins=form.get("begins", ""),
        ends=form.get("ends", ""),
        breaks=tuple((form.get(f"break-{n}", ""), form.get(f"minutes-{n}", "")) for n in range(BREAKS)),
        weekdays=frozenset(day for day in WEEKDAYS if f"weekday-{day}" in form),
    )


def shift_typed(typed: Typed) -> tuple[Shift | None, Problems]:
    """The shift, or every field that has to be mended before there is one."""
    problems: Problems = {}
    words = _words(typed, problems)
    hours = _hours(typed, problems)
    breaks = _breaks(typed.breaks, hours, problems)
    return (None if problems or hours is None else replace(words, hours=hours, breaks=tuple(breaks))), problems


def _words(typed: Typed, problems: Problems) -> Shift:
    """Codes, names and days, each looked at by itself, because a shift tells only the first that is wrong."""
    shift = _SOME_SHIFT
    for name in ("name_fa", "name_en", "code_fa", "code_en"):
        try:
            shift = replace(shift, **{name: clean(getattr(typed, name))})
        except Invalid as error:
            problems[name] = error
    try:
        return replace(shift, weekdays=typed.weekdays)
    except Invalid as error:
        problems["weekdays"] = error
        return shift


def _hours(typed: Typed, problems: Problems) -> Hours | None:
    found = {}
    for name, text in (("begins", typed.begins), ("ends", typed.ends)):
        try:
            found[name] = read_time(text)
            if found[name] is None:
                raise Invalid("A shift has a beginning and an end.", code="shift_hours_missing")
        except Invalid as error:
            problems[name] = error
    begins, ends = found.get("begins"), found.get("ends")
    if begins is None or ends is None:
        return None
    try:
        return Hours(begins, ends)
    except Invalid as error:
        problems["ends"] = error
        return None


def _breaks(lines: Sequence[tuple[str, str]], hours: Hours | None, problems: Problems) -> list[Break]:
    """Each must be readable by itself, and lie well beside those above it."""
    found: list[Break] = []
    for place, (begins, minutes) in enumerate(lines):
        if not begins.strip() and not minutes.strip():
            continue
        try:
            one = Break(_begin_of(begins), _minutes(minutes))
            if hours is not None:
                check_breaks(hours, [*found, one])
        except Invalid as error:
            problems[f"break-{place}"] = error
        else:
            found.append(one)
    return found


def _begin_of(text: str) -> time:
    begins = read_time(text)
    if begins is None:
        raise Invalid("A break has a beginning.", code="break_begin_missing")
    return begins


def _minutes(text: str) -> int:
    cleaned = ascii_digits(clean(text, 10))
    if not cleaned.isascii() or not cleaned.isdigit():
        raise Invalid("A break lasts 1 to 240 minutes.", code="break_length")
    return int(cleaned)
