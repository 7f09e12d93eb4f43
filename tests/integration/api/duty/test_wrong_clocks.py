"""Duties and a clock that is set: nobody loses their seat by it, and nothing lasts until a wrong time comes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from api.duty.floor_facts import as_of, due, happened, phone_seen, run_out
from api.duty.repository import open_row
from api.duty.service import desk_seen
from api.duty.sight import Sight
from tests.integration.api.duty.floor import INSURANCE, RULES, SEAT, T0, after, completed, now, tell, work


async def test_a_clock_that_jumps_signs_nobody_out_and_the_time_after_it_counts(at_seat):
    async with at_seat.begin() as session:
        await phone_seen(session, SEAT, registered=False, at=after(10))
    duty, jumped = await now(at_seat), after(3_600)
    assert due([duty], RULES, jumped + timedelta(minutes=4), Sight(T0, jumped)) == []
    async with at_seat.begin() as session:
        await run_out(session, [duty], RULES, jumped + timedelta(minutes=4), Sight(T0, jumped))
    assert (await now(at_seat)).phone_gone_at == after(10)
    assert due([duty], RULES, jumped + timedelta(minutes=6), Sight(T0, jumped)) == [duty]


async def test_a_clock_that_jumps_ends_no_work_and_its_whole_limit_counts_from_then(at_seat):
    duty, jumped = await tell(at_seat, completed(after(70))), after(3_600)
    limit, sight = RULES.wrap_up_limit(INSURANCE), Sight(None, jumped)
    assert due([duty], RULES, jumped + limit - timedelta(seconds=1), sight) == []
    assert as_of(duty, RULES, jumped, sight).reason == "wrap_up"
    async with at_seat.begin() as session:
        await run_out(session, [duty], RULES, jumped + limit + timedelta(seconds=9), sight)
    assert await work(at_seat) == [(70, 70 + limit.total_seconds(), "limit")], "in the figures it lasted no hour"


async def test_what_a_wrong_clock_wrote_does_not_last_until_that_time_comes(at_seat):
    """It went an hour ahead; then it was set right: work after a talk, a telephone that is gone and a page that was seen."""
    async with at_seat.begin() as session:
        await phone_seen(session, SEAT, registered=False, at=after(3_600))
        row = await open_row(session, seat=SEAT, lock=True)
        await desk_seen(session, row, after(3_600))
    duty = await tell(at_seat, completed(after(3_600)))
    right, limit = after(10), RULES.wrap_up_limit(INSURANCE)
    sight = Sight(None, right)
    assert as_of(duty, RULES, right + limit - timedelta(seconds=1), sight).reason == "wrap_up"
    assert as_of(duty, RULES, right + limit, sight).reason == ""
    assert due([replace(duty, wrap_up=None)], RULES, right + timedelta(minutes=6), sight), "the telephone"
    async with at_seat.begin() as session:
        row = await open_row(session, seat=SEAT, lock=True)
        await desk_seen(session, row, right)
        assert row.desk_seen_at == right


async def test_who_takes_calls_was_seen_now_and_not_in_an_hour(at_seat):
    async with at_seat.begin() as session:
        await desk_seen(session, await open_row(session, seat=SEAT, lock=True), after(3_600))
    assert (await tell(at_seat, completed(after(20)))).desk_seen_at == after(20)


async def test_a_duty_that_a_wrong_clock_began_hears_of_its_talks(at_seat):
    async with at_seat.begin() as session:
        await happened(session, completed(after(-1_800)), RULES, after(-1_800))
    assert (await now(at_seat)).wrap_up == (INSURANCE, after(-1_800))
