"""Emergency announcements at the reception door, with Asterisk's side scripted: told once, keyed through, ended on time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from agi_scripts.server import DoorServer
from agi_scripts.settings import DoorSettings
from ivr.kernel.announcements import Announcement, text_of
from ivr.kernel.clock import SystemClock
from tests.fakes.asterisk_agi import FakeAsterisk
from tests.unit.agi_scripts.conftest import silence

HOUR = timedelta(hours=1)


def one(settings: DoorSettings, number: int, *queues: str, begins: timedelta = -HOUR, ends: timedelta = HOUR) -> Announcement:  # fmt: skip
    now = SystemClock().now()
    made = Announcement(
        id=f"{number:012x}", text="برق نیست", queues=queues, starts_at=now + begins, ends_at=now + ends, pieces=2,
        seconds=4.0, made_at=now, made_by="person:supervisor",
    )  # fmt: skip
    for language in ("fa", "en"):
        for prompt in made.prompts:
            silence(settings.sounds / language / "line" / f"{prompt}.wav", 2.0)
    return made


def write(settings: DoorSettings, *announcements: Announcement) -> None:
    (settings.var / "announcements.json").write_text(text_of(announcements), encoding="utf-8")


async def test_everybody_is_told_before_the_greeting_and_the_ledger_says_what(
    doors: DoorServer, door_settings: DoorSettings
) -> None:
    newest, older = one(door_settings, 2), one(door_settings, 1)
    write(door_settings, newest, older)
    call = await FakeAsterisk(["0"]).call(doors.port)
    assert call.prompts[:5] == [*older.prompts, *newest.prompts, "welcome"]
    assert [told["announcement"] for told in call.marked("announced")] == [older.id, newest.id]
    assert call.marked("alarm") == []


async def test_who_knows_the_menu_keys_through_it(doors: DoorServer, door_settings: DoorSettings) -> None:
    write(door_settings, one(door_settings, 3))
    call = await FakeAsterisk(["!1", "!2"]).call(doors.port)
    assert call.variables["LINE_QUEUE"] == "pensions"
    assert len(call.prompts) <= 3
    assert len(call.marked("announced")) == 1, "the beginning was heard"


async def test_nobody_is_told_the_same_twice_in_a_call(doors: DoorServer, door_settings: DoorSettings) -> None:
    write(door_settings, one(door_settings, 4))
    first = await FakeAsterisk(["3"]).call(doors.port)
    again = FakeAsterisk(["0"])
    again.variables |= first.variables | {"LINE_NODE": ""}
    await again.call(doors.port)
    assert "announcement-000000000004-01" not in again.prompts
    assert again.marked("announced") == []


async def test_one_for_a_queue_is_told_to_who_is_sent_there(doors: DoorServer, door_settings: DoorSettings) -> None:
    made = one(door_settings, 5, "insurance")
    write(door_settings, made)
    there = await FakeAsterisk(["1", "1"]).call(doors.port)
    assert there.prompts[-3:] == ["connecting_insurance", *made.prompts]
    assert there.marked("announced") == [{"announcement": made.id, "queue": "insurance"}]
    assert there.done
    elsewhere = await FakeAsterisk(["1", "2"]).call(doors.port)
    assert elsewhere.marked("announced") == []


@pytest.mark.parametrize(("begins", "ends"), [(-2 * HOUR, -HOUR), (HOUR, 2 * HOUR)])
async def test_one_that_is_over_or_still_to_come_is_told_to_nobody(
    doors: DoorServer, door_settings: DoorSettings, begins: timedelta, ends: timedelta
) -> None:
    write(door_settings, one(door_settings, 6, begins=begins, ends=ends))
    assert (await FakeAsterisk(["0"]).call(doors.port)).prompts[0] == "welcome"


async def test_one_that_is_stopped_is_not_told_to_the_next_caller(
    doors: DoorServer, door_settings: DoorSettings
) -> None:
    made = one(door_settings, 7)
    write(door_settings, made)
    assert (await FakeAsterisk(["0"]).call(doors.port)).prompts[0] == made.prompts[0]
    stopped = made.model_copy(update={"ended_at": SystemClock().now(), "ended_by": "person:supervisor"})
    write(door_settings, stopped)
    assert (await FakeAsterisk(["0"]).call(doors.port)).prompts[0] == "welcome"


async def test_a_broken_file_leaves_the_last_good_one_in_force(doors: DoorServer, door_settings: DoorSettings) -> None:
    made = one(door_settings, 8)
    write(door_settings, made)
    await FakeAsterisk(["0"]).call(doors.port)
    (door_settings.var / "announcements.json").write_text('{"announcements": [{"id": "../../x"}]}')
    assert (await FakeAsterisk(["0"]).call(doors.port)).prompts[0] == made.prompts[0]
    (door_settings.var / "announcements.json").unlink()
    assert (await FakeAsterisk(["0"]).call(doors.port)).prompts[0] == "welcome"


async def test_a_piece_that_is_missing_is_an_alarm_and_the_caller_goes_on(
    doors: DoorServer, door_settings: DoorSettings
) -> None:
    made = one(door_settings, 9)
    write(door_settings, made)
    for language in ("fa", "en"):
        (door_settings.sounds / language / "line" / f"{made.prompts[0]}.wav").unlink()
    call = await FakeAsterisk(["0"]).call(doors.port)
    assert call.done
    assert [told["what"] for told in call.marked("alarm")] == ["prompt missing"]
