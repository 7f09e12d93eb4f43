"""One behaviour for the real adapters of recordings and for their fakes."""

import errno
import json
import os
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import soundfile

from ivr.kernel.clock import SystemClock
from ivr.kernel.errors import Invalid, NotFound
from ivr.kernel.ids import MessageId, RecordingId
from ivr.kernel.spool_notes import Sidecar
from ivr.kernel.tracking_code import TrackingCode
from recordings.adapters.archive import LocalArchive
from recordings.adapters.audio_tool import AudioFiles
from recordings.adapters.spool_directory import SpoolDirectory
from recordings.adapters.wav_file import read_head
from recordings.ports import Archive, AudioTool, Spool
from tests.fakes.recordings import ROOT, Disk, FakeArchive, FakeAudio, FakeSpool, StillClock
from tests.sounds import silence, tone, wav_bytes, write_speech

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
TALK = RecordingId("line1420-1.1-1")
MESSAGE = MessageId("m-" + "5" * 32)
CODE = TrackingCode.from_number(12345678)


@dataclass
class Bench:
    spool: Spool
    audio: AudioTool
    archive: Archive
    folder: Path
    disk: Disk | None

    def put(self, name: str, data: bytes, ago: float = 0) -> Path:
        path = self.folder / name
        if self.disk is not None:
            return self.disk.write(path, data, NOW - timedelta(seconds=ago))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        os.utime(path, (NOW.timestamp() - ago,) * 2)
        return path

    def sidecar(self) -> Sidecar:
        made = Sidecar(MESSAGE, "line1420-1.1", "complaint", CODE, "+989121234567", "fa", NOW)
        if isinstance(self.spool, FakeSpool):
            self.spool.sidecars[MESSAGE] = made
        else:
            text = json.dumps({"message": MESSAGE, "call_id": made.call_id, "kind": made.kind, "code": CODE,
                               "caller": made.caller, "language": "fa", "started_at": NOW.isoformat()})  # fmt: skip
            (self.folder / "messages" / f"{MESSAGE}.json").write_text(text)
        return made


@pytest.fixture(params=["fake", "real"])
def bench(request, tmp_path: Path) -> Bench:
    if request.param == "fake":
        disk, clock = Disk(), StillClock(SystemClock().now())
        return Bench(FakeSpool(disk), FakeAudio(disk, clock), FakeArchive(disk), ROOT, disk)
    return Bench(
        SpoolDirectory(tmp_path / "spool"), AudioFiles(), LocalArchive(tmp_path / "archive"), tmp_path / "spool", None
    )


class TestSpool:
    def test_finds_talks_by_their_legs(self, bench):
        bench.put(f"calls/{TALK}.rx.wav", wav_bytes(tone(1)), ago=7)
        bench.put("calls/notes.txt", b"not ours")
        (found,) = bench.spool.talks()
        assert found.recording_id == TALK
        assert found.rx is not None
        assert found.rx.changed_at == NOW - timedelta(seconds=7)
        assert found.tx is None

    def test_finds_messages_kept_and_part_with_sidecar(self, bench):
        bench.put(f"messages/{MESSAGE}.part.wav", wav_bytes(tone(1)), ago=9)
        made = bench.sidecar()
        (found,) = bench.spool.messages()
        assert (found.kept, found.sidecar) == (False, made)
        bench.put(f"messages/{MESSAGE}.wav", wav_bytes(tone(2)), ago=3)
        found = bench.spool.message(MESSAGE)
        assert found.kept
        assert found.file is not None
        assert found.file.path.name == f"{MESSAGE}.wav"

    def test_a_sidecar_alone_is_a_message_without_sound(self, bench):
        bench.sidecar()
        (found,) = bench.spool.messages()
        assert found.file is None
        assert found.sidecar is not None

    def test_what_is_not_there_is_empty(self, bench):
        assert bench.spool.talks() == []
        assert bench.spool.talk(TALK).rx is None
        assert bench.spool.message(MESSAGE).file is None

    def test_clear_removes_all_files_of_one_recording_and_no_other(self, bench):
        other = RecordingId("line1420-1.1-2")
        for one in (TALK, other):
            bench.put(f"calls/{one}.rx.wav", wav_bytes(tone(1)))
            bench.put(f"calls/{one}.tx.wav", wav_bytes(tone(1)))
        bench.put(f"messages/{MESSAGE}.part.wav", wav_bytes(tone(1)))
        bench.sidecar()
        bench.spool.clear(TALK)
        bench.spool.clear(RecordingId(MESSAGE))
        bench.spool.clear(RecordingId(MESSAGE))
        assert [found.recording_id for found in bench.spool.talks()] == [other]
        assert bench.spool.messages() == []


