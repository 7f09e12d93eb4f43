"""A queue's day so far under its waiting callers, and an agent's occupancy, as the floor page first shows them. Pure.

islands/queue_today.ts says the same while they move.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.web import shown
from api.web.texts import Texts


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure of a queue's day."""

    name: str
    title: str
    value: str
    note: str
    low: bool = False
    """Below the goal."""


def queues_today(board: Mapping[str, Any], goal: float, say: Texts) -> dict[str, list[Cell]]:
    """Queue → its figures; dashes where they could not be counted."""
    told = {queue["queue"]: queue for queue in (board.get("today") or {}).get("queues", [])}
    return {queue["name"]: _cells(told.get(queue["name"]), goal, say) for queue in board["queues"]}


def _cells(queue: Mapping[str, Any] | None, goal: float, say: Texts) -> list[Cell]:
    language = say.language
    level = queue["service_level"] if queue else None
    offered, answered = (shown.number(queue[name] if queue else None, language) for name in ("offered", "answered"))
    without_short = queue["abandonment_without_short"]["value"] if queue else None
    return [
        Cell(
            "level",
            say("floor.queue_level"),
            shown.percent(level["value"] if level else None, language),
            say(
                "floor.service_level_note",
                variant=level["variant"],
                seconds=shown.number(level["threshold_seconds"], language),
            )
            if level
            else "",
            low=bool(level) and level["value"] is not None and level["value"] < goal,
        ),
        Cell(
            "answered",
            say("floor.queue_answered"),
            say("floor.queue_answered_of", answered=answered, offered=offered),
            "",
        ),
        Cell(
            "abandoned",
            say("floor.queue_abandoned"),
            shown.number(queue["abandoned"] if queue else None, language),
            say("floor.queue_abandoned_note", percent=shown.percent(without_short, language)),
        ),
        Cell(
            "longest",
            say("floor.queue_longest"),
            shown.span(queue["longest_wait_seconds"] if queue else None, language),
            "",
        ),
    ]


def occupancy_text(board: Mapping[str, Any], agent: str | None, say: Texts) -> str:
    """«اشتغال ۷۲٫۵٪», or nothing for who has not been ready yet."""
    share = ((board.get("today") or {}).get("occupancy_of_agents") or {}).get(agent or "")
    return "" if share is None else say("floor.occupancy_of", percent=shown.percent(share, say.language))
