"""What each person may see, as one addition to a query per table. Reading them any other way is a bug.

Casework reads only the calls that led to a case and hears only what callers left for it; an operator sees only their own
turns. Everybody else who may read at all sees all of it.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, exists, false, select

from api.access.permissions import Permission, Role
from api.access.principal import Principal
from api.db.roster_tables import RosterTurnRow
from api.db.tables import CallRecordRow, CaseRow, Person, RecordingRow


def visible_calls(principal: Principal, query: Select[Any]) -> Select[Any]:
    """`query` over `CallRecordRow`, narrowed to what this principal may see."""
    if not principal.may(Permission.CALLS_READ):
        return query.where(false())
    if principal.role is Role.CASEWORK:
        return query.where(exists(select(CaseRow.code).where(CaseRow.call_id == CallRecordRow.call_id)))
    return query


def visible_recordings(principal: Principal, query: Select[Any]) -> Select[Any]:
    """`query` over `RecordingRow`, narrowed to what this principal may hear."""
    if not principal.may(Permission.RECORDING_HEAR):
        return query.where(false())
    if principal.role is Role.CASEWORK:
        return query.where(exists(select(CaseRow.code).where(CaseRow.recording_id == RecordingRow.recording_id)))
    return query


def visible_cases(principal: Principal, query: Select[Any]) -> Select[Any]:
    """`query` over `CaseRow`, narrowed to what this principal may see."""
    return query if principal.may(Permission.CASES_READ) else query.where(false())


def visible_turns(principal: Principal, query: Select[Any]) -> Select[Any]:
    """`query` over `RosterTurnRow`, narrowed to what this principal may see."""
    if not principal.may(Permission.ROSTER_READ):
        return query.where(false())
    return query.where(RosterTurnRow.agent == principal.username) if principal.role is Role.OPERATOR else query


def visible_agents(principal: Principal, query: Select[Any]) -> Select[Any]:
    """`query` over `Person`, narrowed to those whose turns this principal may see."""
    if not principal.may(Permission.ROSTER_READ):
        return query.where(false())
    return query.where(Person.username == principal.username) if principal.role is Role.OPERATOR else query
