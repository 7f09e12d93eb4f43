"""Who changed a day of the roster, read back from the audit trail. It is part of the roster: whoever plans may see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.access.permissions import Permission
from api.access.principal import Principal
from api.db.tables import AuditEntry
from api.roster.rows import breaks_of
from api.roster.schemas import BreakView, TurnView
from ivr.kernel.clock import TEHRAN

MOST = 50


@dataclass(frozen=True, slots=True)
class Deed:
    """One change of one cell."""

    at: datetime
    by: str
    """Account of the person."""
    action: str
    """`planned`, `changed`, `removed`, `swapped` or `imported`."""
    agent: str
    before: Sequence[TurnView]
    after: Sequence[TurnView]


def target_of(day: date) -> str:
    """Under which the audit trail keeps a day's changes."""
    return f"roster:{day.isoformat()}"


async def deeds_of(session: AsyncSession, principal: Principal, day: date, agent: str | None = None) -> list[Deed]:
    """Newest first, the last fifty; of one agent or of all. `Forbidden` for who does not plan."""
    principal.need(Permission.ROSTER_EDIT)
    query = select(AuditEntry).where(AuditEntry.target == target_of(day))
    if agent is not None:
        query = query.where(AuditEntry.details["agent"].as_string() == agent)
    entries = await session.scalars(query.order_by(AuditEntry.id.desc()).limit(MOST))
    return [
        Deed(
            at=entry.at,
            by=entry.actor.partition(":")[2],
            action=entry.action.partition(".")[2],
            agent=str(entry.details["agent"]),
            before=[_turn(told) for told in entry.details["before"]],
            after=[_turn(told) for told in entry.details["after"]],
        )
        for entry in entries
    ]


def _turn(told: Mapping[str, Any]) -> TurnView:
    begins, ends = (datetime.fromisoformat(told[edge]) for edge in ("begins_at", "ends_at"))
    local = begins.astimezone(TEHRAN)
    return TurnView(
        kind=told["kind"],
        shift=told["shift"],
        begins_at=begins,
        ends_at=ends,
        whole_day=(local.hour, local.minute, (ends - begins).total_seconds()) == (0, 0, 86_400),
        breaks=[BreakView(begins=one.begins, minutes=one.minutes) for one in breaks_of(told["breaks"])],
        seat=told["seat"],
        note=told["note"],
    )
