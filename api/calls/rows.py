"""A call record as rows of `call_record` and `visit`, written whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from api.calls.record import CallRecord
from api.db.tables import CallRecordRow, VisitRow

Rows = tuple[dict[str, Any], list[dict[str, Any]]]
"""The call's row and its visits' rows, in order."""

_CALL_COLUMNS = tuple(column.key for column in CallRecordRow.__table__.columns)
_VISIT_COLUMNS = tuple(column.key for column in VisitRow.__table__.columns)


def rows_of(record: CallRecord) -> Rows:
    """What the tables hold for this record."""
    message = record.voice_message
    call = {
        "call_id": str(record.call_id),
        "node": node_of(record.call_id),
        "caller": record.caller,
        "caller_name": record.caller_name,
        "language": record.language,
        "arrived_at": record.arrived_at,
        "answered_at": record.answered_at,
        "ended_at": record.ended_at,
        "disposition": record.disposition.value if record.disposition else None,
        "menu_path": [{"node": s.node, "key": s.key, "at": s.at.isoformat()} for s in record.menu_path],
        "fallbacks": [{"door": f.door, "reason": f.reason, "at": f.at.isoformat()} for f in record.fallbacks],
        "survey_offered": record.survey_offered,
        "score": int(record.score) if record.score is not None else None,
        "voice_message": {
            "message": message.message,
            "kind": message.kind,
            "state": message.state,
            "seconds": message.seconds,
            "code": message.code,
        }
        if message
        else None,
        "case_code": record.case_code,
        "problems": list(record.problems),
    }
    visits = [
        {
            "call_id": str(record.call_id),
            "n": visit.n,
            "queue": visit.queue,
            "entered_at": visit.entered_at,
            "connected_at": visit.connected_at,
            "ended_at": visit.ended_at,
            "waited_seconds": visit.waited_seconds,
            "talked_seconds": visit.talked_seconds,
            "outcome": visit.outcome.value if visit.outcome else None,
            "agent": visit.agent,
            "seat": visit.seat,
            "ended_by": visit.ended_by.value if visit.ended_by else None,
            "recording": visit.recording,
        }
        for visit in record.visits
    ]
    return call, visits


def node_of(call_id: str) -> str:
    """`line1420-1795249800.7` → `line1420`: Asterisk puts its system name before the unique part."""
    return call_id.rpartition("-")[0]


async def stored_rows(session: AsyncSession, call_ids: Iterable[str]) -> dict[str, Rows]:
    """What the tables hold now for these calls."""
    ids = sorted(set(call_ids))
    found: dict[str, Rows] = {}
    calls = select(*CallRecordRow.__table__.columns).where(CallRecordRow.call_id.in_(ids))
    for row in (await session.execute(calls)).mappings():
        found[row["call_id"]] = ({name: row[name] for name in _CALL_COLUMNS}, [])
    visits = select(*VisitRow.__table__.columns).where(VisitRow.call_id.in_(ids)).order_by(VisitRow.call_id, VisitRow.n)
    for row in (await session.execute(visits)).mappings():
        found[row["call_id"]][1].append({name: row[name] for name in _VISIT_COLUMNS})
    return found


async def write_rows(session: AsyncSession, rows: Iterable[Rows]) -> None:
    """Put each call's rows in place of what is stored of it."""
    for call, visits in rows:
        statement = insert(CallRecordRow).values(call)
        changed = {name: statement.excluded[name] for name in _CALL_COLUMNS if name != "call_id"}
        await session.execute(statement.on_conflict_do_update(index_elements=["call_id"], set_=changed))
        await session.execute(delete(VisitRow).where(VisitRow.call_id == call["call_id"]))
        if visits:
            await session.execute(insert(VisitRow).values(visits))
