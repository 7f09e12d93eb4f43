"""Callers who hang up while it rings, while talking, or in the survey: one record each, and no score invented."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.line import Line
from tests.scenarios.on_the_line.callers import scenario

pytestmark = pytest.mark.line


def test_caller_hangs_up_while_talking_or_in_the_survey(line: Line, tmp_path: Path) -> None:
    """Two operators, two callers: one leaves in the talk, one when asked for a score. Neither gets a score invented."""
    with scenario(line, tmp_path) as play:
        for seat in ("seat05", "seat06"):
            play.operator(seat, talk_seconds=9.0)
        talking = play.caller("09121234512").pause(2.5).press("1").pause(1).press("2").pause(60).hang_up().dial()
        survey = play.caller("09121234513").pause(2.5).press("1").pause(1).press("1").pause(60).hang_up().dial()
        play.hang_up_after(talking, "BRIDGE_ENTER")
        play.hang_up_after(survey, '"score"', "offered=1")
        left_in_talk, left_in_survey = play.record("09121234512"), play.record("09121234513")
    assert left_in_talk["disposition"] == left_in_survey["disposition"] == "answered"
    assert left_in_talk["visits"][0]["ended_by"] == "caller"
    assert left_in_survey["visits"][0]["ended_by"] == "agent"
    assert left_in_talk["score"] is None
    assert left_in_survey["score"] is None
    assert (left_in_talk["survey_offered"], left_in_survey["survey_offered"]) == (False, True)


def test_caller_hangs_up_while_it_rings(line: Line, tmp_path: Path) -> None:
    with scenario(line, tmp_path) as play:
        play.operator("seat07", ring_seconds=40.0)
        caller = play.caller("09121234514").pause(2.5).press("1").pause(1).press("3").pause(60).hang_up().dial()
        play.seat_is("seat07", "ringing")
        play.hang_up(caller)
        record = play.record("09121234514")
    assert record["disposition"] == "abandoned"
    assert record["visits"][0]["outcome"] == "abandoned"
    assert record["visits"][0]["agent"] is None
    assert record["score"] is None
