"""Each night the ledgers of a day are compared with what was stored: planted differences are found, kept and shown."""

from __future__ import annotations

import asyncio
import gzip
import shutil
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import select, text

from api.access.permissions import Role
from api.db.engine import Sessions
from api.db.tables import Reconciliation
from api.ledger.store import PostgresLedger
from api.processes.reconcile import nightly, run_once
from api.reconcile.comparing import is_alarm
from api.reconcile.service import Ledgers, due_day, next_day, reconcile
from ivr.kernel.jalali import read_day
from routing.events import Source
from routing.ledger import cel, queue_log
from routing.ledger.tail import Tail
from tests.faults.small_day import NODE, TRACE
from tests.patience import until

DAY = date(2026, 11, 22)
NIGHT = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
"""03:00 of the next day in Tehran."""
ANSWERED, TALKED, GAVE_UP, MENU, MESSAGE = (
    f"test1420-{leg}" for leg in ("1795312934.5", "1795312959.8", "1795312964.10", "1795312922.4", "1795312922.1")
)


class Clock:
    def now(self) -> datetime:
        return NIGHT


@pytest.fixture
async def ledgers(sessions: Sessions, tmp_path: Path) -> Ledgers:
    """The small day, read into the clean database by the product's own follower."""
    ledgers = Ledgers(NODE, tmp_path / "line.csv", tmp_path / "queue_log")
    shutil.copy(TRACE / "line.csv", ledgers.cel)
    shutil.copy(TRACE / "queue_log", ledgers.queue_log)
    store = PostgresLedger(sessions, NODE)
    for path, source, scan in (
        (ledgers.cel, Source.CEL, cel.scan),
        (ledgers.queue_log, Source.QUEUE_LOG, queue_log.scan),
    ):
        tail = Tail(path, source, scan)
        while batch := tail.read_new(await store.position(source), NIGHT):
            await store.store(batch)
        tail.close()
    await plant(sessions, *SOUND)
    return ledgers


SOUND = (
    "INSERT INTO recording (recording_id, call_id, kind, state, seconds)"
    " SELECT recording, call_id, 'talk', 'archived', talked_seconds FROM visit WHERE talked_seconds > 0",
    "INSERT INTO recording (recording_id, call_id, kind, state, reason)"
    " SELECT voice_message->>'message', call_id, 'message',"
    " CASE voice_message->>'kind' WHEN 'question' THEN 'empty' ELSE 'archived' END, NULL"
    " FROM call_record WHERE voice_message IS NOT NULL",
    'INSERT INTO "case" (code, kind, state, caller, call_id, recording_id, opened_at, due_at, deadline, details)'
    " SELECT fields->>'code', 'complaint', 'open', '', r.call_id, r.recording_id, e.at, e.at, '{}', '{}'"
    " FROM recording r JOIN ledger_event e ON e.fields->>'message' = r.recording_id"
    " WHERE e.fields->>'state' = 'started' AND r.state = 'archived'",
    'INSERT INTO "case" (code, kind, state, caller, call_id, opened_at, due_at, deadline, details)'
    " SELECT fields->>'code', 'callback', 'open', '', call_id, at, at, '{}', '{}' FROM ledger_event WHERE name = 'callback'",
)
"""What the worker would have written."""


async def plant(sessions: Sessions, *statements: str) -> None:
    async with sessions.begin() as session:
        for statement in statements:
            done: Any = await session.execute(text(statement))
            assert done.rowcount, f"nothing was planted by: {statement}"


async def test_a_true_day_has_no_difference_and_its_sums_are_told(sessions: Sessions, ledgers: Ledgers) -> None:
    outcome = await reconcile(sessions, ledgers, DAY, NIGHT)
    assert outcome.differences == []
    assert not outcome.alarm
    totals = outcome.totals
    assert totals["calls"] == {"ledger": 10, "stored": 10}
    assert totals["visits"] == {"ledger": 5, "stored": 5}
    assert totals["scores"] == {"ledger": 1, "stored": 1}
    assert totals["dispositions"]["answered"] == 2
    rows = {(row["queue"], row["hour"]): row for row in totals["queues"]}
    assert rows[("insurance", "05:00")]["entered"] == 3
    assert rows[("insurance", "05:00")]["answered"] == 2
    assert rows[("pensions", "05:00")] == {
        "queue": "pensions", "hour": "05:00", "entered": 1, "visits": 1, "timed_out": 1,
    }  # fmt: skip


