"""The figures on the wire. Every ratio and mean carries its parts, so that who adds up days adds the parts."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Self

from pydantic import BaseModel, Field

from api.reports.counts import AgentTime, CallCounts, VisitCounts
from api.reports.formulas import (
    abandonment_rate,
    abandonment_without_short,
    after_call_work,
    answer_rate,
    handle_time,
    mean_delay,
    mean_wait,
    occupancy,
    service_level,
    speed_of_answer,
    talk_time,
    time_to_abandon,
    told_bias,
    told_error,
    told_right,
    unanswered_rate,
)
from api.reports.parts import MeanView, RatioView
from api.reports.periods import Kind
from api.reports.standard import (
    FORMULA,
    GOAL,
    HANDLE_TIME_PARTS,
    PUBLISHED,
    SHORT_ABANDON_SECONDS,
    THRESHOLD_SECONDS,
    TOLD_SECONDS,
    TOLD_SHARE,
    Variant,
)


class State(StrEnum):
    """What kind of answer the figures are."""

    OVER = "over"
    RUNNING = "running"
    """Goes on: the figures are as of `counted_at`."""
    FUTURE = "future"
    BEFORE_FIRST_CALL = "before_first_call"
    """Nothing could be counted: the line had not been called yet."""
    NO_CALLS = "no_calls"
    """Over, and nobody called."""


class ServiceLevel(BaseModel):
    """Share of visits answered in time, with the name of its variant: without it the number means nothing."""

    variant: str = Field(
        description="`SL4`: answered in time / (answered + abandoned after the threshold + other exits)."
    )
    threshold_seconds: int
    part: int
    whole: int
    value: float | None = Field(description="part / whole; null when nothing was counted yet.")

    @classmethod
    def of(cls, counts: VisitCounts, variant: Variant = PUBLISHED) -> Self:
        level = service_level(counts, variant)
        return cls(
            variant=variant,
            threshold_seconds=THRESHOLD_SECONDS,
            part=level.part,
            whole=level.whole,
            value=level.value,
        )


class VariantView(ServiceLevel):
    """One of the six variants that contact centres publish."""

    formula: str = Field(description="An answered, Ab abandoned, (T) in time, (s) short, X other exits.")


class Percentiles(BaseModel):
    """So many percent of the waits were not longer than this (nearest rank); null when nobody's wait is over."""

    p50_seconds: float | None = None
    p80_seconds: float | None = None
    p90_seconds: float | None = None
    p95_seconds: float | None = None


class Standard(BaseModel):
    """How everything here is counted."""

    variant: str = Field(default=PUBLISHED, description="The published service level.")
    formula: str = FORMULA[PUBLISHED]
    threshold_seconds: int = Field(default=THRESHOLD_SECONDS, description="T: a wait of up to this is in time.")
    short_abandon_seconds: int = Field(default=SHORT_ABANDON_SECONDS, description="s: a short abandon.")
    goal: float = Field(default=GOAL, description="Goal of the published service level.")
    told_tolerance_seconds: int = Field(default=TOLD_SECONDS, description="A told wait may be wrong by so much,")
    told_tolerance_share: float = Field(default=TOLD_SHARE, description="or by this share of the real one, if longer.")
    other_exits: str = Field(
        default="not_answered", description="Visits that left otherwise stand in the denominator as not answered."
    )
    counted_by: str = Field(default="entry", description="A visit belongs to the interval in which it entered.")


class ToldWaits(BaseModel):
    """How well the waits that callers were told agreed with those they had."""

    told: int = Field(description="Visits whose caller was told a wait before it began, however they ended.")
    mean_absolute_error: MeanView = Field(description="Σ |told − waited| over the answered of them / their number.")
    bias: MeanView = Field(description="Σ (told − waited) / the same; above zero the waits were shorter than told.")
    right: RatioView = Field(description="Of the same, |told − waited| ≤ max(60 s, 25 % of the wait).")

    @classmethod
    def of(cls, counts: VisitCounts) -> Self:
        return cls(
            told=counts.told,
            mean_absolute_error=MeanView.of(told_error(counts)),
            bias=MeanView.of(told_bias(counts)),
            right=RatioView.of(told_right(counts)),
        )


class CallFigures(BaseModel):
    """Calls by their arrival: everybody who reached the line, in the menu only or after hours as well."""

    received: int
    open: int = Field(description="Not over when this was counted.")
    by_disposition: dict[str, int] = Field(description="Ended calls by disposition.")

    @classmethod
    def of(cls, counts: CallCounts) -> Self:
        return cls(received=counts.received, open=counts.open, by_disposition=dict(counts.by_disposition))


class IntervalFigures(BaseModel):
    """Visits of a part of the period. offered = answered + abandoned + other_exits + waiting."""

    offered: int = Field(description="Visits: stays in queues. A full queue lets nobody in; that is no offered visit.")
    answered: int
    abandoned: int = Field(description="Hung up waiting.")
    other_exits: int = Field(description="Left by time limit, closure, key, empty queue or a fault.")
    waiting: int = Field(description="Neither over nor answered when this was counted.")
    service_level: ServiceLevel
    speed_of_answer: MeanView = Field(description="ASA: waits of the answered / answered.")


class HalfHourFigures(IntervalFigures):
    """One half hour of the day; in a month that half hour of all its days together."""

    start: str = Field(description="Tehran time, `08:00`.")


