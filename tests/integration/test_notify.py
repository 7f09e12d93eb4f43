"""Word from one process to another, also after the wire broke."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import text

from api.db.engine import Sessions
from api.db.notify import RESYNC, Listener, notify
from tests.patience import until

SILENCE = timedelta(seconds=0.3)
LONG_SILENCE = timedelta(seconds=30)
"""For those who wait for a word: on a busy machine a short one lies between two steps of a test."""


@pytest.fixture
async def listener(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[Listener]:
    listener = Listener(database_url, ("board", "calls"), resync=getattr(request, "param", LONG_SILENCE))
    task = asyncio.create_task(listener.run())
    await asyncio.wait_for(listener.connected.wait(), 30)
    yield listener
    task.cancel()


async def hear(words: AsyncIterator[str]) -> str:
    return await asyncio.wait_for(anext(words), 30)


async def hear_word(words: AsyncIterator[str]) -> str:
    while (word := await hear(words)) == RESYNC:
        pass
    return word


async def test_word_is_heard_when_and_only_if_the_transaction_commits(listener: Listener, sessions: Sessions) -> None:
    words = listener.words("calls")
    assert await hear(words) == RESYNC
    async with sessions() as session:
        await notify(session, "calls", "rolled back")
        await session.rollback()
    async with sessions.begin() as session:
        await notify(session, "calls", "line1420-1.7")
        await notify(session, "board", "not for this one")
    assert await hear_word(words) == "line1420-1.7"


@pytest.mark.parametrize("listener", [SILENCE], indirect=True)
async def test_silence_makes_the_waiter_look_again(listener: Listener) -> None:
    words = listener.words("board")
    assert [await hear(words), await hear(words), await hear(words)] == [RESYNC] * 3


async def test_a_broken_wire_is_mended_and_said(listener: Listener, sessions: Sessions) -> None:
    words = listener.words("calls")
    await hear(words)
    async with sessions() as session:
        await session.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'line1420-listen'")
        )
    await until(lambda: not listener.connected.is_set())
    await asyncio.wait_for(listener.connected.wait(), 30)
    async with sessions.begin() as session:
        await notify(session, "calls", "after the break")
    assert await hear_word(words) == "after the break"


async def test_a_reader_who_sleeps_loses_the_oldest_words_only(listener: Listener, sessions: Sessions) -> None:
    words, awake = listener.words("calls"), listener.words("calls")
    await hear(words)
    await hear(awake)
    async with sessions.begin() as session:
        for number in range(100):
            await notify(session, "calls", str(number))
    while await hear_word(awake) != "99":
        pass
    heard = [await hear_word(words) for _ in range(16)]
    assert heard == [str(number) for number in range(84, 100)]


async def test_a_thing_instead_of_an_id_is_refused(sessions: Sessions) -> None:
    async with sessions() as session:
        with pytest.raises(ValueError, match="carries ids, not things"):
            await notify(session, "calls", "ب" * 4000)