PLANTED = {
    "a record is gone": (f"DELETE FROM call_record WHERE call_id = '{MENU}'", {("call", MENU)}),
    "a call is open": (
        f"UPDATE call_record SET disposition = NULL, ended_at = NULL WHERE call_id = '{MENU}'",
        {("call", MENU)},
    ),
    "a visit is gone": (f"DELETE FROM visit WHERE call_id = '{GAVE_UP}'", {("visit", GAVE_UP)}),
    "a visit ended otherwise": (
        f"UPDATE visit SET outcome = 'timed_out' WHERE call_id = '{GAVE_UP}'",
        {("visit", GAVE_UP)},
    ),
    "a visit too many": (
        "INSERT INTO visit (call_id, n, queue, arrived_at, entered_at, ended_at, waited_seconds, outcome)"
        f" SELECT call_id, 1, 'general', arrived_at, arrived_at, ended_at, 9, 'abandoned' FROM call_record WHERE call_id = '{MENU}'",
        {("visit", MENU)},
    ),
    "a talk without its row": (
        f"DELETE FROM recording WHERE call_id = '{TALKED}'",
        {("recording", f"{TALKED}-1")},
    ),
    "a message without its row": (
        "DELETE FROM recording WHERE state = 'empty'",
        {("recording", "m-33cf2af93668457e9b701c592c03607a")},
    ),
    "a case is gone": (
        f"DELETE FROM \"case\" WHERE call_id = '{MESSAGE}'",
        {("case", "m-50814a5ac1da43e096c3c476c703bb21")},
    ),
    "a call back is gone": ("DELETE FROM \"case\" WHERE kind = 'callback'", {("case", "547820307")}),
    "a case out of nothing": (
        'INSERT INTO "case" (code, kind, state, caller, call_id, opened_at, due_at, deadline, details) VALUES'
        f" ('123456782', 'complaint', 'open', '', '{MENU}', now(), now(), '{{}}', '{{}}')",
        {("case", "123456782")},
    ),
    "a score is gone": (
        f"UPDATE call_record SET score = NULL WHERE call_id = '{ANSWERED}'",
        {("score", ANSWERED)},
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", PLANTED)
async def test_a_planted_difference_is_found_kept_and_an_alarm(sessions: Sessions, ledgers: Ledgers, what: str) -> None:
    statement, expected = PLANTED[what]
    await plant(sessions, statement)
    await reconcile(sessions, ledgers, DAY, NIGHT)
    async with sessions() as session:
        (kept,) = await session.scalars(select(Reconciliation))
    assert {(one["about"], one["subject"]) for one in kept.differences} == expected, kept.differences
    assert (kept.alarm, kept.difference_count, kept.day) == (True, len(kept.differences), DAY)


async def test_a_record_that_no_ledger_knows(sessions: Sessions, ledgers: Ledgers) -> None:
    await plant(
        sessions,
        "INSERT INTO call_record (call_id, node, caller, caller_name, language, arrived_at, ended_at, disposition,"
        " menu_path, fallbacks, survey_offered, problems) SELECT 'test1420-1.1', node, '', '', 'fa', arrived_at, ended_at,"
        f" 'menu_abandoned', '[]', '[]', false, '[]' FROM call_record WHERE call_id = '{MENU}'",
    )
    outcome = await reconcile(sessions, ledgers, DAY, NIGHT)
    assert [(one["about"], one["subject"]) for one in outcome.differences] == [("call", "test1420-1.1")]


async def test_rotated_and_packed_ledgers_count_once(sessions: Sessions, ledgers: Ledgers) -> None:
    for path in (ledgers.cel, ledgers.queue_log):
        lines = path.read_bytes().splitlines(keepends=True)
        with gzip.open(path.with_name(path.name + ".2.gz"), "wb") as packed:
            packed.write(b"".join(lines[: len(lines) // 3]))
        path.with_name(path.name + ".1").write_bytes(b"".join(lines[len(lines) // 3 : -2]))
        path.write_bytes(b"".join(lines[-2:]))
        shutil.copy(path, path.with_name(path.name + ".copy"))  # a copy in the making
    outcome = await reconcile(sessions, ledgers, DAY, NIGHT)
    assert outcome.differences == []


async def test_ledgers_that_no_longer_reach_back_are_one_difference(sessions: Sessions, ledgers: Ledgers) -> None:
    ledgers.cel.unlink()
    ledgers.queue_log.unlink()
    outcome = await reconcile(sessions, ledgers, DAY, NIGHT)
    first = outcome.differences[0]
    assert (first["about"], first["subject"], first["stored"]) == ("call", "all", "10 records")
    assert outcome.alarm


def test_a_few_differences_among_thousands_of_calls_are_no_alarm() -> None:
    from api.reconcile.comparing import Difference

    one = Difference("visit", "x", "", "")
    assert not is_alarm([one] * 3, 3_000)
    assert is_alarm([one] * 4, 3_000)
    assert is_alarm([Difference("score", "x", "", "")], 1_000_000)


@pytest.mark.parametrize(
    ("now", "day"),
    [("2026-11-23T02:29+03:30", "2026-11-21"), ("2026-11-23T02:30+03:30", "2026-11-22"), ("2026-11-22T23:00Z", "2026-11-22")],
)  # fmt: skip
def test_a_day_is_due_from_half_past_two_in_tehran(now: str, day: str) -> None:
    assert due_day(datetime.fromisoformat(now)) == date.fromisoformat(day)
    assert read_day("۱۴۰۵/۰۹/۰۱") == DAY


@pytest.mark.parametrize(
    ("last", "ran", "day"),
    [
        ("2026-11-21", "2026-11-22T03:00+03:30", "2026-11-22"),
        ("2026-11-19", "2026-11-20T03:00+03:30", "2026-11-20"),
        ("2026-10-01", "2026-10-02T03:00+03:30", "2026-11-16"),
        ("2026-11-22", "2026-11-22T15:00+03:30", "2026-11-22"),
        ("2026-11-22", "2026-11-23T02:45+03:30", None),
        ("2026-11-23", "2026-11-23T02:59+03:30", None),
    ],
    ids=["the next night", "nights that were missed", "a month", "asked by hand at noon", "done", "today, by hand"],
)
def test_which_day_is_compared_next(last: str, ran: str, day: str | None) -> None:
    """At three in the morning of 23 November in Tehran."""
    newest = Reconciliation(day=date.fromisoformat(last), ran_at=datetime.fromisoformat(ran))
    assert next_day(newest, NIGHT) == (date.fromisoformat(day) if day else None)


async def test_the_worker_does_it_once_a_day(sessions: Sessions, ledgers: Ledgers) -> None:
    for _ in range(2):  # the second is a worker that was started anew
        stop = asyncio.Event()
        task = asyncio.create_task(nightly(sessions, ledgers, Clock(), stop))
        async with asyncio.timeout(60):
            while not await runs(sessions):
                await asyncio.sleep(0.05)
        stop.set()
        await task
    assert [run.day for run in await runs(sessions)] == [DAY]


async def test_a_fault_in_counting_does_not_end_the_worker(
    sessions: Sessions, ledgers: Ledgers, capfd: pytest.CaptureFixture[str]
) -> None:
    """A packed ledger is damaged: an alarm in the log, and the worker lives on."""
    packed = gzip.compress(ledgers.queue_log.read_bytes() * 50)
    ledgers.queue_log.with_name("queue_log.1.gz").write_bytes(packed[: len(packed) // 2])
    stop = asyncio.Event()
    task = asyncio.create_task(nightly(sessions, ledgers, Clock(), stop))
    said: list[str] = []
    await until(lambda: said.append(capfd.readouterr().out) or "reconcile_failed" in "".join(said))
    assert not task.done()
    stop.set()
    await asyncio.wait_for(task, 60)
    assert await runs(sessions) == []


async def runs(sessions: Sessions) -> list[Reconciliation]:
    async with sessions() as session:
        return list(await session.scalars(select(Reconciliation)))


async def test_an_alarm_is_seen_in_the_measures(sessions: Sessions, ledgers: Ledgers) -> None:
    from prometheus_client import REGISTRY

    await plant(sessions, PLANTED["a score is gone"][0])
    await run_once(sessions, ledgers, DAY, Clock())
    assert REGISTRY.get_sample_value("line1420_reconcile_alarm") == 1
    assert REGISTRY.get_sample_value("line1420_reconcile_differences", {"about": "score"}) == 1


LogIn = Callable[[Role], Awaitable[dict[str, Any]]]


@pytest.mark.parametrize("role", list(Role))
async def test_who_may_read_the_outcomes(
    sessions: Sessions, ledgers: Ledgers, client: httpx2.AsyncClient, log_in: LogIn, role: Role
) -> None:
    await reconcile(sessions, ledgers, DAY, NIGHT)
    await log_in(role)
    answer = await client.get("/api/v1/reconciliations")
    allowed = role in {Role.SUPERVISOR, Role.MANAGER, Role.ADMIN}
    assert answer.status_code == (200 if allowed else 403), answer.text
    if allowed:
        assert answer.json()["items"][0]["totals"]["calls"] == {"ledger": 10, "stored": 10}


async def test_a_program_pages_through_them_and_a_door_may_not(
    sessions: Sessions, ledgers: Ledgers, client: httpx2.AsyncClient, api_token_headers: dict[str, str],
    door_token_headers: dict[str, str],
) -> None:  # fmt: skip
    for days in range(3):
        await reconcile(sessions, ledgers, DAY - timedelta(days=days), NIGHT)
    first = (await client.get("/api/v1/reconciliations?limit=2", headers=api_token_headers)).json()
    rest = (
        await client.get("/api/v1/reconciliations", params={"cursor": first["next"]}, headers=api_token_headers)
    ).json()
    assert [item["day"] for item in first["items"] + rest["items"]] == ["2026-11-20", "2026-11-21", "2026-11-22"]
    only = await client.get("/api/v1/reconciliations?day=2026-11-22&alarm=false", headers=api_token_headers)
    assert [item["difference_count"] for item in only.json()["items"]] == [0]
    assert (await client.get("/api/v1/reconciliations", headers=door_token_headers)).status_code == 403
    assert (await client.get("/api/v1/reconciliations")).status_code == 401
