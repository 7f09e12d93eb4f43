"""Every fault on a whole cohort, in an order drawn from the printed seed: `make test-all`."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.faults.checker.limits import GRACE
from tests.faults.rounds.deaths import die_everywhere
from tests.faults.rounds.hurts import HURTS, by_name
from tests.faults.rounds.places import PLACES
from tests.faults.rounds.play import play
from tests.faults.rounds.steps import Step, missing
from tests.faults.rounds.tally import SEED, Tally
from tests.line import Line

pytestmark = [pytest.mark.line, pytest.mark.slow, pytest.mark.timeout(300)]

BEFORE_DONE = "doors.before_done"
NAMES = random.Random(SEED).sample([hurt.name for hurt in HURTS], len(HURTS))
WHO_KNOWS_OF_A_HOLD = ("asterisk", "listener")


@pytest.mark.parametrize("name", NAMES)
def test_a_cohort_meets(name: str, hurt_line: Line, tally: Tally, tmp_path: Path) -> None:
    told = play(hurt_line, tmp_path, by_name(name), serial=100 + tally.next_serial())
    tally.add(told)
    assert told.breaches == [], "\n".join([*told.breaches, hurt_line.logs(5)])
    assert missing(told.steps, Step.S6) == [], f"nobody stood there; callers stood at {told.steps}"
    assert (told.settled_seconds or 0) <= GRACE, "the records were right too late"


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith(WHO_KNOWS_OF_A_HOLD)])
def test_a_cohort_with_somebody_on_hold_meets(name: str, hurt_line: Line, tally: Tally, tmp_path: Path) -> None:
    told = play(hurt_line, tmp_path, by_name(name), serial=300 + tally.next_serial(), talk=Step.S7)
    tally.add(told)
    assert told.breaches == [], "\n".join([*told.breaches, hurt_line.logs(5)])
    assert missing(told.steps, Step.S7) == [], f"nobody stood there; callers stood at {told.steps}"
    assert (told.settled_seconds or 0) <= GRACE, "the records were right too late"


@pytest.mark.parametrize("word", ["kill", "raise", "sleep 2"])
@pytest.mark.parametrize(
    "places",
    [[place for place in PLACES if place != BEFORE_DONE], [BEFORE_DONE]],
    ids=["everywhere", "before a door is done"],
)
def test_a_process_is_struck_where_it_costs_the_most(
    places: list[str], word: str, hurt_line: Line, tally: Tally, tmp_path: Path
) -> None:
    """Every door passes the last place: its word would take the door away from the callers who are on the way to others."""
    told = die_everywhere(hurt_line, tmp_path, 200 + tally.next_serial(), places, word)
    tally.add(*told)
    breaches = [breach for one in told for breach in one.breaches]
    assert breaches == [], "\n".join([*breaches, hurt_line.logs(5)])
