"""How many operators a half hour needs, by Erlang C and by Erlang A, at the phones and in the plan. Pure.

*At the phones* is N, the operators who take calls at the same time: it is N that the seats are a ceiling for.
*In the plan* are the people to schedule for it, because breaks, training and illness take a share s (shrinkage) of paid
time: ⌈N / (1 − s)⌉, so 14 at the phones with s = 30 % are 20 in the plan.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

from routing.staffing.erlang import Outlook, erlang_a, erlang_c, least_operators_c


class StaffingTarget(BaseModel):
    """What the staffing aims at and reckons with (LINE1420_STAFFING, a JSON object)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    service_level: float = Field(
        default=0.80, gt=0, le=0.999, description="Share of callers to be answered within `threshold_seconds`."
    )
    threshold_seconds: int = Field(default=20, ge=0, le=600, description="The same as the floor's service level.")
    shrinkage: float = Field(
        default=0.30, ge=0, le=0.9, description="Share of paid time in which an operator takes no calls."
    )
    patience_seconds: float = Field(
        default=120, gt=0, le=3600, description="Mean time a caller waits before hanging up; Erlang A only."
    )


@dataclass(frozen=True, slots=True)
class Need:
    """Operators at the phones, and people in the plan for them."""

    operators: int
    scheduled: int


@dataclass(frozen=True, slots=True)
class Staffing:
    """What a load needs by both models, and how the seats would bear it."""

    load: float
    by_c: Need
    by_a: Need
    seats_c: Outlook
    """With an operator at every seat."""
    seats_a: Outlook


def scheduled_for(operators: int, shrinkage: float) -> int:
    """⌈N / (1 − s)⌉; what floats add in the last digits is no further person."""
    return math.ceil(operators / (1 - shrinkage) - 1e-9)


def staffing_for(
    calls: float, handling_seconds: float, span_seconds: float, seats: int, target: StaffingTarget
) -> Staffing:
    """`calls` that come within `span_seconds`. An open line needs one operator even when no call is expected."""
    load = calls * handling_seconds / span_seconds
    by_c = max(1, least_operators_c(load, handling_seconds, target.threshold_seconds, target.service_level))
    by_a = max(1, _least_operators_a(load, handling_seconds, target, most=by_c))
    return Staffing(
        load=load,
        by_c=Need(by_c, scheduled_for(by_c, target.shrinkage)),
        by_a=Need(by_a, scheduled_for(by_a, target.shrinkage)),
        seats_c=erlang_c(load, seats, handling_seconds, target.threshold_seconds),
        seats_a=erlang_a(load, seats, handling_seconds, target.threshold_seconds, target.patience_seconds),
    )


def _least_operators_a(load: float, handling: float, target: StaffingTarget, *, most: int) -> int:
    """By halving: more operators never make it worse, and who needs `most` with endless patience needs no more without."""
    least = 0
    while least < most:
        middle = (least + most) // 2
        outlook = erlang_a(load, middle, handling, target.threshold_seconds, target.patience_seconds)
        least, most = (least, middle) if outlook.service_level >= target.service_level else (middle + 1, most)
    return least
