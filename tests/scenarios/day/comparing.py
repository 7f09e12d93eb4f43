"""Board against Asterisk. Pure.

The rule. A board may lag by a second, so one look at each side proves nothing on a floor that moves. Asterisk is asked
several times in that second; the board is right about a thing (a queue's line, a seat) when it shows what Asterisk said at
*some* moment of the second before. A thing that is wrong is looked at again in the next second: wrong in both is a
difference, wrong in the first alone has healed and is counted apart. A board that stands still is wrong in both, however
fast Asterisk moves on, because it is not asked to be as it was before but as Asterisk is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from routing.queues import GAP_SECONDS
from routing.seats import ROLL_CALL

Subject = tuple[str, str]
"""`("waiting", queue)`, `("members", queue)` or `("seat", name)`."""
Said = Mapping[Subject, frozenset[Any]]
"""What Asterisk's word allows of each thing: a seat that has just talked may be resting or free."""
Shown = Mapping[Subject, Any]
Message = Mapping[str, str]

_GONE, _BUSY, _RINGS = {"0", "4", "5"}, {"2", "3", "7", "8"}, {"6"}
_REST_ENDS = GAP_SECONDS + 1.5
"""Asterisk counts a rest in whole seconds."""


def said_by(messages: Iterable[Message], now: float) -> Said:
    """The answer to QueueStatus in the board's words. `now`: seconds since 1970, as `LastCall` counts."""
    lines: dict[str, dict[int, str]] = {}
    members: dict[str, list[Message]] = defaultdict(list)
    phone: dict[str, str] = {}
    for told in messages:
        queue = told["Queue"].removeprefix("q-")
        match told["Event"]:
            case "QueueParams" if queue != ROLL_CALL:
                lines.setdefault(queue, {})
            case "QueueEntry":
                lines.setdefault(queue, {})[int(told["Position"])] = told["Uniqueid"]
            case "QueueMember":
                seat = told["Location"].removeprefix("PJSIP/")
                phone[seat] = told["Status"]
                if queue != ROLL_CALL:
                    members[seat].append(told)
            case _:
                pass
    said: dict[Subject, frozenset[Any]] = {}
    for queue, line in lines.items():
        said["waiting", queue] = frozenset({tuple(leg for _, leg in sorted(line.items()))})
        total = sum(told["Queue"].removeprefix("q-") == queue for mine in members.values() for told in mine)
        said["members", queue] = frozenset({total})
    for seat, status in phone.items():
        said["seat", seat] = _seat(status, members[seat], now)
    return said


def shown_by(board: Mapping[str, Any]) -> Shown:
    """What `/api/v1/board` or one event of its stream shows."""
    shown: dict[Subject, Any] = {}
    for queue in board["queues"]:
        by_place = sorted(queue["waiting"], key=lambda caller: caller["position"])
        shown["waiting", queue["name"]] = tuple(caller["call_id"] for caller in by_place)
        shown["members", queue["name"]] = queue["members_total"]
    for seat in board["seats"]:
        shown["seat", seat["seat"]] = (seat["agent"], seat["state"], seat["pause_reason"], seat["phone"])
    return shown


def wrong(shown: Shown, second: Sequence[Said]) -> dict[Subject, str]:
    """Things that the board shows as Asterisk did not say them at any moment of the second, and both sides in words."""
    found: dict[Subject, str] = {}
    for subject in sorted({*shown, *(thing for said in second for thing in said)}):
        allowed = [said.get(subject, frozenset({None})) for said in second]
        if not any(shown.get(subject) in one for one in allowed):
            heard = " / ".join(dict.fromkeys("|".join(map(str, sorted(one, key=str))) for one in allowed))
            found[subject] = f"{' '.join(subject)}: the board shows {shown.get(subject)}, Asterisk said {heard}"
    return found


def judged(first: Mapping[Subject, str], then: Mapping[Subject, str]) -> tuple[list[str], list[str]]:
    """Real differences and healed ones, from what was wrong in one second and what in the next."""
    real = [then[subject] for subject in first if subject in then]
    healed = [words for subject, words in first.items() if subject not in then]
    return real, healed


def _seat(status: str, mine: Sequence[Message], now: float) -> frozenset[Any]:
    there = status not in _GONE
    agent = mine[0]["Name"] if mine else None
    paused = bool(mine) and all(told["Paused"] == "1" for told in mine)
    reason = (mine[0].get("PausedReason", "") or None) if paused else None
    if not there:
        states = {"offline"}
    elif status in _BUSY:
        states = {"talking"}
    elif status in _RINGS:
        states = {"ringing"}
    elif not mine:
        states = {"offline"}
    elif paused:
        states = {"wrap_up" if reason == "wrap_up" else "paused"}
    else:
        rests = any(now - int(told.get("LastCall") or 0) <= _REST_ENDS for told in mine)
        states = {"available", "wrap_up"} if rests else {"available"}
    return frozenset((agent, state, reason, there) for state in states)
