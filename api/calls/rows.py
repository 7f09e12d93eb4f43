"""A call record as rows of `call_record` and `visit`, written whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic_core import to_json
from sqlalchemy import ARRAY, Text, any_, bindparam, select, text
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
            "arrived_at": record.arrived_at,
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
            "told_seconds": visit.told_seconds,
        }
        for visit in record.visits
    ]
    return call, visits


def node_of(call_id: str) -> str:
    """`line1420-1795249800.7` → `line1420`: Asterisk puts its system name before the unique part."""
    return call_id.rpartition("-")[0]


async def stored_rows(session: AsyncSession, call_ids: Iterable[str]) -> dict[str, Rows]:
    """What the tables hold now for these calls."""
    wanted = {"calls": sorted(set(call_ids))}
    found: dict[str, Rows] = {}
    for values in (await session.execute(_READ_CALLS, wanted)).all():
        call = dict(zip(_CALL_COLUMNS, values, strict=True))
        found[call["call_id"]] = (call, [])
    for values in (await session.execute(_READ_VISITS, wanted)).all():
        visit = dict(zip(_VISIT_COLUMNS, values, strict=True))
        found[visit["call_id"]][1].append(visit)
    return found


async def write_rows(session: AsyncSession, rows: Iterable[Rows]) -> None:
    """Put each call's rows in place of what is stored of it; three statements for however many calls."""
    written = list(rows)
    if not written:
        return
    calls = [call for call, _ in written]
    await session.execute(_WRITE_CALLS, {"rows": _json(calls)})
    await session.execute(_DROP_VISITS, {"calls": [call["call_id"] for call in calls]})
    if visits := [visit for _, of_call in written for visit in of_call]:
        await session.execute(_WRITE_VISITS, {"rows": _json(visits)})


def _json(rows: list[dict[str, Any]]) -> str:
    return to_json(rows).decode()


def _columns(names: Iterable[str], form: str = "{}") -> str:
    return ", ".join(form.format(name) for name in names)


_CALLS = any_(bindparam("calls", type_=ARRAY(Text)))
_READ_CALLS = select(*CallRecordRow.__table__.columns).where(CallRecordRow.call_id == _CALLS)
_READ_VISITS = (
    select(*VisitRow.__table__.columns).where(VisitRow.call_id == _CALLS).order_by(VisitRow.call_id, VisitRow.n)
)
# PostgreSQL itself turns the JSON of many rows into rows: a statement of its own for each call cost more than folding it.
_WRITE_CALLS = text(
    f"INSERT INTO call_record ({_columns(_CALL_COLUMNS)})"  # noqa: S608 - names of our own columns
    f" SELECT {_columns(_CALL_COLUMNS)} FROM jsonb_populate_recordset(NULL::call_record, CAST(:rows AS jsonb))"
    f" ON CONFLICT (call_id) DO UPDATE SET {_columns(_CALL_COLUMNS[1:], '{0} = excluded.{0}')}"
)
_DROP_VISITS = text("DELETE FROM visit WHERE call_id = ANY(CAST(:calls AS text[]))")
_WRITE_VISITS = text(
    f"INSERT INTO visit ({_columns(_VISIT_COLUMNS)})"  # noqa: S608 - names of our own columns
    f" SELECT {_columns(_VISIT_COLUMNS)} FROM jsonb_populate_recordset(NULL::visit, CAST(:rows AS jsonb))"
)