class TestAudioTool:
    async def test_measures_a_finished_and_an_unfinished_file(self, bench):
        good = bench.put("calls/a-1.rx.wav", wav_bytes(tone(2)))
        cut = bench.put("calls/a-1.tx.wav", wav_bytes(tone(2), finished=False))
        assert (await bench.audio.measure(good)).finished
        sound = await bench.audio.measure(cut)
        assert (sound.seconds, sound.rate, sound.channels, sound.finished) == (2.0, 8000, 1, False)

    async def test_what_is_no_sound_is_refused(self, bench):
        with pytest.raises(Invalid):
            await bench.audio.measure(bench.put("calls/a-1.rx.wav", b"x" * 100))
        with pytest.raises(Invalid):
            await bench.audio.measure(bench.put("calls/a-2.rx.wav", b""))

    async def test_joins_two_legs_and_pads_the_shorter(self, bench, tmp_path):
        left = bench.put("calls/a-1.rx.wav", wav_bytes(tone(1.5, 300)))
        right = bench.put("calls/a-1.tx.wav", wav_bytes(tone(2, 900), finished=False))
        sound = await bench.audio.join(left, right, tmp_path / "out.wav")
        assert (sound.seconds, sound.channels) == (2.0, 2)
        both = await bench.audio.samples(tmp_path / "out.wav")
        assert np.array_equal(both[:12000, 0], tone(1.5, 300))
        assert not both[12000:, 0].any()
        assert np.array_equal(both[:, 1], tone(2, 900))

    async def test_an_absent_leg_is_silence(self, bench, tmp_path):
        right = bench.put("calls/a-1.tx.wav", wav_bytes(tone(1)))
        await bench.audio.join(None, right, tmp_path / "out.wav")
        both = await bench.audio.samples(tmp_path / "out.wav")
        assert not both[:, 0].any()
        with pytest.raises(Invalid):
            await bench.audio.join(None, None, tmp_path / "none.wav")

    async def test_a_copy_has_a_right_header(self, bench, tmp_path):
        source = bench.put("messages/x.part.wav", wav_bytes(tone(1), finished=False))
        assert (await bench.audio.copy(source, tmp_path / "copy.wav")).finished
        assert (await bench.audio.measure(tmp_path / "copy.wav")).finished


class TestArchive:
    KEY = "2026/11/21/a-1.wav"

    async def test_what_is_put_can_be_proved_and_read_in_parts(self, bench):
        data = os.urandom(200_000)
        path = bench.put("work.wav", data)
        ours = await bench.archive.put(self.KEY, path)
        assert await bench.archive.digest(self.KEY) == (ours, 200_000)
        assert b"".join([piece async for piece in bench.archive.stream(self.KEY, 0, 199_999)]) == data
        assert (
            b"".join([piece async for piece in bench.archive.stream(self.KEY, 70_000, 140_000)]) == data[70_000:140_001]
        )
        assert b"".join([piece async for piece in bench.archive.stream(self.KEY, 7, 7)]) == data[7:8]

    async def test_putting_again_replaces(self, bench):
        await bench.archive.put(self.KEY, bench.put("one.wav", b"one"))
        await bench.archive.put(self.KEY, bench.put("two.wav", b"second"))
        assert (await bench.archive.digest(self.KEY))[1] == 6

    async def test_absent_and_foreign_keys(self, bench):
        with pytest.raises(NotFound):
            await bench.archive.digest(self.KEY)
        with pytest.raises(NotFound):
            [piece async for piece in bench.archive.stream(self.KEY, 0, 9)]
        with pytest.raises(Invalid):
            await bench.archive.digest("../../etc/passwd")


# What only the real ones can show.


def test_links_in_the_spool_are_never_followed(tmp_path: Path):
    spool = SpoolDirectory(tmp_path)
    (tmp_path / "secret.wav").write_bytes(wav_bytes(tone(1)))
    (tmp_path / "secret.json").write_text("{}")
    (tmp_path / "calls" / f"{TALK}.rx.wav").symlink_to(tmp_path / "secret.wav")
    (tmp_path / "messages" / f"{MESSAGE}.wav").symlink_to(tmp_path / "secret.wav")
    (tmp_path / "messages" / f"{MESSAGE}.json").symlink_to(tmp_path / "secret.json")
    assert spool.talks() == []
    assert spool.messages() == []
    assert spool.message(MESSAGE).file is None
    with pytest.raises(OSError, match="symbolic"):
        read_head(tmp_path / "calls" / f"{TALK}.rx.wav")


