"""The round through the spool every few seconds: nothing depends on a job having arrived.

A job may be lost with a database that came back from a backup, a worker may have died with a file in its hand, the
doors may have been down: what lies in the spool, and what should lie there and does not, is looked at again and again.

A piece that fails is tried again later each time. After `DEAD_AFTER` tries it is a dead letter: an alarm names it once,
and it is still tried now and then, because its sound stays in the spool and what hindered it may end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic
from typing import Any

import asyncpg
import structlog
from prometheus_client import Gauge
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from api.db.engine import passes
from api.playback.expected import ExpectedSound
from api.processes.adoption import PIECE_LIMIT, Adoption
from ivr.kernel.errors import Unavailable
from recordings.ports import FoundTalk

log = structlog.get_logger(__name__)

LOOK_BACK = timedelta(hours=28)
"""How far back absent sound is looked for: yesterday's calls, should the worker have stood for a night."""
DEAD_AFTER = 5
"""Failures in a row after which a piece needs a person."""
FIRST_REST, LONGEST_REST = 10.0, 600.0
"""Seconds a failed piece rests; doubled with each failure."""

FAILING = Gauge("line1420_worker_failing_pieces", "Pieces of the spool that failed and are tried again")
DEAD = Gauge("line1420_worker_dead_pieces", "Pieces of the spool that failed so often that a person must look")


@dataclass(slots=True)
class Trouble:
    """Pieces that failed: how often, and when (on the clock that never jumps) they are tried again."""

    failures: dict[str, int] = field(default_factory=dict)
    rests_until: dict[str, float] = field(default_factory=dict)

    def rests(self, name: str) -> bool:
        return self.rests_until.get(name, 0.0) > monotonic()

    def failed(self, name: str) -> int:
        count = self.failures[name] = self.failures.get(name, 0) + 1
        self.rests_until[name] = monotonic() + min(FIRST_REST * 2 ** (count - 1), LONGEST_REST)
        self._count()
        return count

    def settled(self, name: str) -> None:
        if self.failures.pop(name, None) is not None:
            self.rests_until.pop(name, None)
            self._count()

    def _count(self) -> None:
        FAILING.set(len(self.failures))
        DEAD.set(sum(count >= DEAD_AFTER for count in self.failures.values()))


async def sweep(adoption: Adoption, trouble: Trouble | None = None) -> int:
    """One round; returns how many pieces could not be handled. One bad piece does not stop the others."""
    trouble = trouble or Trouble()
    spool, failed = adoption.pipeline.spool, 0
    adoption.pipeline.look()
    for found in spool.messages():
        failed += await _guarded(found.message, lambda name=found.message: adoption.message(name), trouble)
    for note in adoption.callbacks.all():
        failed += await _guarded(note.code, lambda note=note: adoption.callback(note), trouble)
    for talk in spool.talks():
        failed += await _guarded(talk.recording_id, lambda found=talk: _closed_talk(adoption, found), trouble)
    now = adoption.means.clock.now()
    since, until = now - LOOK_BACK, now - adoption.pipeline.patience.missing
    async with adoption.sessions.begin() as session:
        expected = ExpectedSound(session)
        talks = await expected.overdue_talks(since=since, until=until)
        messages = await expected.overdue_messages(since=since, until=until)
    for talk in talks:
        failed += await _guarded(talk.recording_id, lambda name=talk.recording_id: adoption.talk(name), trouble)
    for message in messages:
        failed += await _guarded(message, lambda name=message: adoption.message(name), trouble)
    return failed


async def keep_sweeping(adoption: Adoption, stop: asyncio.Event, every: timedelta = timedelta(seconds=10)) -> None:
    """Sweep until told to stop. A database that is away is waited for."""
    trouble = Trouble()
    while not stop.is_set():
        try:
            await sweep(adoption, trouble)
        except Exception as error:
            # A fault of ours in one round must not end the rounds: the next one may find other things.
            if database_away(error):
                log.warning("sweep_waits_for_database", problem=type(error).__name__)
            else:
                log.exception("sweep_failed", alarm=True)
        try:
            async with asyncio.timeout(every.total_seconds()):
                await stop.wait()
        except TimeoutError:
            continue


def database_away(error: BaseException) -> bool:
    """Whether the database did not answer, rather than refused. An error of a file is none of it: what the system has
    against a connection arrives as `ConnectionError` (api/db/pool.py)."""
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or isinstance(error, OperationalError | InterfaceError)
    if isinstance(error, TimeoutError):
        return error.errno is None  # a limit of the driver; that of a disk beyond the network has a number
    return isinstance(error, PoolTimeout | ConnectionError | asyncpg.InterfaceError | asyncpg.PostgresConnectionError)


def database_in_trouble(error: BaseException) -> bool:
    """Whether it is away, or answers and has a bad moment (a full disk, a deadlock, its time limit). Nothing is said against a
    job then; a piece of the sweeper is counted, since it alone may be what the server takes too long for."""
    return database_away(error) or (isinstance(error, DBAPIError) and passes(error))


async def _closed_talk(adoption: Adoption, found: FoundTalk) -> None:
    """Adopt a talk, unless it goes on: on a busy floor most of those that lie in the spool do, and cost a look each."""
    if not await adoption.pipeline.is_written(found):
        await adoption.talk(found.recording_id)


async def _guarded(name: str, work: Callable[[], Coroutine[Any, Any, object]], trouble: Trouble) -> int:
    if trouble.rests(name):
        return 0
    limit = asyncio.timeout(PIECE_LIMIT.total_seconds())
    try:
        async with limit:
            await work()
    except Exception as error:
        if database_away(error) and not limit.expired():
            raise
        failures = trouble.failed(name)
        if failures == DEAD_AFTER or not isinstance(error, Unavailable | TimeoutError):
            log.exception("adoption_failed", piece=name, failures=failures, alarm=failures in (1, DEAD_AFTER))
        else:
            log.warning("adoption_waits", piece=name, failures=failures, reason=str(error)[:200])
        return 1
    trouble.settled(name)
    return 0
