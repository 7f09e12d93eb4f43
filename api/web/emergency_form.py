"""Times as people give them in a hurry: from now or from a time of day, for so many minutes. Pure."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from ivr.kernel.clock import TEHRAN
from ivr.kernel.errors import Invalid
from ivr.kernel.persian_text import ascii_digits

SPANS = (15, 30, 60, 120, 240, 480, 1440, 2880, 10_080)
"""Minutes that can be chosen."""
JUST_PAST = timedelta(hours=3)
_CLOCK = re.compile(r"([01]?\d|2[0-3])[:٫.]([0-5]\d)")


def instants(begins: str, lasts: str, now: datetime) -> tuple[datetime | None, datetime]:
    """Start (None: now) and end. A time of day that is long over today is tomorrow's; who writes one that has just passed means
    today, and is told. Raises `Invalid`."""
    minutes = ascii_digits(lasts).strip()
    if not minutes.isdecimal() or int(minutes) not in SPANS:
        raise Invalid("Choose how long it lasts.", code="span_unknown", field="form.lasts")
    start = _start(begins, now)
    return start, (start or now) + timedelta(minutes=int(minutes))


def _start(text: str, now: datetime) -> datetime | None:
    given = ascii_digits(text).strip()
    if not given:
        return None
    match = _CLOCK.fullmatch(given)
    if match is None:
        raise Invalid(
            "Write the time like 14:30, or leave it empty for now.", code="clock_unreadable", field="form.begins"
        )
    local = now.astimezone(TEHRAN)
    start = local.replace(hour=int(match[1]), minute=int(match[2]), second=0, microsecond=0)
    if local - JUST_PAST < start <= local:
        raise Invalid(
            "That time has just passed. Leave it empty for now, or write a later one.",
            code="clock_past",
            field="form.begins",
        )
    return start if start > local else start + timedelta(days=1)
