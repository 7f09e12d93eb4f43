"""The use cases of reading the roster, the same for the JSON API and for the pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from api.access.permissions import Permission, Role
from api.access.principal import Principal
from api.roster.ports import OperatorsNeeded
from api.roster.presence import duties_between
from api.roster.repository import RosterRows
from api.roster.schemas import RosterDay, RosterMonth
from api.roster.view import Told, bounds, roster_day, roster_month, spans_of
from ivr.kernel.calendar import Calendar
from ivr.kernel.ids import SeatName
from ivr.kernel.jalali import month_after

_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class RosterLine:
    """What the roster knows of the line: its holidays, its seats, and who foretells the need."""

    calendar: Calendar
    seats: tuple[SeatName, ...]
    needed: OperatorsNeeded


async def read_month(
    session: AsyncSession, principal: Principal, first: date, *, line: RosterLine, now: datetime
) -> RosterMonth:
    """The Jalali month that begins on `first`, as far as this person may see it."""
    return roster_month(await _told(session, principal, first, month_after(first) - _A_DAY, line, now), now)


async def read_day(
    session: AsyncSession, principal: Principal, day: date, *, line: RosterLine, now: datetime
) -> RosterDay:
    """Plan beside actual of one day, as far as this person may see it."""
    return roster_day(await _told(session, principal, day, day, line, now), now)


async def _told(
    session: AsyncSession, principal: Principal, first: date, last: date, line: RosterLine, now: datetime
) -> Told:
    rows = RosterRows(session)
    agents = await rows.agents(principal, first, last)
    shifts = await rows.shifts()
    begins, ends = bounds(first - _A_DAY, last + _A_DAY)  # turns reach over midnight, and who has them goes home later
    told = Told(
        first=first,
        last=last,
        agents=agents,
        turns=await rows.turns(principal, first - _A_DAY, last),
        duties=await duties_between(session, [agent.username for agent in agents], begins, min(ends, now)),
        shifts=shifts,
        calendar=line.calendar,
        covered=principal.role is not Role.OPERATOR,
    )
    if not told.covered or not principal.may(Permission.STAFFING_READ):
        return told
    spans = spans_of(told.days, shifts)
    needs = await line.needed.within(session, list(spans.values()), now)
    return Told(
        told.first, told.last, told.agents, told.turns, told.duties, told.shifts, told.calendar,
        needed=dict(zip(spans, needs, strict=True)),
    )  # fmt: skip
