"""The worst rounds, in every run: doors, Asterisk, database; and the places where the death of a process costs the most.

The printed seed chooses how the database is struck and in which order the words at those places are put down.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.faults.rounds.deaths import die_everywhere
from tests.faults.rounds.hurts import by_name
from tests.faults.rounds.places import PLACES
from tests.faults.rounds.play import play
from tests.faults.rounds.steps import Step, missing
from tests.faults.rounds.tally import SEED, Tally
from tests.line import Line

pytestmark = [pytest.mark.line, pytest.mark.timeout(900)]

DATABASE = random.Random(SEED).choice(["immediate stop", "kill -9 of the postmaster", "one back end killed"])
WORST = ("doors-a and doors-b: kill -9", "asterisk: kill -9", f"postgres: {DATABASE}")


@pytest.mark.parametrize("name", WORST)
def test_a_cohort_meets(name: str, hurt_line: Line, tally: Tally, tmp_path: Path) -> None:
    talk = Step.S7 if name.startswith("postgres") else Step.S6
    told = play(hurt_line, tmp_path, by_name(name), serial=tally.next_serial(), talk=talk)
    tally.add(told)
    assert told.breaches == [], "\n".join([*told.breaches, hurt_line.logs(5)])
    assert missing(told.steps, talk) == [], f"nobody stood there; callers stood at {told.steps}"


def test_a_process_dies_where_it_costs_the_most(hurt_line: Line, tally: Tally, tmp_path: Path) -> None:
    places = [place for place in PLACES if place != "doors.before_done"]
    random.Random(tally.seed).shuffle(places)
    told = die_everywhere(hurt_line, tmp_path, tally.next_serial(), places)
    tally.add(*told)
    breaches = [breach for one in told for breach in one.breaches]
    assert breaches == [], "\n".join([*breaches, hurt_line.logs(5)])
