"""With what priority a call waited, and why: from the milestone `routing`, which the door writes before the queue."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ivr.kernel.milestones import Milestone
from routing.events import LedgerEvent
from routing.priority import MOST

_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True, slots=True)
class Stood:
    """All empty for a call of which nobody asked: it never chose an operator, or the desk did not answer."""

    priority: int | None = None
    group: str | None = None
    repeat: int | None = None
    """So many calls of this caller had not been served shortly before."""


def stood_of(caller_leg: Iterable[LedgerEvent]) -> Stood:
    """The last one counts; a field that is none of ours is as if it were not there."""
    found = Stood()
    for event in caller_leg:
        if event.name == Milestone.ROUTING:
            group = event.fields.get("group", "")
            found = Stood(
                _within(event.fields.get("priority"), MOST),
                group if _CODE.fullmatch(group) else None,
                _within(event.fields.get("repeat"), 1_000_000),
            )
    return found


def _within(text: str | None, most: int) -> int | None:
    value = int(text) if text is not None and re.fullmatch(r"[0-9]{1,7}", text) else None
    return value if value is not None and value <= most else None
