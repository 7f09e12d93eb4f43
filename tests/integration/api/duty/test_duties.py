"""Duties as rows: who may sit where, what ends by itself, and what stands in the trail. PostgreSQL, no Asterisk."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from api.access.permissions import Role
from api.db.duty_tables import AgentSkill, DutyPauseRow, DutyRow
from api.db.tables import AuditEntry, CallRecordRow, Person, VisitRow
from api.duty.floor_facts import due, phone_seen, run_out
from api.duty.repository import duty_of, open_duties, open_row
from api.duty.service import OWN_RESUMES, pause, resume, sign_in, sign_out
from api.duty.sight import Sight
from api.reports.periods import today
from ivr.kernel.errors import Conflict, Invalid
from routing.duty import Duty, PauseCause
from tests.integration.api.duty.floor import (
    BLIND,
    INSURANCE,
    RULES,
    SEAT,
    SEATS,
    T0,
    after,
    completed,
    connected,
    missed,
    now,
    tell,
    work,
)


async def test_work_after_a_talk_lasts_until_the_agent_says_so(at_seat):
    duty = await tell(at_seat, connected(after(10)), completed(after(70)))
    assert duty.wrap_up == (INSURANCE, after(70))
    assert duty.reason == "wrap_up"
    async with at_seat.begin() as session:
        row = await open_row(session, seat=SEAT, lock=True)
        await resume(session, row, OWN_RESUMES, at=after(95), by="person:operator03")
    assert (await now(at_seat)).reason == ""
    assert await work(at_seat) == [(70, 95, "agent")]


async def test_at_its_limit_it_ends_at_the_limit_however_late_we_look(at_seat):
    duty = await tell(at_seat, completed(after(70)))
    limit = RULES.wrap_up_limit(INSURANCE)
    assert due([duty], RULES, after(70) + limit - timedelta(seconds=1), BLIND) == []
    late = after(70) + limit + timedelta(minutes=3)
    assert due([duty], RULES, late, BLIND) == [duty]
    async with at_seat.begin() as session:
        await run_out(session, [duty], RULES, late, BLIND)
    assert await work(at_seat) == [(70, 70 + limit.total_seconds(), "limit")]


async def test_the_next_talk_ends_it_and_signing_out_too(at_seat):
    await tell(
        at_seat, completed(after(70)), connected(after(80), "line1420-2.1"), completed(after(100), "line1420-2.1")
    )
    async with at_seat.begin() as session:
        await sign_out(session, await open_row(session, seat=SEAT, lock=True), at=after(110), by="person:operator03")
    assert await work(at_seat) == [(70, 80, "next_call"), (100, 110, "sign_out")]
    async with at_seat.begin() as session:
        assert await open_duties(session) == []


async def test_two_calls_in_a_row_that_ring_in_vain_pause_the_agent_and_an_answer_between_does_not(at_seat):
    duty = await tell(at_seat, missed(after(1)), connected(after(9)), missed(after(99)))
    assert (duty.missed, dict(duty.causes)) == (1, {})
    duty = await tell(at_seat, missed(after(120)))
    assert dict(duty.causes) == {PauseCause.MISSED_CALLS: after(120)}
    async with at_seat.begin() as session:
        row = await open_row(session, seat=SEAT, lock=True)
        await resume(session, row, OWN_RESUMES, at=after(130), by="person:operator03")
    assert (await now(at_seat)).missed == 0


async def test_what_happened_before_anybody_sat_there_changes_nothing(at_seat):
    duty = await tell(at_seat, completed(after(-5)), missed(after(-4)), missed(after(-3)))
    assert (duty.wrap_up, duty.missed, dict(duty.causes)) == (None, 0, {})


async def test_a_telephone_gone_too_long_ends_the_duty_and_one_that_comes_back_does_not(at_seat):
    async with at_seat.begin() as session:
        await phone_seen(session, SEAT, registered=False, at=after(10))
        await phone_seen(session, SEAT, registered=False, at=after(60))
    assert (await now(at_seat)).phone_gone_at == after(10), "since when, not since the newest look"
    async with at_seat.begin() as session:
        await phone_seen(session, SEAT, registered=True, at=after(90))
    stale = Duty(1, "operator03", SEAT, T0, phone_gone_at=after(10))
    async with at_seat.begin() as session:
        await run_out(session, [stale], RULES, after(10) + timedelta(minutes=6), BLIND)
    async with at_seat.begin() as session:
        await phone_seen(session, SEAT, registered=False, at=after(100))
    duty = await now(at_seat)
    async with at_seat.begin() as session:
        await run_out(session, [duty], RULES, after(100) + timedelta(minutes=5, seconds=1), BLIND)
        row = (await session.scalars(select(DutyRow))).one()
        assert row.ended_by == "phone_gone"


async def test_a_desk_that_is_gone_too_long_ends_the_duty(at_seat):
    duty = await now(at_seat)
    assert due([duty], RULES, after(600), Sight(T0, None)) == []
    assert due([duty], RULES, after(601), Sight(T0, None)) == [duty]
    async with at_seat.begin() as session:
        await run_out(session, [duty], RULES, after(601), Sight(T0, None))
        assert (await session.scalars(select(DutyRow))).one().ended_by == "desk_gone"


@pytest.mark.parametrize("pages_since", [None, after(1_500)], ids=["the web is away", "the web is back since a moment"])
async def test_who_no_page_can_tell_of_is_not_signed_out(at_seat, pages_since):
    duty = await now(at_seat)
    assert due([duty], RULES, after(2_000), Sight(pages_since, None)) == []
    async with at_seat.begin() as session:
        await run_out(session, [duty], RULES, after(2_000), Sight(pages_since, None))
        assert (await session.scalars(select(DutyRow))).one().ended_at is None


async def test_who_takes_calls_is_at_the_desk_whatever_becomes_of_the_page(at_seat):
    duty = await tell(at_seat, connected(after(500)), completed(after(560)))
    assert duty.desk_seen_at == after(560)


async def test_a_talk_whose_end_is_told_twice_has_one_work_after_it(at_seat):
    """The commit may have come through although its answer did not."""
    duty = await tell(at_seat, completed(after(70)), completed(after(70)))
    assert duty.wrap_up == (INSURANCE, after(70))
    assert await work(at_seat) == [(70, None, None)]


async def test_work_that_ran_out_while_nobody_could_write_ends_nothing_that_began_since(at_seat):
    old = Duty(1, "operator03", SEAT, T0, wrap_up=(INSURANCE, after(70)))
    duty = await tell(at_seat, completed(after(70)), completed(after(400), "line1420-2.1"))
    async with at_seat.begin() as session:
        await run_out(session, [replace(old, id=duty.id)], RULES, after(401), BLIND)
    assert (await now(at_seat)).wrap_up == (INSURANCE, after(400))


async def test_a_seat_and_an_agent_are_one_pair(at_seat):
    async with at_seat.begin() as session:
        with pytest.raises(Conflict, match="operator03"):
            await sign_in(session, "operator04", SEAT, seats=SEATS, at=T0, by="person:operator04")
        with pytest.raises(Conflict, match="seat05"):
            await sign_in(session, "operator03", "seat06", seats=SEATS, at=T0, by="person:operator03")
        with pytest.raises(Invalid, match="seat99"):
            await sign_in(session, "operator04", "seat99", seats=SEATS, at=T0, by="person:operator04")


async def test_of_two_who_sit_down_at_once_one_does(sessions, add_person):
    people = [f"operator{n:02d}" for n in range(1, 9)]
    for name in people:
        await add_person(Role.OPERATOR, name)

    async def sit_down(name: str) -> bool:
        try:
            async with sessions.begin() as session:
                await sign_in(session, name, SEAT, seats=SEATS, at=T0, by=f"person:{name}")
        except Conflict:
            return False
        return True

    assert sum(await asyncio.gather(*map(sit_down, people))) == 1
    async with sessions.begin() as session:
        assert len(await open_duties(session)) == 1


async def test_only_operators_sit_at_seats(sessions, add_person):
    await add_person(Role.SUPERVISOR)
    async with sessions.begin() as session:
        for nobody in ("supervisor", "x'; drop table duty; --", ""):
            with pytest.raises(Invalid):
                await sign_in(session, nobody, SEAT, seats=SEATS, at=T0, by="person:supervisor")


async def test_causes_add_up_and_each_is_written_down_once(at_seat):
    async with at_seat.begin() as session:
        row = await open_row(session, seat=SEAT, lock=True)
        for cause in (PauseCause.MEAL, PauseCause.SUPERVISOR, PauseCause.MEAL):
            await pause(session, row, cause, at=after(20), by="person:supervisor")
        await resume(session, row, OWN_RESUMES, at=after(30), by="person:operator03")
        assert (await duty_of(session, row)).reason == "supervisor"
        assert await session.scalar(select(func.count()).select_from(DutyPauseRow)) == 2
        trail = await session.scalars(select(AuditEntry).order_by(AuditEntry.id))
        told = [(entry.action, entry.details.get("before"), entry.details.get("after")) for entry in trail]
    assert told == [
        ("duty.began", None, None),
        ("duty.paused", [], ["meal"]),
        ("duty.paused", ["meal"], ["meal", "supervisor"]),
        ("duty.resumed", ["meal", "supervisor"], ["supervisor"]),
    ]


async def test_skills_come_with_the_duty(at_seat):
    async with at_seat.begin() as session:
        person = (await session.scalars(select(Person).where(Person.username == "operator03"))).one()
        session.add(AgentSkill(person_id=person.id, queue="insurance", level=2))
    assert dict((await now(at_seat)).skills) == {INSURANCE: 2}


async def test_handling_a_call_is_the_talk_and_the_work_after_it(at_seat, client, api_token_headers):
    """What is measured here is what the figures add; an unfinished piece of work is not yet part of it."""
    calls = {"line1420-1.1": 30.0, "line1420-2.1": 90.0}
    async with at_seat.begin() as session:
        for number, (call, talked) in enumerate(calls.items()):
            at = after(number * 300)
            session.add(a_call(call, at))
            await session.flush()
            session.add(answered_visit(call, at, talked))
        session.add(a_call("line1420-3.1", after(900)))
        await session.flush()
        session.add(answered_visit("line1420-3.1", after(900), 60.0))
    await tell(
        at_seat, completed(after(40)), connected(after(60), "line1420-2.1"), completed(after(395), "line1420-2.1")
    )
    async with at_seat.begin() as session:
        row = await open_row(session, seat=SEAT, lock=True)
        await resume(session, row, OWN_RESUMES, at=after(405), by="person:operator03")
    await tell(at_seat, completed(after(970), "line1420-3.1"))
    day = today(T0).name
    told = (await client.get(f"/api/v1/figures?day={day}", headers=api_token_headers)).json()["visits"]
    assert (told["after_call_work"]["total_seconds"], told["after_call_work"]["count"]) == (30.0, 2)
    assert (told["handle_time"]["total_seconds"], told["handle_time"]["count"]) == (210.0, 3)
    assert (told["handle_time_contains"], told["handle_time_lacks"]) == (["talk", "wrap_up"], [])


def a_call(call: str, at) -> CallRecordRow:
    return CallRecordRow(
        call_id=call, node="line1420", caller="+982112345678", caller_name="", language="fa", arrived_at=at,
        answered_at=at, ended_at=at, disposition="answered", menu_path=[], fallbacks=[], survey_offered=False, problems=[],
    )  # fmt: skip


def answered_visit(call: str, at, talked: float) -> VisitRow:
    return VisitRow(
        call_id=call, n=1, queue="insurance", arrived_at=at, entered_at=at, connected_at=at, ended_at=at,
        waited_seconds=5.0, talked_seconds=talked, outcome="answered", agent="operator03", seat=SEAT, ended_by="agent",
    )  # fmt: skip
