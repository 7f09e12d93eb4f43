"""The worker: its queue, its process, its deaths."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from api.db.engine import Sessions
from api.db.tables import CaseRow, RecordingRow
from api.jobs import Job, enqueue
from api.processes import worker
from api.processes.adoption import Adoption
from api.settings import ApiSettings
from ivr.kernel.ids import CallId
from ivr.kernel.tracking_code import TrackingCode
from recordings.adapters.audio_tool import AudioFiles
from tests.integration.api.scene import CALL, MESSAGE, a_call, message_file, rows, sidecar, spooled
from tests.patience import quickest_awaited


class BadSound(AudioFiles):
    """The audio tool on a bad day."""

    def __init__(self, what: str) -> None:
        super().__init__()
        self._what = what

    async def measure(self, path):
        if self._what == "hangs":
            await asyncio.sleep(3600)
        raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))


@contextlib.asynccontextmanager
async def at_work(settings: ApiSettings, adoption: Adoption) -> AsyncIterator[None]:
    """The worker's queue, without the sweeper beside it."""
    stop = asyncio.Event()
    task = asyncio.create_task(worker.work(settings, adoption, stop))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(task, 60)


@contextlib.asynccontextmanager
async def refused_recordings(sessions: Sessions, state: str) -> AsyncIterator[None]:
    """The server refuses each new row of `recording` with this SQL state."""
    refusal = f"BEGIN RAISE EXCEPTION 'not now' USING ERRCODE = '{state}'; END"
    async with sessions.begin() as session:
        await session.execute(text(f"CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ {refusal} $$"))
        await session.execute(
            text("CREATE TRIGGER refuse BEFORE INSERT ON recording FOR EACH ROW EXECUTE FUNCTION refuse()")
        )
    try:
        yield
    finally:
        async with sessions.begin() as session:
            await session.execute(text("DROP FUNCTION refuse CASCADE"))


class TestJobs:
    """The queue and the process."""

    @pytest.fixture
    async def running(self, settings: ApiSettings, sessions: Sessions) -> AsyncIterator[asyncio.Event]:
        stop = asyncio.Event()
        task = asyncio.create_task(worker.run(settings, stop))
        await asyncio.sleep(0.5)
        yield stop
        stop.set()
        await asyncio.wait_for(task, 60)

    async def test_a_job_rolls_back_with_its_transaction(self, sessions):
        async with sessions() as session:
            await enqueue(session, Job.CALL_ENDED, {"call_id": CALL}, "one")
            await session.rollback()
        assert await self.queued(sessions) == 0
        async with sessions.begin() as session:
            await enqueue(session, Job.CALL_ENDED, {"call_id": CALL}, "one")
            await enqueue(session, Job.CALL_ENDED, {"call_id": CALL}, "one")
        assert await self.queued(sessions) == 1

    async def test_from_message_to_case(self, running, sessions, settings):
        await a_call(sessions, message=MESSAGE)
        sidecar(settings)
        message_file(settings)
        async with sessions.begin() as session:
            await enqueue(session, Job.CALL_ENDED, {"call_id": CALL}, f"call_ended:{CALL}")
        await until(sessions, 1, within=60)  # how soon: below, over several messages

    async def test_a_bad_job_is_tried_again_and_ends_as_dead_letter(self, settings, sessions, monkeypatch):
        monkeypatch.setattr(worker, "FAILURE_TRIES", 2)
        stop = asyncio.Event()
        async with sessions.begin() as session:
            await enqueue(session, Job.CALL_ENDED, {"no_call": 1}, None)
        task = asyncio.create_task(worker.run(settings, stop))
        async with asyncio.timeout(60):
            while not await self.queued(sessions, "failed"):
                await asyncio.sleep(0.1)
        stop.set()
        await asyncio.wait_for(task, 60)
        assert await self.queued(sessions, "failed") == 1

    @pytest.mark.parametrize("sound", ["cannot be read", "hangs"])
    async def test_a_job_whose_sound_cannot_be_worked_on_ends_as_dead_letter(
        self, settings, sessions, monkeypatch, sound
    ):
        monkeypatch.setattr(worker, "FAILURE_TRIES", 2)
        monkeypatch.setattr(worker, "PIECE_LIMIT", timedelta(seconds=3))
        await a_call(sessions, message=MESSAGE)
        sidecar(settings)
        message_file(settings)
        adoption = worker.adoption_of(settings, sessions)
        bad = replace(adoption, pipeline=replace(adoption.pipeline, audio=BadSound(sound)))
        async with sessions.begin() as session:
            await enqueue(session, Job.CALL_ENDED, {"call_id": CALL}, None)
        async with at_work(settings, bad), asyncio.timeout(60):
            while not await self.queued(sessions, "failed"):
                await asyncio.sleep(0.1)

    @pytest.mark.parametrize(
        "state",
        [
            pytest.param("53100", id="full disk", marks=pytest.mark.slow),
            pytest.param("57014", id="time limit", marks=pytest.mark.slow),
            pytest.param("40P01", id="deadlock"),
        ],
    )
    async def test_a_job_outlives_a_bad_moment_of_the_database(self, settings, sessions, monkeypatch, state):
        monkeypatch.setattr(worker, "FAILURE_TRIES", 2)
        await a_call(sessions, message=MESSAGE)
        sidecar(settings)
        message_file(settings)
        async with at_work(settings, worker.adoption_of(settings, sessions)):
            async with refused_recordings(sessions, state):
                async with sessions.begin() as session:
                    await enqueue(session, Job.CALL_ENDED, {"call_id": CALL}, None)
                async with asyncio.timeout(60):
                    while await self.tries(sessions) < 2 and not await self.queued(sessions, "failed"):
                        await asyncio.sleep(0.1)
                assert await self.queued(sessions, "failed") == 0
            await until(sessions, 1, within=60)

    async def tries(self, sessions: Sessions) -> int:
        async with sessions() as session:
            return (await session.execute(text("SELECT attempts FROM pgqueuer"))).scalar_one()

    async def queued(self, sessions: Sessions, status: str | None = None) -> int:
        async with sessions() as session:
            where = "WHERE status = 'failed'" if status else ""
            return (await session.execute(text(f"SELECT count(*) FROM pgqueuer {where}"))).scalar_one()


