"""The message box on a real disk: nothing is given twice, nothing is half written, nothing that was kept is lost."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agi_scripts.spool_box import SpoolBox
from ivr.kernel.errors import Unavailable
from ivr.kernel.ids import CallId, MessageId
from ivr.kernel.spool_notes import Sidecar
from ivr.kernel.tracking_code import TrackingCode

MESSAGE = MessageId("m-1")
STARTED = datetime(2026, 11, 21, 8, tzinfo=UTC)
NOTE = Sidecar(MESSAGE, CallId("c-1"), "complaint", TrackingCode.from_number(5), "", "fa", STARTED)


@pytest.fixture
def box(tmp_path: Path) -> SpoolBox:
    return SpoolBox(tmp_path / "spool", room=1)


async def test_a_code_is_never_given_twice(box: SpoolBox, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter([5, 5, 5, 6])
    monkeypatch.setattr("recordings.adapters.spool_codes.secrets.randbelow", lambda _: next(drawn))
    assert await box.reserve_code() == TrackingCode.from_number(5)
    assert await box.reserve_code() == TrackingCode.from_number(6)


async def test_many_callers_at_once_get_different_codes(box: SpoolBox, tmp_path: Path) -> None:
    other_server = SpoolBox(tmp_path / "spool", room=1)
    codes = await asyncio.gather(*(b.reserve_code() for b in [box, other_server] * 20))
    assert len(set(codes)) == 40


async def test_a_box_without_free_codes_says_so(box: SpoolBox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recordings.adapters.spool_codes.secrets.randbelow", lambda _: 5)
    await box.reserve_code()
    with pytest.raises(Unavailable, match="spool/codes"):
        await box.reserve_code()


async def test_a_sidecar_is_whole_and_persian_stays_readable(box: SpoolBox, tmp_path: Path) -> None:
    await box.prepare(NOTE)
    (file,) = (tmp_path / "spool" / "messages").iterdir()
    assert file.name == "m-1.json"
    assert json.loads(file.read_text())["started_at"] == "2026-11-21T08:00:00+00:00"


async def test_keeping_twice_is_keeping_once(box: SpoolBox, tmp_path: Path) -> None:
    folder = tmp_path / "spool" / "messages"
    folder.mkdir(parents=True)
    (folder / "m-1.part.wav").write_bytes(b"sound")
    await box.message(MESSAGE).keep()
    await box.message(MESSAGE).keep()
    assert [f.name for f in folder.iterdir()] == ["m-1.wav"]


async def test_keeping_a_sound_that_never_came_is_told(box: SpoolBox) -> None:
    await box.prepare(NOTE)
    assert not await box.message(MESSAGE).is_kept()
    with pytest.raises(Unavailable):
        await box.message(MESSAGE).keep()


async def test_what_the_worker_has_taken_over_meanwhile_is_kept(box: SpoolBox, tmp_path: Path) -> None:
    folder = tmp_path / "spool" / "messages"
    await box.prepare(NOTE)
    (folder / "m-1.part.wav").write_bytes(b"sound")
    assert not await box.message(MESSAGE).is_kept()
    await box.message(MESSAGE).keep()
    assert await box.message(MESSAGE).is_kept()
    for file in folder.iterdir():
        file.unlink()
    assert await box.message(MESSAGE).is_kept()
    await box.message(MESSAGE).keep()


async def test_a_disk_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("a file where a folder should be")
    with pytest.raises(Unavailable):
        await SpoolBox(tmp_path / "spool", room=1).reserve_code()


async def test_room_is_measured_on_the_spool_s_own_disk(tmp_path: Path) -> None:
    assert await SpoolBox(tmp_path / "spool", room=1).has_room()
    assert not await SpoolBox(tmp_path / "spool", room=1 << 62).has_room()
