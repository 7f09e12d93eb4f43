"""Numbers with a meaning: a survey score, a rate and a mean that know their parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from ivr.kernel.errors import Invalid


class Score(int):
    """A caller's answer to the survey, 1 (worst) to 5 (best). Not answered is `None`, never 0."""

    def __new__(cls, value: int) -> Self:
        if not 1 <= value <= 5:
            raise Invalid(f"a score is 1 to 5, not {value}")
        return super().__new__(cls, value)


@dataclass(frozen=True, slots=True)
class Ratio:
    """A part of a whole. Sums of ratios add parts and wholes; nothing over nothing has no value and shows as a dash."""

    part: int
    whole: int

    def __post_init__(self) -> None:
        if self.part < 0 or self.whole < 0 or self.part > self.whole:
            raise Invalid(f"a ratio needs 0 ≤ part ≤ whole, not {self.part}/{self.whole}")

    def __add__(self, other: Ratio) -> Ratio:
        return Ratio(self.part + other.part, self.whole + other.whole)

    @property
    def value(self) -> float | None:
        return self.part / self.whole if self.whole else None

    def __str__(self) -> str:
        return "–" if not self.whole else f"{100 * self.part / self.whole:.1f}%"


@dataclass(frozen=True, slots=True)
class Mean:
    """A sum of spans over how many there were, in seconds. The mean of nothing has no value."""

    total_seconds: float
    count: int

    def __post_init__(self) -> None:
        if self.count < 0 or (self.count == 0 and self.total_seconds):
            raise Invalid(f"a mean needs something to divide by, not {self.total_seconds}/{self.count}")

    @property
    def seconds(self) -> float | None:
        return self.total_seconds / self.count if self.count else None
