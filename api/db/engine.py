"""The way to PostgreSQL: one engine for each process, made at its root and passed down.

Four things go wrong between us and the server, and each is met here. A connection that died while it lay in the
pool is found by the ping before use. A statement that runs too long is ended by the server, never by cancelling a
task in the middle of it. A server that is frozen and ends nothing is given up a little later. A connection on which anything but an SQL error happened (cut wire, cancelled task, driver
in a state it did not expect) is thrown away and never goes back to the pool.
"""

from __future__ import annotations

from datetime import timedelta

import asyncpg
from pydantic_core import from_json, to_json
from sqlalchemy import event
from sqlalchemy.engine.interfaces import ExceptionContext
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from api.db.pool import MeasuredPool, ping_in_one_trip

Sessions = async_sessionmaker[AsyncSession]

DATABASE_AWAY: tuple[type[Exception], ...] = (
    PoolTimeout,
    OperationalError,
    InterfaceError,
    ConnectionError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.AdminShutdownError,
)
"""What is raised when PostgreSQL is not there, is starting or going: try again later. (While connecting, the driver's
own errors arrive unwrapped.) A `DBAPIError` with `connection_invalidated` means the same in the middle of a query."""


SERVER_SILENT = timedelta(seconds=5)
"""The server ends a statement by itself at `statement_timeout`; one that is silent for longer is frozen or cut off."""

IDLE_LIMIT = timedelta(seconds=60)
"""A transaction in which nothing is said for so long is ended by the server; whoever works on sound in one asks for longer."""

_PASSING = ("08", "40", "53", "55P03", "57", "58")
"""SQL states that say something of the server's moment and nothing of the statement: connection, rollback for another's
sake, out of resources (a full disk among them), lock not to be had, intervention (time limit, shutdown), system."""


PAGES = "line1420-pages"
"""Application name of the one connection on which the web process listens for as long as it lives; by it others see since when
pages can be there. Those of its pool are renewed every half hour."""


def passes(error: DBAPIError) -> bool:
    """Whether the same statement may well succeed a little later, though the server answered and refused it now."""
    state = getattr(error.orig, "sqlstate", None)
    return isinstance(state, str) and state.startswith(_PASSING)


def connect(
    url: str,
    *,
    application: str,
    pool: int = 5,
    statement_timeout: timedelta = timedelta(seconds=10),
    connect_timeout: timedelta = timedelta(seconds=3),
    server_silent: timedelta = SERVER_SILENT,
    idle_limit: timedelta = IDLE_LIMIT,
) -> AsyncEngine:
    """An engine for `url` (`postgresql+asyncpg://…`). Opens nothing yet; `application` shows in pg_stat_activity."""
    engine = create_async_engine(
        url,
        poolclass=MeasuredPool,
        pool_size=pool,
        max_overflow=pool,
        pool_timeout=connect_timeout.total_seconds(),
        pool_pre_ping=True,
        pool_recycle=1800,
        json_serializer=_json,
        json_deserializer=from_json,  # a third of the time of the standard library's, and rows of ledgers are many
        connect_args={
            "timeout": connect_timeout.total_seconds(),
            "command_timeout": (statement_timeout + server_silent).total_seconds(),
            "server_settings": {
                "application_name": application,
                "timezone": "UTC",
                "statement_timeout": str(int(statement_timeout.total_seconds() * 1000)),
                "idle_in_transaction_session_timeout": str(int(idle_limit.total_seconds() * 1000)),
                # Compiling a statement to machine code takes a second where five years of calls make it look long; it runs for
                # a few milliseconds.
                "jit": "off",
            },
        },
    )
    engine.sync_engine.dialect.do_ping = ping_in_one_trip
    event.listen(engine.sync_engine, "handle_error", _drop_after_strange_errors)
    return engine


def sessions_of(engine: AsyncEngine) -> Sessions:
    """Sessions of this engine; objects stay readable after the commit, because pages are rendered then."""
    return async_sessionmaker(engine, expire_on_commit=False)


def _json(value: object) -> str:
    return to_json(value).decode()


def _drop_after_strange_errors(context: ExceptionContext) -> None:
    if context.is_disconnect:
        return  # SQLAlchemy knows; the whole pool is emptied, since the server went away
    if getattr(context.original_exception, "sqlstate", None) is None:
        context.is_disconnect = True
        context.invalidate_pool_on_disconnect = False
