"""The arithmetic of the bench: a figure is never one measurement, and a ratio never compares two moments far apart.

`A B A B …`: the n-th ratio is made of the n-th measurements of both sides, so that whatever else the machine did in
that minute weighs on both. Shown is the median, with the smallest and the largest beside it.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spread:
    """What came out of the repeats of one measurement, in the order they were made; never empty."""

    values: tuple[float, ...]

    def __post_init__(self) -> None:
        if not self.values:
            raise ValueError("a spread needs at least one measurement")

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def least(self) -> float:
        return min(self.values)

    @property
    def most(self) -> float:
        return max(self.values)

    def text(self, digits: int = 2) -> str:
        """`1.21 (1.18–1.30)`; one measurement alone says so."""
        if len(self.values) == 1:
            return f"{self.median:.{digits}f} (one run)"
        return f"{self.median:.{digits}f} ({self.least:.{digits}f}–{self.most:.{digits}f})"


def ratios(ours: Sequence[float], twins: Sequence[float]) -> Spread:
    """Each repeat's own ratio. Raises `ValueError` when a repeat lacks one side or the twin measured nothing."""
    if len(ours) != len(twins):
        raise ValueError(f"{len(ours)} measurements of ours stand beside {len(twins)} of the twin")
    if any(twin <= 0 for twin in twins):
        raise ValueError("the twin's measurement is nothing; no ratio can be made of it")
    return Spread(tuple(mine / twin for mine, twin in zip(ours, twins, strict=True)))


def differences(ours: Sequence[float], twins: Sequence[float]) -> Spread:
    """Each repeat's own difference, ours minus the twin's."""
    if len(ours) != len(twins):
        raise ValueError(f"{len(ours)} measurements of ours stand beside {len(twins)} of the twin")
    return Spread(tuple(mine - twin for mine, twin in zip(ours, twins, strict=True)))


def percentile(values: Sequence[float], part: float) -> float:
    """The smallest value that at least `part` (0…1) of all values do not exceed: a value that really was measured."""
    if not values:
        raise ValueError("no values, no percentile")
    ordered = sorted(values)
    return ordered[max(0, math.ceil(part * len(ordered)) - 1)]


@dataclass(frozen=True, slots=True)
class Goal:
    """A target: at most, or at least, `limit`."""

    limit: float
    at_most: bool = True
    unit: str = ""

    def met(self, value: float) -> bool:
        return value <= self.limit if self.at_most else value >= self.limit

    def text(self) -> str:
        return f"{'≤' if self.at_most else '≥'} {self.limit:,g}{self.unit}"


@dataclass(frozen=True, slots=True)
class Finding:
    """One row of the table."""

    what: str
    figure: Spread
    goal: Goal | None = None
    digits: int = 2
    unit: str = ""
    """Where no goal names it."""
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Judged by the median; None where nothing was promised."""
        return None if self.goal is None else self.goal.met(self.figure.median)
