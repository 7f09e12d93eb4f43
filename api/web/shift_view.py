"""A shift as its page tells it: hours, breaks and days in words. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from api.roster.schemas import ShiftView
from api.web import shown
from api.web.roster_view import clock_range, shift_name
from api.web.texts import Texts
from ivr.kernel.jalali import WEEKDAYS


def shift_row(shift: ShiftView, say: Texts) -> dict[str, Any]:
    """One line of the list."""
    hours = clock_range(shift, say)
    return {
        "id": shift.id,
        "name": shift_name(shift, say),
        "code_fa": shift.code_fa,
        "code_en": shift.code_en,
        "hours": hours if shift.ends > shift.begins else say("shifts.next_day", hours=hours),
        "breaks": [
            say(
                "shifts.break_at",
                begins=shown.digits(f"{one.begins:%H:%M}", say.language),
                minutes=shown.number(one.minutes, say.language),
            )
            for one in shift.breaks
        ],
        "days": days_text(shift.weekdays, say),
    }


def weekday_names(say: Texts) -> Sequence[str]:
    """Saturday first."""
    return WEEKDAYS[say.language]


def days_text(weekdays: Sequence[int], say: Texts) -> str:
    """«شنبه تا پنج‌شنبه»; days that do not follow each other one by one."""
    days, names = sorted(weekdays), weekday_names(say)
    if len(days) == len(names):
        return say("shifts.every_day")
    if len(days) > 2 and days[-1] - days[0] == len(days) - 1:
        return say("shifts.days", first=names[days[0]], last=names[days[-1]])
    return say("roster.comma").join(names[day] for day in days)
