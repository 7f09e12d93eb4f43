"""Rows of `case`."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, not_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from api.access.principal import Principal
from api.access.visibility import visible_cases
from api.audit.trail import write_audit
from api.cases.case import WAITING, Case, CaseKind, CaseState
from api.db.tables import CallRecordRow, CaseRow, LedgerEventRow
from api.http.cursors import cut_page, read_cursor
from ivr.kernel.errors import Invalid
from ivr.kernel.ids import CallId, RecordingId
from ivr.kernel.milestones import Milestone
from ivr.kernel.spool_notes import CallbackNote, joined_of, rank_of
from ivr.kernel.tracking_code import TrackingCode


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Which cases of a list; None means all. `caller` in stored form."""

    state: CaseState | None = None
    kind: CaseKind | None = None
    overdue: bool | None = None
    caller: str | None = None


class CaseRows:
    """`CaseStore` over one session, and the list for people."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, case: Case) -> bool:
        result = await self._session.execute(
            insert(CaseRow).values(_values(case)).on_conflict_do_nothing().returning(CaseRow.code)
        )
        return result.scalar_one_or_none() is not None

    async def of_recording(self, recording_id: RecordingId) -> Case | None:
        found = await self._session.execute(select(CaseRow).where(CaseRow.recording_id == recording_id))
        row = found.scalar_one_or_none()
        return _case(row) if row else None

    async def of_code(self, code: TrackingCode, *, lock: bool = False) -> Case | None:
        query = select(CaseRow).where(CaseRow.code == code).execution_options(populate_existing=True)
        row = (await self._session.execute(query.with_for_update() if lock else query)).scalar_one_or_none()
        return _case(row) if row else None

    async def save(self, case: Case) -> None:
        values = {name: value for name, value in _values(case).items() if name != "code"}
        await self._session.execute(update(CaseRow).where(CaseRow.code == case.code).values(values))

    async def audit(
        self, case: Case, action: str, *, actor: Principal | str, at: datetime, details: Mapping[str, Any]
    ) -> None:
        await write_audit(self._session, at=at, actor=actor, action=action, target=f"case:{case.code}", details=details)

    async def callbacks_asked(self, call_id: CallId) -> list[CallbackNote]:
        """Call backs that the ledger knows of: the same as the door's notes, should a note have been lost.

        A keyed number stands in the note only, so the case then has the number that the call came from.
        """
        query = select(LedgerEventRow, CallRecordRow.caller).join(
            CallRecordRow, CallRecordRow.call_id == LedgerEventRow.call_id
        )
        query = query.where(LedgerEventRow.call_id == call_id, LedgerEventRow.name == Milestone.CALLBACK.value)
        found: list[CallbackNote] = []
        for event, caller in (await self._session.execute(query)).all():
            with suppress(Invalid):
                code, keyed = TrackingCode(event.fields.get("code", "")), event.fields.get("number") == "keyed"
                queue, when = event.fields.get("queue", ""), event.fields.get("when", "")
                joined, rank = joined_of(event.fields.get("joined", "")), rank_of(event.fields.get("rank", ""))
                found.append(CallbackNote(code, call_id, caller, keyed, queue, when, event.at, joined, rank))
        return found

    async def page(
        self, principal: Principal, wanted: CaseFilter, *, now: datetime, limit: int, cursor: str | None
    ) -> tuple[list[Case], str | None]:
        """Newest first; the cursor is that of `api/http/cursors`."""
        query = visible_cases(principal, select(CaseRow)).where(*_conditions(wanted, now))
        if cursor is not None:
            before = read_cursor(cursor, datetime, str)
            query = query.where(tuple_(CaseRow.opened_at, CaseRow.code) < tuple_(*before))
        query = query.order_by(CaseRow.opened_at.desc(), CaseRow.code.desc()).limit(limit + 1)
        rows = (await self._session.execute(query)).scalars().all()
        shown, following = cut_page(rows, limit, lambda row: (row.opened_at, row.code))
        return [_case(row) for row in shown], following


def _conditions(wanted: CaseFilter, now: datetime) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.state is not None:
        conditions.append(CaseRow.state == wanted.state.value)
    if wanted.kind is not None:
        conditions.append(CaseRow.kind == wanted.kind.value)
    if wanted.caller is not None:
        conditions.append(CaseRow.caller == wanted.caller)
    if wanted.overdue is not None:
        late = and_(CaseRow.state.in_([state.value for state in WAITING]), CaseRow.due_at < now)
        conditions.append(late if wanted.overdue else not_(late))
    return conditions


def _values(case: Case) -> dict[str, Any]:
    return {
        "code": str(case.code),
        "kind": case.kind.value,
        "state": case.state.value,
        "caller": case.caller,
        "call_id": case.call_id or "",
        "recording_id": case.recording_id,
        "opened_at": case.opened_at,
        "due_at": case.due_at,
        "deadline": case.deadline,
        "answered_at": case.answered_at,
        "closed_at": case.closed_at,
        "details": case.details,
    }


def _case(row: CaseRow) -> Case:
    return Case(
        code=TrackingCode(row.code),
        kind=CaseKind(row.kind),
        state=CaseState(row.state),
        caller=row.caller,
        call_id=CallId(row.call_id) if row.call_id else None,
        recording_id=RecordingId(row.recording_id) if row.recording_id else None,
        opened_at=row.opened_at,
        due_at=row.due_at,
        deadline=row.deadline,
        answered_at=row.answered_at,
        closed_at=row.closed_at,
        details=row.details,
    )
