"""One number in the row on top of a page, drawn by `parts/figures.html`. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its word; both already in the reader's language."""

    name: str
    """For islands and tests; on the figures' page also the name of its definition."""
    title: str
    value: str
    note: str = ""
    tone: str = "plain"
    """`plain`, `look` or `act`."""
