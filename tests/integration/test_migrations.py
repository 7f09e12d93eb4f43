"""The migrated database is exactly what the code believes, and guards what may never change."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from api.db.engine import Sessions
from api.db.metadata import METADATA
from api.db.migrations.plan import newest
from api.processes.migrate import bring_up


async def test_migrated_schema_is_the_metadata(engine: AsyncEngine) -> None:
    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_server_default": True,
                "include_name": lambda name, kind, _: not (kind == "table" and str(name).startswith("pgqueuer")),
            },
        )
        return compare_metadata(context, METADATA)

    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_migrating_twice_changes_nothing(database_url: str, engine: AsyncEngine) -> None:
    await bring_up(database_url)
    async with engine.connect() as connection:
        assert (await connection.scalars(text("SELECT version_num FROM alembic_version"))).all() == [newest()]


@pytest.mark.parametrize("table", ["ledger_event", "audit_entry"])
@pytest.mark.parametrize("deed", ["DELETE FROM {}", "TRUNCATE {}", "UPDATE {} SET at = now()"])
async def test_what_happened_cannot_be_changed(sessions: Sessions, table: str, deed: str) -> None:
    async with sessions.begin() as session:
        await session.execute(
            text(
                "INSERT INTO ledger_event (node, source, file_id, file_offset, name, at, fields) "
                "VALUES ('n', 'cel', 'f', 0, 'x', now(), '{}')"
            )
        )
        await session.execute(
            text(
                "INSERT INTO audit_entry (at, actor, action, target, details, address) "
                "VALUES (now(), 'a', 'b', 'c', '{}', '')"
            )
        )
    with pytest.raises(DBAPIError, match="append-only"):
        async with sessions.begin() as session:
            await session.execute(text(deed.format(table)))


async def test_persian_is_sorted_the_persian_way(sessions: Sessions) -> None:
    async with sessions() as session:
        letters = await session.scalars(
            text("SELECT x FROM unnest(ARRAY['گ','ی','ب','چ','پ','ک','ت']) AS x ORDER BY x")
        )
        assert letters.all() == ["ب", "پ", "ت", "چ", "ک", "گ", "ی"]
