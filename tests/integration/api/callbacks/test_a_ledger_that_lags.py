"""The follower is frozen, cut off or behind while Asterisk goes on: what is not told yet has not therefore not happened."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from api.callbacks.keeping import end
from api.callbacks.silence import read_until
from api.db.callback_tables import CallbackCallRow
from api.ledger.store import PostgresLedger
from ivr.kernel.clock import SystemClock
from routing.callbacks.request import CallbackState
from routing.events import LedgerEvent, Source
from routing.ledger.rows import AcceptedRow, RejectedRow
from routing.ports import LedgerBatch, Position
from tests.integration.api.callbacks.conftest import NODE, Desk, code, note
from tests.integration.api.callbacks.test_places import followed

CLOCK = SystemClock()
TALKS = ("callback_placed", "callback_taken", "callback_dialled", "callback_reached")


def ago(seconds: float) -> datetime:
    return CLOCK.now() - timedelta(seconds=seconds)


async def read_to(desk: Desk) -> datetime | None:
    async with desk.sessions() as session:
        return await read_until(session, NODE)


async def outcomes(desk: Desk) -> list[str | None]:
    async with desk.sessions() as session:
        return [call.outcome for call in await session.scalars(select(CallbackCallRow).order_by(CallbackCallRow.n))]


async def cancel(desk: Desk) -> None:
    async with desk.sessions.begin() as session:
        await end(session, code(1), CallbackState.CANCELLED, by="person:supervisor", at=CLOCK.now())


async def test_a_ledger_is_read_as_far_as_its_newest_row_and_then_as_far_as_a_look_that_found_no_more(
    desk: Desk,
) -> None:
    assert await read_to(desk) is None, "nobody has ever read it"
    await desk.reads(ago(50))
    newest = ago(40)
    await desk.reads(newest)
    assert await read_to(desk) == newest, "a batch may be one of a backlog"
    looked = CLOCK.now() + timedelta(seconds=1)
    await desk.reads(newest, end=looked)
    assert await read_to(desk) == looked
    later = ago(30)
    await desk.reads(later)
    assert await read_to(desk) == later, "the look is over, and more was written since"


async def test_the_other_ledger_and_rows_that_broke_the_pattern_say_nothing_of_how_far_it_is_read(desk: Desk) -> None:
    newest = ago(40)
    await desk.reads(newest)
    ledger = PostgresLedger(desk.sessions, NODE)
    broken = (RejectedRow(5000, "not a CEL row", b"?"),)
    await ledger.store(LedgerBatch(Source.CEL, Position("f", 9000), (), broken))
    row = AcceptedRow(1, LedgerEvent(Source.QUEUE_LOG, "PAUSE", ago(1), fields={"queue": "", "agent": ""}))
    await ledger.store(LedgerBatch(Source.QUEUE_LOG, Position("q", 50), (row,), ()))
    await ledger.alive(Source.QUEUE_LOG, CLOCK.now())
    assert await read_to(desk) == newest


async def test_the_silence_of_a_ledger_that_was_not_read_so_far_ends_no_attempt(desk: Desk) -> None:
    begun = ago(120)
    await desk.ask(note(1))
    call = await desk.begin(1, begun)
    await followed(desk)
    assert (await desk.row(1)).attempt_call == call, "nobody reads it"
    await desk.reads(begun + timedelta(seconds=10))
    await followed(desk)
    assert (await desk.row(1)).attempt_call == call, "a batch of a backlog that ends before"
    await desk.reads(begun + timedelta(seconds=10), end=begun + timedelta(seconds=15))
    await followed(desk)
    assert (await desk.row(1)).attempt_call == call, "it read to the end, and was frozen then"
    await desk.reads(begun + timedelta(seconds=21))
    await followed(desk, standing={call})
    assert (await desk.row(1)).attempt_call == call, "Asterisk shows it"
    await followed(desk)
    assert (await desk.row(1)).attempt_call is None, "a busy line is never read to its end: a later row is as good"
    assert await outcomes(desk) == ["never_began"]


async def test_a_caller_who_was_reached_while_nobody_read_is_not_rung_again(desk: Desk) -> None:
    begun = ago(60)
    await desk.ask(note(1))
    call = await desk.begin(1, begun)
    assert call
    await followed(desk)
    assert await desk.begin(1) is None, "the first may be a talk by now"
    await desk.tell(call, *TALKS, at=begun)
    (moved,) = await followed(desk)
    assert (moved.state, moved.call_id) == ("reached", call)


async def test_an_attempt_that_was_cancelled_before_the_ledger_told_of_it_may_yet_have_reached_its_caller(
    desk: Desk,
) -> None:
    begun = ago(60)
    await desk.ask(note(1))
    call = await desk.begin(1, begun)
    assert call
    await cancel(desk)
    await followed(desk)
    assert await outcomes(desk) == [None]
    await desk.tell(call, *TALKS, at=begun)
    (moved,) = await followed(desk)
    assert (moved.state, (await desk.row(1)).state, await outcomes(desk)) == ("reached", "reached", ["reached"])


async def test_an_attempt_that_was_cancelled_and_never_heard_of_is_over_when_the_ledger_was_read_so_far(
    desk: Desk,
) -> None:
    begun = ago(60)
    await desk.ask(note(1))
    await desk.begin(1, begun)
    await cancel(desk)
    await desk.reads(begun + timedelta(seconds=30))
    assert await followed(desk) == []
    assert ((await desk.row(1)).state, await outcomes(desk)) == ("cancelled", ["left_the_line"])


@pytest.mark.parametrize(("before", "called"), [((), "never_began"), (("callback_placed", "HANGUP"), "left_the_line")])
async def test_an_attempt_that_was_ended_and_reached_its_caller_after_all_ends_the_request(
    desk: Desk, before: tuple[str, ...], called: str
) -> None:
    begun = ago(60)
    await desk.ask(note(1))
    first = await desk.begin(1, begun)
    assert first
    await desk.tell(first, *before, at=begun)
    await desk.reads(begun + timedelta(seconds=30))
    await followed(desk)
    assert await outcomes(desk) == [called]
    second = await desk.begin(1)
    assert second
    assert await followed(desk, standing={second}) == []
    await desk.tell(first, *TALKS, at=begun)
    (moved,) = await followed(desk, standing={second})
    assert (moved.codes, moved.state, moved.call_id) == ([code(1)], "reached", first)
    row = await desk.row(1)
    assert (row.state, row.attempt_call) == ("reached", None), "the second leaves the queue: it is wanted no more"
    assert await outcomes(desk) == ["reached", None]
    assert await followed(desk, standing={second}) == [], "said once"


@pytest.mark.parametrize(("ended", "heard"), [(55, True), (65, False)], ids=["within it", "after it"])
async def test_an_ended_attempt_is_listened_to_for_an_hour(desk: Desk, ended: float, heard: bool) -> None:
    """What is looked at each second must stay little."""
    begun = ago(ended * 60)
    await desk.ask(note(1))
    first = await desk.begin(1, begun)
    assert first
    await desk.tell(first, "callback_placed", "HANGUP", at=begun)
    await followed(desk)
    assert await outcomes(desk) == ["left_the_line"]
    await desk.tell(first, *TALKS, at=begun)
    assert bool(await followed(desk)) is heard
    assert ((await desk.row(1)).state == "reached") is heard
