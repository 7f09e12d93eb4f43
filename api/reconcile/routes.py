"""`GET /api/v1/reconciliations`: did each day's ledgers and records agree? Newest first."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query
from sqlalchemy import select

from api.access.guard import require
from api.access.permissions import Permission
from api.access.principal import Principal
from api.db.tables import Reconciliation
from api.db.transaction import Transaction
from api.http.cursors import cut_page, read_cursor
from api.http.instants import Day
from api.http.pages_of import Cursor, Limit, Page
from api.http.routers import api_router
from api.reconcile.schemas import ReconciliationView

router = api_router("reconciliations")


@router.get("/reconciliations", summary="Outcomes of comparing a day's ledgers with its records")
async def read_reconciliations(
    session: Transaction,
    principal: Annotated[Principal, Depends(require(Permission.RECONCILIATIONS_READ))],
    day: Annotated[Day | None, Query(description="Only this day of Tehran, as Gregorian date `2026-11-22`.")] = None,
    alarm: Annotated[bool | None, Query(description="Only outcomes with, or without, an alarm.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[ReconciliationView]:
    """Every run, each night's and those asked for; of one day the newest counts."""
    query = select(Reconciliation).order_by(Reconciliation.id.desc()).limit(limit + 1)
    if day is not None:
        query = query.where(Reconciliation.day == day)
    if alarm is not None:
        query = query.where(Reconciliation.alarm.is_(alarm))
    if cursor is not None:
        (below,) = read_cursor(cursor, int)
        query = query.where(Reconciliation.id < below)
    rows, following = cut_page((await session.scalars(query)).all(), limit, lambda row: (row.id,))
    return Page(items=[ReconciliationView.model_validate(row) for row in rows], next=following)