async def test_the_worker_waits_for_a_stopped_database_and_goes_on(settings, sessions, postgres_server):
    stop = asyncio.Event()
    task = asyncio.create_task(worker.run(settings, stop))
    await asyncio.sleep(1)
    await asyncio.to_thread(postgres_server.stop)
    try:
        await asyncio.sleep(2)
        assert not task.done()
        sidecar(settings)
        message_file(settings)
    finally:
        await asyncio.to_thread(postgres_server.start)
    await until(sessions, 1, within=60)
    stop.set()
    await asyncio.wait_for(task, 60)
    assert len(await rows(sessions, CaseRow)) == 1


class Process:
    """`python -m api.processes.worker` as supervisord runs it; its log in a file, so that it never waits for a reader."""

    def __init__(self, settings: ApiSettings) -> None:
        self._settings = settings
        self._log = settings.var / "worker.log"
        self._child: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> asyncio.subprocess.Process:
        settings = self._settings
        environment = {**os.environ, "LINE1420_VAR": str(settings.var), "LINE1420_DATABASE_URL": settings.database_url}
        with self._log.open("wb") as log:
            self._child = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "api.processes.worker", env=environment, stderr=log
            )
        began = time.monotonic()
        while b"worker_ready" not in self._log.read_bytes():
            await asyncio.sleep(0.1)
            assert time.monotonic() - began < 90, self._log.read_text()
        return self._child

    async def __aexit__(self, *error: object) -> None:
        if self._child is not None and self._child.returncode is None:
            self._child.kill()
            await self._child.wait()


async def until(sessions: Sessions, cases: int, within: float) -> float:
    """Seconds until there are at least so many cases."""
    began = time.monotonic()
    while len(await rows(sessions, CaseRow)) < cases:
        assert time.monotonic() - began < within
        await asyncio.sleep(0.05)
    return time.monotonic() - began


async def test_messages_become_cases_within_seconds_and_sigterm_ends_it(settings, sessions):
    waits: list[float] = []
    async with Process(settings) as process:
        for n in range(8):
            name, call = f"m-{uuid4().hex}", CallId(f"line1420-9.{n}")
            sidecar(settings, code=TrackingCode.from_number(n), message=name, call=call)
            message_file(settings, message=name)
            async with sessions.begin() as session:
                await enqueue(session, Job.CALL_ENDED, {"call_id": call}, f"call_ended:{call}")
            waits.append(await until(sessions, n + 1, within=60))
        seconds = await ended_after(process)
    assert min(waits) < 5, waits
    assert seconds < 8 or await quickest_awaited(lambda: an_idle_one_ends_after(settings), 8) < 8


async def ended_after(process: asyncio.subprocess.Process) -> float:
    """Seconds from SIGTERM to its good end."""
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), 60) == 0
    return time.monotonic() - began


async def an_idle_one_ends_after(settings: ApiSettings) -> float:
    async with Process(settings) as process:
        return await ended_after(process)


async def test_killed_in_the_middle_and_started_again_nothing_is_lost_or_doubled(settings, sessions):
    names = [f"m-{uuid4().hex}" for _ in range(30)]
    for n, name in enumerate(names):
        sidecar(settings, code=TrackingCode.from_number(n), message=name, call=CallId(f"line1420-9.{n}"))
        message_file(settings, message=name)
    for killed in (1, 2, 3):
        async with Process(settings):
            await until(sessions, 2 * killed, within=60)
    assert len(await rows(sessions, CaseRow)) > 0
    async with Process(settings) as process:
        await until(sessions, 30, within=60)
        while spooled(settings):
            await asyncio.sleep(0.1)
        process.terminate()
        assert await asyncio.wait_for(process.wait(), 60) == 0
    cases = await rows(sessions, CaseRow)
    assert sorted(case.recording_id for case in cases) == sorted(names)
    assert sorted(case.code for case in cases) == sorted(TrackingCode.from_number(n) for n in range(30))
    assert len(await rows(sessions, RecordingRow)) == 30