class DayFigures(IntervalFigures):
    """One day of a month."""

    day: str = Field(description="Jalali, `1405-09-07`.")
    date: date


class VisitFigures(IntervalFigures):
    """All figures of a set of visits."""

    short_abandoned: int = Field(description="Of the abandoned, those within `short_abandon_seconds`.")
    exits: dict[str, int] = Field(description="Other exits by outcome.")
    refused_full: int = Field(description="Found the queue full; not offered.")
    service_level_variants: list[VariantView]
    answer_rate: RatioView = Field(description="answered / offered")
    unanswered_rate: RatioView = Field(description="(offered − answered) / offered")
    abandonment_rate: RatioView = Field(description="abandoned / offered")
    abandonment_without_short: RatioView = Field(description="(abandoned − short) / (offered − short)")
    mean_wait: MeanView = Field(description="Of all offered whose wait is over.")
    mean_delay: MeanView = Field(description="Waits / number of those with a wait above zero.")
    time_to_abandon: MeanView = Field(description="Waits of the abandoned / abandoned.")
    longest_wait_seconds: float | None
    wait_percentiles: Percentiles
    told_waits: ToldWaits
    talk_time: MeanView = Field(description="Talks that are over, with hold.")
    after_call_work: MeanView = Field(description="Of the answered whose work after the talk was measured and is over.")
    handle_time: MeanView = Field(description="AHT, of the parts that are measured: see `handle_time_contains`.")
    handle_time_contains: list[str] = Field(description="`talk`, and `wrap_up` where it was measured.")
    handle_time_lacks: list[str] = Field(description="Belongs to handling by definition and was not measured.")


class QueueFigures(VisitFigures):
    """All figures of one queue."""

    queue: str


class WorkFigures(BaseModel):
    """Whole seconds of agents' time. signed_in = handling + available + paused."""

    signed_in_seconds: int
    handling_seconds: int = Field(description="Talks with hold and work after talks, while signed in.")
    available_seconds: int = Field(description="No pause and nothing to handle; ringing belongs here.")
    paused_seconds: int
    occupancy: RatioView = Field(description="handling / (handling + available), in seconds.")

    @classmethod
    def of(cls, time: AgentTime) -> Self:
        return cls(
            signed_in_seconds=time.signed_in,
            handling_seconds=time.handling,
            available_seconds=time.available,
            paused_seconds=time.paused,
            occupancy=RatioView.of(occupancy(time)),
        )


class AgentFigures(WorkFigures):
    """One agent's time."""

    agent: str = Field(description="The account.")


class FiguresView(BaseModel):
    """The figures of a day or month. *Calls* and *visits* are two measures; a call may have no visit or several."""

    kind: Kind
    period: str = Field(description="Jalali, `1405-09-07` or `1405-09`.", examples=["1405-09-07"])
    since: datetime
    until: datetime = Field(description="The first instant that no longer belongs to it.")
    state: State
    counted_at: datetime
    queue: str | None = Field(description="Only visits to this queue; null for all.")
    standard: Standard
    calls: CallFigures | None = Field(description="Of the whole line; null when one queue was asked for.")
    visits: VisitFigures
    half_hours: list[HalfHourFigures] = Field(description="From the first half hour with a visit to the last.")
    days: list[DayFigures] = Field(description="Of a month, as far as it has come; of a day empty.")
    queues: list[QueueFigures]
    work: WorkFigures | None = Field(description="Of all agents together; null when one queue was asked for.")
    agents: list[AgentFigures] = Field(description="Of those who were signed in; empty when one queue was asked for.")


def interval_of(counts: VisitCounts) -> dict[str, object]:
    """The fields of `IntervalFigures`."""
    return {
        "offered": counts.offered,
        "answered": counts.answered,
        "abandoned": counts.abandoned,
        "other_exits": counts.other_exits,
        "waiting": counts.waiting,
        "service_level": ServiceLevel.of(counts),
        "speed_of_answer": MeanView.of(speed_of_answer(counts)),
    }


def figures_of(counts: VisitCounts, percentiles: Percentiles) -> dict[str, object]:
    """The fields of `VisitFigures`."""
    return {
        **interval_of(counts),
        "short_abandoned": counts.abandoned_short,
        "exits": dict(counts.exits),
        "refused_full": counts.refused,
        "service_level_variants": [
            VariantView(formula=FORMULA[variant], **ServiceLevel.of(counts, variant).model_dump())
            for variant in Variant
        ],
        "answer_rate": RatioView.of(answer_rate(counts)),
        "unanswered_rate": RatioView.of(unanswered_rate(counts)),
        "abandonment_rate": RatioView.of(abandonment_rate(counts)),
        "abandonment_without_short": RatioView.of(abandonment_without_short(counts)),
        "mean_wait": MeanView.of(mean_wait(counts)),
        "mean_delay": MeanView.of(mean_delay(counts)),
        "time_to_abandon": MeanView.of(time_to_abandon(counts)),
        "longest_wait_seconds": counts.longest_seconds,
        "wait_percentiles": percentiles,
        "told_waits": ToldWaits.of(counts),
        "talk_time": MeanView.of(talk_time(counts)),
        "after_call_work": MeanView.of(after_call_work(counts)),
        "handle_time": MeanView.of(handle_time(counts)),
        "handle_time_contains": [part for part in HANDLE_TIME_PARTS if part == "talk" or counts.wraps],
        "handle_time_lacks": [part for part in HANDLE_TIME_PARTS if part != "talk" and not counts.wraps],
    }
