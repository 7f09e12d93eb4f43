"""The round through the spool every few seconds: nothing depends on a job having arrived.

A job may be lost with a database that came back from a backup, a worker may have died with a file in its hand, the
doors may have been down: what lies in the spool, and what should lie there and does not, is looked at again and again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from datetime import timedelta

import asyncpg
import structlog
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from api.playback.expected import ExpectedSound
from api.processes.adoption import Adoption

log = structlog.get_logger(__name__)

LOOK_BACK = timedelta(hours=28)
"""How far back absent sound is looked for: yesterday's calls, should the worker have stood for a night."""


async def sweep(adoption: Adoption) -> int:
    """One round; returns how many pieces could not be handled. One bad piece does not stop the others."""
    spool, failed = adoption.pipeline.spool, 0
    for found in spool.messages():
        failed += await _guarded(found.message, adoption.message(found.message))
    for note in adoption.callbacks.all():
        failed += await _guarded(note.code, adoption.callback(note))
    for talk in spool.talks():
        failed += await _guarded(talk.recording_id, adoption.talk(talk.recording_id))
    now = adoption.means.clock.now()
    since, until = now - LOOK_BACK, now - adoption.pipeline.patience.missing
    async with adoption.sessions.begin() as session:
        expected = ExpectedSound(session)
        talks = await expected.overdue_talks(since=since, until=until)
        messages = await expected.overdue_messages(since=since, until=until)
    for talk in talks:
        failed += await _guarded(talk.recording_id, adoption.talk(talk.recording_id))
    for message in messages:
        failed += await _guarded(message, adoption.message(message))
    return failed


async def keep_sweeping(adoption: Adoption, stop: asyncio.Event, every: timedelta = timedelta(seconds=10)) -> None:
    """Sweep until told to stop. A database that is away is waited for."""
    while not stop.is_set():
        try:
            await sweep(adoption)
        except Exception as error:
            # A fault of ours in one round must not end the rounds: the next one may find other things.
            if database_away(error):
                log.warning("sweep_waits_for_database", problem=type(error).__name__)
            else:
                log.exception("sweep_failed", alarm=True)
        try:
            await asyncio.wait_for(stop.wait(), every.total_seconds())
        except TimeoutError:
            continue


def database_away(error: BaseException) -> bool:
    """Whether the database did not answer, rather than refused."""
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or isinstance(error, OperationalError | InterfaceError)
    return isinstance(error, PoolTimeout | OSError | asyncpg.InterfaceError | asyncpg.PostgresConnectionError)


async def _guarded(name: str, work: Awaitable[object]) -> int:
    try:
        await work
    except Exception as error:
        if database_away(error):
            raise
        log.exception("adoption_failed", piece=name, alarm=True)
        return 1
    return 0
