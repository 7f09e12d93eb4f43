"""The pipeline on fakes: order of steps, faults, second runs."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from ivr.kernel.errors import Unavailable
from ivr.kernel.ids import CallId, MessageId, RecordingId
from ivr.kernel.spool_notes import Sidecar
from recordings.events import RecordingArchived
from recordings.pipeline import Later, Nothing, Pipeline
from recordings.recording import State, Talk
from tests.fakes.recordings import ROOT, Disk, FakeArchive, FakeAudio, FakeSpool, StillClock
from tests.sounds import silence, tone, wav_bytes

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
CALL = CallId("line1420-1.1")
TALK = Talk(RecordingId("line1420-1.1-1"), CALL, NOW - timedelta(minutes=3), 10.0)
MESSAGE = MessageId("m-" + "5" * 32)


@pytest.fixture
def house():
    clock = StillClock(NOW)
    disk = Disk()
    archive = FakeArchive(disk)
    spool = FakeSpool(disk)
    pipeline = Pipeline(spool, FakeAudio(disk, clock), archive, clock, Path("/fake-scratch"))
    return SimpleNamespace(clock=clock, disk=disk, archive=archive, spool=spool, pipeline=pipeline)


def leg(house, side, samples, *, finished=True, ago=2.0):
    path = ROOT / "calls" / f"{TALK.recording_id}.{side}.wav"
    house.disk.write(path, wav_bytes(samples, finished=finished), NOW - timedelta(seconds=ago))


def message(house, samples, *, kept=True, finished=True, ago=2.0, sidecar=True):
    name = f"{MESSAGE}.wav" if kept else f"{MESSAGE}.part.wav"
    house.disk.write(ROOT / "messages" / name, wav_bytes(samples, finished=finished), NOW - timedelta(seconds=ago))
    if sidecar:
        house.spool.sidecars[MESSAGE] = Sidecar(
            MESSAGE, CALL, "complaint", "000000000", "+989121234567", "fa", NOW - timedelta(minutes=1)
        )


async def test_a_talk_becomes_one_stereo_file_caller_left_operator_right(house):
    leg(house, "rx", tone(10, 400))
    leg(house, "tx", tone(9.5, 1000))
    event = await house.pipeline.archive_talk(TALK, ended_at=NOW)
    assert isinstance(event, RecordingArchived)
    made = event.recording
    assert (made.state, made.reason, made.channels, made.seconds) == (State.ARCHIVED, None, 2, 10.0)
    assert made.archive_key == "2026/11/21/line1420-1.1-1.wav"
    both = np.frombuffer(house.archive.kept[made.archive_key][44:], "<i2").reshape(-1, 2)
    assert np.array_equal(both[:, 0], tone(10, 400))
    assert np.array_equal(both[:76000, 1], tone(9.5, 1000))
    assert not both[76000:, 1].any()
    assert len(made.peaks) == 2
    assert event.fields() == {
        "recording": "line1420-1.1-1", "kind": "talk", "state": "archived", "seconds": "10.000",
    }  # fmt: skip


async def test_the_spool_copy_stays_until_it_is_cleared(house):
    leg(house, "rx", tone(10))
    leg(house, "tx", tone(10))
    first = await house.pipeline.archive_talk(TALK, ended_at=NOW)
    assert house.spool.cleared == []
    second = await house.pipeline.archive_talk(TALK, ended_at=NOW)
    assert first == second
    house.pipeline.clear(TALK.recording_id)
    assert not [path for path in house.disk.files if path.is_relative_to(ROOT)]


async def test_a_bad_archive_copy_is_an_error_and_the_spool_keeps_the_sound(house):
    leg(house, "rx", tone(10))
    leg(house, "tx", tone(10))
    house.archive.corrupt = True
    with pytest.raises(Unavailable, match="stays in the spool"):
        await house.pipeline.archive_talk(TALK, ended_at=NOW)
    assert len(house.spool.talks()) == 1


async def test_a_talk_too_short_is_truncated(house):
    leg(house, "rx", tone(6))
    leg(house, "tx", tone(6))
    event = await house.pipeline.archive_talk(TALK, ended_at=NOW)
    assert event.recording.state is State.TRUNCATED


async def test_killed_asterisk_headers_are_repaired(house):
    leg(house, "rx", tone(10), finished=False, ago=10)
    leg(house, "tx", tone(10), finished=False, ago=10)
    event = await house.pipeline.archive_talk(TALK, ended_at=NOW)
    assert event.recording.state is State.REPAIRED
    assert event.recording.seconds == 10.0


async def test_sound_still_being_written_is_left_alone(house):
    leg(house, "rx", tone(10), finished=False, ago=1)
    leg(house, "tx", tone(10))
    assert await house.pipeline.archive_talk(TALK, ended_at=NOW) == Later(TALK.recording_id)
    assert house.archive.kept == {}


async def test_absent_sound_is_missing_after_a_minute_and_may_still_come(house):
    assert await house.pipeline.archive_talk(TALK, ended_at=NOW) == Later(TALK.recording_id)
    house.clock.at = NOW + timedelta(seconds=61)
    event = await house.pipeline.archive_talk(TALK, ended_at=NOW)
    assert (event.recording.state, event.recording.archive_key) == (State.MISSING, None)
    assert event.recording.reason
    leg(house, "rx", tone(10))
    leg(house, "tx", tone(10))
    assert (await house.pipeline.archive_talk(TALK, ended_at=NOW)).recording.state is State.ARCHIVED


async def test_one_voice_alone_is_taken_late_and_says_so(house):
    leg(house, "rx", tone(10))
    house.clock.at = NOW + timedelta(seconds=61)
    event = await house.pipeline.archive_talk(TALK, ended_at=NOW)
    assert (event.recording.state, event.recording.reason) == (State.TRUNCATED, "the operator's voice is missing")


async def test_an_unanswered_wait_leaves_nothing(house):
    leg(house, "rx", silence(0))
    leg(house, "tx", silence(0))
    unanswered = Talk(TALK.recording_id, CALL, NOW, None)
    assert await house.pipeline.archive_talk(unanswered, ended_at=NOW) == Nothing(TALK.recording_id)


async def test_a_kept_message_is_archived_with_its_sidecar(house):
    message(house, tone(4))
    event = await house.pipeline.archive_message(MESSAGE, ended_at=None)
    assert event.speaks
    assert event.sidecar.kind == "complaint"
    assert (event.recording.call_id, event.recording.channels, event.recording.seconds) == (CALL, 1, 4.0)


async def test_hangup_in_mid_message_keeps_what_was_said(house):
    message(house, tone(4), kept=False)
    assert isinstance(await house.pipeline.archive_message(MESSAGE, ended_at=None), Later)
    event = await house.pipeline.archive_message(MESSAGE, ended_at=NOW)
    assert event.recording.state is State.ARCHIVED


async def test_silence_is_kept_and_says_nothing(house):
    message(house, silence(6))
    event = await house.pipeline.archive_message(MESSAGE, ended_at=NOW)
    assert event.recording.state is State.EMPTY
    assert not event.speaks
    assert event.recording.archive_key in house.archive.kept


async def test_a_sidecar_without_sound_is_missing_after_a_minute(house):
    message(house, tone(4))
    house.disk.files.clear()
    house.clock.at = NOW + timedelta(seconds=61)
    event = await house.pipeline.archive_message(MESSAGE, ended_at=NOW)
    assert event.recording.state is State.MISSING
    assert event.sidecar is not None


async def test_a_file_that_is_no_sound_is_kept_out_of_the_archive(house):
    house.disk.write(ROOT / "messages" / f"{MESSAGE}.wav", b"full disk", NOW - timedelta(seconds=9))
    event = await house.pipeline.archive_message(MESSAGE, ended_at=NOW)
    assert (event.recording.state, event.recording.archive_key) == (State.EMPTY, None)
