"""Writing the audit trail: in the transaction of the deed, so that neither stands without the other."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.access.principal import Principal
from api.db.tables import AuditEntry


async def write_audit(
    session: AsyncSession,
    *,
    at: datetime,
    actor: Principal | str,
    action: str,
    target: str,
    details: Mapping[str, Any] | None = None,
    address: str = "",
) -> None:
    """One entry. `action` like `recording.heard`, `target` like `recording:<id>`; never a secret in `details`.

    `actor` is a principal (its address is taken along) or `system:<process>`.
    """
    if isinstance(actor, Principal):
        address = address or actor.address
        actor = actor.actor
    session.add(
        AuditEntry(at=at, actor=actor, action=action, target=target, details=dict(details or {}), address=address)
    )
    await session.flush()
