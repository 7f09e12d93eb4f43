"""The board's JSON as the floor page first shows it. Pure; the island takes over from there with the same words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from api.web import shown
from api.web.figure_row import Figure
from api.web.texts import Texts
from routing.duty import LIMITS, WRAP_UP, PauseCause

STATES = ["available", "ringing", "talking", "holding", "wrap_up", "paused", "offline", "unknown"]
"""Seat states in the order of the legend; a state this page does not know shows as `unknown`."""

PAUSE_LIMITS = {cause.value: int(limit.total_seconds()) for cause, limit in LIMITS.items()}
"""Cause → seconds after which a pause is overdue on the floor, counted from when the seat came to rest. For the island too."""

_FIGURES = (
    "received",
    "answered",
    "abandoned",
    "waiting_now",
    "longest_wait",
    "service_level",
    "occupancy",
    "in_survey",
)

_IN_CALL = {"ringing", "talking", "holding"}
_UNMANNED = {"on": "only", "busy": "busy"}
"""The telephone of a seat without an agent → what is said of it."""


def floor_view(board: Mapping[str, Any], people: Mapping[str, str], now: datetime, say: Texts) -> dict[str, Any]:
    """What the template needs; `people` maps an agent's account to the person's name."""
    queues = [_queue(queue, now, say) for queue in board["queues"]]
    seats = [_seat(seat, people, now, say) for seat in board["seats"]]
    waits = [call["seconds"] for queue in queues for call in queue["waiting"]]
    today = dict(board.get("today") or {})
    today["waiting_now"] = len(waits)
    today["longest_wait"] = max(waits, default=None)
    return {
        **picture_age(board, say),
        "figures": [_figure(name, today, say) for name in _FIGURES],
        "queues": queues,
        "seats": seats,
        "tally": {state: sum(seat["state"] == state for seat in seats) for state in STATES},
    }


def picture_age(board: Mapping[str, Any], say: Texts) -> dict[str, Any]:
    """How old the board is, for every page that shows some of it."""
    age, as_of = board["age_seconds"], _instant(board["as_of"])
    return {
        "stale": bool(board["stale"]),
        "stale_since": say("floor.stale_since", time=shown.clock(as_of, say.language, seconds=True))
        if as_of
        else say("floor.stale_never"),
        "age": "–" if age is None else shown.number(int(age), say.language),
    }


def island_words(say: Texts) -> dict[str, str]:
    """The words that the island puts on screen by itself."""
    named = {f"{family}.{name}": word for family in _NAMED for name, word in say.family(family).items()}
    leading = say.family("leading")
    return say.family("floor") | named | {key: leading[key] for key in ("deeds_for", "announce_done")}


_NAMED = ("queue", "seat_state", "seat_cause")


def age_words(say: Texts) -> dict[str, str]:
    """The words about the board's age, for an island that moves no more of it."""
    return {name: say(f"floor.{name}") for name in _OF_AGE}


_OF_AGE = ("live", "connecting", "stale_title", "stale_since", "stale_never", "announce_fresh")


def _queue(queue: Mapping[str, Any], now: datetime, say: Texts) -> dict[str, Any]:
    return {
        "name": queue["name"],
        "open": queue.get("open") is not False,
        "members": _members(queue, say),
        "estimate": say("floor.estimate", span=shown.span(queue.get("estimate_seconds"), say.language)),
        "waiting": [_waiting(call, now, say) for call in queue["waiting"]],
    }


def _members(queue: Mapping[str, Any], say: Texts) -> str:
    """Who is free, and how many of those who wait are call backs; islands/floor.ts says the same."""
    free = say(
        "floor.members_helped" if queue.get("helpers_total") else "floor.members",
        helpers=shown.number(queue.get("helpers_total", 0), say.language),
        available=shown.number(queue["members_available"], say.language),
        total=shown.number(queue["members_total"], say.language),
    )
    callbacks = queue.get("callbacks") or 0
    return f"{free} · {say('floor.callbacks', count=shown.number(callbacks, say.language))}" if callbacks else free


