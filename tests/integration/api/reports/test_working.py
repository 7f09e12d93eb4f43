"""Agents' time: the statement against a second opinion that counts every second by itself, live against history, days against
their month."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.db.duty_tables import DutyPauseRow, DutyRow, WrapUpRow
from api.db.engine import Sessions
from api.db.tables import Person, VisitRow
from api.reports.counts import AgentTime
from api.reports.formulas import occupancy
from api.reports.periods import Period, day_of, month_of, today
from api.reports.working import agents_time, people_present
from tests.builders import an_answered_call
from tests.integration.api.reports.day import at_their_seats, busy_hours, keep, works_after_talks
from tests.integration.api.reports.test_figures import MIDNIGHT, NOW, OPENS


def seconds_of(begins: datetime, ends: datetime, period: Period, now: datetime) -> set[int]:
    """Every whole second of a stretch that lies in the period and is over."""
    first, last = (int(edge.timestamp()) for edge in (begins, ends))
    low, high = int(period.since.timestamp()), int(min(period.until, now).timestamp())
    return set(range(max(first, low), min(last, high)))


async def by_the_second(session: AsyncSession, period: Period, now: datetime) -> dict[str, AgentTime]:
    """Sets of seconds instead of ranges; shares no line with the statement."""
    duties = (await session.scalars(select(DutyRow))).all()
    found: dict[str, AgentTime] = {}
    for agent in {duty.agent for duty in duties}:
        mine = {duty.id: duty for duty in duties if duty.agent == agent}

        def union(spans: Iterable[tuple[datetime, datetime]]) -> set[int]:
            return set().union(*(seconds_of(begins, ends, period, now) for begins, ends in spans))

        here = union((duty.began_at, duty.ended_at or now) for duty in mine.values())
        pauses = await session.scalars(select(DutyPauseRow).where(DutyPauseRow.duty_id.in_(mine)))
        paused = union((p.began_at, p.ended_at or mine[p.duty_id].ended_at or now) for p in pauses)
        visits = await session.scalars(select(VisitRow).where(VisitRow.agent == agent))
        talking = union((v.connected_at, _talk_ends(v, now)) for v in visits if v.connected_at)
        wraps = await session.scalars(select(WrapUpRow).where(WrapUpRow.duty_id.in_(mine)))
        working = union((w.began_at, w.ended_at or now) for w in wraps)
        handled = (talking | working) & here
        if here:
            found[agent] = AgentTime(len(here), len(handled), len(here - paused - handled))
    return found


def _talk_ends(visit: VisitRow, now: datetime) -> datetime:
    if visit.connected_at is None or visit.talked_seconds is None:
        return visit.ended_at or now
    return visit.connected_at + timedelta(seconds=visit.talked_seconds)


async def test_every_second_of_a_busy_day_is_counted_once(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        await keep(session, *busy_hours(OPENS, NOW, 260, seed=7))
        await at_their_seats(session, OPENS, NOW)
        await works_after_talks(session)
    async with sessions() as session:
        told = await agents_time(session, today(NOW), NOW)
        counted = await by_the_second(session, today(NOW), NOW)
    assert told == counted
    assert all(time.signed_in == time.handling + time.available + time.paused for time in told.values())
    assert min(time.handling for time in told.values()) > 0
    assert max(time.paused for time in told.values()) > 0


async def a_duty(session: AsyncSession, agent: str, begins: datetime, ends: datetime | None) -> DutyRow:
    person = await session.scalar(select(Person).where(Person.username == agent))
    if person is None:
        person = Person(username=agent, name_fa=agent, name_en=agent, role="operator", password_hash="x")
        session.add(person)
        await session.flush()
    duty = DutyRow(
        person_id=person.id, agent=agent, seat="seat03", began_at=begins, began_by="desk", ended_at=ends,
        ended_by=None if ends is None else "agent", missed=0,
    )  # fmt: skip
    session.add(duty)
    await session.flush()
    return duty


def at(seconds: float) -> datetime:
    return OPENS + timedelta(seconds=seconds)


async def measured(sessions: Sessions, now: datetime, period: Period | None = None) -> dict[str, AgentTime]:
    async with sessions() as session:
        return await agents_time(session, period or today(now), now)


async def test_a_pause_that_begins_in_a_talk_pauses_only_what_comes_after_it(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        duty = await a_duty(session, "operator03", at(0), at(1000))
        await keep(session, an_answered_call("line1420-1.1", at=at(80)))
        visit = (await session.scalars(select(VisitRow))).one()
        visit.connected_at, visit.talked_seconds, visit.agent = at(100), 200.0, "operator03"
        pause = DutyPauseRow(
            duty_id=duty.id, cause="prayer", began_at=at(150), began_by="a", ended_at=at(500), ended_by="a"
        )
        session.add(pause)
        session.add(
            WrapUpRow(
                duty_id=duty.id,
                queue="general",
                call_id="line1420-1.1",
                began_at=at(300),
                ended_at=at(330),
                ended_by="agent",
            )
        )
    told = await measured(sessions, at(2000))
    assert told == {"operator03": AgentTime(signed_in=1000, handling=230, available=600)}
    assert told["operator03"].paused == 170, "150 to 500, without the talk and the work after it"
    assert occupancy(told["operator03"]).value == 230 / 830


async def test_what_goes_on_lasts_until_now(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        duty = await a_duty(session, "operator03", at(0), None)
        session.add(WrapUpRow(duty_id=duty.id, queue="general", call_id="c", began_at=at(60), ended_at=None))
    assert await measured(sessions, at(100)) == {"operator03": AgentTime(100, 40, 60)}
    assert await measured(sessions, at(160)) == {"operator03": AgentTime(160, 100, 60)}


async def test_a_talk_at_a_seat_where_nobody_is_signed_in_is_nobodys_time(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        await keep(session, an_answered_call("line1420-1.1", at=at(100)))
    assert await measured(sessions, NOW) == {}


async def test_a_duty_over_midnight_is_cut_there_and_the_days_add_up_to_the_month(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        yesterday = MIDNIGHT - timedelta(days=1)
        await a_duty(session, "operator99", yesterday + timedelta(hours=23, seconds=0.7), MIDNIGHT + timedelta(hours=1))
        await keep(session, *busy_hours(OPENS, NOW, 80, seed=3))
        await at_their_seats(session, OPENS - timedelta(days=1), NOW - timedelta(days=1), seed=9)
        await works_after_talks(session)
    parts = [
        await measured(sessions, NOW, day_of((yesterday + timedelta(hours=12)).date() + timedelta(days=n)))
        for n in (0, 1)
    ]
    month = await measured(sessions, NOW, month_of(NOW.date()))
    for agent, time in month.items():
        assert time == sum((part.get(agent, AgentTime()) for part in parts), AgentTime()), agent


async def test_people_present_are_told_by_half_hour_on_average(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        await a_duty(session, "operator03", at(-900), at(900))
        duty = await a_duty(session, "operator04", at(0), None)
        duty.seat = "seat04"
    async with sessions() as session:
        found = await people_present(session, today(NOW), at(2400))
    assert found == {15: 0.5, 16: 1.5, 17: 1.0}, "07:30 half of one; 08:00 half of one and one; 08:30 one so far"


@pytest.mark.parametrize(
    ("erlang", "agents", "published"), [(10, 11, 0.9090909), (10, 12, 0.8333333), (10, 14, 0.7142857142857143)]
)
async def test_occupancy_of_a_known_load_is_a_over_n(erlang: int, agents: int, published: float) -> None:
    """R package ErlangC 0.1.0 and pyworkforce 0.1.0: a load of ten erlang on so many agents, for an hour."""
    handled = AgentTime(signed_in=agents * 3600, handling=erlang * 3600, available=(agents - erlang) * 3600)
    assert occupancy(handled).value == pytest.approx(published, abs=5e-8)
    pauses = AgentTime(signed_in=7200)
    assert occupancy(handled + pauses) == occupancy(handled), "who is at lunch neither raises nor lowers it"
