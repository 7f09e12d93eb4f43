"""Sound that is torn, lies about itself, is no sound, hangs its reader or never ends: each becomes a row with a reason or
stays in the spool; none stops the others."""

from __future__ import annotations

import asyncio
import os
import struct
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import soundfile

from api.db.engine import Sessions
from api.db.tables import CaseRow, RecordingRow
from api.processes import sweep as sweeping
from api.processes import worker
from api.processes.adoption import Adoption, Settled
from api.processes.sweep import DEAD_AFTER, Trouble, sweep
from api.processes.volumes import Volumes
from api.settings import ApiSettings
from ivr.kernel.clock import SystemClock
from ivr.kernel.ids import CallId
from ivr.kernel.tracking_code import TrackingCode
from recordings.recording import State
from tests.integration.api.scene import CALL, MESSAGE, a_call, legs, message_file, rows, sidecar, spooled
from tests.sounds import tone, wav_bytes, write_speech


@pytest.fixture
def adoption(settings: ApiSettings, sessions: Sessions) -> Adoption:
    return worker.adoption_of(settings, sessions)


def aged(path: Path, seconds: float) -> Path:
    at = SystemClock().now().timestamp() - seconds
    os.utime(path, (at, at))
    return path


def sizes(path: Path, *, riff: int, data: int) -> Path:
    """Let the header say these sizes."""
    with path.open("r+b") as file:
        file.seek(4)
        file.write(struct.pack("<I", riff))
        file.seek(40)
        file.write(struct.pack("<I", data))
    return path


def as_asterisk_writes(path: Path) -> Path:
    """Speech with the plain head of 44 bytes."""
    spoken, rate = soundfile.read(str(write_speech(path)), dtype="int16")
    path.write_bytes(wav_bytes(spoken, rate=rate))
    return path


HEADS = {
    "zero_after_a_kill": {"riff": 0, "data": 0},
    "promises_more_than_there_is": {"riff": 36 + 9_000_000, "data": 9_000_000},
    "promises_less_than_there_is": {"riff": 36 + 800, "data": 800},
    "all_ones_as_streams_say": {"riff": 0xFFFFFFFF, "data": 0xFFFFFFFF},
}


@pytest.mark.parametrize("head", HEADS)
async def test_a_header_that_lies_is_repaired_and_the_row_says_so(adoption, sessions, settings, head):
    await a_call(sessions, message=MESSAGE, ended_ago=30)
    sidecar(settings)
    path = as_asterisk_writes(settings.spool / "messages" / f"{MESSAGE}.part.wav")
    whole = path.stat().st_size
    aged(sizes(path, **HEADS[head]), 20)
    assert await sweep(adoption) == 0
    (row,) = await rows(sessions, RecordingRow)
    assert (row.state, row.reason) == ("repaired", "header was not finished")
    assert row.bytes == whole, "every frame that was written is there"
    assert soundfile.info(str(settings.archive / row.archive_key)).frames == (whole - 44) // 2
    assert len(await rows(sessions, CaseRow)) == 1


@pytest.mark.parametrize(
    "content", [b"", b"R", b"RIFF\0\0\0\0WAVE", b"\xff\xfb\x90\x00" * 500, wav_bytes(tone(1))[:40]], ids=len
)
async def test_what_is_no_sound_is_empty_and_leads_to_no_case(adoption, sessions, settings, content):
    await a_call(sessions, message=MESSAGE, ended_ago=30)
    sidecar(settings)
    path = settings.spool / "messages" / f"{MESSAGE}.part.wav"
    path.write_bytes(content)
    aged(path, 20)
    assert await sweep(adoption) == 0
    (row,) = await rows(sessions, RecordingRow)
    assert (row.state, row.seconds) == ("empty", 0.0)
    assert await rows(sessions, CaseRow) == []


async def test_an_hour_of_talk_is_no_trouble(adoption, sessions, settings):
    await a_call(sessions, talked=3600.0)
    legs(settings, 1.0)
    for side in ("rx", "tx"):
        path = settings.spool / "calls" / f"{CALL}-1.{side}.wav"
        with path.open("r+b") as file:
            file.truncate(44 + 3600 * 16_000)
        sizes(path, riff=36 + 3600 * 16_000, data=3600 * 16_000)
    assert await adoption.call(CALL) is Settled.DONE
    (row,) = await rows(sessions, RecordingRow)
    assert (row.state, row.seconds) == ("archived", 3600.0)