GOOD = {"message": MESSAGE, "call_id": "a", "kind": "complaint", "code": CODE, "started_at": "2026-11-21T12:00:00Z"}


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", "9" * 20_000]
    + [
        json.dumps({**GOOD, **change})
        for change in (
            {"message": "m-other"},
            {"call_id": "../x"},
            {"code": "123"},
            {"started_at": "2026-11-21T12:00:00"},
            {"kind": None, "code": None},
        )
    ]
    + [json.dumps({"message": MESSAGE})],
)
def test_a_broken_sidecar_does_not_hide_its_message(tmp_path: Path, text: str):
    spool = SpoolDirectory(tmp_path)
    (tmp_path / "messages" / f"{MESSAGE}.json").write_text(text)
    (tmp_path / "messages" / f"{MESSAGE}.wav").write_bytes(wav_bytes(tone(1)))
    (found,) = spool.messages()
    assert found.sidecar is None
    assert found.file is not None
    assert found.unread, "there was one, and somebody may know elsewhere what it said"


def test_a_sidecar_that_the_disk_does_not_give_back_does_not_hide_its_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    spool = SpoolDirectory(tmp_path)
    (tmp_path / "messages" / f"{MESSAGE}.json").write_text(json.dumps(GOOD))
    (tmp_path / "messages" / f"{MESSAGE}.wav").write_bytes(wav_bytes(tone(1)))

    def bad_sector(*_: object) -> int:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patched:
        patched.setattr("os.open", bad_sector)
        found = spool.message(MESSAGE)
        assert (found.sidecar, found.unread, found.kept) == (None, True, True)
    found = spool.message(MESSAGE)
    assert found.sidecar is not None
    assert (found.sidecar.code, found.unread) == (CODE, False)


async def test_links_in_the_archive_are_never_followed(tmp_path: Path):
    archive = LocalArchive(tmp_path / "archive")
    (tmp_path / "secret").write_bytes(b"secret")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "a-1.wav").write_bytes(b"secret")
    (tmp_path / "archive/2026/11/21").mkdir(parents=True)
    (tmp_path / "archive/2026/11/21/a-1.wav").symlink_to(tmp_path / "secret")
    (tmp_path / "archive/2026/11/22").symlink_to(tmp_path / "elsewhere")
    for key in ("2026/11/21/a-1.wav", "2026/11/22/a-1.wav"):
        with pytest.raises(NotFound):
            await archive.digest(key)
        with pytest.raises(NotFound):
            [piece async for piece in archive.stream(key, 0, 5)]


async def test_other_codecs_go_through_ffmpeg(tmp_path: Path):
    speech = write_speech(tmp_path / "speech.wav")
    gsm = tmp_path / "speech-ulaw.wav"
    subprocess.run(["sox", str(speech), "-e", "u-law", str(gsm)], check=True)
    sound = await AudioFiles().copy(gsm, tmp_path / "copy.wav")
    assert sound.seconds == pytest.approx(soundfile.info(str(speech)).duration, abs=0.05)
    joined = await AudioFiles().join(gsm, speech, tmp_path / "both.wav")
    assert joined.channels == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["both.wav", "copy.wav", "speech-ulaw.wav", "speech.wav"]


async def test_a_sound_that_ffmpeg_cannot_read_is_refused(tmp_path: Path):
    broken = bytearray(wav_bytes(silence(1)))
    broken[20:22] = (0x7777).to_bytes(2, "little")
    (tmp_path / "broken.wav").write_bytes(bytes(broken))
    with pytest.raises(Invalid):
        await AudioFiles().copy(tmp_path / "broken.wav", tmp_path / "copy.wav")


async def test_ffmpeg_and_sox_agree_on_what_we_wrote(tmp_path: Path):
    (tmp_path / "a.rx.wav").write_bytes(wav_bytes(tone(2, 400), finished=False))
    (tmp_path / "a.tx.wav").write_bytes(wav_bytes(tone(3, 1000)))
    await AudioFiles().join(tmp_path / "a.rx.wav", tmp_path / "a.tx.wav", tmp_path / "both.wav")
    seconds = subprocess.run(
        ["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", str(tmp_path / "both.wav")],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    assert float(seconds) == pytest.approx(3.0)
    for channel, hertz in ((1, 400), (2, 1000)):
        stat = subprocess.run(["sox", str(tmp_path / "both.wav"), "-n", "remix", str(channel), "trim", "0", "1.9", "stat"],
                              check=True, capture_output=True, text=True).stderr  # fmt: skip
        rough = next(line for line in stat.splitlines() if "Rough" in line)
        assert float(rough.split()[-1]) == pytest.approx(hertz, rel=0.05)
