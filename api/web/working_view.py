"""Agents' time in the report of a day or month, in the reader's language. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from api.reports.schemas import FiguresView, WorkFigures
from api.web import shown
from api.web.texts import Texts


@dataclass(frozen=True, slots=True)
class Working:
    """One row."""

    name: str
    signed_in: str
    handling: str
    available: str
    paused: str
    occupancy: str


def working_rows(figures: FiguresView, people: Mapping[str, str], say: Texts) -> list[Working]:
    """Each agent who was there, by name, and all of them last; nothing where nobody signs in or one queue was asked for."""
    if not figures.agents or figures.work is None:
        return []
    rows = [_row(people.get(one.agent, one.agent), one, say) for one in figures.agents]
    return [*sorted(rows, key=lambda row: row.name), _row(say("figures.all"), figures.work, say)]


def _row(name: str, work: WorkFigures, say: Texts) -> Working:
    language = say.language
    return Working(
        name=name,
        signed_in=shown.span(work.signed_in_seconds, language),
        handling=shown.span(work.handling_seconds, language),
        available=shown.span(work.available_seconds, language),
        paused=shown.span(work.paused_seconds, language),
        occupancy=shown.percent(work.occupancy.value, language),
    )
