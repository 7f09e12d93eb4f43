"""Put the events of a call in one order, whatever order they came in, and drop what came twice.

queue_log has whole seconds and CEL microseconds, so the two are never interleaved by time alone: each is read in its
own order and the visits join them (`visits`). Within one whole second queue_log rows go in the order of a visit's life.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter

from ivr.kernel.ids import CallId
from ivr.kernel.milestones import Milestone
from routing.events import LedgerEvent, Source

_LIFE_OF_A_VISIT = {"ENTERQUEUE": 0, "RINGNOANSWER": 1, "RINGCANCELED": 1, "AGENTDUMP": 1, "CONNECT": 2}
_MILESTONES = frozenset(Milestone)
_SEAT = re.compile(r"PJSIP/(seat\d{2})(?:-|$)")


@dataclass(frozen=True, slots=True)
class Story:
    """The events of one call, sorted; `caller_leg` holds those of the caller's own channel and our milestones."""

    call_id: CallId
    caller_leg: tuple[LedgerEvent, ...]
    other_legs: tuple[LedgerEvent, ...]
    queue_rows: tuple[LedgerEvent, ...]
    facts: tuple[LedgerEvent, ...]
    cel: tuple[LedgerEvent, ...]
    """Both kinds of legs together."""


def tell(events: Iterable[LedgerEvent]) -> Story | None:
    """Sort, dedupe and split the events of one call; `None` when none of them is about a call."""
    ordered = _ordered(event for event in events if event.call_id is not None)
    if not ordered:
        return None
    call_id = ordered[0].call_id
    assert call_id is not None
    cel = [event for event in ordered if event.source is Source.CEL]
    legs = _caller_legs(cel) or {call_id}
    return Story(
        call_id=call_id,
        caller_leg=tuple(event for event in cel if event.leg_id is None or event.leg_id in legs),
        other_legs=tuple(event for event in cel if event.leg_id is not None and event.leg_id not in legs),
        queue_rows=tuple(event for event in ordered if event.source is Source.QUEUE_LOG),
        facts=tuple(event for event in ordered if event.source is Source.LINE),
        cel=tuple(cel),
    )


def _caller_legs(cel: Iterable[LedgerEvent]) -> set[str]:
    """The channel that our dialplan led: it wrote `offered`, or (that row being lost) any milestone. Usually its id is
    the call's, but not when the call came in through a Local channel."""
    ours = [event for event in cel if is_milestone(event) and event.leg_id]
    offered = {str(event.leg_id) for event in ours if event.name == Milestone.OFFERED}
    return offered or {str(event.leg_id) for event in ours}


def is_milestone(event: LedgerEvent) -> bool:
    """Whether our dialplan or a door wrote it about a caller. What is written while an operator dials at a seat (an alarm,
    a door that did not answer) is about no caller: a seat's telephone leads no call of the line."""
    return event.name in _MILESTONES and seat_of(event.fields.get("channel", "")) is None


def first(events: Iterable[LedgerEvent], *names: str) -> LedgerEvent | None:
    """The earliest of the named events."""
    return next((event for event in events if event.name in names), None)


def seat_of(channel: str) -> str | None:
    """`PJSIP/seat07-0000002a` → `seat07`; nothing for a channel that is no seat."""
    match = _SEAT.search(channel)
    return match.group(1) if match else None


def number(text: str | None) -> float | None:
    """A span in seconds as written in a ledger; nothing when it is no sensible number."""
    try:
        value = float(text) if text else None
    except ValueError:
        return None
    return value if value is not None and 0 <= value < 1e7 else None


def _ordered(events: Iterable[LedgerEvent]) -> list[LedgerEvent]:
    """Each event once. Fields decide only between events that are alike in all else: to sort and compare them of every
    event cost most of a fold."""
    keyed = sorted((_key(event), n, event) for n, event in enumerate(events))
    ordered: list[LedgerEvent] = []
    for _, alike in groupby(keyed, key=itemgetter(0)):
        same = [event for _, _, event in alike]
        if len(same) > 1:
            by_fields = {tuple(sorted(event.fields.items())): event for event in same}
            same = [by_fields[fields] for fields in sorted(by_fields)]
        ordered += same
    return ordered


def _key(event: LedgerEvent) -> tuple[datetime, str, int, str, str]:
    life = _LIFE_OF_A_VISIT.get(event.name, 3) if event.source is Source.QUEUE_LOG else 0
    return (event.at, event.source, life, event.name, event.leg_id or "")
