"""The roster on the wire."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Annotated, Self

from pydantic import BaseModel, Field, PlainSerializer, WithJsonSchema

from api.reports.schemas import RatioView
from routing.roster.adherence import Arrival, Measured
from routing.roster.shifts import Shift
from routing.roster.stretches import State, Stretch
from routing.roster.turns import Turn, TurnKind

ClockTime = Annotated[
    time,
    PlainSerializer(lambda at: f"{at:%H:%M}", return_type=str),
    WithJsonSchema({"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"}),
]
"""Whole minutes of Tehran's wall clock, `08:00`; JSON Schema's own `time` wants a zone."""


class BreakView(BaseModel):
    """A planned rest."""

    begins: ClockTime = Field(description="Tehran's wall clock.", examples=["10:00"])
    minutes: int = Field(ge=1, le=240)


class ShiftView(BaseModel):
    """A shift from which turns are made."""

    id: int
    code_fa: str
    code_en: str
    name_fa: str
    name_en: str
    begins: ClockTime
    ends: ClockTime
    breaks: list[BreakView]
    weekdays: list[int]

    @classmethod
    def of(cls, shift: Shift) -> Self:
        return cls(
            id=shift.id or 0,
            code_fa=shift.code_fa,
            code_en=shift.code_en,
            name_fa=shift.name_fa,
            name_en=shift.name_en,
            begins=shift.hours.begins,
            ends=shift.hours.ends,
            breaks=[BreakView(begins=one.begins, minutes=one.minutes) for one in shift.breaks],
            weekdays=sorted(shift.weekdays),
        )


class TurnView(BaseModel):
    """A planned turn."""

    kind: TurnKind
    shift: str | None = Field(description="Latin code of the shift it was made from.")
    begins_at: datetime
    ends_at: datetime
    whole_day: bool
    breaks: list[BreakView]
    seat: str | None
    note: str

    @classmethod
    def of(cls, turn: Turn) -> Self:
        return cls(
            kind=turn.kind,
            shift=turn.shift.code_en if turn.shift else None,
            begins_at=turn.begins,
            ends_at=turn.ends,
            whole_day=turn.whole_day,
            breaks=[BreakView(begins=one.begins, minutes=one.minutes) for one in turn.breaks],
            seat=turn.seat,
            note=turn.note,
        )


class AgentView(BaseModel):
    """Whose turns they are."""

    agent: str = Field(description="Account.")
    name_fa: str
    name_en: str
    active: bool


class DayHead(BaseModel):
    """A day of Tehran."""

    day: date
    jalali: str = Field(examples=["1405/09/08"])
    weekday: int = Field(description="Saturday 0 … Friday 6.")
    holiday: str = Field(description="Persian name of the public holiday, or empty.")


class CellView(BaseModel):
    """The turns of an agent that begin on a day."""

    agent: str
    day: date
    fa: str = Field(description="As a cell of the spreadsheet says it.")
    en: str
    turns: list[TurnView]
    fingerprint: str


class CoverageView(BaseModel):
    """People planned through the whole of a shift, beside the most that any half hour of it needs in the plan."""

    day: date
    shift: str = Field(description="Latin code.")
    planned: int
    need_c: int | None = Field(
        description="By Erlang C; null where nothing is foretold, or you may not read the staffing."
    )
    need_a: int | None = Field(description="By Erlang A.")


class MeasuredView(BaseModel):
    """Plan and actual, up to now. Add the seconds, never the percentages."""

    adherence: RatioView = Field(description="Seconds in the planned state at the planned time / planned seconds.")
    to_work_seconds: int = Field(description="Planned at the telephones, breaks left out.")
    worked_seconds: int = Field(description="At the telephones, planned or not.")
    conformance: float | None = Field(description="worked_seconds / to_work_seconds; may pass 1.")
    unplanned_seconds: int = Field(description="Signed in while nothing was planned.")
    late_turns: int = Field(description="Turns of work to which their agent came late.")
    late_seconds: int
    early_turns: int = Field(description="Turns of work that were left before their end.")
    early_seconds: int
    absent_turns: int = Field(
        description="Turns of work that are over and to which nobody came; neither late nor early."
    )

    @classmethod
    def of(cls, measured: Measured, arrivals: list[Arrival]) -> Self:
        return cls(
            adherence=RatioView.of(measured.adherence),
            to_work_seconds=measured.to_work,
            worked_seconds=measured.worked,
            conformance=None if measured.conformance is None else round(measured.conformance, 4),
            unplanned_seconds=measured.unplanned,
            late_turns=sum(one.late > 0 for one in arrivals),
            late_seconds=sum(one.late for one in arrivals),
            early_turns=sum(one.early > 0 for one in arrivals),
            early_seconds=sum(one.early for one in arrivals),
            absent_turns=sum(one.absent for one in arrivals),
        )


class AgentMonth(BaseModel):
    """An agent's month: what was planned of it in all, and how it went up to now."""

    agent: str
    planned_seconds: int = Field(description="Work of the whole month, breaks in it, past and coming.")
    measured: MeasuredView


class RosterMonth(BaseModel):
    """A Jalali month. A cell without turns is not in `cells`."""

    month: str = Field(examples=["1405-09"])
    days: list[DayHead]
    shifts: list[ShiftView]
    agents: list[AgentView]
    cells: list[CellView]
    coverage: list[CoverageView] = Field(description="Empty for an operator, who sees only their own turns.")
    totals: list[AgentMonth]
    measured: MeasuredView = Field(description="Of everybody one may see.")


class StretchView(BaseModel):
    """A stretch of one state."""

    begins_at: datetime
    ends_at: datetime
    state: State
    cause: str = Field(description="Of a pause, e.g. `meal`; empty otherwise.")

    @classmethod
    def of(cls, stretch: Stretch) -> Self:
        return cls(begins_at=stretch.begins, ends_at=stretch.ends, state=stretch.state, cause=stretch.cause)


class AgentDay(BaseModel):
    """An agent's day. `planned` and `seen` are cut at midnight, `seen` and the figures also at this moment."""

    agent: AgentView
    cell: CellView
    planned: list[StretchView]
    seen: list[StretchView]
    measured: MeasuredView


class RosterDay(BaseModel):
    """A day of Tehran: plan beside actual."""

    head: DayHead
    shifts: list[ShiftView]
    agents: list[AgentDay] = Field(description="Who was planned or was seen on this day.")
    free: list[AgentView] = Field(description="Those who may be planned and are neither.")
    coverage: list[CoverageView]
    measured: MeasuredView


class NoticeView(BaseModel):
    """What is allowed but may be a slip: work on a holiday, on a weekday on which the shift is not held, or for very long."""

    code: str = Field(description="`work_on_holiday`, `shift_not_held` or `turn_is_long`.")
    agent: str
    day: date
    holiday: str = Field(description="Its Persian name, for `work_on_holiday`.")
    shift: str = Field(description="Latin code, for `shift_not_held`.")


class ChangeView(BaseModel):
    """A cell that changed."""

    agent: str
    day: date
    before: list[TurnView]
    after: list[TurnView]
    before_fa: str
    after_fa: str
    before_en: str
    after_en: str


class Changed(BaseModel):
    """What a request changed; nothing when all was so before."""

    changes: list[ChangeView]
    notices: list[NoticeView]


class SheetChanges(Changed):
    """What a spreadsheet would change, or has changed."""

    applied: bool
    expected: str = Field(description="Send with `apply=true`: the very changes that were shown, or 409.")
    left_alone: list[str] = Field(description="Agents who have no row in the sheet; they keep their turns.")
