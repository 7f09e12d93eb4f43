"""Questions to a line's database that no process of ours would ask: plain connections of the test's own."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
from sqlalchemy.engine import make_url

from tests.line import Line


def dsn_of(line: Line) -> str:
    """The line's database as plain PostgreSQL drivers want it."""
    return (
        make_url(line.environment["LINE1420_DATABASE_URL"])
        .set(drivername="postgresql")
        .render_as_string(hide_password=False)
    )


def ask_database(line: Line, query: str, *values: object) -> list[Any]:
    """Rows of one query; raises what asyncpg raises when the database is away."""

    async def ask() -> list[Any]:
        connection = await asyncpg.connect(dsn_of(line), timeout=30, server_settings={"application_name": "fault-test"})
        try:
            return await connection.fetch(query, *values)
        finally:
            await connection.close(timeout=2)

    return asyncio.run(ask())


def backends(line: Line) -> list[int]:
    """Process ids of the connections that our processes hold now."""
    rows = ask_database(line, "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'line1420%'")
    return [row["pid"] for row in rows]
