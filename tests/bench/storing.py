"""How fast rows become records: the follower beside a plain COPY of the same rows, and the rebuild of all records.

The follower does all it does in production: reads the files, keeps odd rows aside, stores, learns legs, folds each call,
queues its job, remembers the position. COPY only stores the same rows, ready made, in a table of the same layout, with
the same indexes. Both on the same PostgreSQL with the settings of production, over connections that stand already; the new table was committed
before, so that COPY writes its log, too, and its keys are as long as the follower's.
"""

from __future__ import annotations

import asyncio
import gc
import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from io import BytesIO
from pathlib import Path

import asyncpg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from api.db.engine import connect, sessions_of
from api.ledger.refold import rebuild
from api.ledger.store import PostgresLedger
from api.processes.migrate import bring_up
from asterisk_conf.stage import postgres
from ivr.kernel.clock import SystemClock
from routing.events import Source
from routing.ledger import cel, queue_log
from routing.ledger.follower import follow
from routing.ledger.tail import Tail
from tests.bench.ledgers import Sample, write_ledgers

NODE = "test1420"
COLUMNS = ("node", "source", "file_id", "file_offset", "name", "at", "call_id", "leg_id", "fields")


@contextmanager
def cluster(folder: Path, port: int) -> Iterator[str]:
    """A PostgreSQL of its own with empty tables of ours; gives its URL."""
    postgres.ensure_cluster(folder, port)
    with (folder.parent / "postgres.out").open("wb") as out:
        server = subprocess.Popen(postgres.server_argv(folder, port), cwd="/", stdout=out, stderr=out)
    try:
        postgres.wait_ready(folder, port)
        url = postgres.database_url(folder, port)
        asyncio.run(bring_up(url))
        yield url
    finally:
        server.send_signal(2)
        server.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def plain(url: str) -> str:
    return url.replace("+asyncpg", "")


async def empty(url: str) -> None:
    connection = await asyncpg.connect(plain(url))
    try:
        await connection.execute(
            "ALTER TABLE ledger_event DISABLE TRIGGER USER;"  # its guard, which holds against ourselves, too
            "TRUNCATE ledger_event, rejected_row, leg, follower_position, call_record, visit, pgqueuer;"
            "ALTER TABLE ledger_event ENABLE TRIGGER USER"
        )
    finally:
        await connection.close()


@contextmanager
def as_in_its_own_process() -> Iterator[None]:
    """What the bench itself holds in memory is not the follower's to look through (both processes freeze theirs)."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


async def _connect(engine: AsyncEngine, connections: int) -> None:
    """Open them before the clock starts, as COPY's connection is."""
    async with AsyncExitStack() as stack:
        for _ in range(connections):
            connection = await stack.enter_async_context(engine.connect())
            await connection.execute(text("SELECT 1"))


async def follow_all(url: str, log: Path, rows: int) -> float:
    """Seconds until the follower has stored `rows` rows of both files and folded all they touch."""
    engine = connect(url, application="bench-follower", pool=3)
    await _connect(engine, 3)
    ledger = PostgresLedger(sessions_of(engine), NODE)
    stop, stored = asyncio.Event(), 0

    def count(batch: object) -> None:
        nonlocal stored
        stored += len(batch.events)  # pyright: ignore[reportAttributeAccessIssue]
        if stored >= rows:
            stop.set()

    tails = (
        Tail(log / "cel-custom" / "line.csv", Source.CEL, cel.scan),
        Tail(log / "queue_log", Source.QUEUE_LOG, queue_log.scan),
    )
    try:
        with as_in_its_own_process():
            began = time.perf_counter()
            async with asyncio.timeout(300), asyncio.TaskGroup() as group:
                for tail in tails:
                    group.create_task(follow(tail, ledger, SystemClock(), stop=stop, stored=count))
            return time.perf_counter() - began
    finally:
        await engine.dispose()


def rows_ready(log: Path) -> tuple[bytes, int]:
    """The rows of both files as CSV for COPY, read and encoded beforehand; and how many there are."""
    now, lines = SystemClock().now(), []
    files = (
        (log / "cel-custom" / "line.csv", Source.CEL, cel.scan),
        (log / "queue_log", Source.QUEUE_LOG, queue_log.scan),
    )
    for path, source, scan in files:
        for row in scan(path.read_bytes(), 0, now, final=True).rows:
            event = row.event  # pyright: ignore[reportAttributeAccessIssue]
            fields = json.dumps(dict(event.fields), ensure_ascii=False)
            values = (NODE, source.value, f"{source:-<16}", row.offset, event.name, event.at.isoformat(), event.call_id or "",
                      event.leg_id or "", fields)  # fmt: skip
            lines.append(",".join('"' + str(value).replace('"', '""') + '"' for value in values))
    return ("\n".join(lines) + "\n").encode(), len(lines)


async def copy_all(url: str, ready: bytes) -> float:
    """Seconds for one plain COPY into an empty table of the ledger's layout, identity, constraints and indexes included."""
    connection = await asyncpg.connect(plain(url))
    try:
        await connection.execute(
            "DROP TABLE IF EXISTS ledger_copy; CREATE TABLE ledger_copy (LIKE ledger_event INCLUDING ALL)"
        )
        began = time.perf_counter()
        await connection.copy_to_table(
            "ledger_copy", source=BytesIO(ready), columns=list(COLUMNS), format="csv", force_null=("call_id", "leg_id")
        )
        return time.perf_counter() - began
    finally:
        await connection.close()


async def refold_all(url: str) -> tuple[int, float]:
    """Calls rebuilt, and seconds. Raises `AssertionError` when a record came out another way: then nothing was measured."""
    engine = connect(url, application="bench-refold", pool=2)
    try:
        with as_in_its_own_process():
            began = time.perf_counter()
            report = await rebuild(sessions_of(engine))
            seconds = time.perf_counter() - began
    finally:
        await engine.dispose()
    assert report.equal, (report.different[:3], report.missing[:3], report.surplus[:3])
    return report.calls, seconds


def prepare(folder: Path, sample: Sample, calls: int) -> tuple[Path, bytes, int]:
    """A log folder with `calls` calls, its rows ready for COPY, and their number."""
    log = folder / "log"
    write_ledgers(log, sample, calls)
    ready, rows = rows_ready(log)
    return log, ready, rows
