"""What the ledger tells of the attempts under way, written down: states, attempts, ends. Looks at states only, so whoever
looks next after a death finds the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.callbacks.keeping import end, request_of
from api.callbacks.silence import read_until
from api.db.callback_tables import CallbackCallRow, CallbackRow
from api.db.tables import LedgerEventRow
from ivr.kernel.ids import CallId
from ivr.kernel.milestones import Milestone
from routing.callbacks.judging import LOST, REFUSED, Outcome, Told, is_silent, judged
from routing.callbacks.request import OPEN, CallbackState
from routing.callbacks.settings import CallbackSettings
from routing.seats import seat_of

_WHOLE_SECOND = timedelta(seconds=1)
"""queue_log cuts the fraction off: a start happened up to this much after its stamp."""
_TOLD_LATE = timedelta(hours=1)
"""So long after its end an attempt is still listened to: Asterisk may have heard of it late, the ledger been read in pieces."""
_LATE_AT_MOST = 200
"""The newest of them, however many there were."""
_OPEN_STATES = [state.value for state in OPEN]
_ENDS = ("HANGUP", "CHAN_END", "LINKEDID_END")
_NAMES = (
    Milestone.CALLBACK_PLACED.value, Milestone.CALLBACK_TAKEN.value, Milestone.CALLBACK_DIALLED.value,
    Milestone.CALLBACK_REACHED.value, Milestone.CALLBACK_OVER.value, "CHAN_START", "CONNECT", *_ENDS,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Moved:
    """Something of a request that others want to know: a try that reached nobody, or its end."""

    codes: Sequence[str]
    """The request's, and those that share its place."""
    state: CallbackState
    at: datetime
    agent: str = ""
    """Who reached the caller."""
    call_id: str = ""


async def follow(
    session: AsyncSession, now: datetime, rules: CallbackSettings, *, standing: Collection[CallId] | None, node: str
) -> list[Moved]:
    """Bring every attempt that is not over up to what the ledger says, and one that was ended and reached its caller after all.
    `standing`: the attempts that Asterisk shows in its queues, None while it cannot be asked. `node`: whose ledger tells of
    them."""
    query = select(CallbackCallRow).where(or_(CallbackCallRow.outcome.is_(None), CallbackCallRow.ended_at.is_(None)))
    query = query.order_by(CallbackCallRow.begun_at).execution_options(populate_existing=True)
    calls = [*await session.scalars(query)]
    over = (await session.scalars(_lately_over(now))).all()
    if not calls and not over:
        return []
    until = await read_until(session, node)  # before the rows
    if until is not None:
        until = min(until, now)  # a clock that was set back has written of hours to come
    told, agents = await _told(session, [call.call_id for call in (*calls, *over)])
    calls += [call for call in over if (late := told.get(call.call_id)) and late.reached_at]
    moved: list[Moved] = []
    for call in calls:
        stands = standing is None or CallId(call.call_id) in standing
        silent = is_silent(call.begun_at, until, stands=stands)
        moved += await _one(session, call, told.get(call.call_id), agents.get(call.call_id), now, rules, silent)
    return moved


def _lately_over(now: datetime) -> Select[CallbackCallRow]:
    """Attempts that were ended without reaching anybody, of requests that are still open."""
    call = CallbackCallRow
    query = select(call).join(CallbackRow, CallbackRow.code == call.code)
    query = query.where(CallbackRow.state.in_(_OPEN_STATES), call.outcome != Outcome.REACHED.value)
    query = query.where(call.ended_at > now - _TOLD_LATE)
    return query.order_by(call.begun_at.desc()).limit(_LATE_AT_MOST)


async def _one(
    session: AsyncSession, call: CallbackCallRow, told: Told | None, agent: str | None, now: datetime,
    rules: CallbackSettings, silent: bool,
) -> list[Moved]:  # fmt: skip
    lock = select(CallbackRow).where(CallbackRow.code == call.code).with_for_update()
    row = (await session.scalars(lock.execution_options(populate_existing=True))).one()
    if told is not None:
        call.placed_at, call.taken_at, call.dialled_at = told.placed_at, told.taken_at, told.dialled_at
        call.reached_at, call.ended_at, call.seat = told.reached_at, told.ended_at, told.seat
        call.status = LOST if told.lost else told.status or None
        call.agent, call.rang_seconds = agent, told.rang_seconds
    if row.attempt_call != call.call_id:
        return await _after_all(session, row, call, told, now, silent)
    before = request_of(row)
    after, outcome = judged(before, told, now, rules, silent=silent)
    if outcome is not None:
        call.outcome = outcome.value
        if outcome is Outcome.NEVER_BEGAN:
            call.ended_at = now
    row.state, row.tries, row.not_before = after.state.value, after.tries, after.not_before
    if after.attempt is None:
        row.attempt_call = row.attempt_at = None
    at = (told and (told.reached_at or told.ended_at)) or now
    if after.state not in OPEN:
        by = {CallbackState.REACHED: "reached"}.get(after.state, "number" if _refused(told) else "tries")
        await session.flush()
        codes = await end(session, row.code, after.state, by=by, at=at)
        return [Moved(codes, after.state, at, agent or "", call.call_id)]
    if outcome is Outcome.NOT_REACHED:
        return [Moved([row.code], after.state, at)]
    return []


