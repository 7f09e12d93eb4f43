"""Many rows in one batch go another way into the tables, and must come out the same."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from api.calls.fold import fold
from api.calls.rows import Rows, rows_of, stored_rows
from api.db.engine import Sessions
from api.db.tables import CallRecordRow, LedgerEventRow
from api.ledger.facts import record_fact
from api.ledger.refold import rebuild
from api.ledger.rows import LARGE
from api.ledger.store import PostgresLedger
from ivr.kernel.errors import Unavailable
from ivr.kernel.ids import CallId
from routing.events import LedgerEvent, Source
from routing.ledger.rows import AcceptedRow
from routing.ports import LedgerBatch, Position
from tests.builders import NOON, CallStory, a_call_in_the_menu, an_answered_call

NODE = "line1420"
CALLS = 40


@pytest.fixture
def stories() -> list[CallStory]:
    return [an_answered_call(f"line1420-{n}.1", at=NOON + timedelta(seconds=n)) for n in range(CALLS)]


def rows_in(stories: list[CallStory], source: Source) -> tuple[AcceptedRow, ...]:
    """As in the file: by time, calls mixed; queue_log does not know calls."""
    events = sorted((e for story in stories for e in story.events if e.source is source), key=lambda e: e.at)
    if source is Source.QUEUE_LOG:
        events = [replace(event, call_id=None) for event in events]
    return tuple(AcceptedRow(n * 100, event) for n, event in enumerate(events))


def batch(rows: tuple[AcceptedRow, ...]) -> LedgerBatch:
    return LedgerBatch(rows[0].event.source, Position("file-a", rows[-1].offset + 100), rows, ())


async def told(sessions: Sessions, stories: list[CallStory]) -> dict[str, Rows]:
    async with sessions() as session:
        return await stored_rows(session, [story.call_id for story in stories])


def expected(stories: list[CallStory]) -> dict[str, Rows]:
    records = [record for story in stories if (record := fold(story.events))]
    return {str(record.call_id): rows_of(record) for record in records}


async def count(sessions: Sessions) -> int:
    async with sessions() as session:
        return await session.scalar(select(func.count()).select_from(LedgerEventRow)) or 0


@pytest.mark.parametrize("cel_first", [True, False])
async def test_a_backlog_becomes_the_records_that_its_rows_say(
    sessions: Sessions, stories: list[CallStory], cel_first: bool
):
    ledger = PostgresLedger(sessions, NODE)
    cel, queue = rows_in(stories, Source.CEL), rows_in(stories, Source.QUEUE_LOG)
    assert len(cel) >= LARGE
    for rows in (cel, queue) if cel_first else (queue, cel):
        await ledger.store(batch(rows))
    assert await told(sessions, stories) == expected(stories)
    assert (await rebuild(sessions)).equal


async def test_calls_that_lie_across_two_batches_are_whole(sessions: Sessions, stories: list[CallStory]):
    ledger, cel = PostgresLedger(sessions, NODE), rows_in(stories, Source.CEL)
    assert len(cel) >= 2 * LARGE
    await ledger.store(batch(rows_in(stories, Source.QUEUE_LOG)))
    await ledger.store(batch(cel[: len(cel) // 2]))
    await ledger.store(batch(cel[len(cel) // 2 :]))
    assert await told(sessions, stories) == expected(stories)
    assert (await rebuild(sessions)).equal


async def test_a_backlog_that_is_read_again_is_stored_once(sessions: Sessions, stories: list[CallStory]):
    ledger, cel = PostgresLedger(sessions, NODE), rows_in(stories, Source.CEL)
    await ledger.store(batch(cel[: LARGE + 20]))
    await ledger.store(batch(cel[: LARGE + 20]))
    assert await count(sessions) == LARGE + 20
    await ledger.store(batch(cel[LARGE // 2 :]))
    assert await count(sessions) == len(cel)
    await ledger.store(batch(rows_in(stories, Source.QUEUE_LOG)))
    assert await told(sessions, stories) == expected(stories)


async def test_a_backlog_that_fails_on_the_way_leaves_nothing_behind(sessions: Sessions, stories: list[CallStory]):
    ledger, cel = PostgresLedger(sessions, NODE), rows_in(stories, Source.CEL)
    twice = (*cel[:-1], replace(cel[-1], offset=cel[-2].offset))
    with pytest.raises(Unavailable):
        await ledger.store(batch(twice))
    assert await count(sessions) == 0
    assert await ledger.position(Source.CEL) is None
    await ledger.store(batch(cel))
    async with sessions() as session:
        assert await session.scalar(select(func.count()).select_from(CallRecordRow)) == CALLS


async def test_a_fact_told_before_its_call_is_read_and_committed_meanwhile_counts(
    sessions: Sessions, stories: list[CallStory]
):
    ledger = PostgresLedger(sessions, NODE)
    story = a_call_in_the_menu("line1420-99.1").records("m-1").wait(8).hangs_up()
    fields = {"recording": "m-1", "kind": "message", "state": "empty", "seconds": "8.0"}
    fact = LedgerEvent(Source.LINE, "recording_archived", story.now, CallId(story.call_id), None, fields)
    async with sessions.begin() as session:
        await record_fact(session, fact)
        storing = asyncio.create_task(ledger.store(batch(rows_in([*stories, story], Source.CEL))))
        await asyncio.sleep(0.5)
        assert not storing.done()
    await asyncio.wait_for(storing, 60)
    call, _ = (await told(sessions, [story]))[story.call_id]
    assert call["voice_message"]["state"] == "empty"
    assert (await rebuild(sessions)).equal


async def test_text_of_callers_comes_through_as_it_was(sessions: Sessions, stories: list[CallStory]):
    cel = list(rows_in(stories, Source.CEL))
    odd = 'ن\u200cام "x"\\n\t\\u0041 \U0001f600 \ufffd'
    first: LedgerEvent = cel[0].event
    cel[0] = replace(cel[0], event=replace(first, fields={**first.fields, "cid_name": odd}))
    await PostgresLedger(sessions, NODE).store(batch(tuple(cel)))
    async with sessions() as session:
        row = (await session.scalars(select(LedgerEventRow).where(LedgerEventRow.file_offset == 0))).one()
    assert (row.fields["cid_name"], row.at, row.source) == (odd, first.at, "cel")
