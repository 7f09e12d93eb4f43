"""`GET /api/v1/audit`: the trail, newest first, for the administrator."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select

from api.access.guard import require
from api.access.permissions import Permission
from api.access.principal import Principal
from api.db.tables import AuditEntry
from api.db.transaction import Transaction
from api.http.cursors import cut_page, read_cursor
from api.http.pages_of import Cursor, Limit, Page
from api.http.routers import api_router

router = api_router("audit")

Word = Annotated[str | None, Query(min_length=1, max_length=200, description="Only entries with exactly this value.")]


class AuditItem(BaseModel):
    """One deed."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    at: datetime
    actor: str = Field(description="`person:<username>`, `token:<name>` or `system:<process>`.")
    action: str = Field(description="e.g. `login.failed`, `recording.heard`.")
    target: str = Field(description="e.g. `recording:<id>`, `case:<code>`.")
    details: dict[str, Any]
    address: str = Field(description="Where the request came from.")


@router.get("/audit", summary="Who did or heard what")
async def read_audit(
    session: Transaction,
    principal: Annotated[Principal, Depends(require(Permission.AUDIT_READ))],
    actor: Word = None,
    action: Word = None,
    target: Word = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[AuditItem]:
    query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit + 1)
    for column, wanted in ((AuditEntry.actor, actor), (AuditEntry.action, action), (AuditEntry.target, target)):
        if wanted is not None:
            query = query.where(column == wanted)
    if cursor is not None:
        (below,) = read_cursor(cursor, int)
        query = query.where(AuditEntry.id < below)
    rows, following = cut_page((await session.scalars(query)).all(), limit, lambda row: (row.id,))
    return Page(items=[AuditItem.model_validate(row) for row in rows], next=following)
