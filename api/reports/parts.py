"""A ratio and a mean on the wire, each with its parts."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, Field

from ivr.kernel.measures import Mean, Ratio


class RatioView(BaseModel):
    """A part of a whole."""

    part: int
    whole: int
    value: float | None = Field(description="part / whole; null when there is nothing to divide by.")

    @classmethod
    def of(cls, ratio: Ratio) -> Self:
        return cls(part=ratio.part, whole=ratio.whole, value=ratio.value)


class MeanView(BaseModel):
    """A mean span with its parts."""

    total_seconds: float
    count: int
    mean_seconds: float | None = Field(description="total_seconds / count; null when there is nothing to divide by.")

    @classmethod
    def of(cls, mean: Mean) -> Self:
        return cls(total_seconds=mean.total_seconds, count=mean.count, mean_seconds=mean.seconds)
