"""In a rush the first caller of a queue has its talks read, and the others are told from the same for a few seconds."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from api.advice.facts import Facts
from api.advice.kept import KeptFacts
from api.db.engine import Sessions
from ivr.kernel.ids import QueueName
from tests.integration.api.advice.floor import call_back, keep_talks, now

INSURANCE, PENSIONS = QueueName("insurance"), QueueName("pensions")
LASTING = timedelta(seconds=3)


async def talked(sessions: Sessions, kept: KeptFacts, at: datetime, queue: QueueName = INSURANCE) -> list[float]:
    async with sessions() as session:
        facts: Facts = await kept.of(session, queue, at)
    return [span.seconds for span in facts.talks.get(queue, ())]


@pytest.fixture
def began() -> datetime:
    """From which a test counts, however long each of its steps takes."""
    return now()


@pytest.fixture
async def kept(sessions: Sessions, began: datetime) -> KeptFacts:
    """Read once, when there had been one talk of 100 seconds; another of 60 has ended since, and a call back waits."""
    kept = KeptFacts(LASTING)
    async with sessions.begin() as session:
        await keep_talks(session, [100])
    assert await talked(sessions, kept, began) == [100]
    async with sessions.begin() as session:
        await keep_talks(session, [60], queue="pensions")
        session.add(call_back(1))
    return kept


async def test_within_its_time_nothing_is_read_again(sessions: Sessions, kept: KeptFacts, began: datetime) -> None:
    async with sessions() as session:
        assert (await kept.of(session, INSURANCE, began + timedelta(seconds=1))).call_backs == {}
        assert not session.in_transaction()


async def test_after_it_what_has_come_since_is_known(sessions: Sessions, kept: KeptFacts, began: datetime) -> None:
    async with sessions() as session:
        facts = await kept.of(session, INSURANCE, began + LASTING)
        assert facts.call_backs == {INSURANCE: 1}
        assert [span.seconds for span in facts.talks[INSURANCE]] == [100]


async def test_another_queue_is_read_for_itself(sessions: Sessions, kept: KeptFacts, began: datetime) -> None:
    assert await talked(sessions, kept, began, PENSIONS) == [60]


async def test_a_clock_that_was_set_back_does_not_keep_them_for_long(
    sessions: Sessions, kept: KeptFacts, began: datetime
) -> None:
    async with sessions() as session:
        assert (await kept.of(session, INSURANCE, began - timedelta(hours=1))).call_backs == {INSURANCE: 1}
