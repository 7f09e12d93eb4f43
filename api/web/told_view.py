"""How well told waits came true, as a table by queue: words and numbers in the reader's language. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from api.reports.schemas import FiguresView, ToldWaits
from api.web import shown
from api.web.texts import Texts


@dataclass(frozen=True, slots=True)
class Row:
    """One queue, or all of them together."""

    title: str
    told: str
    right: str
    parts: str
    error: str
    bias: str


def told_view(figures: FiguresView, say: Texts) -> dict[str, Any] | None:
    """What the panel needs; None where nobody was told anything."""
    whole = figures.visits.told_waits
    if not whole.told:
        return None
    standard, language = figures.standard, say.language
    return {
        "rows": [
            _row(say.word("queue", one.queue), one.told_waits, say) for one in figures.queues if one.told_waits.told
        ],
        "whole": _row(say("figures.all"), whole, say),
        "lead": say(
            "figures.told_lead",
            seconds=shown.number(standard.told_tolerance_seconds, language),
            percent=shown.number(round(100 * standard.told_tolerance_share), language),
        ),
    }


def _row(title: str, told: ToldWaits, say: Texts) -> Row:
    language, right = say.language, told.right
    parts = {"part": shown.number(right.part, language), "whole": shown.number(right.whole, language)}
    return Row(
        title=title,
        told=shown.number(told.told, language),
        right=shown.percent(right.value, language),
        parts=say("figures.parts", **parts) if right.whole else "",
        error=shown.span(told.mean_absolute_error.mean_seconds, language),
        bias=_bias(told.bias.mean_seconds, say),
    )


def _bias(seconds: float | None, say: Texts) -> str:
    """With the word for its direction: a sign before Persian digits is read in two ways."""
    if seconds is None or abs(seconds) < 1:
        return shown.span(seconds, say.language)
    return say(
        "figures.told_longer" if seconds > 0 else "figures.told_shorter", span=shown.span(abs(seconds), say.language)
    )
