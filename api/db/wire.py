"""The driver's own connection under a session, for what only it can do, inside the session's transaction.

Whole tables of rows go both ways here without being taken through the layers above: PostgreSQL's COPY on the way in,
the driver's own records on the way out. What goes wrong is raised as the session would have raised it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import asyncpg
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession


async def wire_of(session: AsyncSession) -> asyncpg.Connection:
    """The session's own connection, inside its transaction."""
    connection = await session.connection()
    wire = (await connection.get_raw_connection()).driver_connection
    if wire is None:
        raise RuntimeError("the session has no asyncpg connection under it")
    if not wire.is_in_transaction():
        # SQLAlchemy begins on asyncpg at its first own statement only; without one the work would commit by itself.
        await session.execute(text("SELECT 1"))
    return wire


async def copy_rows(
    session: AsyncSession, table: str, columns: Sequence[str], rows: Iterable[tuple[object, ...]]
) -> None:
    """Binary COPY. A row whose key stands already fails all of them; a JSONB value is given as its text."""
    wire = await wire_of(session)
    with as_the_session(wire, f"COPY {table}"):
        await wire.copy_records_to_table(table, records=rows, columns=columns)


async def fetch_rows(session: AsyncSession, statement: str, *values: object) -> list[asyncpg.Record]:
    """Rows of a statement with `$1 …`, as the driver gives them."""
    wire = await wire_of(session)
    with as_the_session(wire, statement):
        return await wire.fetch(statement, *values)


@contextmanager
def as_the_session(wire: asyncpg.Connection, statement: str) -> Iterator[None]:
    """Around what is done on the wire: the driver's own errors leave as those of SQLAlchemy, which everybody waits for."""
    try:
        yield
    except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise DBAPIError(statement, None, error, connection_invalidated=wire.is_closed()) from error
