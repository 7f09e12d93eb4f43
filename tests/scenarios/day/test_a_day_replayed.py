"""A day replayed: two shifts of robots, callers by the hour, troubles; board, figures and records must be right all day."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.line import SHARED_VAR, Line
from tests.scenarios.day.judging import Outcome, judged, written
from tests.scenarios.day.plan import Window, minute_of, read_profile
from tests.scenarios.day.playing import replay
from tests.scenarios.day.troubles import KILLED, LISTENER, RESTARTED, WIRE

pytestmark = [pytest.mark.line, pytest.mark.slow]

SEED = int(os.environ.get("LINE1420_DAY_SEED", "1420"))
HOURS = os.environ.get("LINE1420_DAY_HOURS", "08:00-20:00")
"""For who has less time than the 36 minutes of a whole day."""
ONCE = (LISTENER, WIRE, KILLED)
A_TROUBLE_EVERY = 60.0
"""Seconds of the run, at most; the rest of the troubles is left out of a shorter one."""
FOLDER = SHARED_VAR / "day"
SURE_SHARE = 0.05
"""Of the stays, at most so many may be counted apart for each break of Asterisk; else the count would prove little."""
CUT_MAY_BE = {"lost_by_restart", "answered", "left_message", "self_served"}
"""What was complete keeps its name; what was cut says so."""


@pytest.mark.parametrize(
    ("hours", "kinds"),
    [
        pytest.param("13:20-14:20", ONCE, id="an-hour", marks=pytest.mark.timeout(600)),
        pytest.param(HOURS, (*ONCE, RESTARTED, *ONCE), id="a-day", marks=pytest.mark.timeout(3600)),
    ],
)
def test_a_day_is_shown_counted_and_kept(
    hours: str, kinds: tuple[str, ...], day_line: Line, speech: Path, tmp_path: Path
) -> None:
    profile = read_profile()
    opens, closes = hours.split("-")
    window = Window(minute_of(opens), minute_of(closes), profile.speed)
    kinds = kinds[: int(window.seconds // A_TROUBLE_EVERY)]
    outcome = judged(replay(day_line, tmp_path / "robots", speech, profile, window, kinds, seed=SEED))
    FOLDER.mkdir(parents=True, exist_ok=True)
    kept = FOLDER / f"{hours}.json".replace(":", "")
    kept.write_text(json.dumps(written(outcome), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    judge(outcome, window, kinds)


def judge(outcome: Outcome, window: Window, kinds: tuple[str, ...]) -> None:
    assert outcome.checks.differences == []
    assert [breach for trouble in outcome.troubles for breach in trouble.breaches()] == []
    assert len(outcome.troubles) == len(kinds)
    assert not outcome.report.breaches, str(outcome.report)
    assert outcome.differences == []
    for name, (ours, least, most) in (("received", outcome.received), ("messages", outcome.messages)):
        assert least <= ours <= most, f"{name}: ours {ours}, counted {least} to {most}"
    cut = {number for number, why in outcome.met.items() if why == "cut"}
    ended = outcome.dispositions
    assert {number for number in ended if ended[number].startswith("lost")} <= outcome.met.keys()
    assert {number: ended.get(number) for number in cut if ended.get(number) not in CUT_MAY_BE} == {}
    assert outcome.staff_troubles == []
    assert outcome.adherence["absent"] == 0
    assert outcome.adherence["adherence"] >= 0.9
    # that it was a day, and not an empty one
    minutes = window.seconds / 60
    assert outcome.checks.made >= 4 * minutes, "a check every six seconds, less the troubles"
    assert outcome.calls >= 10 * minutes
    breaks = sum(trouble.cut_calls for trouble in outcome.troubles)
    assert outcome.counted["apart"] <= max(20, SURE_SHARE * outcome.counted["stays"]) * max(1, breaks)
