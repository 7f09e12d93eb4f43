"""A day of years of calls is found by its index: the planner is asked, on rows enough to make it choose."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine

from api.db.engine import Sessions
from api.reports.periods import today
from api.reports.repository import Statement, calls_of, percentiles_of, visits_of
from api.reports.working import time_of
from tests.integration.conftest import Server
from tests.load.history import grow

NEWEST = datetime(2026, 11, 28, 16, 0, tzinfo=UTC)
CALLS = 30_000
DAY = today(NEWEST).before.before


@pytest.mark.timeout(900)
async def test_figures_of_a_day_read_the_rows_of_that_day_only(
    sessions: Sessions, engine: AsyncEngine, postgres_server: Server
) -> None:
    async with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        await connection.exec_driver_sql(
            "VACUUM"
        )  # rows of the tests before lie about, and new ones would lie between them
    await grow(postgres_server.url, 0, CALLS, NEWEST)
    asked: list[tuple[str, Statement]] = [
        ("ix_call_record_arrived_at", calls_of(DAY)),
        ("ix_visit_entered_at", visits_of(DAY, None)),
        ("ix_visit_entered_at", visits_of(DAY, "pensions")),
        ("ix_visit_entered_at", percentiles_of(DAY, None)),
    ]
    async with sessions() as session:
        connection = await session.connection()
        for index, statement in asked:
            words = statement.compile(dialect=asyncpg.dialect(), compile_kwargs={"literal_binds": True})
            plan = "\n".join((await connection.exec_driver_sql(f"EXPLAIN {words}")).scalars())
            assert index in plan, plan
            assert "Seq Scan" not in plan, plan
        statement = time_of(DAY, NEWEST)
        explain = text(f"EXPLAIN {statement.text}").bindparams(**statement.compile().params)
        plan = "\n".join((await session.execute(explain)).scalars())
        assert "ix_visit_entered_at" in plan, plan
        for long in ("visit", "wrap_up"):
            assert f"Seq Scan on {long}" not in plan, plan
