"""What the floor itself does to a duty: a talk begins and ends, a call rings unanswered, a telephone goes, time runs out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from api.db.duty_tables import DutyRow, WrapUpRow
from api.duty.repository import open_row, wrap_up_stands
from api.duty.service import end_wrap_up, pause, sign_out
from api.duty.sight import Sight
from ivr.kernel.ids import QueueName
from routing.duty import Duty, PauseCause
from routing.ladder import Ladder
from routing.live import LiveEvent, SeatCompleted, SeatConnected, SeatMissed
from routing.queues import QueueSettings

ACTOR = "system:listener"


@dataclass(frozen=True, slots=True)
class DutyRules:
    """When the line itself ends or begins something."""

    queues: Mapping[QueueName, QueueSettings]
    missed_limit: int
    phone_gone_limit: timedelta
    desk_gone_limit: timedelta

    @property
    def ladders(self) -> Mapping[QueueName, Ladder]:
        """Who may ring for whom, by queue."""
        return {name: queue.ladder for name, queue in self.queues.items()}

    def wrap_up_limit(self, queue: str) -> timedelta:
        known = self.queues.get(QueueName(queue))
        return timedelta(seconds=known.wrapup_limit_seconds if known else 0)


Fact = SeatConnected | SeatCompleted | SeatMissed


def fact_of(event: LiveEvent) -> Fact | None:
    """The event, if it changes a duty."""
    return event if isinstance(event, SeatConnected | SeatCompleted | SeatMissed) else None


async def happened(session: AsyncSession, fact: Fact, rules: DutyRules, now: datetime) -> None:
    """Write down what it does to the duty at its seat, if there is one. A duty that begins in time to come was begun by a clock
    that was wrong, and is not over for that."""
    row = await open_row(session, seat=fact.seat, lock=True)
    if row is None or fact.at < row.began_at <= now:
        return
    match fact:
        case SeatConnected():
            row.missed = 0
            _was_there(row, fact.at, now)
            await end_wrap_up(session, row, at=fact.at, by="next_call")
        case SeatCompleted():
            _was_there(row, fact.at, now)
            # A commit whose answer was lost is told again: then this very work stands there already.
            if not await wrap_up_stands(session, row.id, fact.call_id, fact.at):
                await end_wrap_up(session, row, at=fact.at, by="next_call")
                await _begin(session, row, fact, rules)
        case SeatMissed():
            row.missed += 1
            if row.missed >= rules.missed_limit:
                await pause(session, row, PauseCause.MISSED_CALLS, at=fact.at, by=ACTOR)


async def phone_seen(session: AsyncSession, seat: str, *, registered: bool, at: datetime) -> None:
    """The seat's telephone is there, or is not."""
    row = await open_row(session, seat=seat, lock=True)
    if row is not None:
        row.phone_gone_at = None if registered else (row.phone_gone_at or at)


def _was_there(row: DutyRow, at: datetime, now: datetime) -> None:
    """Who takes calls is at the desk, whatever becomes of the page and whatever a wrong clock wrote down."""
    if row.desk_seen_at is not None and (row.desk_seen_at < at or row.desk_seen_at > now):
        row.desk_seen_at = at


def due(duties: Sequence[Duty], rules: DutyRules, now: datetime, sight: Sight) -> list[Duty]:
    """Those of which something has run out."""
    return [duty for duty in duties if _why_over(duty, rules, now, sight) or _wrapped_up(duty, rules, now, sight)]


def as_of(duty: Duty, rules: DutyRules, now: datetime, sight: Sight) -> Duty:
    """The duty without a work after a talk whose time is over, though nobody could write that down yet."""
    return replace(duty, wrap_up=None) if _wrapped_up(duty, rules, now, sight) else duty


async def run_out(session: AsyncSession, duties: Sequence[Duty], rules: DutyRules, now: datetime, sight: Sight) -> None:
    """End what has run out: work after a talk at its limit, duties whose telephone or desk page has been gone too long."""
    for duty in duties:
        row = await open_row(session, seat=duty.seat, lock=True)
        if row is None or row.id != duty.id:
            continue
        if _wrapped_up(duty, rules, now, sight) and duty.wrap_up is not None:
            queue, since = duty.wrap_up
            await end_wrap_up(session, row, at=since + rules.wrap_up_limit(queue), by="limit", begun=since)
        # what was read before the row was locked may be old: its own times decide
        seen = Duty(duty.id, duty.agent, duty.seat, duty.began_at,
                    phone_gone_at=row.phone_gone_at, desk_seen_at=row.desk_seen_at)  # fmt: skip
        if why := _why_over(seen, rules, now, sight):
            await sign_out(session, row, at=now, by=ACTOR, how=why)


def _why_over(duty: Duty, rules: DutyRules, now: datetime, sight: Sight) -> str:
    if duty.phone_gone_at is not None and sight.lasted(duty.phone_gone_at, now) > rules.phone_gone_limit:
        return "phone_gone"
    if sight.desk_gone(duty.desk_seen_at, now) > rules.desk_gone_limit:
        return "desk_gone"
    return ""


def _wrapped_up(duty: Duty, rules: DutyRules, now: datetime, sight: Sight) -> bool:
    return duty.wrap_up is not None and sight.lasted(duty.wrap_up[1], now) >= rules.wrap_up_limit(duty.wrap_up[0])


async def _begin(session: AsyncSession, row: DutyRow, fact: SeatCompleted, rules: DutyRules) -> None:
    if not rules.wrap_up_limit(fact.queue):
        return
    session.add(WrapUpRow(duty_id=row.id, queue=fact.queue, call_id=fact.call_id, began_at=fact.at))
    await session.flush()
