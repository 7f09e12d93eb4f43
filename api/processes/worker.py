"""`python -m api.processes.worker`: jobs of pgqueuer, and beside them the sweeper, until SIGTERM.

Jobs make it fast (a kept message is a case within two seconds of its rows), the sweeper makes it certain. A job that fails is
tried again with growing waits; after the last try it stays in the queue table as `failed` (the dead letter) with an
alarm in the log, and the sweeper goes on looking at the files themselves.
"""

from __future__ import annotations

import asyncio
import gc
import json
import random
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import asyncpg
import structlog
import uvloop
from pgqueuer.db import AsyncpgDriver
from pgqueuer.errors import RetryRequested
from pgqueuer.executors import AbstractEntrypointExecutor
from pgqueuer.models import Context
from pgqueuer.models import Job as QueuedJob
from pgqueuer.ports.driver import NotifyCallback
from pgqueuer.qm import QueueManager
from pgqueuer.queries import Queries
from sqlalchemy.engine import make_url

from api.callbacks.text_messages import HttpTextMessages, TextKind, number_of
from api.cases.adapters.spool_notes import SpoolCallbacks
from api.db.engine import Sessions, connect, sessions_of
from api.http.logs import start_logging
from api.jobs import Job, jobs_now
from api.processes.adoption import PIECE_LIMIT, Adoption, Settled
from api.processes.alarm_rounds import keep_looking, rounds_of
from api.processes.means import means_of
from api.processes.reconcile import ledgers_of, nightly
from api.processes.signals import stop_on_signals
from api.processes.spool_watch import look_at_spool, tell_jobs
from api.processes.sweep import database_in_trouble, keep_sweeping
from api.processes.vitals import Vitals
from api.processes.volumes import keep_watching, volumes_of
from api.settings import ApiSettings
from ivr.kernel.calendar import check_time_zone
from ivr.kernel.clock import SystemClock
from ivr.kernel.failpoints import hit_here
from ivr.kernel.ids import CallId
from recordings.adapters.archive import LocalArchive
from recordings.adapters.audio_tool import AudioFiles
from recordings.adapters.spool_directory import SpoolDirectory
from recordings.pipeline import Pipeline

log = structlog.get_logger(__name__)

NOT_READY_TRIES = 5
"""Looks at a call whose files are not closed yet, a second apart; Asterisk needs a tenth. Then the sweeper has it."""
FAILURE_TRIES = 8
"""Tries of a job that fails, with 1, 2, 4 … seconds between: about two minutes, a restart of anything we lean on."""
LONGEST_WAIT = timedelta(seconds=60)
POLL = timedelta(seconds=5)
"""How often the queue is looked at without a notification; a lost one costs this much."""
GATHER = 0.25
"""Seconds between the word of a new job and the look: a call's two ledgers are read within it, and ask for one job."""
ROUND = 1.0
"""Seconds between two looks, at least: a kept message is still a case within two of its rows."""
BATCH = 16
"""Jobs taken at one look at most."""
HANDS = 4
"""Of them so many are done at once: each holds a connection while it reads and writes sound."""
LEASE = timedelta(seconds=15)
"""A job whose worker has not been heard of for so long is taken by the next one; doing it twice is the same as once."""
RECONNECT_WAITS = (0.5, 1.0, 2.0, 5.0)
"""Seconds between tries to reach the database; the last repeats."""
SERVER_SILENT_SECONDS = 30
"""A question about jobs takes milliseconds; a server that is silent for so long is frozen, and the link is made anew."""
DRAIN = timedelta(seconds=8)
"""SIGTERM: pieces in hand may be finished this long; whatever is cut off is done again by the next worker."""


@dataclass
class Patiently(AbstractEntrypointExecutor):
    """Runs a job; a failure is tried again, and after the last try becomes a dead letter with an alarm. A database in trouble is
    waited for, however long."""

    async def execute(self, job: QueuedJob, context: Context) -> None:
        limit = asyncio.timeout(PIECE_LIMIT.total_seconds())
        try:
            async with limit:
                await self.parameters.func(job)  # pyright: ignore[reportCallIssue]
        except RetryRequested:
            raise
        except Exception as error:
            # Any failure: whether it is worth a retry is decided by counting, not by guessing its kind.
            if job.attempts + 1 >= FAILURE_TRIES and (limit.expired() or not database_in_trouble(error)):
                log.exception("job_dead", job=job.entrypoint, id=job.id, alarm=True)
                raise
            delay = min(timedelta(seconds=2 ** min(job.attempts, 10)), LONGEST_WAIT)
            log.warning("job_failed", job=job.entrypoint, attempt=job.attempts, problem=str(error)[:200])
            raise RetryRequested(delay=delay, reason=str(error)[:200]) from error


class NewJobs(AsyncpgDriver):
    """Passes on no word of jobs that were done: the queue says it of every change, the worker's own among them."""

    async def add_listener(self, channel: str, callback: NotifyCallback) -> None:
        def heard(payload: str | bytes | bytearray) -> None:
            if not _tells_of_leaving(payload):
                callback(payload)

        await super().add_listener(channel, heard)


class Rounds(QueueManager):
    """Looks at the queue in rounds: a look is half a dozen statements, more than most jobs need themselves."""

    _next_look = 0.0
    """By the loop's clock."""

    async def fetch_jobs(
        self, batch_size: int, global_concurrency_limit: int | None, heartbeat_timeout: timedelta
    ) -> AsyncGenerator[QueuedJob, None]:
        """As the library's, after the wait that the pace asks for."""
        clock = asyncio.get_running_loop().time
        wait = max(GATHER, self._next_look - clock())
        try:
            async with asyncio.timeout(wait):
                await self.shutdown.wait()
        except TimeoutError:
            self._next_look = clock() + ROUND
        async for job in super().fetch_jobs(batch_size, global_concurrency_limit, heartbeat_timeout):
            yield job