async def _after_all(
    session: AsyncSession, row: CallbackRow, call: CallbackCallRow, told: Told | None, now: datetime, silent: bool
) -> list[Moved]:
    """Of an attempt that the request waits for no more: its talk goes on, it was cancelled, or it was ended too soon. That a
    caller was reached is true whatever was decided meanwhile."""
    if call.outcome != Outcome.REACHED.value and told is not None and told.reached_at is not None:
        call.outcome = Outcome.REACHED.value
        if row.state != CallbackState.REACHED:
            await session.flush()
            codes = await end(session, row.code, CallbackState.REACHED, by="reached", at=told.reached_at)
            return [Moved(codes, CallbackState.REACHED, told.reached_at, call.agent or "", call.call_id)]
    if call.outcome is None and (silent if told is None else told.ended_at is not None):
        dialled = told is not None and told.dialled_at is not None
        call.outcome = Outcome.NOT_REACHED.value if dialled else Outcome.LEFT_THE_LINE.value
        call.ended_at = call.ended_at or now
    return []


def _refused(told: Told | None) -> bool:
    return told is not None and told.status == REFUSED


async def _told(session: AsyncSession, call_ids: Iterable[str]) -> tuple[dict[str, Told], dict[str, str]]:
    """Call → what its ledger rows say; call → the agent queue_log names (its rows know the leg only, which is the call's)."""
    wanted = sorted(call_ids)
    row = LedgerEventRow
    query = select(row.name, row.at, row.call_id, row.leg_id, row.fields, row.node).where(
        or_(row.call_id.in_(wanted), row.leg_id.in_(wanted)), row.name.in_(_NAMES)
    )
    rows: dict[str, list[LedgerEventRow]] = {}
    agents: dict[str, str] = {}
    for event in (await session.execute(query.order_by(row.at, row.id))).all():
        if event.name == "CONNECT":
            agents[str(event.leg_id)] = str(event.fields.get("agent", ""))
        elif event.call_id is not None:
            rows.setdefault(event.call_id, []).append(event)  # pyright: ignore[reportArgumentType]
    # one whose stamp lies ahead was written before the clock was set back, and has ended nothing of now
    boots = select(func.max(row.at)).where(row.name == "QUEUESTART", row.at <= func.now() + timedelta(seconds=2))
    boot = await session.scalar(boots) if rows else None
    return {call: _read(call, events, boot) for call, events in rows.items()}, agents


def _read(call: str, events: Sequence[LedgerEventRow], boot: datetime | None) -> Told:
    at: dict[str, datetime] = {}
    seat, status, ended = None, "", None
    for event in events:
        if event.name == Milestone.CALLBACK_TAKEN:
            seat, at[event.name] = seat_of(event.fields.get("channel", "")), event.at
        elif event.name == Milestone.CALLBACK_OVER:
            # the dial's word is the better one; the queue's comes after it when the operator hung up first
            status = status if Milestone.CALLBACK_DIALLED in at and status else event.fields.get("status", "")
        elif event.name in _ENDS:
            if event.name == "LINKEDID_END" or event.leg_id == call:
                ended = ended or event.at
        else:
            at.setdefault(event.name, event.at)
    lost = ended is None and boot is not None and boot + _WHOLE_SECOND > events[-1].at
    return Told(
        placed_at=at.get(Milestone.CALLBACK_PLACED),
        taken_at=at.get(Milestone.CALLBACK_TAKEN),
        seat=seat,
        dialled_at=at.get(Milestone.CALLBACK_DIALLED),
        reached_at=at.get(Milestone.CALLBACK_REACHED),
        ended_at=max(boot, events[-1].at) if lost and boot else ended,
        status=status,
        lost=lost,
    )
