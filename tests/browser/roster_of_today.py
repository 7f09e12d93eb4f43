"""A month of turns and some duties of today and yesterday, for the roster's pages."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.db.duty_tables import DutyPauseRow, DutyRow
from api.db.roster_tables import RosterTurnRow, ShiftRow
from api.db.tables import Person
from api.roster.asking import today_of
from api.roster.rows import shift_of, turn_values
from api.roster.seed import seed_shifts
from ivr.kernel.ids import SeatName
from ivr.kernel.jalali import month_after, month_begins
from routing.roster.shifts import Shift, instant
from routing.roster.turns import Turn, TurnKind, planned
from tests.integration.api.staffing.weeks_of_calls import open_days


def last_working_day(now: datetime) -> date:
    """The last day before today on which the line was open.

    In the first hour after midnight the seeded calls of the last hour are yesterday's, so yesterday is not over."""
    return open_days(today_of(now - timedelta(hours=1)), 2)[-1]


async def plan_month(session: AsyncSession, now: datetime) -> None:
    """Sixteen operators in two shifts that change by week, with leave, sickness, training and own hours here and there."""
    await seed_shifts(session)
    shifts = [shift_of(row) for row in await session.scalars(select(ShiftRow).order_by(ShiftRow.id))]
    found = await session.execute(select(Person.username, Person.id).where(Person.role == "operator"))
    ids = {username: person_id for username, person_id in found}  # noqa: C416 - rows are tuples to us only
    first = month_begins(last_working_day(now))
    last = month_after(today_of(now))
    turns: list[Turn] = []
    for place, agent in enumerate(sorted(ids)):
        for n in range((last - first).days):
            day = first + timedelta(days=n)
            if day.weekday() != 4:  # Friday
                turns += _turns(agent, place, n, day, shifts)
    await session.execute(
        insert(RosterTurnRow),
        [
            {"person_id": ids[t.agent], "agent": t.agent, "planned_at": now, "planned_by": "person:x", **turn_values(t)}
            for t in turns
        ],
    )


def _turns(agent: str, place: int, n: int, day: date, shifts: list[Shift]) -> list[Turn]:
    if (place * 7 + n) % 29 == 3:
        return [planned(agent, day, TurnKind.LEAVE)]
    if (place * 5 + n) % 37 == 11:
        return [planned(agent, day, TurnKind.SICK, note="گواهی رسید")]
    if (place * 11 + n) % 31 == 5:
        return [planned(agent, day, TurnKind.TRAINING, shift=shifts[0])]
    if (place + n // 7) % 5 == 4:
        return []
    shift = shifts[(place + n // 7) % 2]
    seat = SeatName(f"seat{place + 1:02d}") if place % 3 == 0 else None
    return [planned(agent, day, TurnKind.WORK, shift=shift, seat=seat)]


async def work_a_day(session: AsyncSession, day: date) -> None:
    """What was seen of those who were planned on this day: on time, late, gone early, too long on a break, never."""
    rows = await session.scalars(
        select(RosterTurnRow)
        .where(RosterTurnRow.day == day, RosterTurnRow.kind == "work")
        .order_by(RosterTurnRow.agent)
    )
    for place, row in enumerate(rows):
        if place % 6 == 5:
            continue
        late = timedelta(minutes=[0, 4, 0, 22, 0][place % 5])
        early = timedelta(minutes=[0, 0, 35, 0, 0][place % 5])
        duty = DutyRow(
            person_id=row.person_id, agent=row.agent, seat=row.seat or f"seat{place + 1:02d}",
            began_at=row.begins_at + late - timedelta(minutes=2), began_by="desk",
            ended_at=row.ends_at - early + timedelta(minutes=3), ended_by="agent",
        )  # fmt: skip
        session.add(duty)
        await session.flush()
        for number, (hours, minutes, cause) in enumerate(((2, 15, "break"), (4, 30, "meal"))):
            began = row.begins_at + timedelta(hours=hours, minutes=place % 4)
            length = timedelta(minutes=minutes + (18 if place == 1 else 0))
            cause = "other" if place == 4 and number == 0 else cause
            session.add(
                DutyPauseRow(
                    duty_id=duty.id,
                    cause=cause,
                    began_at=began,
                    ended_at=began + length,
                    began_by=f"person:{row.agent}",
                )
            )
    free = await session.scalar(
        select(Person).where(
            Person.role == "operator",
            ~Person.username.in_(select(RosterTurnRow.agent).where(RosterTurnRow.day == day)),
        )
    )
    if free is not None:
        at = instant(day, datetime.min.time()) + timedelta(hours=9)
        session.add(
            DutyRow(
                person_id=free.id, agent=free.username, seat="seat16", began_at=at, began_by="telephone",
                ended_at=at + timedelta(hours=2), ended_by="agent",
            )
        )  # fmt: skip
    await session.flush()