def _waiting(call: Mapping[str, Any], now: datetime, say: Texts) -> dict[str, Any]:
    since = _instant(call["since"]) or now
    return {
        "call_id": call["call_id"],
        "callback": bool(call.get("callback")),
        "page": "/callbacks" if call.get("callback") else f"/calls/{call['call_id']}",
        "position": call["position"],
        "since": since,
        "seconds": (now - since).total_seconds(),
        "caller": shown.digits(call.get("caller_masked") or say("floor.no_number"), say.language),
        "mark": mark_of(call.get("priority") or 0, call.get("repeat") or 0, say),
    }


def mark_of(priority: int, repeat: int, say: Texts) -> str:
    """Why somebody stands where they stand, as far as it is not their waiting. islands/floor.ts says the same."""
    told = [say("floor.priority_mark", priority=shown.number(priority, say.language))] if priority else []
    told += [say("floor.repeat_mark", count=shown.number(repeat, say.language))] if repeat else []
    return " · ".join(told)


def _seat(seat: Mapping[str, Any], people: Mapping[str, str], now: datetime, say: Texts) -> dict[str, Any]:
    since = _instant(seat["since"])
    agent, reason = seat["agent"], seat.get("pause_reason")
    state = seat["state"] if seat["state"] in STATES else "unknown"
    serves = bool(agent or seat.get("call_id"))  # islands/seat.ts: countedAs
    phone = "on" if seat.get("phone") else "off"
    if state in _IN_CALL and not serves:
        state, phone = "offline", "busy"
    seconds = (now - since).total_seconds() if since else None
    return {
        "seat": seat["seat"],
        "state": state,
        "agent": people.get(agent, agent) if agent else None,
        "talks": serves and state in {"talking", "holding"},
        "may_pause": bool(agent) and reason != PauseCause.SUPERVISOR,
        "may_resume": bool(agent) and bool(reason),
        "since_text": "" if seconds is None else shown.span(seconds, say.language),
        "tone": seat_tone(state, reason, seconds),
        "note": seat_note(state, reason, seconds, agent=bool(agent), phone=phone, say=say),
    }


def seat_tone(state: str, reason: str | None, seconds: float | None) -> str:
    """`act`: an overdue pause; `look`: calls rang here unanswered; else `plain`. islands/seat.ts says the same."""
    if state != "paused" or not reason:
        return "plain"
    if seconds is not None and seconds > PAUSE_LIMITS.get(reason, seconds):
        return "act"
    return "look" if reason == PauseCause.MISSED_CALLS else "plain"


def seat_note(state: str, reason: str | None, seconds: float | None, *, agent: bool, phone: str, say: Texts) -> str:
    """What the state's word leaves open: why paused, what comes after the talk, what is missing at an empty seat.
    islands/seat.ts says the same; a reason without a name shows as it is."""
    if state == "paused" and reason:
        cause = say.word("seat_cause", reason)
        return say("floor.overdue", cause=cause) if seat_tone(state, reason, seconds) == "act" else cause
    if state in _IN_CALL and reason and reason != WRAP_UP:
        return say("floor.then_paused", cause=say.word("seat_cause", reason))
    if state == "offline" and agent:
        return say("floor.phone_away")
    return say(f"floor.phone_{_UNMANNED[phone]}") if state == "offline" and phone in _UNMANNED else ""


def _figure(name: str, today: Mapping[str, Any], say: Texts) -> Figure:
    value, note, language = today.get(name), "", say.language
    if name == "service_level":
        level = value if isinstance(value, Mapping) else {}
        text = shown.percent(level.get("value"), language)
        if level:
            seconds = shown.number(level["threshold_seconds"], language)
            note = say("floor.service_level_note", variant=level["variant"], seconds=seconds)
    elif name == "occupancy":
        text = shown.percent((value or {}).get("value"), language)
    elif name == "longest_wait":
        text = shown.span(value, language)
    else:
        text = shown.number(value, language)
    return Figure(name, say(f"floor.{name}"), text, note)


def _instant(value: object) -> datetime | None:
    if isinstance(value, str):
        return datetime.fromisoformat(value)
    return value if isinstance(value, datetime) else None
