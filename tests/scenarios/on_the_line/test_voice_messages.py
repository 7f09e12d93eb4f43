"""Callers leave messages: keep, redo, hang up in the middle, say nothing. Then they follow up their cases."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from asterisk_conf.robots.caller import Caller
from tests.line import Line
from tests.scenarios.on_the_line.callers import CALL_JSON, Scenario, eventually, scenario

pytestmark = pytest.mark.line

INTRO_SECONDS = 13.0
"""The beep comes about then: intro, what kind, when to speak, how to end."""


@pytest.fixture(scope="module")
def speech(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of a Persian voice."""
    folder = tmp_path_factory.mktemp("speech")
    said = "سلام. من برای سابقهٔ بیمه‌ام سه بار به شعبه رفته‌ام و پاسخی نگرفته‌ام. لطفاً پیگیری کنید."
    subprocess.run(["espeak-ng", "-v", "fa", "-s", "150", "-w", str(folder / "raw.wav"), said], check=True)
    spoken = folder / "spoken.wav"
    subprocess.run(
        [
            "ffmpeg",
            "-v",
            "error",
            "-i",
            str(folder / "raw.wav"),
            "-ar",
            "8000",
            "-ac",
            "1",
            "-c:a",
            "pcm_s16le",
            str(spoken),
        ],
        check=True,
    )
    return spoken


def to_the_beep(caller: Caller, kind: str) -> Caller:
    return caller.pause(2.5).press("2").pause(1).press(kind).pause(INTRO_SECONDS)


def says(caller: Caller, speech: Path) -> Caller:
    """Twice: the beep may be late on a slow machine, and eight seconds of silence after it would end the message."""
    return caller.speak(speech).pause(5).speak(speech).pause(5)


@pytest.fixture(scope="module")
def play(line: Line, speech: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scenario]:
    with scenario(line, tmp_path_factory.mktemp("messages")) as play:
        keeps = says(to_the_beep(play.caller("09350000001"), "1"), speech).press("#").pause(2).press("1")
        redoes = says(to_the_beep(play.caller("09350000002"), "2"), speech).press("#").pause(2).press("3").pause(5)
        redoes = says(redoes, speech).press("#").pause(2).press("1")
        leaves = says(to_the_beep(play.caller("09350000003"), "3"), speech).hang_up()
        says_nothing = to_the_beep(play.caller("09350000004"), "1").pause(5).press("#").pause(2).press("1")
        calls = (keeps.until_bye(60), redoes.until_bye(60), leaves, says_nothing.until_bye(60))
        for call in calls:
            call.dial()
        play.finish(*calls)
        yield play


@pytest.mark.parametrize(
    ("number", "kind"),
    [("09350000001", "complaint"), ("09350000002", "question"), ("09350000003", "suggestion")],
    ids=["keeps it", "does it again", "hangs up in mid-message"],
)
def test_a_message_becomes_one_case(play: Scenario, number: str, kind: str) -> None:
    record = play.archived(number)
    assert record["disposition"] == "left_message"
    (recording,) = record["recordings"]
    with play.line.api() as api:
        case = api.get(f"/cases/{record['case_code']}").json()
        mine = [c for c in api.get("/cases").json()["items"] if c["call_id"] == record["call_id"]]
        audio = api.get(f"/recordings/{recording['recording_id']}/audio")
    assert case["kind"] == kind
    assert case["state"] == "open"
    assert case["due_at"] > case["opened_at"]
    assert len(mine) == 1
    assert audio.status_code == 200
    assert len(audio.content) > 16_000, "more than a second of sound"


def test_silence_is_kept_for_audit_and_opens_no_case(play: Scenario) -> None:
    record = play.archived("09350000004")
    assert record["case_code"] is None
    assert record["recordings"][0]["state"] == "empty"
    assert record["disposition"] != "left_message"
    with play.line.api() as api:
        assert [c for c in api.get("/cases").json()["items"] if c["call_id"] == record["call_id"]] == []


def test_nothing_stays_in_the_spool(play: Scenario) -> None:
    for number in ("09350000001", "09350000002", "09350000003", "09350000004"):
        play.archived(number)
    spool = play.line.var / "spool" / "messages"
    eventually(
        lambda: not list(spool.iterdir()) or None, seconds=60, what=f"an empty spool, not {list(spool.iterdir())}"
    )


def follows_up(play: Scenario, number: str, code: str) -> Caller:
    return play.caller(number).pause(2.5).press("3").pause(3).press(code + "#", between_seconds=0.3)


def looked_up(play: Scenario, caller: Caller, code: str) -> CALL_JSON:
    """The record of this caller, or of one who came later with the same code. A look-up has 300 ms, and whose code is not found
    in time is taken to a person instead: on a machine that was busy just then."""
    record = play.record(caller.user)
    for again in (2, 3):
        if not record["visits"]:
            break
        caller = follows_up(play, f"{caller.user[:-2]}{again}{caller.user[-1]}", code).pause(14).hang_up().dial()
        play.finish(caller)
        record = play.record(caller.user)
    return record


def test_callers_follow_up_by_phone(play: Scenario) -> None:
    """Only the right code counts as served; unknown and mistyped ones do not, and no keyed code is in the ledger.

    What is said to each of them is checked on the dialogue (tests/unit/ivr/dialogue/test_case_status.py).
    """
    code = play.archived("09350000001")["case_code"]
    mistyped = code[:-1] + str((int(code[-1]) + 1) % 10)
    right = follows_up(play, "09350000011", code)
    unknown = follows_up(play, "09350000012", "123456786")
    wrong = follows_up(play, "09350000013", mistyped).pause(5).hang_up()
    for call in (right.pause(60).hang_up(), unknown.pause(9).hang_up(), wrong):
        call.dial()
    play.hang_up_after(right, "delivered")
    play.finish(unknown, wrong)
    assert looked_up(play, right, code)["disposition"] == "self_served"
    assert looked_up(play, unknown, "123456786")["disposition"] == "menu_abandoned"
    assert play.record("09350000013")["disposition"] == "menu_abandoned"
    ledger = (play.line.var / "asterisk" / "log" / "cel-custom" / "line.csv").read_text("utf-8", "replace")
    assert mistyped not in ledger
