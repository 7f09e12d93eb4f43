"""Steady load: callers of a busy day come in for minutes on end, and the books balance afterwards."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.faults.checker.check import check_line
from tests.line import Line
from tests.load.journeys import busy_day
from tests.load.traffic import place_calls, write_figures

pytestmark = pytest.mark.line


@pytest.mark.parametrize(
    ("rate", "minutes"),
    [
        pytest.param(2.0, 5, id="2-calls-a-second-for-5-minutes", marks=pytest.mark.timeout(1200)),
        pytest.param(
            2.0, 20, id="2-calls-a-second-for-20-minutes", marks=[pytest.mark.slow, pytest.mark.timeout(1800)]
        ),
        pytest.param(1.0, 30, id="1-call-a-second-for-30-minutes", marks=[pytest.mark.slow, pytest.mark.timeout(2400)]),
    ],
)
def test_a_busy_day_loses_nothing(busy_line: Line, speech: Path, tmp_path: Path, rate: float, minutes: int) -> None:
    """Thirty operators, eight journeys, every talk recorded: each call has one true record, each score and each message
    is there, no channel is left over, and no process has grown."""
    run = place_calls(busy_line, tmp_path, busy_day(speech), rate=rate, seconds=minutes * 60, seed=minutes)
    # In five minutes a pool that fills cannot be told from a leak; what was held is written down all the same.
    report = check_line(busy_line, run.witnesses, since=run.since, samples=run.samples if minutes >= 20 else ())
    figures = run.figures | {"checked": report.checked, "breaches": len(report.breaches)}
    write_figures(f"steady-{rate:g}-a-second-{minutes}-minutes", figures)
    assert not report.breaches, str(report)
    lost_sight = [w for w in run.witnesses if w.answered_at and w.ended_by is None]
    assert len(lost_sight) <= 0.01 * len(run.witnesses), run.troubles
    assert figures["refused or unanswered"] == 0
    # The short run shares the machine with other lanes: the tight figures are those of the long runs and of the bench.
    alone = minutes >= 20
    sound, trips = figures["first sound seconds"], figures["agi round trip"]
    assert figures["met a fallback"] <= (0.05 if alone else 0.2) * figures["calls"], "the doors were late for too many"
    assert sound["p99" if alone else "p90"] <= 1.0, sound
    assert trips["within 50 ms"] >= 0.99 if alone else trips["within 100 ms"] >= 0.95, trips
    assert report.checked["calls"] == len(run.witnesses) >= rate * minutes * 60 * 0.97
    journeys = Counter(witness.journey for witness in run.witnesses)
    assert all(journeys[journey.name] for journey in busy_day(speech)), journeys
