"""Today against its forecast in the reader's words: two sentences, two drawings, one table. Pure."""

from __future__ import annotations

from typing import Any

from api.floor.schemas import DayHalfHour, DayNow
from api.web import shown
from api.web.floor_day_chart import calls_drawing, people_drawing
from api.web.texts import Texts

_MINUS = "−"


def day_view(day: DayNow, say: Texts) -> dict[str, Any]:
    """What the part of the page needs."""
    return {
        "mark": day.mark,
        "empty": not day.half_hours,
        "so_far": so_far(day, say),
        "staff": staff(day, say),
        "calls": calls_drawing(day.half_hours, say.language),
        "people": people_drawing(day.half_hours, say.language),
        "rows": [_row(half, say) for half in day.half_hours],
    }


def so_far(day: DayNow, say: Texts) -> str:
    """How many came beside how many were foretold, over the half hours that are over. Both are demand, as /staffing counts it."""
    language = say.language
    if day.forecast_so_far is None:
        offered = shown.number(day.offered_so_far, language)
        return say("day.so_far_unknown", offered=offered) if day.offered_so_far else ""
    return say(
        "day.so_far",
        came=shown.number(day.came_so_far, language),
        forecast=shown.number(round(day.forecast_so_far), language),
        difference=difference(day.came_so_far, day.forecast_so_far, language),
    )


def difference(came: int, forecast: float, language: str) -> str:
    """(came − forecast) / forecast with its sign, in whole percent: «+۸٪»; a dash where nothing was foretold."""
    if not forecast:
        return shown.UNKNOWN
    share = round(100 * (came - forecast) / forecast)
    sign = "+" if share > 0 else _MINUS if share < 0 else ""
    text = f"{sign}{shown.number(abs(share), language)}{'٪' if language == 'fa' else '%'}"
    return f"\u2066{text}\u2069"


def staff(day: DayNow, say: Texts) -> str:
    """People now: needed, planned, here."""
    numbers = {"need": day.need, "planned": day.planned, "here": day.here}
    return say("day.staff", **{name: shown.number(n, say.language) for name, n in numbers.items()})


def _row(half: DayHalfHour, say: Texts) -> dict[str, Any]:
    language = say.language
    return {
        "time": shown.clock(half.starts_at, language),
        "going_on": half.going_on,
        "forecast": shown.number(half.forecast, language, 1),
        "came": shown.number(half.came, language),
        "offered": shown.number(half.offered, language),
        "answered": shown.number(half.answered, language),
        "need": shown.number(half.need, language),
        "planned": shown.number(half.planned, language),
        "present": shown.number(half.present, language, 0 if half.present is None or half.present.is_integer() else 1),
    }
