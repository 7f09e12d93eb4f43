"""Agents as their pages show them: words for levels, what is missing, what was changed. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from api.agents.schemas import AgentCard
from api.agents.skills import served
from api.agents.trail import Deed
from api.web import shown
from api.web.texts import Texts
from ivr.kernel.ids import QueueName
from routing.ladder import LEVELS, Ladder


@dataclass(frozen=True, slots=True)
class Serves:
    """A queue that an agent serves."""

    queue: str
    level: str
    """In a word."""


@dataclass(frozen=True, slots=True)
class Row:
    """One agent of the list."""

    agent: str
    name: str
    number: str
    """Empty without one."""
    pin_set: bool
    serves: tuple[Serves, ...]
    alike: bool
    """Every queue is served at the first level: said in a word instead of a list."""
    usual_seat: str
    seat: str
    """Where the agent is on duty now; empty when nowhere."""
    since: datetime | None


def row_of(card: AgentCard, queues: Collection[QueueName], say: Texts) -> Row:
    """As the list shows it."""
    skills = served({QueueName(skill.queue): skill.level for skill in card.skills}, queues)
    return Row(
        agent=card.agent,
        name=name_of(card, say),
        number=shown.digits(card.number or "", say.language),
        pin_set=card.pin_set,
        serves=tuple(Serves(say.word("queue", queue), level_word(level, say)) for queue, level in skills.items()),
        alike=not card.skills,
        usual_seat=shown.seat_number(card.usual_seat, say.language) if card.usual_seat else "",
        seat=shown.seat_number(card.on_duty.seat, say.language) if card.on_duty else "",
        since=card.on_duty.since if card.on_duty else None,
    )


def name_of(card: AgentCard, say: Texts) -> str:
    """How the reader calls them."""
    return card.name_fa if say.language == "fa" else card.name_en


def level_word(level: int, say: Texts) -> str:
    """«اصلی», «کمکی», «ذخیره»."""
    return say.word("skill_level", str(level))


def levels(say: Texts) -> list[tuple[str, str]]:
    """What can be chosen for a queue; 0 is none."""
    return [(str(level), say.word("skill_level", str(level))) for level in (0, *LEVELS)]


def chosen_levels(card: AgentCard, queues: Sequence[QueueName], typed: Mapping[str, str] | None) -> dict[str, str]:
    """What stands in the form: as it was sent, or as it is."""
    if typed is not None:
        return {queue: typed.get(f"level-{queue}", "0") for queue in queues}
    skills = served({QueueName(skill.queue): skill.level for skill in card.skills}, queues)
    return {queue: str(skills.get(queue, 0)) for queue in queues}


def typed_levels(form: Mapping[str, str], queues: Collection[QueueName]) -> dict[str, int]:
    """Queue → level of what the form chose; a level that is none is left to the use case to refuse."""
    found = {queue: form.get(f"level-{queue}", "0") for queue in queues}
    return {queue: int(level) if level in {"1", "2", "3"} else -1 for queue, level in found.items() if level != "0"}


def seen_levels(form: Mapping[str, str], queues: Collection[QueueName]) -> dict[str, int] | None:
    """What stood in the form when it was opened; None for a form that does not say."""
    found = {queue: form.get(f"was-{queue}", "") for queue in queues}
    if not all(level in {"0", "1", "2", "3"} for level in found.values()):
        return None
    return {queue: int(level) for queue, level in found.items() if level != "0"}


def rungs_of(ladder: Ladder, say: Texts) -> list[str]:
    """Who may ring for callers of a queue, and from which wait on."""
    told: list[str] = []
    for rung in ladder.rungs:
        helps = say("agents.rung_helper", queue=say.word("queue", rung.helper)) if rung.helper else ""
        span = shown.span_words(rung.after_seconds, say.language)
        when = say("agents.rung_after", span=span) if rung.after_seconds else say("agents.rung_at_once")
        told.append(f"{helps or level_word(rung.level, say)}: {when}")
    return told


def deeds_view(deeds: Sequence[Deed], names: Mapping[str, str], say: Texts) -> list[dict[str, Any]]:
    """Who changed what, newest first."""
    return [
        {
            "at": deed.at,
            "by": names.get(deed.by, deed.by),
            "what": say.word("agent_deed", deed.action),
            "before": _told(deed.before, say),
            "after": _told(deed.after, say),
        }
        for deed in deeds
    ]


def _told(value: object, say: Texts) -> str:
    if isinstance(value, Mapping):
        parts = [
            say("agents.serves", queue=say.word("queue", str(queue)), level=level_word(int(str(level)), say))
            for queue, level in value.items()
        ]
        return say("roster.comma").join(parts)
    if value is None:
        return say("site.none")
    return say.word("pin_state", shown.digits(str(value), say.language))
