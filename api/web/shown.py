"""How values look on a page: numbers, dates, clocks, spans, callers, codes, in the reader's language. Pure.

`language` is `fa` or `en` everywhere. Days are Jalali in both (the kernel's `jalali`), times are Tehran's; what is not
known is a dash. Nothing here is read back except by `parse_date`, which reads what people type into a filter.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta

from persiantools.jdatetime import JalaliDate

from ivr.kernel import jalali
from ivr.kernel.clock import TEHRAN
from ivr.kernel.errors import Invalid
from ivr.kernel.persian_text import ascii_digits, persian_digits
from ivr.kernel.phone_number import PhoneNumber, UnplacedNumber, Withheld, parse_caller

UNKNOWN = "–"
_DATE = re.compile(r"(\d{4})\s*[/.-]\s*(\d{1,2})\s*[/.-]\s*(\d{1,2})")
_FIRST_GREGORIAN_YEAR = 1700
_LAST_YEAR = 9000
"""The calendar of the machine ends soon after; the day after its last day cannot be asked for."""


def digits(text: str, language: str) -> str:
    """The digits of the reader's language; everything else stays."""
    return persian_digits(text) if language == "fa" else text


def number(value: int | float | None, language: str, places: int = 0) -> str:
    """`1234567` → «۱٬۲۳۴٬۵۶۷» or `1,234,567`."""
    if value is None:
        return UNKNOWN
    text = f"{value:,.{places}f}"
    return persian_digits(text.replace(",", "٬").replace(".", "٫")) if language == "fa" else text


def typed(value: float, language: str) -> str:
    """A number as people type it into a field: no grouping, and not rounded, so that it is read back as it stands."""
    text = f"{value:.6f}".rstrip("0").rstrip(".")
    return persian_digits(text.replace(".", "٫")) if language == "fa" else text


def percent(ratio: float | None, language: str) -> str:
    """A ratio of 0 to 1 with one place: `0.8269` → «۸۲٫۷٪»; nothing over nothing has no value."""
    if ratio is None:
        return UNKNOWN
    return number(100 * ratio, language, 1) + ("٪" if language == "fa" else "%")


def short_date(instant: datetime, language: str) -> str:
    """The day in Tehran: `۱۴۰۵/۰۸/۳۰`."""
    return jalali.day_short(instant.astimezone(TEHRAN).date(), language)


def long_date(instant: datetime, language: str) -> str:
    """The day in Tehran: «شنبه ۳۰ آبان ۱۴۰۵»."""
    return jalali.day_text(instant.astimezone(TEHRAN).date(), language, weekday=True)


def clock(instant: datetime, language: str, *, seconds: bool = False) -> str:
    """Time of day in Tehran: `۱۴:۰۵` or with seconds `۱۴:۰۵:۰۹`."""
    return jalali.clock_text(instant, language, seconds=seconds)


def span(seconds: float | None, language: str) -> str:
    """A span as on a stop watch: `۲:۰۵`, `۱:۰۲:۰۵`; never below zero."""
    if seconds is None:
        return UNKNOWN
    whole = max(0, int(seconds))
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    return digits(f"{hours}:{minutes:02d}:{left:02d}" if hours else f"{minutes}:{left:02d}", language)


def span_words(seconds: float, language: str) -> str:
    """A span in a sentence: «۲ دقیقه و ۵ ثانیه»."""
    return jalali.span_text(timedelta(seconds=seconds), language)


def caller(stored: str, language: str, withheld: str) -> str:
    """A stored caller as people write it: `+989121234567` → «۰۹۱۲ ۱۲۳ ۴۵۶۷»; an empty one as the word `withheld`."""
    match parse_caller(stored):
        case PhoneNumber(e164=e164) as known if e164.startswith("+98"):
            national = known.national
            cut = 4 if national.startswith("09") else 3
            text = f"{national[:cut]} {national[cut:-4]} {national[-4:]}"
        case PhoneNumber(e164=e164):
            text = e164
        case UnplacedNumber(digits=plain):
            text = plain
        case Withheld():
            return withheld
    return digits(text, language)


def code(tracking_code: str, language: str) -> str:
    """A tracking code in its three groups, the way it is spoken."""
    groups = " ".join(tracking_code[at : at + 3] for at in range(0, len(tracking_code), 3))
    return digits(groups, language)


def seat_number(seat: str, language: str) -> str:
    """`seat07` → «۷»."""
    return digits(seat.removeprefix("seat").lstrip("0") or seat, language)


def parse_date(text: str, field: str) -> date | None:
    """A day as people type it, Jalali (`۱۴۰۵/۸/۳۰`) or Gregorian (`2026-11-21`), any digits; empty → None."""
    cleaned = ascii_digits(text).strip("\u200c\u200e\u200f \t")
    if not cleaned:
        return None
    match = _DATE.fullmatch(cleaned)
    if match is None:
        raise Invalid("Write the date as year/month/day, for example 1405/08/30.", field=field)
    year, month, day = (int(part) for part in match.groups())
    try:
        if year > _LAST_YEAR:
            raise ValueError("too far ahead")
        return JalaliDate(year, month, day).to_gregorian() if year < _FIRST_GREGORIAN_YEAR else date(year, month, day)
    except ValueError as error:
        raise Invalid("There is no such day; check the month and the day.", field=field) from error


def day_begins(day: date) -> datetime:
    """The instant at which a day begins in Tehran."""
    return datetime.combine(day, time(), TEHRAN).astimezone(UTC)


def day_ends(day: date) -> datetime:
    """The instant at which a day is over in Tehran: the next one begins."""
    return day_begins(day + timedelta(days=1))
