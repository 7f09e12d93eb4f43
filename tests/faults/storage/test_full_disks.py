"""Each of the line's disks runs full, alone, under calls: calls go on, promises are kept or not made, and all is told."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from tests.faults.storage.conftest import SmallLine
from tests.scenarios.on_the_line.callers import Scenario, eventually

pytestmark = pytest.mark.timeout(900)

ALARM_SECONDS = 40
TALKS_ON_SECONDS = 6.0
"""Without room on the disk: enough for the sound to be shorter than the talk."""


def alarms(small_line: SmallLine, volume: str) -> list[dict[str, Any]]:
    rows = (json.loads(row) for row in small_line.log("worker").splitlines() if row.startswith("{"))
    return [row for row in rows if row.get("event") == "disk_nearly_full" and row["volume"] == volume]


def alarm_comes(small_line: SmallLine, volume: str, before: int) -> None:
    """One more than the `before` that there were when the disk had room."""
    eventually(
        lambda: len(alarms(small_line, volume)) > before or None, seconds=ALARM_SECONDS, what=f"an alarm for {volume}"
    )
    assert alarms(small_line, volume)[-1]["alarm"] is True


def cases(small_line: SmallLine, caller: str) -> list[str]:
    """Kinds of this caller's cases, in alphabetical order."""
    with small_line.line.api() as api:
        answer = api.get("/cases", params={"limit": 100})
        assert answer.status_code == 200, answer.text
        return sorted(case["kind"] for case in answer.json()["items"] if case["caller"].endswith(caller[-10:]))


def sound_of(play: Scenario, caller: str, *, seconds: float = 40) -> tuple[str, str]:
    """State of this caller's one recording, and its reason."""
    seen = play.archived(caller, seconds=seconds)["recordings"][0]
    with play.line.api() as api:
        told = api.get(f"/recordings/{seen['recording_id']}").json()
    return told["state"], told["reason"] or ""


def keyed(play: Scenario, caller: str) -> list[str | None]:
    """What this caller pressed, by the record of the ended call."""
    return [step["key"] for step in play.record(caller, seconds=60)["menu_path"] if step["key"] not in (None, "none")]


def test_the_spool_fills_in_the_middle_of_a_message_and_of_a_talk(play: Scenario, small_line: SmallLine) -> None:
    """What was said so far is kept and marked; who comes now hears it before the beep and is called back instead."""
    spool = small_line.disks.spool
    play.operator("seat04", talk_seconds=25.0)
    # 2 message, 1 complaint; long after «recording is not possible»: 1 confirms the call back
    leaving = play.caller("02171000002").tone(500).pause(2.5).press("21", between_seconds=1).pause(36)
    for _ in range(3):  # where all comes late, too; the first that is heard ends the call
        leaving.press("1").pause(6)
    leaving.until_bye(60).dial()
    eventually(
        lambda: list((small_line.spool / "messages").glob("*.part.wav")), seconds=60, what="a message is being recorded"
    )
    talking = play.caller("02171000001").tone(600).pause(2.5).press("11", between_seconds=1).until_bye(90).dial()
    legs = small_line.spool / "calls"
    eventually(
        lambda: [leg for leg in legs.glob("*.wav") if leg.stat().st_size > 30_000],
        seconds=60,
        what="two seconds of a talk are on the disk",
    )
    before = len(alarms(small_line, "spool"))
    spool.fill()
    filled = time.monotonic()
    alarm_comes(small_line, "spool", before)

    refused = play.caller("02171000003").pause(2.5).press("21", between_seconds=1).pause(9)
    for _ in range(3):
        refused.press("1").pause(6)
    refused.until_bye(60).dial()
    unheard = play.caller("02171000004").pause(2.5).press("11", between_seconds=1).until_bye(90).dial()
    time.sleep(max(0.0, filled + TALKS_ON_SECONDS - time.monotonic()))
    play.hang_up(talking)
    eventually(lambda: play.wrote(unheard.user, "BRIDGE_ENTER"), seconds=60, what="the next caller is answered")
    time.sleep(TALKS_ON_SECONDS)
    play.hang_up(unheard)
    play.finish(leaving, refused)

    assert not [row for row in small_line.milestones("02171000003") if "state=started" in row], "no beep, no promise"
    assert play.record("02171000003")["disposition"] == "callback_requested"
    assert play.record("02171000001")["disposition"] == "answered"
    assert play.record("02171000004")["disposition"] == "answered"
    spool.empty()
    state, reason = sound_of(play, "02171000001")
    assert (state, "shorter than the talk" in reason) == ("truncated", True), reason
    state, reason = sound_of(play, "02171000002")
    assert (state, "could not write" in reason) == ("truncated", True), reason
    state, reason = sound_of(play, "02171000004", seconds=90)
    assert (state, reason.startswith("disk")) == ("missing", True), reason
    assert cases(small_line, "02171000002") == ["callback", "complaint"]
    assert cases(small_line, "02171000003") == ["callback"]


