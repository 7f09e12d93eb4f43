"""The pool of one engine, with its measures: how many connections are out, and how long it took to get one that works.

The time includes the ping, and a new connection where the old one was dead; a pool that is too small and a database that
is too slow both show here first.
"""

from __future__ import annotations

import time
from typing import Any

from prometheus_client import Counter, Gauge, Histogram
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import AsyncAdaptedQueuePool, PoolProxiedConnection

IN_USE = Gauge("line1420_database_pool_in_use", "Connections that are handed out now.")
SIZE = Gauge("line1420_database_pool_size", "Connections that may be handed out at once, those for a rush included.")
WAIT = Histogram(
    "line1420_database_pool_wait_seconds",
    "From asking for a connection to holding one that answers.",
    buckets=(0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 3.0, 10.0),
)
TIMEOUTS = Counter("line1420_database_pool_timeouts_total", "Times nobody gave a connection back within the limit.")
FAILURES = Counter(
    "line1420_database_connections_failed_total", "Connections that could not be had for another reason."
)


class MeasuredPool(AsyncAdaptedQueuePool):
    """SQLAlchemy's queue pool, measured. A process has one."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        IN_USE.set_function(self.checkedout)

    def connect(self) -> PoolProxiedConnection:
        """One connection, as `QueuePool.connect`; raises what that raises, and `ConnectionError` for any other `OSError`."""
        SIZE.set(self.size() + max(self._max_overflow, 0))
        asked = time.perf_counter()
        try:
            connection = super().connect()
        except PoolTimeout:
            TIMEOUTS.inc()
            raise
        except Exception as error:
            FAILURES.inc()
            if isinstance(error, OSError) and not isinstance(error, ConnectionError):
                # No route, no such name, no socket: said of the database here, and elsewhere taken for an error of a file.
                raise ConnectionError(f"the database is not reached: {type(error).__name__}: {error}") from error
            raise
        WAIT.observe(time.perf_counter() - asked)
        return connection


def ping_in_one_trip(dbapi_connection: DBAPIConnection) -> bool:
    """Whether a pooled connection answers. The dialect's own ping opens and ends a transaction around the question, for
    the sake of connection poolers, which we have none of: three trips for each transaction of ours."""
    wire: Any = dbapi_connection
    wire.autocommit = True
    try:
        wire.ping()
    finally:
        wire.autocommit = False
    return True
