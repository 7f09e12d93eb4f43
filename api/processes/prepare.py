"""`python -m api.processes.prepare`: tables brought up to date, then seeded: what a start of the line needs, in one interpreter.
Each alone: `api.processes.migrate`, `api.processes.seed`. Doing it twice changes nothing."""

from __future__ import annotations

import asyncio

import structlog

from api.db.migrations.plan import newest
from api.http.logs import start_logging
from api.processes.migrate import bring_up
from api.processes.seed import sow
from api.settings import ApiSettings, read_settings

log = structlog.get_logger(__name__)


async def prepare(settings: ApiSettings) -> None:
    """The tables first, in a transaction of their own: what was brought up stays, whatever becomes of the seed."""
    await bring_up(settings.database_url)
    await sow(settings)


def main() -> None:
    start_logging("prepare")
    asyncio.run(prepare(read_settings()))
    log.info("prepare.done", revision=newest())


if __name__ == "__main__":
    main()
