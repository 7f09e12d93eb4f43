"""The table of told waits: each queue to whom something was said, the bias with the word for its direction."""

from __future__ import annotations

from typing import Any

import pytest

from api.reports.counts import VisitCounts
from api.reports.schemas import FiguresView, Percentiles, QueueFigures, Standard, VisitFigures, figures_of
from api.web.texts import texts
from api.web.told_view import told_view

SOME = {"offered": 5, "answered": 5, "told": 4, "told_answered": 4, "told_right": 3, "told_off_seconds": 250.0}


def view(whole: VisitCounts, language: str = "fa", **queues: VisitCounts) -> dict[str, Any] | None:
    parts = {name: figures_of(counts, Percentiles()) for name, counts in queues.items()}
    figures = FiguresView.model_construct(
        standard=Standard(),
        visits=VisitFigures.model_validate(figures_of(whole, Percentiles())),
        queues=[QueueFigures.model_validate({"queue": name, **part}) for name, part in parts.items()],
    )
    return told_view(figures, texts(language))


def test_nobody_was_told_and_there_is_no_table() -> None:
    assert view(VisitCounts(offered=3, answered=3)) is None


@pytest.mark.parametrize(
    ("over", "language", "bias"),
    [(160.0, "fa", "۰:۴۰ بیشتر"), (-160.0, "fa", "۰:۴۰ کمتر"), (160.0, "en", "0:40 over"), (2.0, "en", "0:00")],
)
def test_each_queue_with_its_error_and_the_direction_of_its_bias(over: float, language: str, bias: str) -> None:
    some = VisitCounts(**SOME, told_over_seconds=over)
    found = view(some, language, insurance=some, pensions=VisitCounts(offered=2, answered=2))
    assert found is not None
    [row] = found["rows"]
    assert row.title == texts(language).word("queue", "insurance")
    assert (row.bias, found["whole"].bias) == (bias, bias)
    assert row.error == ("۱:۰۲" if language == "fa" else "1:02")


def test_who_was_told_and_still_waits_has_dashes_and_no_zero() -> None:
    found = view(VisitCounts(offered=1, waiting=1, told=1))
    assert found is not None
    assert (found["whole"].told, found["whole"].right, found["whole"].error, found["whole"].bias) == (
        "۱",
        "–",
        "–",
        "–",
    )
