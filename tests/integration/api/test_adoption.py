"""From files in the spool to recordings, ledger facts and cases, on a real PostgreSQL with real wav files."""

from __future__ import annotations

import asyncio
import json
import os
from datetime import timedelta

import pytest
import soundfile

from api.cases.repository import CaseRows
from api.db.engine import Sessions
from api.db.tables import AuditEntry, CallRecordRow, CaseRow, LedgerEventRow, RecordingRow
from api.processes import worker
from api.processes.adoption import Adoption, Settled
from api.processes.sweep import sweep
from api.settings import ApiSettings
from ivr.kernel.clock import from_epoch
from ivr.kernel.ids import CallId, MessageId
from tests.integration.api.scene import CALL, CODE, MESSAGE, NOW, a_call, legs, message_file, rows, sidecar, spooled
from tests.sounds import silence, write_wav


@pytest.fixture
def adoption(settings: ApiSettings, sessions: Sessions) -> Adoption:
    return worker.adoption_of(settings, sessions)


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
    facts = {event.name: event.at for event in await rows(sessions, LedgerEventRow) if event.source == "line"}
    assert facts.keys() == {"case_opened", "recording_archived"}
    assert facts["case_opened"] > case.opened_at, "when it was written; the deadline counts from the promise"
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


async def test_a_part_is_left_to_its_caller_who_listens_to_it_for_long(adoption, sessions, settings):
    await a_call(sessions, ended_ago=None, message=MESSAGE)
    sidecar(settings)
    path = message_file(settings, ".part.wav")
    os.utime(path, (NOW.timestamp() - 3_000,) * 2)
    assert await adoption.message(MESSAGE) is Settled.LATER
    assert await rows(sessions, CaseRow) == []


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


async def test_a_message_whose_sidecar_cannot_be_read_keeps_the_code_that_was_told(adoption, sessions, settings):
    message_file(settings)
    (settings.spool / "messages" / f"{MESSAGE}.json").write_text("{")
    assert await adoption.message(MESSAGE) is Settled.LATER, "the ledger, which knows it too, may only be behind"
    await a_call(sessions, message=MESSAGE, told=CODE)
    assert await adoption.message(MESSAGE) is Settled.DONE
    (case,) = await rows(sessions, CaseRow)
    assert (case.code, case.kind, case.call_id) == (CODE, "complaint", CALL)
    assert spooled(settings) == []


@pytest.mark.parametrize("told", ["", "12345"], ids=["nothing is told", "what is told is no code"])
async def test_a_message_whose_code_nobody_knows_becomes_a_case(adoption, sessions, settings, told):
    await a_call(sessions, message=MESSAGE, told=told)
    path = message_file(settings)
    (settings.spool / "messages" / f"{MESSAGE}.json").write_text("{")
    os.utime(path, (NOW.timestamp() - 301,) * 2)
    assert await adoption.message(MESSAGE) is Settled.DONE
    (case,) = await rows(sessions, CaseRow)
    assert case.code not in ("", told)


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


async def test_a_call_back_that_only_the_ledger_knows_opens_a_case_too(adoption, sessions):
    await a_call(sessions)
    async with sessions.begin() as session:
        session.add(
            LedgerEventRow(
                node="line1420", source="cel", file_id="t", file_offset=2, name="callback", at=NOW, call_id=CALL, leg_id=CALL,
                fields={"code": CODE, "queue": "general", "when": "when_open", "number": "caller"},
            )
        )  # fmt: skip
    await adoption.call(CALL)
    await adoption.call(CALL)
    (case,) = await rows(sessions, CaseRow)
    assert (case.code, case.kind, case.caller, case.details["when"]) == (CODE, "callback", "+989121234567", "when_open")


@pytest.mark.parametrize(
    ("told", "place"),
    [
        ({"joined": "1795306427", "rank": "5"}, (from_epoch(1_795_306_427), 5)),
        ({"joined": "", "rank": "12"}, (None, 10)),
        ({"joined": "-1", "rank": "x"}, (None, 0)),
        ({}, (None, 0)),  # written by an earlier line
    ],
)
async def test_a_call_back_that_only_the_ledger_knows_keeps_its_second_and_its_priority(sessions, told, place):
    await a_call(sessions)
    fields = {"code": CODE, "queue": "general", "when": "keep_place", "number": "caller", **told}
    async with sessions.begin() as session:
        session.add(
            LedgerEventRow(
                node="line1420", source="cel", file_id="t", file_offset=2, name="callback", at=NOW, call_id=CALL, leg_id=CALL,
                fields=fields,
            )
        )  # fmt: skip
    async with sessions() as session:
        (note,) = await CaseRows(session).callbacks_asked(CALL)
    assert (note.joined_at, note.priority) == place


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
