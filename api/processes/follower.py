"""`python -m api.processes.follower`: reads Asterisk's two ledgers into the database, and calls into records.

It holds nothing: stopped, killed or cut off from the database it goes on at the stored position. While the database is
away the calls go on and the files grow; afterwards a megabyte of rows is one transaction, so it catches up in seconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
from collections.abc import Coroutine
from datetime import datetime, timedelta
from time import monotonic

import structlog
import uvloop

from api.db.engine import connect, sessions_of
from api.http.logs import start_logging
from api.ledger.store import PostgresLedger
from api.processes.ledger_watch import FORGOTTEN, OPEN_TOO_LONG, LedgerWatch
from api.processes.signals import stop_on_signals
from api.processes.vitals import Vitals
from api.settings import ApiSettings, read_settings
from ivr.kernel.calendar import check_time_zone
from ivr.kernel.clock import Clock, SystemClock
from ivr.kernel.errors import Unavailable
from routing.events import Source
from routing.ledger import cel, queue_log
from routing.ledger.follower import Pace, follow
from routing.ledger.tail import Tail

log = structlog.get_logger(__name__)

SIGN_OF_LIFE = timedelta(seconds=5)
"""An idle follower says this often that it is alive; /ready complains after `follower_late`."""
SWEEP = timedelta(seconds=60)
"""Between looks for calls that nobody ended."""
STATEMENT_LIMIT = timedelta(seconds=60)
"""A megabyte of rows after an outage takes longer than a page may."""


class SignOfLife:
    """Says "read to the end, nothing new" now and then; `follow` calls it at every idle look."""

    def __init__(self, ledger: PostgresLedger, source: Source, watch: LedgerWatch) -> None:
        self._ledger = ledger
        self._source = source
        self._watch = watch
        self._said: float | None = None
        """On the clock that never jumps: one that was set back an hour must not silence us for an hour."""

    async def __call__(self, looked: datetime) -> None:
        now = monotonic()
        self._watch.caught_up()
        if self._said is None or now - self._said >= SIGN_OF_LIFE.total_seconds():
            await self._ledger.alive(self._source, looked)
            self._said = now


async def sweep(ledger: PostgresLedger, clock: Clock, limit: timedelta, stop: asyncio.Event) -> None:
    """Close forgotten calls, once a minute, until `stop`."""
    while not stop.is_set():
        try:
            closed = await ledger.sweep(clock.now(), limit)
            OPEN_TOO_LONG.set(await ledger.open_too_long(clock.now(), limit))
            if closed:
                FORGOTTEN.inc(closed)
                log.warning("ledger.closed_forgotten_calls", count=closed)
        except Unavailable as error:
            log.warning("ledger.sweep_waits", reason=error.message)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SWEEP.total_seconds()):
                await stop.wait()


async def run(settings: ApiSettings, stop: asyncio.Event, clock: Clock | None = None) -> None:
    """Follow both ledgers until `stop`; the batches in hand are finished first."""
    clock = clock or SystemClock()
    engine = connect(settings.database_url, application="line1420-follower", pool=3, statement_timeout=STATEMENT_LIMIT)
    ledger = PostgresLedger(sessions_of(engine), settings.systemname)
    logs = settings.asterisk_log
    tails = (
        Tail(logs / "cel-custom" / "line.csv", Source.CEL, cel.scan),
        Tail(logs / "queue_log", Source.QUEUE_LOG, queue_log.scan),
    )
    watches = [LedgerWatch(tail, clock) for tail in tails]

    def measure() -> None:
        for watch in watches:
            watch.measure()

    pace = Pace(rest=settings.ledger_rest.total_seconds())
    log.info("follower.started", files=[str(tail.path) for tail in tails])
    try:
        async with Vitals("follower", settings, measure=measure), asyncio.TaskGroup() as work:
            for tail, watch in zip(tails, watches, strict=True):
                idle = SignOfLife(ledger, tail.source, watch)
                reading = follow(tail, ledger, clock, stop=stop, pace=pace, idle=idle, stored=watch.stored)
                work.create_task(_all_or_none(reading, stop))
            work.create_task(_all_or_none(sweep(ledger, clock, settings.call_open_limit, stop), stop))
    finally:
        await engine.dispose()
    log.info("follower.stopped")


async def _all_or_none(work: Coroutine[object, object, None], stop: asyncio.Event) -> None:
    """When one part ends, all end: a process that follows half of the ledgers looks alive and is not."""
    try:
        await work
    finally:
        stop.set()


async def _main() -> None:
    await run(read_settings(), stop_on_signals())


def main() -> None:
    start_logging("follower")
    check_time_zone()
    gc.freeze()  # what stands since the start is no garbage; looking through it took a fifth of the time of a backlog
    uvloop.run(_main())


if __name__ == "__main__":
    main()
