"""The board's JSON as the floor page first shows it. Pure; the island takes over from there with the same words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from api.web import shown
from api.web.texts import Texts

STATES = ["available", "ringing", "talking", "wrap_up", "paused", "offline", "unknown"]
"""Seat states in the order of the legend; a state this page does not know shows as `unknown`."""

_FIGURES = ("received", "answered", "abandoned", "waiting_now", "longest_wait", "service_level", "in_survey")


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of the band on top."""

    name: str
    title: str
    value: str
    note: str


def floor_view(board: Mapping[str, Any], people: Mapping[str, str], now: datetime, say: Texts) -> dict[str, Any]:
    """What the template needs; `people` maps an agent's account to the person's name."""
    language = say.language
    queues = [_queue(queue, now, say) for queue in board["queues"]]
    seats = [_seat(seat, people, now, language) for seat in board["seats"]]
    age = board["age_seconds"]
    as_of = _instant(board["as_of"])
    waits = [call["seconds"] for queue in queues for call in queue["waiting"]]
    today = dict(board.get("today") or {})
    today["waiting_now"] = len(waits)
    today["longest_wait"] = max(waits, default=None)
    return {
        "stale": bool(board["stale"]),
        "stale_since": say("floor.stale_since", time=shown.clock(as_of, language, seconds=True))
        if as_of
        else say("floor.stale_never"),
        "age": "–" if age is None else shown.number(int(age), language),
        "figures": [_figure(name, today, say) for name in _FIGURES],
        "queues": queues,
        "seats": seats,
        "tally": {state: sum(seat["state"] == state for seat in seats) for state in STATES},
    }


def island_words(say: Texts) -> dict[str, str]:
    """The words that the island puts on screen by itself."""
    plain = say.family("floor")
    names = {f"queue.{name}": word for name, word in say.family("queue").items()}
    states = {f"seat_state.{name}": word for name, word in say.family("seat_state").items()}
    return plain | names | states


def _queue(queue: Mapping[str, Any], now: datetime, say: Texts) -> dict[str, Any]:
    return {
        "name": queue["name"],
        "open": queue.get("open") is not False,
        "members": say(
            "floor.members",
            available=shown.number(queue["members_available"], say.language),
            total=shown.number(queue["members_total"], say.language),
        ),
        "waiting": [_waiting(call, now, say) for call in queue["waiting"]],
    }


def _waiting(call: Mapping[str, Any], now: datetime, say: Texts) -> dict[str, Any]:
    since = _instant(call["since"]) or now
    return {
        "call_id": call["call_id"],
        "position": call["position"],
        "since": since,
        "seconds": (now - since).total_seconds(),
        "caller": shown.digits(call.get("caller_masked") or say("floor.no_number"), say.language),
    }


def _seat(seat: Mapping[str, Any], people: Mapping[str, str], now: datetime, language: str) -> dict[str, Any]:
    since = _instant(seat["since"])
    agent = seat["agent"]
    return {
        "seat": seat["seat"],
        "state": seat["state"] if seat["state"] in STATES else "unknown",
        "agent": people.get(agent, agent) if agent else None,
        "since_text": shown.span((now - since).total_seconds(), language) if since else "",
    }


def _figure(name: str, today: Mapping[str, Any], say: Texts) -> Figure:
    value, note, language = today.get(name), "", say.language
    if name == "service_level":
        level = value if isinstance(value, Mapping) else {}
        text = shown.percent(level.get("value"), language)
        if level:
            seconds = shown.number(level["threshold_seconds"], language)
            note = say("floor.service_level_note", variant=level["variant"], seconds=seconds)
    elif name == "longest_wait":
        text = shown.span(value, language)
    else:
        text = shown.number(value, language)
    return Figure(name, say(f"floor.{name}"), text, note)


def _instant(value: object) -> datetime | None:
    if isinstance(value, str):
        return datetime.fromisoformat(value)
    return value if isinstance(value, datetime) else None
