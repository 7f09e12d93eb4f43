"""One agent at a seat, what the floor tells of them, and what stands in the rows afterwards."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from api.db.duty_tables import WrapUpRow
from api.duty.floor_facts import DutyRules, happened
from api.duty.repository import open_duties
from api.duty.sight import Sight
from api.reports.periods import today
from ivr.kernel.clock import SystemClock
from ivr.kernel.ids import CallId, QueueName, SeatName
from routing.duty import Duty
from routing.live import SeatCompleted, SeatConnected, SeatMissed
from routing.queues import default_queues
from routing.seats import seat_names

T0 = today(SystemClock().now()).since + timedelta(hours=9)
SEATS = seat_names()
SEAT, INSURANCE = SeatName("seat05"), QueueName("insurance")
RULES = DutyRules(default_queues(), 2, timedelta(minutes=5), timedelta(minutes=10))
BLIND = Sight(None, None)
"""No page can tell of anybody."""


def after(seconds: float):
    return T0 + timedelta(seconds=seconds)


def connected(at, call="line1420-1.1") -> SeatConnected:
    return SeatConnected(INSURANCE, SEAT, "operator03", CallId(call), at)


def completed(at, call="line1420-1.1") -> SeatCompleted:
    return SeatCompleted(INSURANCE, SEAT, CallId(call), at)


def missed(at, call="line1420-1.1") -> SeatMissed:
    return SeatMissed(INSURANCE, SEAT, CallId(call), at)


async def tell(sessions, *facts) -> Duty:
    for fact in facts:
        async with sessions.begin() as session:
            await happened(session, fact, RULES, max(T0, fact.at))
    return await now(sessions)


async def now(sessions) -> Duty:
    async with sessions.begin() as session:
        (duty,) = await open_duties(session)
        return duty


async def work(sessions) -> list[tuple[float, float | None, str | None]]:
    """Wrap-up rows as (began, ended, ended by), in seconds after T0."""
    async with sessions.begin() as session:
        rows = await session.scalars(select(WrapUpRow).order_by(WrapUpRow.began_at))
        return [((row.began_at - T0).total_seconds(), row.ended_at and (row.ended_at - T0).total_seconds(), row.ended_by) for row in rows]  # fmt: skip
