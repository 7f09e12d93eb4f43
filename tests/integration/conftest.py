"""A real PostgreSQL for the tests of this folder: a private cluster made for the session, migrated, clean before each test."""

from __future__ import annotations

import functools
import socket
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
import structlog
from fastapi import FastAPI
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from pydantic import SecretStr
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from api import wiring
from api.access import secrets_of
from api.access.guard import cookie_name
from api.access.permissions import DOOR_SCOPES, READ_SCOPES, Role
from api.access.secrets_of import hash_of, hash_password
from api.access.sessions import open_session
from api.db.engine import Sessions, connect, sessions_of
from api.db.metadata import METADATA
from api.db.tables import ApiToken, Person
from api.main import create_app
from api.people.seed import names_of
from api.processes.migrate import bring_up
from api.settings import ApiSettings
from asterisk_conf.stage import postgres

PASSWORD = "گذرواژه-for-tests"
API_TOKEN = "token-of-the-tests"
DOOR_TOKEN = "token-of-the-doors"


_TABLES = (
    *(table.name for table in METADATA.sorted_tables),
    "pgqueuer",
    "pgqueuer_log",
    "pgqueuer_schedules",
    "pgqueuer_statistics",
)
_EMPTY = f"""DO $$ DECLARE it text; filled boolean; BEGIN
    FOREACH it IN ARRAY ARRAY[{", ".join(f"'{name}'" for name in _TABLES)}] LOOP
        EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I)', it) INTO filled;
        IF filled THEN EXECUTE format('DELETE FROM %I', it); END IF;
    END LOOP;
    PERFORM setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)
        FROM pg_sequences WHERE last_value IS NOT NULL;
END $$"""
"""Empties the few tables that a test has filled: a twentieth of what TRUNCATE of all of them costs the server, a thousand times
in a run."""


_REAL_PASSWORDS = secrets_of._passwords, secrets_of._NOBODY


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@dataclass
class Server:
    """A PostgreSQL that a test may stop and start again."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return postgres.database_url(self.folder, self.port)

    def start(self) -> None:
        options = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
        with (self.folder.parent / "postgres.log").open("ab") as log:
            self.process = subprocess.Popen(
                postgres.server_argv(self.folder, self.port, *options), cwd="/", stdout=log, stderr=log
            )
        postgres.wait_ready(self.folder, self.port)

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(2)
            self.process.wait(60)
            self.process = None


@pytest.fixture(scope="session", autouse=True)
def plain_logs() -> None:
    """Log lines as in production, but readable: the library's default draws a frame around every exception for seconds."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(key_order=["level", "event"]),
        ]
    )


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> None:
    """Argon2 of the same kind with the least work: a busy machine takes seconds for the real one, and it has tests of its own
    (tests/unit/api/access)."""
    quick = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=64, parallelism=1),))
    secrets_of._passwords, secrets_of._NOBODY = quick, quick.hash("nobody")


@pytest.fixture
def real_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """For a test of what they cost."""
    monkeypatch.setattr(secrets_of, "_passwords", _REAL_PASSWORDS[0])
    monkeypatch.setattr(secrets_of, "_NOBODY", _REAL_PASSWORDS[1])


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The cluster of this test session. Who stops it starts it again before the test ends."""
    folder = tmp_path_factory.mktemp("cluster") / "postgres"
    server = Server(folder, free_port())
    postgres.ensure_cluster(folder, server.port)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
async def database_url(postgres_server: Server) -> str:
    """A migrated database; take `sessions` too if you write to it, so that it is clean."""
    await bring_up(postgres_server.url)
    return postgres_server.url


@pytest.fixture(scope="session")
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = connect(  # a busy machine is no absent database
        database_url,
        application="tests",
        connect_timeout=timedelta(seconds=30),
        statement_timeout=timedelta(seconds=60),
    )
    yield engine
    await engine.dispose()


@pytest.fixture
async def sessions(engine: AsyncEngine) -> Sessions:
    """Sessions on an empty database: `async with sessions.begin() as session: …`."""
    async with engine.begin() as connection:
        await connection.execute(  # a process killed by the test before may still hold its locks
            text(
                "SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity "
                "WHERE datname = current_database() AND xact_start IS NOT NULL AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
            )
        )
        await connection.execute(text("SET LOCAL session_replication_role = replica"))  # past the append-only guards
        await connection.exec_driver_sql(_EMPTY)
    return sessions_of(engine)


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> ApiSettings:
    return ApiSettings(
        var=tmp_path,
        database_url=database_url,
        api_token=SecretStr(API_TOKEN),
        door_token=SecretStr(DOOR_TOKEN),
        advice_kept=timedelta(),  # a test that changes a floor sees it at once; how they are kept has cases of its own
    )


@pytest.fixture
async def app(sessions: Sessions, settings: ApiSettings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FastAPI]:
    """The web application, begun, on the clean database. It waits longer for a connection than in the field: a busy machine is
    no absent database, and how long it waits has tests of its own."""
    monkeypatch.setattr(wiring, "connect", functools.partial(connect, connect_timeout=timedelta(seconds=30)))
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx2.AsyncClient]:
    """A browser without a session."""
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://line.test") as client:
        yield client


@pytest.fixture
async def api_token_headers(sessions: Sessions) -> dict[str, str]:
    """A program that may read everything."""
    async with sessions.begin() as session:
        session.add(ApiToken(token_hash=hash_of(API_TOKEN), name="tests", scopes=list(READ_SCOPES)))
    return {"Authorization": f"Bearer {API_TOKEN}"}


@pytest.fixture
async def door_token_headers(sessions: Sessions) -> dict[str, str]:
    """A door: may read a case's state and nothing else."""
    async with sessions.begin() as session:
        session.add(ApiToken(token_hash=hash_of(DOOR_TOKEN), name="doors", scopes=list(DOOR_SCOPES)))
    return {"Authorization": f"Bearer {DOOR_TOKEN}"}


@pytest.fixture(scope="session")
async def password_hash() -> str:
    """Of `PASSWORD`, made once: argon2 is slow on purpose."""
    return await hash_password(PASSWORD)


@pytest.fixture
def add_person(sessions: Sessions, password_hash: str) -> Callable[..., Awaitable[None]]:
    """`await add_person(Role.QA)`: an account named like its role, with the password `PASSWORD`."""

    async def add(role: Role, username: str | None = None) -> None:
        name = username or role.value
        async with sessions.begin() as session:
            name_fa, name_en = names_of(name, role)
            session.add(
                Person(
                    username=name,
                    name_fa=name_fa,
                    name_en=name_en,
                    role=role.value,
                    password_hash=password_hash,
                    active=True,
                )
            )

    return add


@pytest.fixture
def log_in(
    app: FastAPI, client: httpx2.AsyncClient, add_person: Callable[..., Awaitable[None]], sessions: Sessions
) -> Callable[[Role], Awaitable[dict[str, Any]]]:
    """`me = await log_in(Role.QA)`: makes the account, logs `client` in, returns /api/v1/me (with `csrf`). The form and the
    check of the password have tests of their own."""

    async def enter(role: Role) -> dict[str, Any]:
        await add_person(role)
        async with sessions.begin() as session:
            person = (await session.scalars(select(Person).where(Person.username == role.value))).one()
            settings: ApiSettings = app.state.settings
            limit, now = settings.session_limit, app.state.clock.now()
            token, _ = await open_session(session, person, now=now, limit=limit, address="127.0.0.1")
        client.cookies.set(cookie_name(settings), token, domain="line.test", path="/")
        return (await client.get("/api/v1/me")).json()

    return enter
