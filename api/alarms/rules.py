"""The limits that are in force, and changing them: one for the line or one for each queue, by kind."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.access.principal import Principal
from api.audit.trail import write_audit
from api.db.alarm_tables import AlarmRuleRow
from ivr.kernel.errors import Invalid
from routing.alarms import OF_QUEUES, UNIT, AlarmKind, Rule, Unit
from routing.queues import QUEUES

Place = tuple[AlarmKind, str]
"""Kind and queue; the queue is empty for the line."""

_FIRST: Mapping[AlarmKind, tuple[float, int]] = {
    AlarmKind.LONGEST_WAIT: (120, 0),
    AlarmKind.WAITING: (5, 15),
    AlarmKind.SERVICE_LEVEL: (0.70, 60),
    AlarmKind.NOBODY_HERE: (0, 60),
    AlarmKind.SEATS_MISSING: (1, 300),
    AlarmKind.OVERDUE_PAUSE: (60, 0),
    AlarmKind.STALE: (10, 0),
}
"""Threshold, and seconds that it must last. Our own choice for a line whose goal is 80 % within 20 s: rare enough to be looked
at, early enough to help; a manager knows better and changes them."""
MOST: Mapping[Unit, float] = {Unit.SECONDS: 86_400, Unit.NUMBER: 1_000, Unit.SHARE: 1, Unit.NOTHING: 0}
MOST_AFTER = 3_600
"""Seconds."""
_LOCK = 14_200_012
"""Of the one who changes limits."""


def places() -> list[Place]:
    """Every rule there is, in the order in which people read them."""
    return [(kind, str(queue)) for kind in AlarmKind for queue in (QUEUES if kind in OF_QUEUES else ("",))]


def first_rule(kind: AlarmKind, queue: str) -> Rule:
    """As it is until somebody changes it."""
    threshold, after = _FIRST[kind]
    return Rule(kind, queue, threshold, timedelta(seconds=after))


async def rules_in_force(session: AsyncSession) -> dict[Place, Rule]:
    """All of them."""
    found = {place: first_rule(*place) for place in places()}
    for row in await session.scalars(select(AlarmRuleRow)):
        place = (AlarmKind(row.kind), row.queue) if row.kind in set(AlarmKind) else None
        if place in found:  # a queue or a kind that is no more has no limit
            found[place] = Rule(*place, row.threshold, timedelta(seconds=row.after_seconds), row.is_on)
    return found


def asked_rule(kind: str, queue: str, threshold: float, after_seconds: float, *, on: bool) -> Rule:
    """What somebody wants a limit to be. Raises `Invalid` that says which part is wrong and what would be right."""
    if kind not in set(AlarmKind):
        raise Invalid(f"There is no alarm of this kind; take one of {', '.join(AlarmKind)}.", field="kind")
    place = (AlarmKind(kind), queue)
    if place not in places():
        wanted = f"one of {', '.join(QUEUES)}" if place[0] in OF_QUEUES else "no queue: it belongs to the line"
        raise Invalid(f"An alarm of this kind needs {wanted}.", code="alarm_queue", field="queue")
    unit = UNIT[place[0]]
    if unit is Unit.NOTHING:
        threshold = 0.0
    elif not (math.isfinite(threshold) and 0 <= threshold <= MOST[unit]):
        raise Invalid(f"The threshold must be between 0 and {MOST[unit]:g}.", code="alarm_threshold", field="threshold")
    if not (math.isfinite(after_seconds) and 0 <= after_seconds <= MOST_AFTER):
        raise Invalid(
            f"The time that it must last must be between 0 and {MOST_AFTER} seconds.",
            code="alarm_after",
            field="after_seconds",
        )
    return Rule(*place, float(threshold), timedelta(seconds=after_seconds), on)


async def hold_rules(session: AsyncSession) -> None:
    """From here to the end of the transaction nobody else changes a limit: most have no row that could be locked. Whoever
    makes a wish out of what stands holds them before reading it."""
    await session.execute(select(func.pg_advisory_xact_lock(_LOCK)))


async def change_rule(session: AsyncSession, wanted: Rule, *, at: datetime, by: Principal) -> bool:
    """The limit is as wanted from the next look on; whether that is a change. Audited with before and after."""
    await hold_rules(session)
    row = await session.get(AlarmRuleRow, (wanted.kind.value, wanted.queue), populate_existing=True)
    before = (await rules_in_force(session))[wanted.kind, wanted.queue]
    if before == wanted:
        return False
    if row is None:
        row = AlarmRuleRow(kind=wanted.kind.value, queue=wanted.queue)
        session.add(row)
    row.threshold, row.after_seconds, row.is_on = wanted.threshold, wanted.after.total_seconds(), wanted.on
    await session.flush()
    target = f"alarm_rule:{wanted.kind}" + (f":{wanted.queue}" if wanted.queue else "")
    details = {"before": _told(before), "after": _told(wanted)}
    await write_audit(session, at=at, actor=by, action="alarm_rule.changed", target=target, details=details)
    return True


def _told(rule: Rule) -> dict[str, Any]:
    return {"threshold": rule.threshold, "after_seconds": rule.after.total_seconds(), "on": rule.on}
