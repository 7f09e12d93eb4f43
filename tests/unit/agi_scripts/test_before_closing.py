"""The reception door near closing time, with Asterisk's side scripted."""

from __future__ import annotations

from datetime import timedelta

from agi_scripts.server import DoorServer
from agi_scripts.settings import DoorSettings
from ivr.kernel.clock import SystemClock
from tests.fakes.asterisk_agi import FakeAsterisk


async def test_a_caller_who_comes_before_closing_time_is_given_an_end_of_the_wait(
    doors: DoorServer, door_settings: DoorSettings
) -> None:
    closing = (SystemClock().now() + timedelta(minutes=10)).replace(microsecond=0)
    (door_settings.var / "closures.toml").write_text(
        f"[[closure]]\nfrom = {closing.isoformat()}\nto = {(closing + timedelta(hours=1)).isoformat()}\n"
        'reason = "برف"\nsection = "insurance"\n'
    )
    near = await FakeAsterisk(["1", "1"]).call(doors.port)
    assert int(near.variables["LINE_UNTIL"]) == (closing + door_settings.wait_after_closing).timestamp()
    other = await FakeAsterisk(["1", "2"]).call(doors.port)
    assert "LINE_UNTIL" not in other.variables
