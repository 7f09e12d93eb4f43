"""What a caller was told of the wait: from the ledger into the visit, and the same again when all is built anew."""

from __future__ import annotations

from sqlalchemy import select, text

from api.db.engine import Sessions
from api.db.tables import VisitRow
from api.ledger.refold import rebuild
from api.ledger.store import PostgresLedger
from routing.events import Source
from tests.builders import a_call_in_the_menu
from tests.integration.api.ledger.test_storing_rows import NODE, batch_of


async def told_in(sessions: Sessions) -> list[tuple[str, float | None]]:
    async with sessions() as session:
        rows = await session.execute(
            select(VisitRow.queue, VisitRow.told_seconds).order_by(VisitRow.call_id, VisitRow.n)
        )
        return [(queue, told) for queue, told in rows]


async def test_it_is_stored_with_the_visit_and_comes_back_from_the_ledger(sessions: Sessions) -> None:
    story = (
        a_call_in_the_menu().milestone("estimate", queue="insurance", told="300", seconds="247", basis="recent").wait(2)
    )
    story.joins("insurance").wait(20).leaves_by_key("2").wait(5).joins("general").wait(4).hangs_up_waiting()
    ledger = PostgresLedger(sessions, NODE)
    for source in (Source.CEL, Source.QUEUE_LOG):
        await ledger.store(batch_of(story.events, source))
    expected = [("insurance", 300.0), ("general", None)]
    assert await told_in(sessions) == expected
    assert (await rebuild(sessions)).equal
    async with sessions.begin() as session:
        await session.execute(text("UPDATE visit SET told_seconds = 60"))
    assert (await rebuild(sessions)).different == [story.call_id]
    assert await told_in(sessions) == expected
