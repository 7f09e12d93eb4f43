"""Crowds of robots: what stands in their script and injection file, and what is read from their log of events."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest

from asterisk_conf.robots.crew import Crew
from asterisk_conf.robots.crowd import Crowd, HangUp, Press, PressUntilEnd, Wait, crowd_numbers
from asterisk_conf.robots.crowd_script import answering, choices, registering, written

STEPS = (
    Wait(1, 3),
    Press("1"),
    Press(("123456789", "987654321")),
    Wait(2),
    PressUntilEnd(("4", "5"), times=3),
    HangUp(),
)


def moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(1_795_312_875 + seconds, UTC)


def event(who: str, seconds: float, said: str) -> str:
    return f"{who}\t2026-11-22\t02:01:15.131130\t{1_795_312_875 + seconds:.6f}\t{said}\n"


def crowd(folder: Path, log: str = "") -> Crowd:
    made = Crowd(folder, "some", "127.0.0.1:5060", STEPS, rate=1)
    (folder / "some.events.log").write_text(log, encoding="utf-8")
    return made


def test_numbers_are_different_and_have_eleven_digits() -> None:
    numbers = crowd_numbers("0912555", 300)
    assert len(set(numbers)) == 300
    assert {len(number) for number in numbers} == {11}
    with pytest.raises(ValueError, match="room for 10 numbers, not for 11"):
        crowd_numbers("0912555000", 11)


def test_what_differs_is_drawn_in_the_order_of_the_steps() -> None:
    assert choices(STEPS) == [(1, 3), ("123456789", "987654321"), ("4", "5")]


def test_each_digit_of_a_drawn_code_has_a_column_of_its_own() -> None:
    script = written(STEPS, dialled="1420")
    assert [f"Signal=[field{n}]" in script for n in (1, 2, 10, 11, 12)] == [False, True, True, True, False]
    assert script.count("Signal=[field11]") == 3, "a key until the end is written out, for a request of its own each"


@pytest.mark.parametrize(
    "script",
    [written(STEPS, dialled="1420"), answering(ring_seconds=1, sound="x.alaw"), registering(seconds=60, port=5080)],
    ids=["callers", "operators", "registration"],
)
def test_every_jump_has_its_label(script: str) -> None:
    root = ElementTree.fromstring(script)
    labels = {element.get("id") for element in root.iter("label")}
    jumps = {element.get(name) for element in root.iter() for name in ("next", "ontimeout") if element.get(name)}
    assert jumps <= labels


def test_a_caller_whom_the_line_says_goodbye(tmp_path: Path) -> None:
    log = event("0911", 0, "dialled") + event("0911", 0.1, "answered") + event("0911", 2, "key 1")
    (seen,) = crowd(tmp_path, log + event("0911", 9, "bye line")).seen()
    assert (seen.dialled_at, seen.answered_at, seen.ended_at) == (moment(0), moment(0.1), moment(9))
    assert (seen.ended_by, seen.refused, seen.keys) == ("line", None, ((moment(2), "1"),))


def test_callers_who_were_refused_or_are_still_there(tmp_path: Path) -> None:
    log = event("0911", 0, "dialled") + event("0912", 1, "dialled") + event("0911", 1.5, "refused 503")
    refused, there = crowd(tmp_path, log + event("0912", 2, "answered")).seen()
    assert (refused.refused, refused.ended_by, refused.answered_at) == (503, "line", None)
    assert (there.ended_by, there.ended_at, there.answered_at) == (None, None, moment(2))


def test_a_line_of_the_log_that_is_still_being_written_is_left_out(tmp_path: Path) -> None:
    (seen,) = crowd(tmp_path, event("0911", 0, "dialled") + "0911\t2026-11-22\t02:01").seen()
    assert seen.answered_at is None


def test_operators_know_whom_they_talked_to_and_who_hung_up(tmp_path: Path) -> None:
    crew = Crew(tmp_path, "127.0.0.1:5060", {"seat01": "secret"})
    log = event("a@1\t0911", 0, "answered") + event("b@1\t+98912", 1, "answered") + event("a@1\t0911", 5, "bye agent")
    (tmp_path / "crew.events.log").write_text(log + event("b@1\t+98912", 6, "bye line"), encoding="utf-8")
    first, second = crew.talks()
    assert (first.number, first.answered_at, first.ended_at, first.ended_by) == ("0911", moment(0), moment(5), "agent")
    assert (second.number, second.ended_by) == ("+98912", "caller")
