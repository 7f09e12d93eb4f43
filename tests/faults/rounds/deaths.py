"""The round of the failpoints: two callers, and every process of ours dies once where its death could cost the most."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path

from ivr.kernel.clock import SystemClock
from tests.faults.checker.check import check_line
from tests.faults.checker.witness import witness_of
from tests.faults.rounds.cohort import BEEP_SECONDS, cohort
from tests.faults.rounds.places import PLACES, arm
from tests.faults.rounds.play import until_back
from tests.faults.rounds.tally import Round
from tests.line import Line
from tests.scenarios.on_the_line.callers import eventually

LATE = ("doors.after_score", "doors.before_done")
"""Passed on the way to the other places too: their word is put down when the survey asks."""


def die_everywhere(line: Line, folder: Path, serial: int, places: Iterable[str], word: str = "kill") -> list[Round]:
    """One caller talks and gives a score, one leaves a message and keeps it; `word` waits for both at every place.

    Returns one round a place; the calls and the checker's verdict are counted with the first.
    """
    since, wanted = SystemClock().now(), list(places)
    rounds = [Round(PLACES[place][0], f"{word} at {place}", faults=1) for place in wanted]
    with cohort(line, folder, serial) as people:
        keeps = (
            people.caller(f"0913{serial % 1000:03}0001").pause(2.5).press("2").pause(1).press("1").pause(BEEP_SECONDS)
        )
        armed = {place: arm(line, place, word) for place in wanted if place not in LATE}
        # Presses again what the door that died beside them may not have heard.
        keeps.tone(350).pause(2.5).press("#").pause(2).press("1").pause(5).press("1").pause(5).press("1").pause(9)
        keeps.hang_up().dial()
        people.operator(people.seats[0], ring_seconds=0.3, talk_seconds=2.5)
        scores = people.caller(f"0913{serial % 1000:03}0002").pause(2.5).press("1").pause(1).press("1").pause(11.5)
        for _ in range(3):  # on a slow machine the question comes late; a score is taken once
            scores.press("4").pause(4)
        scores.until_bye(60).dial()
        eventually(lambda: people.ledger.shows(scores.user, '"score"', "offered=1"), seconds=60, what="the survey asks")
        armed |= {place: arm(line, place, word) for place in wanted if place in LATE}
        for caller in (keeps, scores):
            caller.wait(110)
        passed = time.monotonic() + 180
        while any(path.exists() for path in armed.values()) and time.monotonic() < passed:
            time.sleep(0.2)
        back = until_back(line, time.monotonic(), fresh_after=SystemClock().now())
        witnesses = [
            witness_of(keeps, "keeps a message", may_end_as={"left_message"}, left_message=True),
            witness_of(scores, "gives a score", may_end_as={"answered"}, score=4),
        ]
    settling = time.monotonic()
    report = check_line(line, witnesses, since=since, until=SystemClock().now())
    rounds[0].settled_seconds = round(time.monotonic() - settling, 1)
    for told, place in zip(rounds, wanted, strict=True):
        told.back_seconds = back
        if armed[place].exists():
            armed[place].unlink()
            told.faults = 0
            told.breaches.append(f"nobody passed {place}")
        else:
            told.steps = [PLACES[place][1].name]
        told.green = not told.breaches
    rounds[0].calls = len(witnesses)
    rounds[0].breaches += [str(breach) for breach in report.breaches]
    if back is None:
        rounds[0].breaches.append("the line was not back in time")
    rounds[0].green = not rounds[0].breaches
    return rounds
