"""What an agent can serve: queues with levels, 1 asked first. Nothing written down means every queue at level 1. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ivr.kernel.errors import Invalid
from ivr.kernel.ids import QueueName
from routing.ladder import LEVELS

Skills = Mapping[QueueName, int]


def asked_skills(given: Mapping[str, int], queues: Collection[QueueName]) -> dict[QueueName, int]:
    """What is written down of it. Every queue at level 1 is written as nothing, so that a queue which comes later is served
    as well. Raises `Invalid` for no queue at all, an unknown one, or a level that is none."""
    if not given:
        raise Invalid(
            "An agent serves at least one queue; whoever is to take no calls is paused or signed out.",
            code="skills_none",
            field="body.skills",
        )
    for name, level in given.items():
        if name not in queues:
            raise Invalid(
                f"There is no queue of this name; take one of {', '.join(queues)}.",
                code="unknown_queue",
                field="body.skills",
            )
        if level not in LEVELS:
            raise Invalid(
                f"A level is one of {', '.join(map(str, LEVELS))}; 1 is asked first.",
                code="skill_level",
                field="body.skills",
            )
    skills = {QueueName(name): level for name, level in given.items()}
    return {} if set(skills) == set(queues) and set(skills.values()) == {LEVELS[0]} else skills


def served(skills: Skills, queues: Collection[QueueName]) -> dict[QueueName, int]:
    """The queues that an agent with these skills serves, in the order of the line; a skill for a queue that is not there
    gives nothing."""
    known = skills or dict.fromkeys(queues, LEVELS[0])
    return {queue: known[queue] for queue in queues if queue in known}
