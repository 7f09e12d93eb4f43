"""What dies while agents are signed in: they keep seat, queues and callers, and the callers meet what they always meet."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.faults.checker.limits import GRACE
from tests.faults.rounds.hurts import HURTS, by_name
from tests.faults.rounds.play import play
from tests.faults.rounds.seated import SeatedCohort
from tests.faults.rounds.steps import Step, missing
from tests.faults.rounds.tally import SEED, Tally
from tests.line import Line

pytestmark = [
    pytest.mark.line,
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.parametrize("hurt_line", ["desk"], indirect=True, scope="session"),
]

WHO_KNOWS_OF_DUTIES = ("asterisk", "listener", "web", "postgres", "all processes")
"""Doors, follower and worker do not: what befalls them is the same wherever operators come from."""
NAMES = [hurt.name for hurt in HURTS if hurt.name.startswith(WHO_KNOWS_OF_DUTIES)]


@pytest.mark.parametrize("name", random.Random(SEED).sample(NAMES, len(NAMES)))
def test_a_cohort_whose_operators_signed_in_meets(name: str, hurt_line: Line, tally: Tally, tmp_path: Path) -> None:
    told = play(hurt_line, tmp_path, by_name(name), serial=500 + tally.next_serial(), kind=SeatedCohort)
    tally.add(told)
    assert told.breaches == [], "\n".join([*told.breaches, hurt_line.logs(5)])
    assert missing(told.steps, Step.S6) == [], f"nobody stood there; callers stood at {told.steps}"
    assert (told.settled_seconds or 0) <= GRACE, "the records were right too late"
