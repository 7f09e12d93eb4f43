"""Skills as they are asked for, written down and meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.agents.skills import asked_skills, served
from ivr.kernel.errors import Invalid
from ivr.kernel.ids import QueueName
from routing.duty import LEVELS, Duty, wanted
from routing.ladder import Ladder
from routing.queues import QUEUES

asked = st.dictionaries(st.sampled_from(QUEUES), st.sampled_from(LEVELS), min_size=1)


@given(asked)
def test_what_is_asked_for_is_what_asterisk_will_hold(given_skills: dict[QueueName, int]) -> None:
    """Whatever is written down of it: the page, the API and the keeper mean the same."""
    written = asked_skills(given_skills, QUEUES)
    assert served(written, QUEUES) == {queue: given_skills[queue] for queue in QUEUES if queue in given_skills}
    duty = Duty(1, "operator03", "seat05", began_at=None, skills=written)  # pyright: ignore[reportArgumentType]
    first = Duty(2, "operator04", "seat06", began_at=None, skills={})  # serves all at level 1: no level moves up
    held = wanted([duty, first], dict.fromkeys(QUEUES, Ladder()))
    of_it = {queue: place.penalty + 1 for (queue, seat), place in held.items() if seat == "seat05"}
    assert of_it == dict(given_skills)


def test_every_queue_at_the_first_level_serves_queues_that_come_later_too() -> None:
    written = asked_skills(dict.fromkeys(QUEUES, 1), QUEUES)
    assert written == {}
    assert QueueName("housing") in served(written, (*QUEUES, QueueName("housing")))
    all_but_one_alike = dict.fromkeys(QUEUES, 1) | {QUEUES[0]: 2}
    assert asked_skills(all_but_one_alike, QUEUES) == all_but_one_alike


def test_a_queue_that_was_given_up_gives_nothing() -> None:
    assert served({QueueName("housing"): 1, QUEUES[1]: 3}, QUEUES) == {QUEUES[1]: 3}


@pytest.mark.parametrize(
    ("skills", "code"),
    [
        ({}, "skills_none"),
        ({"housing": 1}, "unknown_queue"),
        ({"general": 0}, "skill_level"),
        ({"general": 4}, "skill_level"),
        ({"general": -1}, "skill_level"),
        ({"general": 10**30}, "skill_level"),
        ({"'; DROP TABLE agent_skill; --": 1}, "unknown_queue"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_reason(skills: dict[str, int], code: str) -> None:
    with pytest.raises(Invalid) as refused:
        asked_skills(skills, QUEUES)
    assert (refused.value.code, refused.value.field) == (code, "body.skills")
