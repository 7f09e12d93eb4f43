"""Who changed an agent, read back from the audit trail. It is part of the agent's page: whoever may change may see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.access.permissions import Permission
from api.access.principal import Principal
from api.db.tables import AuditEntry

MOST = 20


@dataclass(frozen=True, slots=True)
class Deed:
    """One change of one agent."""

    at: datetime
    by: str
    """Account of the person."""
    action: str
    """`skills_changed`, `number_changed`, `pin_set`, `pin_changed` or `pin_refused`."""
    before: Any
    after: Any


def target_of(agent: str) -> str:
    """Under which the audit trail keeps an agent's changes."""
    return f"agent:{agent}"


async def deeds_of(session: AsyncSession, principal: Principal, agent: str) -> Sequence[Deed]:
    """Newest first, the last twenty. `Forbidden` for who may not change agents."""
    principal.need(Permission.AGENTS_EDIT)
    query = select(AuditEntry).where(AuditEntry.target == target_of(agent)).order_by(AuditEntry.id.desc()).limit(MOST)
    return [
        Deed(
            at=entry.at,
            by=entry.actor.partition(":")[2],
            action=entry.action.partition(".")[2],
            before=entry.details.get("before"),
            after=entry.details.get("after"),
        )
        for entry in await session.scalars(query)
    ]
