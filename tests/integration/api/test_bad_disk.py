"""A disk that refuses one file stops no other piece: the refused one is counted, tried again, and in the end a dead letter.
One that is only slow costs nothing but time."""

from __future__ import annotations

import asyncio
import errno
import json
import os
from dataclasses import replace
from datetime import timedelta

import pytest

from api.db.engine import Sessions, connect, sessions_of
from api.db.tables import CaseRow, RecordingRow
from api.processes import sweep as sweeping
from api.processes import worker
from api.processes.adoption import Adoption, Settled
from api.processes.sweep import DEAD_AFTER, Trouble, sweep
from api.settings import ApiSettings
from ivr.kernel.ids import MessageId
from ivr.kernel.tracking_code import TrackingCode
from recordings.adapters.audio_tool import AudioFiles
from recordings.adapters.spool_directory import SpoolDirectory
from tests.integration.api.scene import CALL, MESSAGE, NOW, a_call, legs, message_file, rows, sidecar, spooled

OTHER = MessageId("m-" + "8" * 32)
FIRST, SECOND, NOTED = (TrackingCode.from_number(n) for n in range(3))


@pytest.fixture
def adoption(settings: ApiSettings, sessions: Sessions) -> Adoption:
    return worker.adoption_of(settings, sessions)


def refuse(name: str, number: int) -> None:
    if MESSAGE in name:
        raise OSError(number, os.strerror(number), name)


class BadReads(AudioFiles):
    """One message cannot be read."""

    number = errno.EIO

    async def measure(self, path):
        refuse(path.name, self.number)
        return await super().measure(path)


class DeniedReads(BadReads):
    number = errno.EACCES


class LateReads(BadReads):
    number = errno.ETIMEDOUT
    """What a disk beyond the network says; Python makes a `TimeoutError` of it."""


class BadLooks(SpoolDirectory):
    """One message cannot even be looked at."""

    def message(self, message):
        refuse(message, errno.EIO)
        return super().message(message)


class BadRemoval(SpoolDirectory):
    """One message cannot be removed."""

    def clear(self, recording_id):
        refuse(recording_id, errno.EACCES)
        super().clear(recording_id)


def a_note(settings: ApiSettings) -> None:
    folder = settings.spool / "callbacks"
    folder.mkdir(parents=True)
    body = {"code": NOTED, "call_id": CALL, "number": "+982188880000", "keyed": True, "queue": "pensions",
            "when": "keep_place", "asked_at": NOW.isoformat()}  # fmt: skip
    (folder / f"{NOTED}.json").write_text(json.dumps(body))


@pytest.mark.parametrize(
    "disk",
    [BadReads, *(pytest.param(one, marks=pytest.mark.slow) for one in (DeniedReads, LateReads)), BadLooks, BadRemoval],
)
async def test_one_refused_file_stops_neither_messages_nor_notes_and_becomes_a_dead_letter(
    adoption, sessions, settings, disk
):
    for name, code in ((MESSAGE, FIRST), (OTHER, SECOND)):
        sidecar(settings, message=name, code=code)
        message_file(settings, message=name)
    a_note(settings)
    tools = {"audio": disk()} if issubclass(disk, AudioFiles) else {"spool": disk(settings.spool)}
    bad, trouble = replace(adoption, pipeline=replace(adoption.pipeline, **tools)), Trouble()

    assert await sweep(bad, trouble) == 1
    assert trouble.failures == {MESSAGE: 1}
    assert {case.code for case in await rows(sessions, CaseRow)} >= {SECOND, NOTED}, "in the same round"
    for _ in range(DEAD_AFTER - 1):
        trouble.rests_until.clear()
        assert await sweep(bad, trouble) == 1
    assert sweeping.DEAD._value.get() == 1
    assert f"{MESSAGE}.wav" in spooled(settings)

    trouble.rests_until.clear()
    assert await sweep(adoption, trouble) == 0, "once the disk lets us, it is handled"
    assert sweeping.DEAD._value.get() == 0
    assert {row.recording_id for row in await rows(sessions, RecordingRow)} == {MESSAGE, OTHER}
    assert spooled(settings) == []


class SlowWork(AudioFiles):
    """Joins and copies as it should, and takes its time."""

    async def join(self, left, right, target):
        await asyncio.sleep(6)
        return await super().join(left, right, target)

    async def copy(self, source, target):
        await asyncio.sleep(6)
        return await super().copy(source, target)


@pytest.mark.parametrize("what", [{"talked": 8.0}, {"message": MESSAGE}], ids=["talk", "message"])
async def test_sound_that_takes_longer_than_a_transaction_may_be_idle_is_written_down(sessions, settings, what):
    await a_call(sessions, **what)
    if "talked" in what:
        legs(settings, 8.0)
    else:
        sidecar(settings)
        message_file(settings)
    engine = connect(settings.database_url, application="hasty", idle_limit=timedelta(seconds=5))
    try:
        adoption = worker.adoption_of(settings, sessions_of(engine))
        slow = replace(adoption, pipeline=replace(adoption.pipeline, audio=SlowWork()))
        assert await slow.call(CALL) is Settled.DONE
    finally:
        await engine.dispose()
    assert [row.state for row in await rows(sessions, RecordingRow)] == ["archived"]
    assert spooled(settings) == []
