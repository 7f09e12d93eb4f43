"""`python -m api.processes.migrate`: bring the database to what this code needs. Doing it twice changes nothing."""

from __future__ import annotations

import asyncio

import structlog
from sqlalchemy import text

from api.db.engine import connect
from api.db.migrations.plan import migrate, newest
from api.http.logs import start_logging
from api.settings import read_settings

log = structlog.get_logger(__name__)

_ONE_AT_A_TIME = 1420_0001
"""Two nodes that start together must not both create the tables."""


async def bring_up(database_url: str) -> None:
    """All in one transaction: the database is at the old step or at the new one, never between."""
    engine = connect(database_url, application="line1420-migrate", pool=1)
    try:
        async with engine.begin() as connection:
            await connection.execute(text("SET LOCAL statement_timeout = 0"))
            await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ONE_AT_A_TIME})
            await connection.run_sync(migrate)
    finally:
        await engine.dispose()


def main() -> None:
    start_logging("migrate")
    asyncio.run(bring_up(read_settings().database_url))
    log.info("migrate.done", revision=newest())


if __name__ == "__main__":
    main()
