"""Rows, position, record, notification and job are one transaction, and twice is once."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from api.db.engine import Sessions
from api.db.notify import Listener
from api.db.tables import CallRecordRow, FollowerPosition, LedgerEventRow, RejectedRow, VisitRow
from api.ledger.facts import record_fact
from api.ledger.refold import rebuild
from api.ledger.store import PostgresLedger
from ivr.kernel.clock import SystemClock
from ivr.kernel.errors import Unavailable
from ivr.kernel.ids import CallId
from routing.events import LedgerEvent, Source
from routing.ledger.rows import AcceptedRow
from routing.ledger.rows import RejectedRow as Rejected
from routing.ports import LedgerBatch, Position
from tests.builders import NOON, CallStory, a_call_in_the_menu, an_answered_call
from tests.integration.conftest import Server

NODE = "line1420"


def batch_of(events: list[LedgerEvent], source: Source, first: int = 0, file_id: str = "file-a") -> LedgerBatch:
    """What the follower would hand over: queue_log rows do not know their call."""
    rows = [event for event in events if event.source is source]
    if source is Source.QUEUE_LOG:
        rows = [replace(event, call_id=None) for event in rows]
    accepted = tuple(AcceptedRow(first + n * 100, event) for n, event in enumerate(rows))
    return LedgerBatch(source, Position(file_id, first + len(rows) * 100), accepted, ())


async def feed(ledger: PostgresLedger, story: CallStory, *, first: int = 0) -> None:
    await ledger.store(batch_of(story.events, Source.CEL, first))
    await ledger.store(batch_of(story.events, Source.QUEUE_LOG, first))


def boot(story: CallStory, first: int) -> LedgerBatch:
    at = story.now.replace(microsecond=0)
    row = AcceptedRow(first, LedgerEvent(Source.QUEUE_LOG, "QUEUESTART", at, fields={"queue": "", "agent": ""}))
    return LedgerBatch(Source.QUEUE_LOG, Position("file-a", first + 50), (row,), ())


async def the_call(sessions: Sessions, call_id: str) -> CallRecordRow:
    async with sessions() as session:
        return (await session.scalars(select(CallRecordRow).where(CallRecordRow.call_id == call_id))).one()


async def count(sessions: Sessions, table: type) -> int:
    async with sessions() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def jobs(sessions: Sessions) -> list[bytes]:
    async with sessions() as session:
        return list(
            (await session.execute(text("SELECT payload FROM pgqueuer WHERE entrypoint = 'call_ended'"))).scalars()
        )


async def test_one_call_becomes_one_record_with_its_visit_and_one_job(sessions: Sessions):
    story = an_answered_call()
    await feed(PostgresLedger(sessions, NODE), story)
    call = await the_call(sessions, story.call_id)
    assert (call.disposition, call.score, call.caller, call.node) == ("answered", 4, "+989121234567", NODE)
    async with sessions() as session:
        visit = (await session.scalars(select(VisitRow))).one()
    assert (visit.queue, visit.agent, visit.seat, visit.recording) == (
        "insurance", "operator03", "seat03", f"{story.call_id}-1",
    )  # fmt: skip
    assert await jobs(sessions) == [f'{{"call_id": "{story.call_id}"}}'.encode()]


async def test_the_same_batch_twice_is_the_same_batch(sessions: Sessions):
    ledger, story = PostgresLedger(sessions, NODE), an_answered_call()
    await feed(ledger, story)
    stored = await count(sessions, LedgerEventRow)
    async with sessions.begin() as session:
        await session.execute(text("DELETE FROM pgqueuer"))
    await feed(ledger, story)
    assert await count(sessions, LedgerEventRow) == stored == len(story.events)
    assert await jobs(sessions) == []


async def test_queue_rows_that_come_first_wait_for_their_call(sessions: Sessions):
    ledger, story = PostgresLedger(sessions, NODE), an_answered_call()
    await ledger.store(batch_of(story.events, Source.QUEUE_LOG))
    assert await count(sessions, CallRecordRow) == 0
    await ledger.store(batch_of(story.events, Source.CEL))
    async with sessions() as session:
        assert (await session.scalars(select(VisitRow.agent))).one() == "operator03"


async def test_both_followers_at_once_lose_nothing(sessions: Sessions):
    ledger = PostgresLedger(sessions, NODE)
    stories = [an_answered_call(f"line1420-1795249800.{n}") for n in range(1, 13)]
    batches = [
        batch_of(story.events, source, n * 10_000)
        for n, story in enumerate(stories)
        for source in (Source.CEL, Source.QUEUE_LOG)
    ]
    random.Random(1420).shuffle(batches)
    await asyncio.gather(*(ledger.store(batch) for batch in batches))
    async with sessions() as session:
        assert list(await session.scalars(select(VisitRow.agent))) == ["operator03"] * 12
        assert set(await session.scalars(select(CallRecordRow.disposition))) == {"answered"}


async def test_the_position_is_kept_with_the_rows(sessions: Sessions):
    ledger, story = PostgresLedger(sessions, NODE), an_answered_call()
    assert await ledger.position(Source.CEL) is None
    batch = batch_of(story.events, Source.CEL)
    await ledger.store(batch)
    assert await ledger.position(Source.CEL) == batch.position
    assert await ledger.position(Source.QUEUE_LOG) is None
    assert await count(sessions, FollowerPosition) == 1


async def test_a_row_that_breaks_the_pattern_is_kept_aside_once(sessions: Sessions):
    ledger = PostgresLedger(sessions, NODE)
    batch = LedgerBatch(Source.QUEUE_LOG, Position("file-a", 90), (), (Rejected(40, "unknown event", b"\x00\xff|"),))
    await ledger.store(batch)
    await ledger.store(batch)
    async with sessions() as session:
        row = (await session.scalars(select(RejectedRow))).one()
    assert (row.reason, row.raw, row.file_offset) == ("unknown event", b"\x00\xff|", 40)


async def test_calls_of_the_boot_before_are_lost_and_calls_of_the_new_one_are_not(sessions: Sessions):
    ledger = PostgresLedger(sessions, NODE)
    old = a_call_in_the_menu("line1420-1.1").joins("general").wait(30)
    await feed(ledger, old)
    new = a_call_in_the_menu("line1420-2.1", at=NOON + timedelta(seconds=90))
    await feed(ledger, new, first=50_000)
    await ledger.store(boot(old.wait(10), 90_000))
    assert (await the_call(sessions, "line1420-1.1")).disposition == "lost_by_restart"
    assert (await the_call(sessions, "line1420-2.1")).disposition is None


@pytest.mark.parametrize("follower", ["the same", "started anew"])
async def test_a_call_whose_rows_are_read_after_the_restart_is_lost_too(sessions: Sessions, follower: str):
    ledger = PostgresLedger(sessions, NODE)
    old = a_call_in_the_menu().joins("general").wait(30)
    await ledger.store(boot(old, 90_000))
    await feed(ledger if follower == "the same" else PostgresLedger(sessions, NODE), old)
    assert (await the_call(sessions, old.call_id)).disposition == "lost_by_restart"


async def test_a_call_whose_rows_are_read_in_the_moment_of_the_restart_is_lost_whoever_is_first(sessions: Sessions):
    ledger = PostgresLedger(sessions, NODE)
    await ledger.store(boot(a_call_in_the_menu(at=NOON - timedelta(hours=1)), 80_000))
    for n in range(10):
        old = a_call_in_the_menu(f"line1420-{n + 1}.1", at=NOON + timedelta(minutes=n)).joins("general").wait(30)
        rows, start = batch_of(old.events, Source.CEL, n * 5_000), boot(old, 90_000 + n * 50)
        await asyncio.gather(*(ledger.store(batch) for batch in ((rows, start) if n % 2 else (start, rows))))
        assert (await the_call(sessions, old.call_id)).disposition == "lost_by_restart", n


async def test_a_call_that_ended_before_the_restart_is_not_lost_although_its_end_is_read_later(sessions: Sessions):
    ledger, story = PostgresLedger(sessions, NODE), a_call_in_the_menu().joins("general").wait(30)
    await feed(ledger, story)
    begun = len(story.events)
    story.hangs_up_waiting().wait(9)
    await ledger.store(boot(story, 90_000))
    assert (await the_call(sessions, story.call_id)).disposition == "lost_by_restart"
    await ledger.store(batch_of(story.events[begun:], Source.CEL, 60_000))
    assert (await the_call(sessions, story.call_id)).disposition == "abandoned"


async def test_a_start_that_was_written_before_the_clock_was_set_back_ends_no_call_of_now(sessions: Sessions):
    """The machine came up an hour ahead and was put right: its start of Asterisk lies in the future of every call since."""
    ledger, now = PostgresLedger(sessions, NODE), SystemClock().now()
    await ledger.store(boot(a_call_in_the_menu("line1420-1.1", at=now + timedelta(hours=1)), 90_000))
    going_on = a_call_in_the_menu("line1420-2.1", at=now - timedelta(seconds=60)).joins("general")
    await feed(ledger, going_on)
    assert (await the_call(sessions, "line1420-2.1")).disposition is None
    assert await jobs(sessions) == []


async def test_a_call_that_nobody_ended_is_closed_after_the_limit(sessions: Sessions):
    ledger, story = PostgresLedger(sessions, NODE), a_call_in_the_menu()
    await feed(ledger, story)
    limit = timedelta(hours=4)
    assert await ledger.sweep(story.now + timedelta(hours=3), limit) == 0
    assert await ledger.sweep(story.now + timedelta(hours=5), limit) == 1
    assert await ledger.sweep(story.now + timedelta(hours=6), limit) == 0
    assert (await the_call(sessions, story.call_id)).disposition == "lost_unknown"


async def test_a_fact_found_out_later_changes_the_record_once(sessions: Sessions):
    story = a_call_in_the_menu().records("m-1").wait(8).hangs_up()
    await feed(PostgresLedger(sessions, NODE), story)
    assert (await the_call(sessions, story.call_id)).disposition == "left_message"
    fields = {"recording": "m-1", "kind": "message", "state": "empty", "seconds": "8.0"}
    fact = LedgerEvent(Source.LINE, "recording_archived", story.now, CallId(story.call_id), None, fields)
    async with sessions.begin() as session:
        assert await record_fact(session, fact)
    async with sessions.begin() as session:
        assert not await record_fact(session, replace(fact, at=story.now + timedelta(seconds=9)))
    call = await the_call(sessions, story.call_id)
    assert call.disposition == "menu_abandoned"
    assert call.voice_message is not None
    assert call.voice_message["state"] == "empty"


async def test_who_waits_for_calls_is_told_after_the_commit(sessions: Sessions, database_url: str):
    listener = Listener(database_url, ("calls",), resync=timedelta(seconds=30))
    listening = asyncio.create_task(listener.run())
    await asyncio.wait_for(listener.connected.wait(), 30)
    heard: asyncio.Queue[str] = asyncio.Queue()
    hearing = asyncio.create_task(_hear(listener, heard))
    await asyncio.sleep(0.1)
    story = an_answered_call()
    await PostgresLedger(sessions, NODE).store(batch_of(story.events, Source.CEL))
    async with asyncio.timeout(30):
        while await heard.get() != story.call_id:
            pass  # an empty word says "look again" and may come at any time
    for task in (hearing, listening):
        task.cancel()
    await asyncio.gather(hearing, listening, return_exceptions=True)


async def _hear(listener: Listener, heard: asyncio.Queue[str]) -> None:
    async for word in listener.words("calls"):
        heard.put_nowait(word)


async def test_rebuilding_all_records_gives_the_same_rows(sessions: Sessions):
    ledger = PostgresLedger(sessions, NODE)
    for n in range(7):
        await feed(ledger, an_answered_call(f"line1420-{n}.1"), first=n * 10_000)
    report = await rebuild(sessions, at_once=3)
    assert (report.calls, report.different, report.missing, report.surplus) == (7, [], [], [])
    async with sessions.begin() as session:
        await session.execute(text("UPDATE call_record SET score = 1 WHERE call_id = 'line1420-3.1'"))
        await session.execute(text("DELETE FROM call_record WHERE call_id = 'line1420-4.1'"))
    report = await rebuild(sessions, at_once=3)
    assert (report.different, report.missing) == (["line1420-3.1"], ["line1420-4.1"])
    assert (await rebuild(sessions)).equal
    assert (await the_call(sessions, "line1420-3.1")).score == 4


async def test_while_the_database_is_away_the_store_says_so_and_goes_on_afterwards(
    sessions: Sessions, postgres_server: Server
):
    ledger, story = PostgresLedger(sessions, NODE), an_answered_call()
    await ledger.store(batch_of(story.events, Source.CEL))
    postgres_server.stop()
    try:
        with pytest.raises(Unavailable):
            await ledger.store(batch_of(story.events, Source.QUEUE_LOG))
        with pytest.raises(Unavailable):
            await ledger.position(Source.QUEUE_LOG)
    finally:
        postgres_server.start()
    await ledger.store(batch_of(story.events, Source.QUEUE_LOG))
    assert (await the_call(sessions, story.call_id)).score == 4


async def test_a_call_that_left_nothing_to_look_for_queues_no_job(sessions: Sessions):
    ledger = PostgresLedger(sessions, NODE)
    await feed(ledger, a_call_in_the_menu().hangs_up())
    assert await count(sessions, CallRecordRow) == 1
    assert await jobs(sessions) == []
