"""How costs grow with what lies in the database: the same new calls, followed and looked at beside more and more old ones."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from api.db.engine import connect, sessions_of
from api.floor.today import count_today
from ivr.kernel.clock import SystemClock
from tests.bench.ledgers import Sample
from tests.bench.storing import empty, follow_all, plain, prepare

_EVENTS = 8
"""Old rows of a call that matter for the indexes; a real one has two to four times as many."""


@dataclass(frozen=True, slots=True)
class Beside:
    """Beside `calls` old calls: microseconds the follower took for a row, milliseconds of two questions a page asks."""

    calls: int
    follower: float
    today: float
    newest: float


def beside_history(url: str, folder: Path, sample: Sample, sizes: list[int], calls: int) -> list[Beside]:
    """One entry a size, ascending."""
    log, _, rows = prepare(folder / "history", sample, calls)
    asyncio.run(empty(url))
    found, before = [], 0
    for size in sorted(sizes):
        asyncio.run(_grow(url, before, size))
        before = size
        asyncio.run(_forget_new(url))
        seconds = asyncio.run(follow_all(url, log, rows))
        found.append(Beside(size, seconds / rows * 1e6, *asyncio.run(_questions(url))))
    asyncio.run(empty(url))
    return found


async def _grow(url: str, first: int, last: int) -> None:
    """Old calls number `first` … `last`−1, one a minute backwards from a month ago."""
    connection = await asyncpg.connect(plain(url))
    try:
        await connection.execute(
            f"""
            WITH old AS (SELECT n, 'old-' || n || '.1' AS id, now() - interval '30 days' - n * interval '1 minute' AS at
                         FROM generate_series({first}, {last - 1}) AS n),
            stored AS (
              INSERT INTO call_record (call_id, node, caller, caller_name, language, arrived_at, answered_at, ended_at,
                     disposition, menu_path, fallbacks, survey_offered, score, problems)
              SELECT id, 'old', '+98912' || lpad(n::text, 7, '0'), '', 'fa', at, at + interval '40 seconds',
                     at + interval '200 seconds', 'answered', '[]', '[]', true, 4, '[]' FROM old RETURNING call_id, arrived_at),
            visited AS (
              INSERT INTO visit (call_id, n, queue, arrived_at, entered_at, connected_at, ended_at, waited_seconds, talked_seconds, outcome, agent)
              SELECT call_id, 1, 'insurance', arrived_at, arrived_at, arrived_at, arrived_at, 20, 160, 'answered', 'operator01' FROM stored)
            INSERT INTO ledger_event (node, source, file_id, file_offset, name, at, call_id, leg_id, fields)
            SELECT 'old', 'cel', 'old', n * {_EVENTS} + k, 'step', at + k * interval '1 second', id, id, '{{}}'
            FROM old, generate_series(0, {_EVENTS - 1}) AS k"""
        )
        await connection.execute("ANALYZE")
    finally:
        await connection.close()


async def _forget_new(url: str) -> None:
    connection = await asyncpg.connect(plain(url))
    try:
        await connection.execute(
            "ALTER TABLE ledger_event DISABLE TRIGGER USER; DELETE FROM ledger_event WHERE node <> 'old';"
            "ALTER TABLE ledger_event ENABLE TRIGGER USER; DELETE FROM call_record WHERE node <> 'old';"
            "TRUNCATE leg, follower_position, pgqueuer"
        )
    finally:
        await connection.close()


async def _questions(url: str) -> tuple[float, float]:
    """Milliseconds, each the better of several tries: today's figures of the board, and the newest page of calls."""
    engine = connect(url, application="bench-questions", pool=1)
    newest = "SELECT * FROM call_record ORDER BY arrived_at DESC, call_id DESC LIMIT 51"
    connection = await asyncpg.connect(plain(url))
    try:
        today: list[float] = []
        page: list[float] = []
        for _ in range(5):
            async with sessions_of(engine)() as session:
                began = time.perf_counter()
                await count_today(session, SystemClock().now())
                today.append(time.perf_counter() - began)
            began = time.perf_counter()
            await connection.fetch(newest)
            page.append(time.perf_counter() - began)
        return min(today) * 1000, min(page) * 1000
    finally:
        await connection.close()
        await engine.dispose()
