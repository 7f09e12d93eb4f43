"""Days and instants as people of this house write them: Jalali or Gregorian, Tehran time."""

from __future__ import annotations

from datetime import datetime, timedelta

from ivr.kernel.clock import TEHRAN
from ivr.kernel.jalali import read_day
from ivr.kernel.persian_text import ascii_digits


def instant(text: str, *, end_of_day: bool = False) -> datetime:
    """`1405-09-01`, `۱۴۰۵/۰۹/۰۱`, `2026-11-22`, `2026-11-22T08:00`, with or without a zone. Raises `ValueError`.

    A bare day is its first instant, or with `end_of_day` the first instant of the next day.
    """
    written, mark, clock = ascii_digits(text.strip()).replace(" ", "T").partition("T")
    day = read_day(written).isoformat()
    found = datetime.fromisoformat(f"{day}T{clock}" if mark else day)
    if found.tzinfo is None:
        found = found.replace(tzinfo=TEHRAN)
    return found + timedelta(days=1) if end_of_day and not mark else found