@pytest.mark.slow
def test_a_full_archive_keeps_the_sound_in_the_spool_until_it_can_be_proved(
    play: Scenario, small_line: SmallLine
) -> None:
    archive = small_line.disks.archive
    before = len(alarms(small_line, "archive"))
    archive.fill()
    alarm_comes(small_line, "archive", before)
    play.operator("seat05", talk_seconds=2.0)
    talking = play.caller("02171000011").pause(2.5).press("11", between_seconds=1).until_bye(60).dial()
    play.finish(talking)
    record = play.record("02171000011")
    time.sleep(4)  # the job has tried in the meantime
    legs = sorted((small_line.spool / "calls").glob(f"{record['call_id']}-1.*.wav"))
    assert len(legs) == 2, "nothing is deleted without proof"
    assert play.record("02171000011")["recordings"] == []
    archive.empty()
    assert play.archived("02171000011", seconds=40)["recordings"][0]["state"] == "archived"
    assert not [leg for leg in legs if leg.exists()]


@pytest.mark.slow
def test_a_full_database_disk_stops_no_call_and_the_records_follow(play: Scenario, small_line: SmallLine) -> None:
    database = small_line.disks.database
    before = len(alarms(small_line, "database"))
    database.fill()
    alarm_comes(small_line, "database", before)
    callers = [
        play.caller(f"0217100002{n}").pause(2.5).press("4", between_seconds=1).press("3").pause(6).hang_up().dial()
        for n in range(4)
    ]
    play.finish(*callers)
    database.empty()
    at = time.monotonic()
    for n in range(4):
        assert keyed(play, f"0217100002{n}") == ["4", "3"]
    assert time.monotonic() - at < 60


@pytest.mark.slow
def test_a_full_ledger_disk_stops_no_call_and_the_gap_is_told(play: Scenario, small_line: SmallLine) -> None:
    """Asterisk loses rows without a word; that cannot be promised away. It is told beforehand (the alarm comes while
    rows are still written) and afterwards (the record of a call whose beginning is lost says so)."""
    ledger = small_line.disks.ledger
    before = len(alarms(small_line, "ledger"))
    ledger.fill(leave=round(ledger.total * 0.2))
    alarm_comes(small_line, "ledger", before)
    ledger.fill()
    # The last page of the file has room for some rows still; these callers use it up.
    play.finish(*(play.caller(f"0217100003{n}").pause(3).hang_up().dial() for n in (5, 6, 7)))
    lost = play.caller("02171000031").pause(2.5).press("4", between_seconds=1).press("3").pause(12).hang_up().dial()
    time.sleep(6)
    ledger.empty()
    play.finish(lost)
    after = play.caller("02171000032").pause(2.5).press("4", between_seconds=1).press("3").pause(5).hang_up().dial()
    play.finish(after)
    assert keyed(play, "02171000032") == ["4", "3"], "a torn row does not take the next call with it"
    assert "arrival_not_in_ledger" in play.record("02171000031")["problems"]