async def test_a_link_in_the_spool_is_never_followed(adoption, sessions, settings, tmp_path):
    secret = write_speech(tmp_path / "secret.wav")
    folder = settings.spool / "messages"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{MESSAGE}.wav").symlink_to(secret)
    os.mkfifo(folder / ("m-" + "7" * 32 + ".wav"))
    assert await asyncio.wait_for(sweep(adoption), 60) == 0
    assert await rows(sessions, RecordingRow) == []
    assert secret.exists()


async def test_a_file_that_never_stops_growing_waits_and_holds_up_nobody(adoption, sessions, settings):
    other = "m-" + "8" * 32
    await a_call(sessions, message=MESSAGE, ended_ago=30)
    sidecar(settings)
    growing = as_asterisk_writes(settings.spool / "messages" / f"{MESSAGE}.part.wav")
    aged(sizes(growing, riff=0, data=0), 20)
    sidecar(settings, message=other, code=str(TrackingCode.from_number(23_456_789)))
    message_file(settings, message=other)

    async def grow() -> None:
        while True:
            with growing.open("ab") as file:
                file.write(bytes(320))
            aged(growing, 3600)  # as after a jump of the clock: its age tells nothing
            await asyncio.sleep(0.2)

    writer = asyncio.create_task(grow())
    try:
        assert await sweep(adoption) == 0
    finally:
        writer.cancel()
    assert [row.recording_id for row in await rows(sessions, RecordingRow)] == [other]
    assert growing.exists()
    assert await sweep(adoption) == 0
    assert {row.recording_id for row in await rows(sessions, RecordingRow)} == {other, MESSAGE}


class Deaf:
    """The audio tool on a bad day: `measure` works, everything else does as it is told."""

    def __init__(self, inner, what):
        self.inner, self.what, self.calls = inner, what, 0

    async def measure(self, path):
        return await self.inner.measure(path)

    async def samples(self, path):
        return await self.inner.samples(path)

    async def join(self, left, right, target):
        return await self._fail()

    async def copy(self, source, target):
        return await self._fail()

    async def _fail(self):
        self.calls += 1
        if self.what == "hangs":
            await asyncio.sleep(3600)
        raise RuntimeError("garbage")


@pytest.mark.parametrize("what", ["raises", "hangs"])
async def test_sound_that_cannot_be_worked_on_becomes_a_dead_letter_and_stays(
    adoption, sessions, settings, monkeypatch, capsys, what
):
    await a_call(sessions, message=MESSAGE, ended_ago=30)
    sidecar(settings)
    path = message_file(settings)
    deaf = Deaf(adoption.pipeline.audio, what)
    broken = replace(adoption, pipeline=replace(adoption.pipeline, audio=deaf))
    if what == "hangs":
        monkeypatch.setattr(sweeping, "PIECE_LIMIT", timedelta(seconds=4))
    trouble = Trouble()
    for _ in range(DEAD_AFTER):
        assert await asyncio.wait_for(sweep(broken, trouble), 60) == 1
        calls = deaf.calls  # a busy machine may use its time up before the tool is asked
        assert await sweep(broken, trouble) == 0, "a failed piece rests"
        assert deaf.calls == calls
        trouble.rests_until.clear()
    assert deaf.calls == DEAD_AFTER if what == "raises" else 1 <= deaf.calls <= DEAD_AFTER
    assert sweeping.DEAD._value.get() == 1
    assert path.exists()
    assert await rows(sessions, RecordingRow) == []
    monkeypatch.undo()
    assert await sweep(adoption, trouble) == 0, "once it can be worked on, it is"
    assert sweeping.DEAD._value.get() == 0
    (row,) = await rows(sessions, RecordingRow)
    assert row.state == State.ARCHIVED.value
    assert spooled(settings) == []


async def test_a_nearly_full_archive_leaves_talks_in_the_spool_and_takes_messages(adoption, sessions, settings):
    class NearlyFull(Volumes):
        def take_talks(self):
            return False

    await a_call(sessions, talked=8.0)
    legs(settings, 8.0)
    careful = replace(adoption, volumes=NearlyFull({}))
    assert await careful.call(CALL) is Settled.LATER
    sidecar(settings, call=CallId("line1420-1763750000.99"))
    message_file(settings)
    assert await careful.message(MESSAGE) is Settled.DONE
    assert [row.recording_id for row in await rows(sessions, RecordingRow)] == [MESSAGE]
    assert len(spooled(settings)) == 2, "both legs wait"
    assert await adoption.call(CALL) is Settled.DONE
    assert len(await rows(sessions, RecordingRow)) == 2
