"""The stays in queues as the caller's own channel tells them in CEL: microseconds, and nothing about names.

The dialplan writes `talk` just before `Queue()` and `queue` when it came back; a digit that leaves the queue skips the
latter, so any later milestone also ends the stretch.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from api.calls.ordering import number, seat_of
from ivr.kernel.milestones import Milestone
from routing.events import LedgerEvent
from routing.queues import our_name

_MOVED_ON = {
    Milestone.STEP,
    Milestone.CHOICE,
    Milestone.DECISION,
    Milestone.DELIVERED,
    Milestone.MESSAGE,
    Milestone.CALLBACK,
    Milestone.FALLBACK,
    Milestone.SCORE,
}


@dataclass(slots=True)
class Stretch:
    """One stay as CEL saw it; fields fill up as the call goes on."""

    queue: str
    entered_at: datetime
    recording: str | None = None
    told_seconds: float | None = None
    """What the caller was told of this wait before it began."""
    started: bool = False
    """`Queue()` itself was seen to start."""
    connected_at: datetime | None = None
    talk_end: datetime | None = None
    left_at: datetime | None = None
    status: str | None = None
    """QUEUESTATUS, `""` after a talk; `None` when the dialplan did not come back."""
    moved_on: bool = False
    """The caller went on to something else after this stay."""
    hung_up: bool = False
    seat: str | None = None
    bridges: set[str] = field(default_factory=set)


def stretches_of(caller_leg: Iterable[LedgerEvent]) -> list[Stretch]:
    """Stretches in order; `caller_leg` is sorted."""
    found: list[Stretch] = []
    current: Stretch | None = None
    told: dict[str, float | None] = {}
    """Queue → what was said of it since the caller was last in one."""
    for event in caller_leg:
        if event.name == Milestone.ESTIMATE:
            told = {event.fields.get("queue", ""): number(event.fields.get("told"))}
        elif event.name == Milestone.TALK:
            if current:
                _leave(current, event.at, moved_on=True)
            queue = our_name(event.fields.get("queue", ""))
            recording = event.fields.get("recording") or None
            current = Stretch(queue, event.at, recording=recording, told_seconds=told.get(queue))
            told = {}
            found.append(current)
        elif event.name == "APP_START" and event.fields.get("app", "").lower() == "queue":
            queue = our_name(event.fields.get("app_data", "").split(",")[0])
            if current is None or (current.started and current.left_at):
                current = Stretch(queue, event.at)
                found.append(current)
            if not current.started:
                current.started, current.entered_at, current.queue = True, event.at, queue or current.queue
        elif event.name == Milestone.QUEUE:
            if current is None:
                current = Stretch(our_name(event.fields.get("queue", "")), event.at)
                found.append(current)
            current.status = event.fields.get("status", "")
            _leave(current, event.at, moved_on=False)
            if current.connected_at:
                current.moved_on = True  # the caller was still there when the operator was gone
            current = None
        elif current is not None:
            _live(current, event)
            if event.name in _MOVED_ON:
                _leave(current, event.at, moved_on=True)
                current = None
    return found


def _live(stretch: Stretch, event: LedgerEvent) -> None:
    if event.name == "BRIDGE_ENTER":
        stretch.connected_at = stretch.connected_at or event.at
        stretch.talk_end = None
        stretch.seat = stretch.seat or seat_of(event.fields.get("peer", ""))
        if bridge := event.fields.get("bridge_id"):
            stretch.bridges.add(bridge)
    elif event.name == "BRIDGE_EXIT" and stretch.connected_at:
        stretch.talk_end = event.at
    elif event.name == "APP_END" and event.fields.get("app", "").lower() == "queue":
        stretch.left_at = stretch.left_at or event.at
    elif event.name in (Milestone.FINAL, "HANGUP", "CHAN_END"):
        stretch.left_at = stretch.left_at or event.at
        stretch.hung_up = True


def _leave(stretch: Stretch, at: datetime, *, moved_on: bool) -> None:
    stretch.left_at = stretch.left_at or at
    stretch.moved_on = stretch.moved_on or moved_on


def find_seats(stretches: Iterable[Stretch], other_legs: Iterable[LedgerEvent]) -> None:
    """Name the seat by the other channel in the caller's bridge, when the caller's own row did not name it."""
    seats = {
        event.fields.get("bridge_id"): seat_of(event.fields.get("channel", ""))
        for event in other_legs
        if event.name == "BRIDGE_ENTER" and seat_of(event.fields.get("channel", ""))
    }
    for stretch in stretches:
        if stretch.seat is None:
            stretch.seat = next((seats[bridge] for bridge in sorted(stretch.bridges) if seats.get(bridge)), None)
