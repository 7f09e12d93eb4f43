"""A caller hears how long it will take: all agents are busy, and what was said stands in the record of the call."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from asterisk_conf.exchange import remote
from asterisk_conf.settings import ExchangeSettings
from ivr.dialogue.wait_told import STEPS
from tests.line import Line
from tests.scenarios.on_the_line.callers import eventually, scenario

pytestmark = pytest.mark.line

_PLAYED = re.compile(r"<(\S+?)> Playing 'line/(\w+?)\.")


class Ear:
    """Asterisk's own word on what it plays, for as long as somebody listens."""

    def __init__(self, line: Line) -> None:
        self._settings = ExchangeSettings(var=line.var)
        root = Path(line.environment["LINE1420_ASTERISK_ROOT"])
        self._root = root if root.is_dir() else None
        self._log = line.var / "asterisk" / "log" / "spoken.log"

    def say(self, command: str) -> str:
        return remote(self._settings, self._root, command)

    def forget(self) -> None:
        """What was heard holds numbers, which no log of the line may."""
        self._log.unlink(missing_ok=True)

    def sentences(self) -> list[tuple[str, str]]:
        """Channel and prompt, in the order in which they were played."""
        return _PLAYED.findall(self._log.read_text(errors="replace")) if self._log.exists() else []


@pytest.fixture
def ear(line: Line) -> Iterator[Ear]:
    ear = Ear(line)
    ear.say("logger add channel spoken.log verbose(3)")
    yield ear
    ear.say("logger remove channel spoken.log")
    ear.forget()


def test_caller_hears_how_long_it_will_take(line: Line, ear: Ear, tmp_path: Path) -> None:
    with scenario(line, tmp_path) as play:
        play.operator("seat01", talk_seconds=None)
        talks = play.caller("02176000001").pause(2.5).press("1").pause(1).press("3").pause(200).hang_up()
        talks.dial(limit_seconds=240)
        play.seat_is("seat01", "talking")
        for asked in range(1, 4):  # the look-up has 300 ms; a machine that was busy just then may say nothing
            number = f"0217600010{asked}"
            waits = play.caller(number).pause(2.5).press("1").pause(1).press("3").pause(60).hang_up().dial()
            eventually(lambda: play.waiting("treatment"), seconds=60, what="the second caller waits for treatment")
            play.hang_up(waits)
            record = play.record(number)
            if record["visits"][0]["told_seconds"] is not None:
                break
        play.hang_up(talks)
        other = play.record("02176000001")
        story = {item["event"]: item for item in play.timeline(record["call_id"])}
    told = record["visits"][0]["told_seconds"]
    assert told in dict(STEPS)
    assert record["disposition"] == "abandoned"
    details = story["estimate"]["details"]
    assert (details["queue"], float(details["told"])) == ("treatment", told)
    assert story["estimate"]["at"] < story["talk"]["at"], "the caller is told before the wait begins"
    assert other["visits"][0]["told_seconds"] is None, "nobody was told anything who was put through at once"
    heard = [name for _channel, name in ear.sentences() if name.startswith(("connecting", "wait_"))]
    assert heard == ["connecting_treatment"] * (asked + 1) + [dict(STEPS)[told]]