def _tells_of_leaving(payload: str | bytes | bytearray) -> bool:
    try:
        said = json.loads(payload)
    except ValueError:
        return False  # the library's own listener says what it thinks of that
    return isinstance(said, dict) and said.get("operation") == "delete"


def manager_of(connection: asyncpg.Connection, adoption: Adoption) -> Rounds:
    """The queue with its entrypoints, on a connection of its own."""
    manager, hands = Rounds(Queries(NewJobs(connection))), asyncio.Semaphore(HANDS)

    @manager.entrypoint(Job.CALL_ENDED.value, on_failure="hold", executor_factory=Patiently, accepts_context=False)
    async def call_ended(job: QueuedJob) -> None:
        call_id = CallId(json.loads(job.payload or b"{}")["call_id"])
        async with hands:
            settled = await adoption.call(call_id)
        if settled is Settled.LATER and job.attempts < NOT_READY_TRIES:
            raise RetryRequested(delay=timedelta(seconds=1), reason="a file is not ready")
        await hit_here("worker.before_acknowledge")

    sender = HttpTextMessages(adoption.sms_hook)

    @manager.entrypoint(Job.TEXT_MESSAGE.value, on_failure="hold", executor_factory=Patiently, accepts_context=False)
    async def text_message(job: QueuedJob) -> None:
        asked = json.loads(job.payload or b"{}")
        async with adoption.sessions() as session:
            number = await number_of(session, asked["code"])
        if number:
            await sender.send(asked["code"], number, TextKind(asked["kind"]))

    return manager


async def work(settings: ApiSettings, adoption: Adoption, stop: asyncio.Event) -> None:
    """Serve the queue until told to stop; connect again whenever the database was away."""
    dsn = make_url(settings.database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    failures = 0
    while not stop.is_set():
        try:
            connection = await asyncpg.connect(
                dsn,
                timeout=5,
                command_timeout=SERVER_SILENT_SECONDS,
                server_settings={"application_name": "line1420-jobs"},
            )
            try:
                failures = 0
                log.info("worker_ready")
                await _serve(manager_of(connection, adoption), stop)
            finally:
                with suppress(Exception):
                    await connection.close(timeout=2)
        except Exception as error:  # noqa: BLE001 - the files are still there and the sweeper runs: log, wait, begin again
            log.warning("worker_reconnects", problem=f"{type(error).__name__}: {error}"[:200])
            wait = RECONNECT_WAITS[min(failures, len(RECONNECT_WAITS) - 1)]
            wait *= random.uniform(0.5, 1.0)  # noqa: S311 - so that processes do not come back in step
            with suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await stop.wait()
            failures += 1


async def _serve(manager: Rounds, stop: asyncio.Event) -> None:
    running = asyncio.create_task(
        manager.run(dequeue_timeout=POLL, batch_size=BATCH, shutdown_on_listener_failure=True, heartbeat_timeout=LEASE)
    )
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait((running, stopping), return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    manager.shutdown.set()
    done, _ = await asyncio.wait((running,), timeout=DRAIN.total_seconds())
    if not done:
        running.cancel()
        await asyncio.wait((running,), timeout=1)
    elif not stop.is_set():
        await running
        raise ConnectionError("the queue stopped by itself")


def adoption_of(settings: ApiSettings, sessions: Sessions) -> Adoption:
    """The worker's hands, made of the real adapters."""
    spool, clock = settings.spool.absolute(), SystemClock()
    scratch = settings.archive.absolute() / ".scratch"
    scratch.mkdir(parents=True, exist_ok=True)
    pipeline = Pipeline(
        SpoolDirectory(spool), AudioFiles(), LocalArchive(settings.archive.absolute()), clock, scratch,
        message_min_seconds=settings.message_min_seconds,
    )  # fmt: skip
    return Adoption(
        sessions, pipeline, SpoolCallbacks(spool), means_of(settings, clock), volumes_of(settings), settings.sms_hook
    )


async def run(settings: ApiSettings, stop: asyncio.Event) -> None:
    """Jobs and sweeper side by side until `stop`."""
    engine = connect(settings.database_url, application="line1420-worker", pool=settings.database_pool)
    adoption = adoption_of(settings, sessions_of(engine))
    _drop_leavings(adoption.pipeline.scratch)
    sessions = adoption.sessions

    async def look() -> None:
        await asyncio.to_thread(look_at_spool, settings.spool, adoption.means.clock.now())
        async with sessions() as session:
            tell_jobs(await jobs_now(session))

    try:
        async with Vitals("worker", settings, look=look), asyncio.TaskGroup() as group:
            group.create_task(work(settings, adoption, stop))
            group.create_task(keep_sweeping(adoption, stop))
            group.create_task(keep_watching(adoption.volumes, stop))
            group.create_task(nightly(adoption.sessions, ledgers_of(settings), SystemClock(), stop))
            clock = SystemClock()
            group.create_task(keep_looking(rounds_of(settings, clock), adoption.sessions, clock, stop))
    finally:
        await engine.dispose()


def _drop_leavings(scratch: Path) -> None:
    """What a killed worker had in the making; the spool still has the original."""
    for path in scratch.glob("*.wav"):
        path.unlink(missing_ok=True)


async def _main() -> None:
    await run(ApiSettings(), stop_on_signals())
    log.info("worker_stopped")


def main() -> None:
    start_logging("worker")
    check_time_zone()
    gc.freeze()  # what was imported lives as long as we do and need not be looked through again and again
    uvloop.run(_main())


if __name__ == "__main__":
    main()
