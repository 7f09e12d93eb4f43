"""The worst rounds, in every run: what is struck is fixed, its choice and what is armed come from the printed seed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.rounds.hurts import by_name
from tests.faults.rounds.play import play
from tests.faults.rounds.tally import Tally
from tests.line import Line

pytestmark = [pytest.mark.line, pytest.mark.timeout(240)]

WORST = ("doors-a and doors-b: kill -9", "asterisk: kill -9", "postgres: immediate stop", "follower: kill -9")


@pytest.mark.parametrize("name", WORST)
def test_a_cohort_meets(name: str, hurt_line: Line, tally: Tally, tmp_path: Path) -> None:
    told = play(hurt_line, tmp_path, by_name(name), serial=len(tally.rounds) + 1)
    tally.rounds.append(told)
    assert told.breaches == [], "\n".join([*told.breaches, hurt_line.logs(5)])
    assert len(told.steps) >= 7, f"too few callers stood where they should: {told.steps}"
