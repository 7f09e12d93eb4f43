"""A small true day: ten calls recorded on a real line, read, folded, archived and made to cases by the product itself.

The ledgers are the real ones (tests/traces/small_day); the sound is made anew as long as it was, because voices are large.
Tests take a copy of database and folder each, plant an error, and ask the checker.
"""

from __future__ import annotations

import asyncio
import csv
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import asyncpg

from api.db.engine import connect, sessions_of
from api.ledger.store import PostgresLedger
from api.processes import worker
from api.processes.migrate import bring_up
from api.settings import ApiSettings
from ivr.kernel.clock import SystemClock
from routing.events import Source
from routing.ledger import cel, queue_log
from routing.ledger.tail import Tail
from tests.faults.checker.place import Place
from tests.faults.checker.witness import Witness, read_witnesses
from tests.sounds import silence, tone, write_speech, write_wav

TRACE = Path(__file__).resolve().parents[1] / "traces" / "small_day"
NODE = "test1420"
BEGIN = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
END = BEGIN + timedelta(minutes=10)
SECRET = "a-token-that-no-log-may-show"


@dataclass(frozen=True)
class Day:
    """One copy of the day. `sql` plants; `check` is in the tests."""

    place: Place
    witnesses: list[Witness]

    def sql(self, *statements: str) -> None:
        """Run statements in the copy, past the guards of append-only tables."""

        async def run() -> None:
            connection = await asyncpg.connect(self.place.database_url)
            try:
                await connection.execute("SET session_replication_role = replica")
                for statement in statements:
                    done = await connection.execute(statement)
                    assert not done.endswith(" 0"), f"nothing was planted by: {statement}"
            finally:
                await connection.close()

        asyncio.run(run())

    def call_of(self, number: str) -> str:
        """The call of the caller whose number ends so."""
        with self.place.cel.open(encoding="utf-8", newline="") as file:
            return next(row[4] for row in csv.reader(file) if row[2] == "offered" and row[11].endswith(number))

    def archived(self, kind: str) -> Path:
        """The first archived file of a kind: `m-` a message, `test1420-` a talk."""
        return next(path for path in sorted((self.place.var / "archive").rglob("*.wav")) if path.name.startswith(kind))


def build(url: str, var: Path) -> Day:
    """Let the product make the day out of the ledgers and the spool."""
    logs = var / "asterisk" / "log"
    (logs / "cel-custom").mkdir(parents=True)
    shutil.copy(TRACE / "line.csv", logs / "cel-custom" / "line.csv")
    shutil.copy(TRACE / "queue_log", logs / "queue_log")
    (var / "log").mkdir()
    (var / "log" / "worker.log").write_text('{"event": "worker_ready", "call": "test1420-1795312922.1"}\n')
    for note in _spooled(logs / "cel-custom" / "line.csv", var / "spool"):
        (var / "spool" / "codes").mkdir(exist_ok=True)
        (var / "spool" / "codes" / note).touch()
    asyncio.run(_work(url, var))
    return Day(
        Place(var, url.replace("+asyncpg", ""), NODE, secrets=(SECRET,)), read_witnesses(TRACE / "witnesses.jsonl")
    )


def copy_of(day: Day, admin_url: str, name: str, var: Path) -> Day:
    """The same day once more, to be broken."""

    async def clone() -> None:
        connection = await asyncpg.connect(admin_url)
        try:
            await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE line1420 STRATEGY file_copy')
        finally:
            await connection.close()

    asyncio.run(clone())
    shutil.copytree(day.place.var, var)
    url = day.place.database_url.rpartition("/")[0] + f"/{name}"
    return Day(Place(var, url, NODE, secrets=(SECRET,)), day.witnesses)


def _spooled(ledger: Path, spool: Path) -> Iterator[str]:
    """Lay the sound and the notes into the spool as the calls left them; yields the codes that were given."""
    for folder in ("calls", "messages", "callbacks"):
        (spool / folder).mkdir(parents=True)
    speech = write_speech(spool.parent / "speech.wav", "سلام، من از شعبه شکایت دارم و سه بار مراجعه کرده‌ام")
    bridged: dict[str, float] = {}
    with ledger.open(encoding="utf-8", newline="") as file:
        for row in csv.reader(file):
            at, said = float(row[1]), dict(parse_qsl(json.loads(row[18] or "{}").get("extra", "")))
            if row[0].startswith("BRIDGE") and row[3] == row[4]:
                if row[0] == "BRIDGE_ENTER":
                    bridged[row[4]] = at
                else:
                    for leg in ("rx", "tx"):
                        write_wav(spool / "calls" / f"{row[4]}-1.{leg}.wav", tone(at - bridged[row[4]]))
            elif row[2] == "message" and said["state"] == "started":
                _message(spool / "messages", said, row, speech)
                yield said["code"]
            elif row[2] == "callback":
                yield said["code"]
    speech.unlink()


def _message(folder: Path, said: dict[str, str], row: list[str], speech: Path) -> None:
    sidecar = {
        "message": said["message"],
        "call_id": row[4],
        "kind": said["kind"],
        "code": said["code"],
        "caller": "+98" + row[11][1:],
        "language": "fa",
        "started_at": datetime.fromtimestamp(float(row[1]), UTC).isoformat(),
    }
    (folder / f"{said['message']}.json").write_text(json.dumps(sidecar), encoding="utf-8")
    target = folder / f"{said['message']}.wav"
    if said["kind"] == "question":
        write_wav(target, silence(8.0))
    else:
        shutil.copy(speech, target)


async def _work(url: str, var: Path) -> None:
    await bring_up(url)
    engine = connect(url, application="small-day")
    ledger, now = PostgresLedger(sessions_of(engine), NODE), SystemClock().now()
    logs = var / "asterisk" / "log"
    tails = [
        Tail(logs / "cel-custom" / "line.csv", Source.CEL, cel.scan),
        Tail(logs / "queue_log", Source.QUEUE_LOG, queue_log.scan),
    ]
    for tail in tails:
        while batch := tail.read_new(await ledger.position(tail.source), now):
            await ledger.store(batch)
        tail.close()
    stop = asyncio.Event()
    working = asyncio.create_task(worker.run(ApiSettings(var=var, database_url=url, systemname=NODE), stop))
    plain: Any = await asyncpg.connect(url.replace("+asyncpg", ""))
    async with asyncio.timeout(180):
        while await plain.fetchval('SELECT (SELECT count(*) FROM pgqueuer) + 4 - (SELECT count(*) FROM "case") - 1'):
            await asyncio.sleep(0.1)
    stop.set()
    await working
    await plain.close()
    await engine.dispose()
