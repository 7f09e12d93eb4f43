"""A door dies between keeping a message and telling its code: what the second door does for its caller."""

from __future__ import annotations

from pathlib import Path

import pytest

from agi_scripts.server import DoorServer
from agi_scripts.settings import DoorSettings
from tests.fakes.asterisk_agi import FakeAsterisk
from tests.unit.agi_scripts.conftest import silence


async def kept(doors: DoorServer, settings: DoorSettings) -> tuple[FakeAsterisk, Path]:
    """The call as the first door left it, and the kept sound."""
    call = FakeAsterisk([], variables={"LINE_PHASE": "prepare", "LINE_KIND": "complaint"})
    await call.call(doors.port, "voice_message")
    return call, silence(settings.spool / "messages" / f"{call.variables['LINE_MESSAGE']}.wav", 3.0)


@pytest.mark.parametrize("taken", [False, True], ids=["it lies in the spool", "the worker has taken it over"])
async def test_the_caller_hears_the_code_and_cannot_record_over_what_is_kept(
    doors: DoorServer, door_settings: DoorSettings, taken: bool
) -> None:
    call, sound = await kept(doors, door_settings)
    if taken:
        for file in sound.parent.iterdir():
            file.unlink()
    variables = {**call.variables, "LINE_PHASE": "review", "RECORD_STATUS": "DTMF"}
    del variables["LINE_DONE"]
    after = await FakeAsterisk(["3"], variables=variables).call(doors.port, "voice_message")
    assert (after.done, after.variables["LINE_GOTO"]) == (True, "goodbye")
    assert after.prompts.count("your_code") == 1
    assert [marked["state"] for marked in after.marked("message")] == ["kept"]
    assert sound.exists() is not taken
