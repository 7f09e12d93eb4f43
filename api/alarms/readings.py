"""What is measured on the floor for its alarms. Pure.

A reading that is not in the answer cannot be known now, and its alarm neither begins nor ends; `None` means that there is nothing
of it. While the board is stale only its age is known of it: an old picture must neither raise nor end an alarm.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from api.reports.counts import VisitCounts
from api.reports.formulas import service_level
from routing.alarms import LEAST_ENDED, AlarmKind
from routing.duty import LIMITS
from routing.queues import QUEUES

Mark = tuple[AlarmKind, str, str]
"""Kind, queue and subject of an alarm; what does not apply is empty."""
Readings = Mapping[Mark, float | None]


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything that one look found."""

    board: Mapping[str, Any] | None
    """The listener's picture; None before the first."""
    age_seconds: float
    """Of the picture, or of our own watching while there is none."""
    by_queue: Mapping[str, VisitCounts]
    """Today's visits so far."""
    planned: int | None
    """People planned for this half hour; None where nobody plans."""


def read_floor(
    seen: Seen,
    now: datetime,
    *,
    stale_seconds: float,
    is_open: Callable[[str, datetime], bool],
    standing: Iterable[Mark] = (),
) -> dict[Mark, float | None]:
    """All readings that can be had at `now`. `standing`: alarms that stand, for seats that are no more."""
    found: dict[Mark, float | None] = {(AlarmKind.STALE, "", ""): seen.age_seconds}
    for queue in QUEUES:
        found[AlarmKind.SERVICE_LEVEL, queue, ""] = level_of(seen.by_queue.get(queue, VisitCounts()))
    if seen.board is None or seen.age_seconds > stale_seconds:
        return found
    queues = {queue["name"]: queue for queue in seen.board.get("queues", [])}
    seats = list(seen.board.get("seats", []))
    for queue in QUEUES:
        told = queues.get(queue, {})
        waits = [_seconds(caller["since"], now) for caller in told.get("waiting", [])]
        nobody = is_open(queue, now) and not told.get("members_total", 0)
        found[AlarmKind.LONGEST_WAIT, queue, ""] = max(waits, default=None)
        found[AlarmKind.WAITING, queue, ""] = float(len(waits))
        found[AlarmKind.NOBODY_HERE, queue, ""] = float(nobody)
    here = sum(bool(seat.get("agent")) for seat in seats)
    found[AlarmKind.SEATS_MISSING, "", ""] = None if seen.planned is None else float(max(seen.planned - here, 0))
    for seat in seats:
        found[AlarmKind.OVERDUE_PAUSE, "", str(seat["seat"])] = overdue_of(seat, now)
    for mark in standing:
        if mark[0] is AlarmKind.OVERDUE_PAUSE:
            found.setdefault(mark, None)  # a fresh picture without the seat: nobody pauses there
    return found


def level_of(counts: VisitCounts) -> float | None:
    """The published service level, once there is enough to judge it by."""
    level = service_level(counts)
    return level.value if level.whole >= LEAST_ENDED else None


def overdue_of(seat: Mapping[str, Any], now: datetime) -> float | None:
    """Seconds by which this seat's pause has passed its limit; None where no pause is, or none with a limit."""
    limit = {cause.value: limit for cause, limit in LIMITS.items()}.get(seat.get("pause_reason") or "")
    if seat.get("state") != "paused" or limit is None or not seat.get("since"):
        return None
    return max(_seconds(seat["since"], now) - limit.total_seconds(), 0.0)


def _seconds(since: str, now: datetime) -> float:
    return max((now - datetime.fromisoformat(since)).total_seconds(), 0.0)
