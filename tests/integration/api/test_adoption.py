"""From files in the spool to recordings, ledger facts and cases, on a real PostgreSQL with real wav files."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import soundfile
from sqlalchemy import select, text

from api.db.engine import Sessions
from api.db.tables import AuditEntry, CallRecordRow, CaseRow, LedgerEventRow, RecordingRow, VisitRow
from api.jobs import Job, enqueue
from api.processes import worker
from api.processes.adoption import Adoption, Settled
from api.processes.sweep import sweep
from api.settings import ApiSettings
from ivr.kernel.clock import SystemClock
from ivr.kernel.ids import CallId, MessageId
from ivr.kernel.tracking_code import TrackingCode
from tests.sounds import silence, tone, write_speech, write_wav

CALL = CallId("line1420-1763750000.12")
MESSAGE = MessageId("m-" + "5" * 32)
CODE = TrackingCode.from_number(12345678)
NOW = SystemClock().now()


@pytest.fixture
def adoption(settings: ApiSettings, sessions: Sessions) -> Adoption:
    return worker.adoption_of(settings, sessions)


async def a_call(
    sessions: Sessions, *, ended_ago: float | None = 1, talked: float | None = None, message: str = ""
) -> None:
    ended = None if ended_ago is None else NOW - timedelta(seconds=ended_ago)
    arrived = NOW - timedelta(seconds=(ended_ago or 0) + 60)
    async with sessions.begin() as session:
        session.add(
            CallRecordRow(
                call_id=CALL, node="line1420", caller="+989121234567", caller_name="", language="fa", arrived_at=arrived,
                ended_at=ended, disposition="answered" if talked else "left_message", menu_path=[], fallbacks=[],
                survey_offered=False, problems=[],
                voice_message={"message": message, "kind": "complaint", "state": "kept"} if message else None,
            )
        )  # fmt: skip
        await session.flush()
        if talked:
            session.add(
                VisitRow(
                    call_id=CALL, n=1, queue="insurance", entered_at=arrived, connected_at=arrived + timedelta(seconds=5),
                    ended_at=arrived + timedelta(seconds=5 + talked), waited_seconds=5, talked_seconds=talked,
                    outcome="answered", recording=f"{CALL}-1",
                )
            )  # fmt: skip
        if message:
            session.add(
                LedgerEventRow(
                    node="line1420", source="cel", file_id="t", file_offset=1, name="message", at=arrived, call_id=CALL,
                    leg_id=CALL, fields={"message": message, "state": "started", "kind": "complaint"},
                )
            )  # fmt: skip


def sidecar(settings: ApiSettings, code: str = CODE, message: str = MESSAGE, call: str = CALL) -> None:
    folder = settings.spool / "messages"
    folder.mkdir(parents=True, exist_ok=True)
    body = {"message": message, "call_id": call, "kind": "complaint", "code": code, "caller": "09121234567",
            "language": "fa", "started_at": (NOW - timedelta(seconds=40)).isoformat()}  # fmt: skip
    (folder / f"{message}.json").write_text(json.dumps(body))


def message_file(settings: ApiSettings, end: str = ".wav", message: str = MESSAGE) -> Path:
    return write_speech(settings.spool / "messages" / f"{message}{end}")


def legs(settings: ApiSettings, seconds: float) -> None:
    for side, hertz in (("rx", 400), ("tx", 1000)):
        write_wav(settings.spool / "calls" / f"{CALL}-1.{side}.wav", tone(seconds, hertz))


def spooled(settings: ApiSettings) -> list[str]:
    folders = (settings.spool / "calls", settings.spool / "messages", settings.spool / "callbacks")
    return sorted(path.name for folder in folders if folder.is_dir() for path in folder.iterdir())


async def rows(sessions: Sessions, table) -> list:
    async with sessions() as session:
        return list((await session.execute(select(table))).scalars())


async def test_a_talk_becomes_a_recording_of_the_call(adoption, sessions, settings):
    await a_call(sessions, talked=8.0)
    legs(settings, 8.0)
    assert await adoption.call(CALL) is Settled.DONE
    (row,) = await rows(sessions, RecordingRow)
    assert (row.recording_id, row.state, row.seconds, row.expected_seconds) == (f"{CALL}-1", "archived", 8.0, 8.0)
    assert soundfile.info(str(settings.archive / row.archive_key)).channels == 2
    assert spooled(settings) == []
    (fact,) = [event for event in await rows(sessions, LedgerEventRow) if event.source == "line"]
    assert fact.name == "recording_archived"
    assert fact.fields == {"recording": f"{CALL}-1", "kind": "talk", "state": "archived", "seconds": "8.000"}
    assert await rows(sessions, CaseRow) == []


async def test_a_kept_message_opens_one_case_under_the_spoken_code(adoption, sessions, settings):
    await a_call(sessions, message=MESSAGE)
    sidecar(settings)
    message_file(settings)
    assert await adoption.call(CALL) is Settled.DONE
    assert await adoption.call(CALL) is Settled.DONE
    assert await sweep(adoption) == 0
    (case,) = await rows(sessions, CaseRow)
    assert (case.code, case.kind, case.state, case.caller) == (CODE, "complaint", "open", "+989121234567")
    assert (case.call_id, case.recording_id) == (CALL, MESSAGE)
    assert case.opened_at == NOW - timedelta(seconds=40)
    assert case.due_at > case.opened_at + timedelta(days=15)
    assert case.deadline["allowance_seconds"] == 15 * 8 * 3600
    assert len(await rows(sessions, RecordingRow)) == 1
    facts = sorted(event.name for event in await rows(sessions, LedgerEventRow) if event.source == "line")
    assert facts == ["case_opened", "recording_archived"]
    (entry,) = await rows(sessions, AuditEntry)
    assert (entry.action, entry.target, entry.actor) == ("case.opened", f"case:{CODE}", "system:worker")
    assert spooled(settings) == []


async def test_two_workers_at_once_make_one_case(adoption, sessions, settings):
    await a_call(sessions, message=MESSAGE)
    sidecar(settings)
    message_file(settings)
    results = await asyncio.gather(*(adoption.message(MESSAGE) for _ in range(4)))
    assert Settled.DONE in results
    assert len(await rows(sessions, CaseRow)) == 1
    assert len(await rows(sessions, RecordingRow)) == 1


async def test_a_message_kept_during_the_call_need_not_wait_for_its_end(adoption, sessions, settings):
    sidecar(settings)
    message_file(settings)
    assert await adoption.message(MESSAGE) is Settled.DONE
    assert len(await rows(sessions, CaseRow)) == 1


async def test_hangup_in_mid_message_opens_a_case_once_the_call_is_over(adoption, sessions, settings):
    sidecar(settings)
    message_file(settings, ".part.wav")
    assert await adoption.message(MESSAGE) is Settled.LATER
    await a_call(sessions, message=MESSAGE)
    assert await adoption.message(MESSAGE) is Settled.DONE
    assert [case.code for case in await rows(sessions, CaseRow)] == [CODE]


async def test_a_part_of_an_unknown_call_is_adopted_after_five_quiet_minutes(adoption, sessions, settings):
    sidecar(settings)
    path = message_file(settings, ".part.wav")
    os.utime(path, (NOW.timestamp() - 301,) * 2)
    assert await adoption.message(MESSAGE) is Settled.DONE
    assert len(await rows(sessions, CaseRow)) == 1


async def test_silence_is_kept_for_audit_and_opens_no_case(adoption, sessions, settings):
    await a_call(sessions, message=MESSAGE)
    sidecar(settings)
    write_wav(settings.spool / "messages" / f"{MESSAGE}.wav", silence(6))
    await adoption.call(CALL)
    (row,) = await rows(sessions, RecordingRow)
    assert (row.state, row.reason) == ("empty", "no speech")
    assert (settings.archive / row.archive_key).is_file()
    assert await rows(sessions, CaseRow) == []


async def test_a_message_taken_with_the_doors_down_gets_a_fresh_code(adoption, sessions, settings):
    await a_call(sessions)
    message_file(settings, ".part.wav", message=f"fallback-{CALL}")
    assert await sweep(adoption) == 0
    (case,) = await rows(sessions, CaseRow)
    assert (case.kind, case.caller, case.call_id) == ("unknown", "+989121234567", CALL)
    assert (settings.spool / "codes" / case.code).exists()


async def test_a_code_given_twice_loses_no_message(adoption, sessions, settings):
    other = MessageId("m-" + "6" * 32)
    sidecar(settings)
    sidecar(settings, message=other, call=CallId("line1420-1763750000.99"))
    message_file(settings)
    message_file(settings, message=other)
    assert await sweep(adoption) == 0
    cases = {case.recording_id: case for case in await rows(sessions, CaseRow)}
    assert len(cases) == 2
    assert cases[MESSAGE].code == CODE
    assert cases[other].code != CODE
    assert cases[other].details["spoken_code"] == CODE


async def test_a_call_back_opens_a_case_once(adoption, sessions, settings):
    folder = settings.spool / "callbacks"
    folder.mkdir(parents=True)
    note = json.dumps({"code": CODE, "call_id": CALL, "number": "+982188880000", "keyed": True, "queue": "pensions",
                       "when": "keep_place", "asked_at": NOW.isoformat()})  # fmt: skip
    for _ in range(2):
        (folder / f"{CODE}.json").write_text(note)
        assert await sweep(adoption) == 0
    (case,) = await rows(sessions, CaseRow)
    assert (case.kind, case.caller, case.recording_id) == ("callback", "+982188880000", None)
    assert case.details == {"queue": "pensions", "when": "keep_place", "keyed": True}
    assert case.deadline["allowance_seconds"] == 8 * 3600
    assert spooled(settings) == []


async def test_absent_sound_is_missing_after_a_minute_with_a_reason(adoption, sessions, settings):
    await a_call(sessions, ended_ago=30, talked=8.0)
    assert await adoption.call(CALL) is Settled.LATER
    assert await rows(sessions, RecordingRow) == []
    async with sessions.begin() as session:
        (await session.get(CallRecordRow, CALL)).ended_at = NOW - timedelta(seconds=70)
    assert await sweep(adoption) == 0
    assert await sweep(adoption) == 0
    (row,) = await rows(sessions, RecordingRow)
    assert (row.state, row.reason, row.archive_key) == ("missing", "neither leg is in the spool", None)
    legs(settings, 8.0)  # it was late, not lost
    assert await sweep(adoption) == 0
    (row,) = await rows(sessions, RecordingRow)
    assert (row.state, row.reason) == ("archived", None)
    assert spooled(settings) == []


async def test_a_sidecar_whose_caller_left_before_the_beep_is_cleared(adoption, sessions, settings):
    await a_call(sessions, ended_ago=61)
    sidecar(settings)
    assert await sweep(adoption) == 0
    assert spooled(settings) == []
    assert await rows(sessions, RecordingRow) == []


async def test_empty_legs_of_an_unanswered_wait_are_cleared(adoption, sessions, settings):
    await a_call(sessions)
    legs(settings, 0)
    assert await sweep(adoption) == 0
    assert spooled(settings) == []
    assert await rows(sessions, RecordingRow) == []


async def test_a_death_between_commit_and_clear_is_cleaned_up(adoption, sessions, settings):
    await a_call(sessions, talked=8.0)
    legs(settings, 8.0)
    await adoption.call(CALL)
    legs(settings, 8.0)  # as if the clear had never happened
    assert await sweep(adoption) == 0
    assert spooled(settings) == []
    assert len(await rows(sessions, RecordingRow)) == 1


async def test_without_proof_of_the_archive_copy_nothing_is_cleared(adoption, sessions, settings):
    await a_call(sessions, talked=8.0)
    legs(settings, 8.0)
    await adoption.call(CALL)
    (row,) = await rows(sessions, RecordingRow)
    with (settings.archive / row.archive_key).open("r+b") as file:
        file.seek(1000)
        file.write(b"rot")
    legs(settings, 8.0)
    await sweep(adoption)
    assert len(spooled(settings)) == 2


async def test_a_rollback_leaves_the_file_and_no_row(adoption, sessions, settings, monkeypatch):
    await a_call(sessions, message=MESSAGE)
    sidecar(settings)
    message_file(settings)

    class Broken:
        def now(self):
            raise RuntimeError("no hours today")

    broken = Adoption(
        sessions,
        adoption.pipeline,
        adoption.callbacks,
        type(adoption.means)(adoption.means.clock, adoption.means.codes, Broken()),
    )
    with pytest.raises(RuntimeError):
        await broken.message(MESSAGE)
    assert await rows(sessions, RecordingRow) == []
    assert [event for event in await rows(sessions, LedgerEventRow) if event.source == "line"] == []
    assert len(spooled(settings)) == 2
    assert await sweep(adoption) == 0
    assert len(await rows(sessions, CaseRow)) == 1


class TestJobs:
    """The queue and the process."""

    @pytest.fixture
    async def running(self, settings: ApiSettings, sessions: Sessions) -> AsyncIterator[asyncio.Event]:
        stop = asyncio.Event()
        task = asyncio.create_task(worker.run(settings, stop))
        await asyncio.sleep(0.5)
        yield stop
        stop.set()
        await asyncio.wait_for(task, 12)

    async def test_a_job_rolls_back_with_its_transaction(self, sessions):
        async with sessions() as session:
            await enqueue(session, Job.CALL_ENDED, {"call_id": CALL}, "one")
            await session.rollback()
        assert await self.queued(sessions) == 0
        async with sessions.begin() as session:
            await enqueue(session, Job.CALL_ENDED, {"call_id": CALL}, "one")
            await enqueue(session, Job.CALL_ENDED, {"call_id": CALL}, "one")
        assert await self.queued(sessions) == 1

    async def test_from_message_to_case_in_seconds(self, running, sessions, settings):
        await a_call(sessions, message=MESSAGE)
        sidecar(settings)
        message_file(settings)
        async with sessions.begin() as session:
            await enqueue(session, Job.CALL_ENDED, {"call_id": CALL}, f"call_ended:{CALL}")
        began = asyncio.get_running_loop().time()
        while not await rows(sessions, CaseRow):
            await asyncio.sleep(0.05)
            assert asyncio.get_running_loop().time() - began < 3

    async def test_a_bad_job_is_tried_again_and_ends_as_dead_letter(self, settings, sessions, monkeypatch):
        monkeypatch.setattr(worker, "FAILURE_TRIES", 2)
        stop = asyncio.Event()
        async with sessions.begin() as session:
            await enqueue(session, Job.CALL_ENDED, {"no_call": 1}, None)
        task = asyncio.create_task(worker.run(settings, stop))
        for _ in range(100):
            await asyncio.sleep(0.1)
            if await self.queued(sessions, "failed"):
                break
        stop.set()
        await asyncio.wait_for(task, 12)
        assert await self.queued(sessions, "failed") == 1

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
    for _ in range(200):
        await asyncio.sleep(0.1)
        if await rows(sessions, CaseRow):
            break
    stop.set()
    await asyncio.wait_for(task, 12)
    assert len(await rows(sessions, CaseRow)) == 1
