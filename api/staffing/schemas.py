"""The staffing of a day on the wire."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, Field

from api.staffing.forecast import Basis
from routing.staffing.need import StaffingTarget


class NeedView(BaseModel):
    """Operators by one of the models."""

    operators: int = Field(description="At the phones at the same time, at least.")
    scheduled: int = Field(description="In the plan for them: operators / (1 − shrinkage), rounded up.")
    exceeds_seats: bool = Field(description="More than there are seats: the target cannot be reached.")


class AllSeats(BaseModel):
    """What an operator at every seat would give."""

    service_level_c: float = Field(
        description="By Erlang C; 0 where the load is as large as the seats or larger: the line grows without end."
    )
    service_level_a: float = Field(description="By Erlang A, as SL4.")
    abandons_a: float = Field(description="Share of callers who would hang up, by Erlang A.")
    mean_wait_seconds_a: float = Field(description="Mean wait of all callers, by Erlang A.")


class HalfHour(BaseModel):
    """One half hour. What is not known is null: there is no need without a forecast."""

    starts_at: datetime
    open: bool = Field(
        description="Planned to be open; calls that came outside of the hours stand in a half hour of their own."
    )
    ended: bool = Field(description="Over, so that its calls are all known.")
    forecast_calls: float | None
    actual_calls: int | None = Field(
        description="Callers who asked for an operator; null before the half hour is over."
    )
    handling_seconds: float | None = Field(description="Forecast of talk and the fixed rest after it.")
    load_erlang: float | None = Field(description="forecast_calls × handling_seconds / 1800.")
    planned: int | None = Field(
        description="People whose turn in the roster covers it, breaks included; compare with `scheduled`. Null when nobody "
        "is planned on this day."
    )
    erlang_c: NeedView | None = Field(description="If callers waited for ever.")
    erlang_a: NeedView | None = Field(description="If callers hang up after `target.patience_seconds` on average.")
    all_seats: AllSeats | None


class ForecastView(BaseModel):
    """What the forecast rests on."""

    basis: Basis = Field(
        description="`same_weekday`; `holidays`: past holidays; `other_days`: ordinary days of any weekday, because there "
        "was no fitting one; `nothing`: no history, no forecast."
    )
    known_until: date = Field(description="Nothing of this day or later was looked at.")
    days: list[date] = Field(description="The days it was made from.")
    enough: bool = Field(description="At least four days; fewer are a guess.")
    weeks: int = Field(description="How many weeks back it looks.")
    level: float = Field(description="Factor from the last two weeks: above 1 when there is more to do than before.")
    season: float | None = Field(description="Factor from the same season of two earlier years; null without them.")
    calls: float | None = Field(description="Sum over the half hours.")


class ErrorView(BaseModel):
    """How far forecasts made the day before were from what came, over half hours that are over."""

    days: int
    half_hours: int
    actual_calls: int
    forecast_calls: float
    wape: float | None = Field(description="Σ |actual − forecast| / Σ actual; may pass 1; null when nothing came.")
    bias: float | None = Field(description="Σ (forecast − actual) / Σ actual; above 0: more foretold than came.")


class StaffingDay(BaseModel):
    """A day of Tehran by half hours. The seats serve all queues: the need of one queue is its need alone."""

    day: date
    jalali: str = Field(description="The same day in the Jalali calendar, `1405/09/08`.")
    when: Literal["past", "today", "ahead"]
    queue: str | None
    open: bool = Field(description="Whether the line is to be open at all on this day.")
    holiday: str = Field(description="Persian name of the public holiday, or empty.")
    seats: int
    target: StaffingTarget
    forecast: ForecastView
    actual_calls: int | None = Field(description="In the half hours that are over; null for a day ahead.")
    error_of_day: ErrorView
    error_of_28_days: ErrorView = Field(description="The 28 days before, each foretold as of the day before it.")
    half_hours: list[HalfHour]
