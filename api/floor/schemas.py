"""The board on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Self

from pydantic import BaseModel, Field, computed_field

from api.access.permissions import Permission
from api.access.principal import Principal
from api.reports.schemas import RatioView, ServiceLevel
from routing.callbacks.request import code_of

SeatWord = Literal["offline", "available", "ringing", "talking", "holding", "wrap_up", "paused", "unknown"]


class WaitingCaller(BaseModel):
    """Somebody who waits in a queue."""

    call_id: str
    position: int = Field(description="Place in the line, from 1.")
    since: datetime
    caller_masked: str | None = Field(default=None, description="Last digits of the number, if it is known.")
    priority: int = Field(default=0, ge=0, le=10, description="0 to 10; a step counts as half a minute of waiting.")
    repeat: int = Field(default=0, ge=0, description="So many calls of theirs were not served lately.")

    @computed_field(description="Code of the call back that stands here in its caller's place; null for a caller.")
    @property
    def callback(self) -> str | None:
        return code_of(self.call_id)


class QueueNow(BaseModel):
    """One queue of callers."""

    name: str
    open: bool = Field(description="Whether its hours let callers in now.")
    waiting: list[WaitingCaller]
    members_available: int = Field(default=0, description="Seats that could take a call at once.")
    members_total: int = Field(default=0, description="Seats that serve this queue.")
    helpers_available: int = Field(
        default=0,
        description="Seats of other queues that help out here (overflow) and could take a call; not in the above.",
    )
    helpers_total: int = Field(default=0, description="Seats that help out here; not among `members_total`.")
    estimate_seconds: float | None = Field(
        default=None,
        description="Expected wait of a caller who comes now; null when nobody serves, it is closed or the board is old.",
    )

    @computed_field(description="How many of those who wait are call backs.")
    @property
    def callbacks(self) -> int:
        return sum(caller.callback is not None for caller in self.waiting)


class SeatNow(BaseModel):
    """One of the 16 places."""

    seat: str
    agent: str | None = Field(description="Operator on duty here, if known.")
    state: SeatWord
    since: datetime | None = Field(description="When this state began; null before the first news of the seat.")
    queue: str | None = Field(default=None, description="Queue whose call rings or is talked to.")
    call_id: str | None = None
    pause_reason: str | None = Field(
        default=None, description="What the operator gave as reason, while paused in every queue of theirs."
    )
    phone: bool = Field(default=False, description="Whether the seat's telephone is registered.")


class QueueToday(BaseModel):
    """A queue's visits since midnight, as the report of today has them."""

    queue: str
    offered: int
    answered: int
    abandoned: int
    short_abandoned: int = Field(description="Of the abandoned, those within 5 s.")
    service_level: ServiceLevel
    abandonment_rate: RatioView
    abandonment_without_short: RatioView
    longest_wait_seconds: float | None = Field(description="Of the waits that are over.")


class TodayNow(BaseModel):
    """Figures since midnight in Tehran. Calls and visits (stays in queues) are different measures."""

    since: datetime
    received: int = Field(description="Calls that arrived.")
    open_now: int = Field(description="Calls that are not over.")
    in_survey: int = Field(description="Open calls that were asked for a score.")
    by_disposition: dict[str, int] = Field(description="Ended calls by disposition.")
    entered: int = Field(description="Visits: stays in queues (a full queue lets nobody in and is not counted).")
    answered: int = Field(description="Visits that reached an operator.")
    abandoned: int = Field(description="Visits whose caller hung up waiting.")
    other_exits: int = Field(description="Visits that ended by time limit, closure, key, empty queue or a fault.")
    waiting_now: int = Field(
        description="Visits that still wait, by the ledger (the board's list may be a moment ahead)."
    )
    service_level: ServiceLevel
    mean_wait_seconds: float | None = Field(description="Mean wait of answered visits.")
    mean_talk_seconds: float | None
    occupancy: RatioView = Field(description="Of all agents: handling / (handling + available), in seconds.")
    occupancy_of_agents: dict[str, float | None] = Field(
        description="The same of each agent who was signed in today; empty for who may not read figures."
    )
    queues: list[QueueToday]


class AlarmsOnBoard(BaseModel):
    """How the floor's alarms stand; `GET /api/v1/alarms?standing=true` tells which they are."""

    mark: str = Field(description="Another one whenever there is something new to show.")
    standing: int
    unacknowledged: int = Field(description="Of these, those that nobody has taken.")
    watched: bool = Field(description="False when nobody has looked for alarms for 15 s: then none says nothing.")


class DayHalfHour(BaseModel):
    """One half hour of today. What is not known, or has not begun, is null."""

    starts_at: datetime
    ends_at: datetime
    open: bool = Field(description="Planned to be open.")
    going_on: bool
    forecast: float | None = Field(description="Callers whom this morning's forecast expects: that of /staffing.")
    came: int | None = Field(
        description="Demand: visits of every outcome so far, refused ones too, as the forecast counts them."
    )
    offered: int | None = Field(description="Of these, those that a queue let in.")
    answered: int | None = Field(description="Of these, those that an operator answered.")
    need: int | None = Field(description="People to have in the plan for the forecast, by Erlang A.")
    need_by_c: int | None = Field(description="The same by Erlang C.")
    planned: int | None = Field(description="People in the roster through the whole of it.")
    present: float | None = Field(description="People signed in, on average; pauses included, as in the plan.")


class DayNow(BaseModel):
    """Today beside what this morning foretold of it."""

    counted_at: datetime
    mark: str = Field(description="The board's `day_mark` that it belongs to.")
    half_hours: list[DayHalfHour]
    offered_so_far: int = Field(description="In the half hours that are over.")
    came_so_far: int = Field(
        description="Demand in those half hours that are over and have a forecast: what to hold against it."
    )
    forecast_so_far: float | None = Field(description="Foretold for the half hours that are over.")
    here: int | None = Field(description="People signed in now; null while the board is stale.")
    planned: int | None = Field(description="People in the roster for the half hour that goes on.")
    need: int | None = Field(description="People to have in the plan for it.")


class BoardNow(BaseModel):
    """The floor as it is. Look at `stale` before you act on the rest."""

    as_of: datetime | None = Field(description="Last proof that the picture was true; null before the first.")
    age_seconds: float | None = Field(description="How long ago that was when this was sent.")
    stale: bool = Field(description="Too old to act on: the listener or Asterisk is away.")
    link: str = Field(description="How the listener stands to Asterisk: `live`, `stale`, `connecting`.")
    epoch: str = Field(description="One run of the listener.")
    version: int = Field(description="Grows with each change within one epoch.")
    queues: list[QueueNow]
    seats: list[SeatNow]
    today: TodayNow | None = Field(description="Null while the database cannot be asked.")
    alarms: AlarmsOnBoard | None = Field(default=None, description="Null before the database was asked.")
    day_mark: str = Field(default="", description="Another one when `GET /api/v1/board/day` has something new.")

    def shown_to(self, principal: Principal) -> Self:
        """How busy each colleague was is a figure: only who may read figures is told."""
        if self.today is None or principal.may(Permission.FIGURES_READ):
            return self
        return self.model_copy(update={"today": self.today.model_copy(update={"occupancy_of_agents": {}})})
