"""The board as the wall first shows it; islands/wall.ts takes over from there with the same words. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from api.reports.standard import GOAL
from api.web import shown
from api.web.floor_view import floor_view
from api.web.texts import Texts

TODAY = ("forecast", "level", "here")
"""Figures of the day, in the order of the line."""
LEGEND = {
    "available": ("available",),
    "talking": ("ringing", "talking", "holding"),
    "wrap_up": ("wrap_up",),
    "paused": ("paused",),
    "offline": ("offline",),
    "unknown": ("unknown",),
}
"""States that are told together, by the icon that stands for them: eight words in type for five metres need two lines."""


def wall_view(board: Mapping[str, Any], now: datetime, say: Texts) -> dict[str, Any]:
    """What the template needs: no names, no numbers of callers, nothing that a visitor must not read."""
    floor = floor_view(board, {}, now, say)
    today = board.get("today") or {}
    return {
        **floor,
        "queues": [_queue(queue, today, now, say) for queue in board["queues"]],
        "clock": shown.clock(now, say.language),
        "legend": [
            (name, say(f"wall.seats_{name}"), " ".join(states), sum(floor["tally"][state] for state in states))
            for name, states in LEGEND.items()
        ],
        "today": _today(today, say),
    }


def _queue(queue: Mapping[str, Any], today: Mapping[str, Any], now: datetime, say: Texts) -> dict[str, Any]:
    language = say.language
    waits = [(now - datetime.fromisoformat(call["since"])).total_seconds() for call in queue["waiting"]]
    told = {one["queue"]: one for one in today.get("queues", [])}.get(queue["name"])
    level = told["service_level"]["value"] if told else None
    return {
        "name": queue["name"],
        "open": queue.get("open") is not False,
        "waiting": len(waits),
        "waiting_text": shown.number(len(waits), language),
        "longest": shown.span(max(waits), language) if waits else shown.UNKNOWN,
        "ready": ready_text(queue, language) if queue.get("open") is not False else say("wall.closed"),
        "level": shown.percent(level, language),
        "low": level is not None and level < GOAL,
        "abandoned": shown.number(told["abandoned"] if told else None, language),
    }


def ready_text(queue: Mapping[str, Any], language: str) -> str:
    """«۳ / ۹»: seats that could take a call at once, of those that serve the queue."""
    numbers = (shown.number(queue[name], language) for name in ("members_available", "members_total"))
    return " / ".join(numbers)


def _today(today: Mapping[str, Any], say: Texts) -> list[tuple[str, str]]:
    language = say.language
    level = today.get("service_level") or {}
    values = {
        "level": shown.percent(level.get("value"), language),
    }
    return [(name, values.get(name, shown.UNKNOWN)) for name in TODAY]
