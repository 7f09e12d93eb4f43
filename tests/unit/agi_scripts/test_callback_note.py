"""What the call back door writes down of the place that is to be kept."""

from __future__ import annotations

import json
from typing import Any

import pytest

from agi_scripts.server import DoorServer
from agi_scripts.settings import DoorSettings
from tests.fakes.asterisk_agi import FakeAsterisk


async def note_of(doors: DoorServer, settings: DoorSettings, **variables: str) -> dict[str, Any]:
    await FakeAsterisk(["1"], variables={"LINE_QUEUE": "pensions"} | variables).call(doors.port, "callback")
    (file,) = (settings.spool / "callbacks").glob("*.json")
    return json.loads(file.read_text())


async def test_the_note_keeps_the_second_and_the_priority_with_which_the_caller_waits(
    doors: DoorServer, door_settings: DoorSettings
) -> None:
    waiting = {"LINE_PHASE": "waiting", "LINE_JOINED": "1795306427", "LINE_JOINED_RANK": "5"}
    note = await note_of(doors, door_settings, **waiting)
    assert (note["joined_at"], note["priority"]) == ("2026-11-22T00:13:47+00:00", 5)


@pytest.mark.parametrize("joined", ["", "x", "-1", "99999999999"])
async def test_without_a_sensible_joining_the_place_is_that_of_the_asking(
    doors: DoorServer, door_settings: DoorSettings, joined: str
) -> None:
    assert (await note_of(doors, door_settings, LINE_PHASE="waiting", LINE_JOINED=joined))["joined_at"] is None


async def test_who_asks_after_hours_stood_in_no_line(doors: DoorServer, door_settings: DoorSettings) -> None:
    note = await note_of(doors, door_settings, LINE_PHASE="after_hours", LINE_JOINED="1795306427", LINE_JOINED_RANK="5")
    assert (note["joined_at"], note["priority"], note["when"]) == (None, 0, "when_open")
