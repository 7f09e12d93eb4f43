"""The connection: limited by the server, thrown away after anything strange."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from api.db.engine import connect
from api.processes.sweep import database_away


@pytest.fixture
async def one_connection(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = connect(database_url, application="one", pool=1, statement_timeout=timedelta(seconds=3))
    yield engine
    await engine.dispose()


async def backend(engine: AsyncEngine) -> int:
    async with engine.connect() as connection:
        return (await connection.execute(text("SELECT pg_backend_pid()"))).scalar_one()


async def test_the_server_ends_what_runs_too_long_and_the_connection_lives_on(one_connection: AsyncEngine) -> None:
    before = await backend(one_connection)
    with pytest.raises(DBAPIError, match="statement timeout"):
        async with one_connection.begin() as connection:
            await connection.execute(text("SELECT pg_sleep(10)"))
    assert await backend(one_connection) == before


async def test_a_connection_whose_query_was_cancelled_is_not_used_again(one_connection: AsyncEngine) -> None:
    before = await backend(one_connection)
    begun = asyncio.Event()

    async def slow() -> None:
        async with one_connection.begin() as connection:
            await connection.execute(text("SET LOCAL statement_timeout = 0"))
            begun.set()
            await connection.execute(text("SELECT pg_sleep(60)"))

    task = asyncio.create_task(slow())
    await asyncio.wait_for(begun.wait(), 20)
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await backend(one_connection) != before


async def test_a_connection_whose_driver_lost_its_step_is_not_used_again(one_connection: AsyncEngine) -> None:
    before = await backend(one_connection)
    async with one_connection.connect() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver is not None
        other = asyncio.create_task(driver.fetch("SELECT pg_sleep(0.1)"))
        await asyncio.sleep(0)
        with pytest.raises(DBAPIError, match="another operation is in progress"):
            await connection.execute(text("SELECT 1"))
        await asyncio.gather(other, return_exceptions=True)
    assert await backend(one_connection) != before


async def test_no_statement_is_compiled_to_machine_code(one_connection: AsyncEngine) -> None:
    """With five years of calls that took a second of every question about figures (`docs/load.md`)."""
    async with one_connection.connect() as connection:
        assert (await connection.execute(text("SHOW jit"))).scalar_one() == "off"


async def test_a_database_that_is_nowhere_is_away_and_no_error_of_a_file() -> None:
    """Without a socket the driver says `FileNotFoundError`, as a file of the spool would."""
    engine = connect("postgresql+asyncpg://line1420@/line1420?host=/nowhere", application="lost")
    with pytest.raises(ConnectionError, match="FileNotFoundError") as caught:
        async with engine.connect():
            pass
    assert database_away(caught.value)
    assert not database_away(FileNotFoundError())
    await engine.dispose()
