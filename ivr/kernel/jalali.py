"""Instants and days as people read them: Jalali with Persian digits, or Jalali with Latin letters for English readers."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from persiantools.jdatetime import JalaliDate

from ivr.kernel.clock import TEHRAN, aware
from ivr.kernel.persian_text import ascii_digits, persian_digits

MONTHS = {
    "fa": ("فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور", "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند"),
    "en": (
        "Farvardin",
        "Ordibehesht",
        "Khordad",
        "Tir",
        "Mordad",
        "Shahrivar",
        "Mehr",
        "Aban",
        "Azar",
        "Dey",
        "Bahman",
        "Esfand",
    ),
}
WEEKDAYS = {
    "fa": ("شنبه", "یک‌شنبه", "دوشنبه", "سه‌شنبه", "چهارشنبه", "پنج‌شنبه", "جمعه"),
    "en": ("Saturday", "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday"),
}
_UNITS = {
    "fa": (("روز", "روز"), ("ساعت", "ساعت"), ("دقیقه", "دقیقه"), ("ثانیه", "ثانیه")),
    "en": (("day", "days"), ("hour", "hours"), ("minute", "minutes"), ("second", "seconds")),
}


def read_day(text: str) -> date:
    """`1405-09-01`, «۱۴۰۵/۰۹/۰۱» or `2026-11-22` → the day; a year before 1700 is Jalali. Raises `ValueError`."""
    year, month, day = (int(part) for part in ascii_digits(text.strip()).replace("/", "-").split("-"))
    return JalaliDate(year, month, day).to_gregorian() if year < 1700 else date(year, month, day)


def read_month(text: str) -> date:
    """`1405-09` or «۱۴۰۵/۰۹» → the first day of that Jalali month. Raises `ValueError`."""
    year, month = (int(part) for part in ascii_digits(text.strip()).replace("/", "-").split("-"))
    return JalaliDate(year, month, 1).to_gregorian()


def month_begins(day: date) -> date:
    """The first day of the Jalali month in which `day` lies."""
    return JalaliDate(day).replace(day=1).to_gregorian()


def month_after(day: date) -> date:
    """The first day of the next Jalali month."""
    first = JalaliDate(day)
    year, month = (first.year + 1, 1) if first.month == 12 else (first.year, first.month + 1)
    return JalaliDate(year, month, 1).to_gregorian()


def _digits(text: str, language: str) -> str:
    return persian_digits(text) if language == "fa" else text


def day_text(day: date, language: str = "fa", *, weekday: bool = False) -> str:
    """«شنبه ۳۰ آبان ۱۴۰۵» or "Saturday 30 Aban 1405"."""
    jalali = JalaliDate(day)
    front = WEEKDAYS[language][(day.weekday() + 2) % 7] + " " if weekday else ""
    return front + _digits(f"{jalali.day} {MONTHS[language][jalali.month - 1]} {jalali.year}", language)


def day_short(day: date, language: str = "fa") -> str:
    """«۱۴۰۵/۰۸/۳۰» or "1405/08/30"; sorts like the day itself."""
    jalali = JalaliDate(day)
    return _digits(f"{jalali.year:04d}/{jalali.month:02d}/{jalali.day:02d}", language)


def month_text(day: date, language: str = "fa") -> str:
    """«آذر ۱۴۰۵» or "Azar 1405": the Jalali month in which `day` lies."""
    jalali = JalaliDate(day)
    return f"{MONTHS[language][jalali.month - 1]} {_digits(str(jalali.year), language)}"


def clock_text(instant: datetime, language: str = "fa", *, seconds: bool = False, zone: ZoneInfo = TEHRAN) -> str:
    """«۰۸:۳۰», in the zone of people."""
    return _digits(aware(instant).astimezone(zone).strftime("%H:%M:%S" if seconds else "%H:%M"), language)


def span_text(span: timedelta, language: str = "fa") -> str:
    """«۲ دقیقه و ۵ ثانیه»: the two largest parts, rounded down; never negative."""
    seconds = max(0, int(span.total_seconds()))
    counts = (seconds // 86_400, seconds // 3_600 % 24, seconds // 60 % 60, seconds % 60)
    first = next((at for at, count in enumerate(counts) if count), 3)
    parts = [
        f"{count} {_UNITS[language][at][count != 1]}"
        for at, count in enumerate(counts)
        if at in {first, first + 1} and (count or at == first)
    ]
    return _digits((" و " if language == "fa" else " and ").join(parts), language)
