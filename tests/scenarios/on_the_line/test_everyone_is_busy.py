"""One operator talks for long; everybody else waits, gives up, is told that it takes too long or that the queue is full."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.line import Line
from tests.scenarios.on_the_line.callers import Scenario, eventually, scenario

pytestmark = pytest.mark.line


@pytest.fixture(scope="module")
def play(line: Line, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scenario]:
    with scenario(line, tmp_path_factory.mktemp("busy")) as play:
        play.operator("seat01", talk_seconds=None)
        first = play.caller("02188000001").pause(2.5).press("1").pause(1).press("1").pause(200).hang_up()
        first.dial(limit_seconds=240)
        play.seat_is("seat01", "talking")
        gives_up = play.caller("02188000002").pause(2.5).press("1").pause(1).press("1").pause(10).hang_up()
        waits_long = play.caller("02188000003").pause(2.5).press("1").pause(1).press("2").pause(30).hang_up()
        has_the_place = play.caller("02188000004").pause(2.5).press("1").pause(1).press("3").pause(90).hang_up()
        takes_message = (
            play.caller("02188000006")
            .pause(2.5)
            .press("1")
            .pause(1)
            .press("1")
            .pause(12)
            .press("2")
            .pause(7)
            .tone(350)  # until a beep that may come late
            .pause(12)
            .press("#")
            .quiet()
            .pause(2)
            .press("1")
            .until_bye(60)
        )
        for call in (gives_up, waits_long, has_the_place, takes_message):
            call.dial()
        eventually(lambda: play.waiting("treatment"), seconds=60, what="one caller waits for treatment")
        refused = play.caller("02188000005").pause(2.5).press("1").pause(1).press("3").pause(15).hang_up().dial()
        play.finish(gives_up, waits_long, refused, takes_message)
        play.hang_up(has_the_place, first)
        yield play


def test_caller_gives_up_waiting(play: Scenario) -> None:
    record = play.record("02188000002")
    assert record["disposition"] == "abandoned"
    assert 2 <= record["visits"][0]["waited_seconds"] < 25


def test_caller_waits_past_the_limit(play: Scenario) -> None:
    record = play.record("02188000003")
    assert record["disposition"] == "timed_out"
    assert record["visits"][0]["outcome"] == "timed_out"
    assert 7 <= record["visits"][0]["waited_seconds"] <= 18


def test_queue_is_full(play: Scenario) -> None:
    refused = play.record("02188000005")
    assert refused["disposition"] == "refused_full", refused
    assert play.record("02188000004")["disposition"] == "abandoned"


def test_caller_leaves_a_message_instead_of_waiting(play: Scenario) -> None:
    record = play.record("02188000006")
    assert record["visits"][0]["outcome"] == "left_by_key"
    assert record["disposition"] == "left_message"


def test_the_one_who_got_through_is_answered(play: Scenario) -> None:
    record = play.record("02188000001", seconds=60)
    assert (record["disposition"], record["visits"][0]["ended_by"]) == ("answered", "caller")
