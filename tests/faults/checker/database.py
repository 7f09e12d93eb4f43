"""The database, by plain SQL and a driver of its own: none of our tables' classes, none of our services."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from tests.faults.checker.evidence import Job, Row

_AROUND = timedelta(hours=5)
"""A call may have begun this long before what is asked about, or end this long after."""


@dataclass
class Stored:
    """What the database says about the span and the calls named."""

    calls: list[Row] = field(default_factory=list)
    visits: list[Row] = field(default_factory=list)
    recordings: list[Row] = field(default_factory=list)
    cases: list[Row] = field(default_factory=list)
    stored_rows: dict[tuple[str, str], int] = field(default_factory=dict)
    case_openings: dict[str, int] = field(default_factory=dict)
    callbacks: list[Row] = field(default_factory=list)
    callback_calls: list[Row] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    leaked: list[str] = field(default_factory=list)
    """Calls whose stored ledger rows repeat a secret."""


async def read_database(
    url: str, *, node: str, since: datetime, until: datetime, call_ids: Iterable[str], secrets: Iterable[str]
) -> Stored:
    """One consistent look (repeatable read). Raises asyncpg's errors or `OSError` when the database is away."""
    connection = await asyncpg.connect(url, timeout=30, server_settings={"application_name": "line1420-checker"})
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            return await _read(connection, node, since, until, set(call_ids), list(secrets))
    finally:
        await connection.close(timeout=2)


async def read_board(url: str, node: str) -> dict[str, Any] | None:
    """The live board as it is stored: its JSON and `as_of`."""
    connection = await asyncpg.connect(url, timeout=30, server_settings={"application_name": "line1420-checker"})
    try:
        row = await connection.fetchrow("SELECT as_of, board FROM board_state WHERE node = $1", node)
        return {**json.loads(row["board"]), "as_of": row["as_of"]} if row else None
    finally:
        await connection.close(timeout=2)


async def _read(
    db: asyncpg.Connection, node: str, since: datetime, until: datetime, call_ids: set[str], secrets: list[str]
) -> Stored:
    span = (since - _AROUND, until + _AROUND)
    found = Stored()
    found.calls = await _rows(
        db,
        f"SELECT {_CALL} FROM call_record WHERE node = $4 AND arrived_at >= $1 AND arrived_at < $2"
        f" UNION SELECT {_CALL} FROM call_record WHERE call_id = ANY($3)",
        *span, sorted(call_ids), node,
    )  # fmt: skip
    ids = sorted(call_ids | {row["call_id"] for row in found.calls})
    found.visits = await _rows(db, "SELECT * FROM visit WHERE call_id = ANY($1)", ids)
    found.recordings = await _rows(
        db,
        "SELECT recording_id, call_id, kind, state, reason, seconds, expected_seconds, channels, bytes, sha256,"
        " archive_key, archived_at FROM recording WHERE call_id = ANY($1)",
        ids,
    )
    found.cases = await _rows(
        db, 'SELECT * FROM "case" WHERE call_id = ANY($1) OR (opened_at >= $2 AND opened_at < $3)', ids, since, until
    )
    for row in await db.fetch(
        "SELECT call_id AS whose, source, count(*) AS n FROM ledger_event WHERE call_id = ANY($1) AND source = 'cel'"
        " GROUP BY 1, 2 UNION ALL SELECT leg_id, source, count(*) FROM ledger_event"
        " WHERE source = 'queue_log' AND leg_id = ANY(SELECT leg_id FROM leg WHERE call_id = ANY($1)) GROUP BY 1, 2",
        ids,
    ):
        found.stored_rows[(row["whose"], row["source"])] = row["n"]
    for row in await db.fetch(
        "SELECT target, count(*) AS n FROM audit_entry WHERE action = 'case.opened' AND target = ANY($1) GROUP BY 1",
        [f"case:{case['code']}" for case in found.cases],
    ):
        found.case_openings[row["target"].removeprefix("case:")] = row["n"]
    found.callbacks = await _rows(
        db, "SELECT * FROM callback WHERE asked_at < $2 AND (ended_at IS NULL OR ended_at >= $1)", *span
    )
    codes = [row["code"] for row in found.callbacks]
    found.callback_calls = await _rows(db, "SELECT * FROM callback_call WHERE code = ANY($1)", codes)
    for row in await db.fetch("SELECT id, entrypoint, status::text AS status, created, payload FROM pgqueuer"):
        about = (row["payload"] or b"").decode("utf-8", "replace")[:200]
        found.jobs.append(Job(row["id"], row["entrypoint"], row["status"], row["created"], about))
    if secrets:
        leaking = await db.fetch(
            "SELECT DISTINCT call_id FROM ledger_event WHERE call_id = ANY($1)"
            " AND EXISTS (SELECT FROM unnest($2::text[]) AS secret WHERE position(secret IN fields::text) > 0)",
            ids,
            secrets,
        )
        found.leaked = [row["call_id"] for row in leaking]
    return found


_CALL = (
    "call_id, node, caller, arrived_at, answered_at, ended_at, disposition, survey_offered, score,"
    " voice_message::text AS voice_message, case_code"
)


async def _rows(db: asyncpg.Connection, query: str, *arguments: object) -> list[Row]:
    return [dict(row) for row in await db.fetch(query, *arguments)]
