"""From turns and duties to the roster of a month and of a day. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from api.roster.agent import Agent
from api.roster.plans import write_cell
from api.roster.ports import Needed
from api.roster.rows import fingerprint
from api.roster.schemas import (
    AgentDay,
    AgentMonth,
    AgentView,
    CellView,
    CoverageView,
    DayHead,
    MeasuredView,
    RosterDay,
    RosterMonth,
    ShiftView,
    StretchView,
    TurnView,
)
from ivr.kernel.calendar import Calendar
from ivr.kernel.jalali import day_short
from routing.roster.adherence import Arrival, Measured, arrival, measure
from routing.roster.coverage import planned_through
from routing.roster.shifts import Shift, instant, weekday
from routing.roster.stretches import Duty, Stretch, cut, planned_stretches, seen_stretches
from routing.roster.turns import Turn, TurnKind

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Told:
    """Everything known about the days asked for; turns also of the day before, which may reach over midnight."""

    first: date
    last: date
    agents: Sequence[Agent]
    turns: Sequence[Turn]
    duties: Mapping[str, Sequence[Duty]]
    shifts: Sequence[Shift]
    calendar: Calendar
    needed: Mapping[tuple[date, str], Needed | None] = field(default_factory=dict)
    """By day and Latin code of the shift."""
    covered: bool = True
    """Whether everybody's turns are told, so that a count of them means something."""
    by_agent: dict[str, list[Turn]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        for turn in self.turns:
            self.by_agent.setdefault(turn.agent, []).append(turn)

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]

    def of(self, agent: Agent) -> list[Turn]:
        return self.by_agent.get(agent.username, [])


def roster_month(told: Told, now: datetime) -> RosterMonth:
    """The month as it is told at `now`."""
    totals: list[AgentMonth] = []
    measured, arrivals = Measured(), list[Arrival]()
    for agent in told.agents:
        mine = _measured(told, agent, told.first, told.last, now)
        totals.append(
            AgentMonth(
                agent=agent.username,
                planned_seconds=sum(one.seconds for one in _planned(told, agent, told.first, told.last)),
                measured=MeasuredView.of(*mine),
            )
        )
        measured, arrivals = measured + mine[0], arrivals + mine[1]
    return RosterMonth(
        month=day_short(told.first, "en").replace("/", "-")[:7],
        days=[day_head(day, told.calendar) for day in told.days],
        shifts=[ShiftView.of(shift) for shift in told.shifts],
        agents=[agent_view(agent) for agent in told.agents],
        cells=[cell for agent in told.agents for day in told.days if (cell := _cell(told, agent, day)).turns],
        coverage=_coverage(told),
        totals=totals,
        measured=MeasuredView.of(measured, arrivals),
    )


def roster_day(told: Told, now: datetime) -> RosterDay:
    """The day as it is told at `now`; `told` is of one day."""
    day, agents, free = told.first, list[AgentDay](), list[AgentView]()
    measured, arrivals = Measured(), list[Arrival]()
    for agent in told.agents:
        cell, planned = _cell(told, agent, day), _planned(told, agent, day, day)
        seen = _seen(told, agent, day, day, now)
        if not cell.turns and not planned and not seen:
            free += [agent_view(agent)] if agent.active else []
            continue
        mine = _measured(told, agent, day, day, now)
        agents.append(
            AgentDay(
                agent=agent_view(agent),
                cell=cell,
                planned=[StretchView.of(one) for one in planned],
                seen=[StretchView.of(one) for one in seen],
                measured=MeasuredView.of(*mine),
            )
        )
        measured, arrivals = measured + mine[0], arrivals + mine[1]
    return RosterDay(
        head=day_head(day, told.calendar),
        shifts=[ShiftView.of(shift) for shift in told.shifts],
        agents=agents,
        free=free,
        coverage=_coverage(told),
        measured=MeasuredView.of(measured, arrivals),
    )


def spans_of(days: Iterable[date], shifts: Sequence[Shift]) -> dict[tuple[date, str], Span]:
    """When each shift is held on these days, by day and Latin code."""
    return {(day, shift.code_en): shift.hours.on(day) for day in days for shift in shifts if shift.held_on(day)}


def bounds(first: date, last: date) -> Span:
    """The instants between which these days lie."""
    return instant(first, time()), instant(last + timedelta(days=1), time())


def day_head(day: date, calendar: Calendar) -> DayHead:
    return DayHead(day=day, jalali=day_short(day, "en"), weekday=weekday(day), holiday=calendar.holiday(day))


def agent_view(agent: Agent) -> AgentView:
    return AgentView(agent=agent.username, name_fa=agent.name_fa, name_en=agent.name_en, active=agent.active)


def cell_view(agent: str, day: date, turns: Sequence[Turn]) -> CellView:
    return CellView(
        agent=agent,
        day=day,
        fa=write_cell(turns, "fa"),
        en=write_cell(turns, "en"),
        turns=[TurnView.of(turn) for turn in turns],
        fingerprint=fingerprint(turns),
    )


def _cell(told: Told, agent: Agent, day: date) -> CellView:
    return cell_view(agent.username, day, [turn for turn in told.of(agent) if turn.day == day])


def _planned(told: Told, agent: Agent, first: date, last: date) -> list[Stretch]:
    return cut(planned_stretches(told.of(agent)), *bounds(first, last))


def _seen(told: Told, agent: Agent, first: date, last: date, now: datetime) -> list[Stretch]:
    return cut(seen_stretches(told.duties.get(agent.username, ()), now), *bounds(first, last))


def _measured(told: Told, agent: Agent, first: date, last: date, now: datetime) -> tuple[Measured, list[Arrival]]:
    """Up to `now`. Coming and going are told with the day on which the turn begins, wherever midnight cuts it."""
    begins, ends = bounds(first, last)
    planned = cut(_planned(told, agent, first, last), begins, min(ends, now))
    seen = seen_stretches(told.duties.get(agent.username, ()), now)
    arrivals = [
        arrival(turn.begins, turn.ends, seen, now)
        for turn in told.of(agent)
        if turn.kind is TurnKind.WORK and first <= turn.day <= last
    ]
    return measure(planned, cut(seen, begins, ends)), arrivals


def _coverage(told: Told) -> list[CoverageView]:
    if not told.covered:
        return []
    found: list[CoverageView] = []
    for (day, code), (begins, ends) in spans_of(told.days, told.shifts).items():
        need = told.needed.get((day, code))
        found.append(
            CoverageView(
                day=day,
                shift=code,
                planned=planned_through(told.turns, begins, ends),
                need_c=need.by_c if need else None,
                need_a=need.by_a if need else None,
            )
        )
    return found
