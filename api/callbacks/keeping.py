"""A place in line, from the asking to its end. Each deed is one change of rows in the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from api.access.principal import Principal
from api.audit.trail import write_audit
from api.db.callback_tables import CallbackCallRow, CallbackRow
from api.db.notify import notify
from api.db.tables import CallRecordRow, CaseRow
from ivr.kernel.errors import Conflict, NotFound
from ivr.kernel.ids import CallId, QueueName
from ivr.kernel.phone_number import PhoneNumber, parse_caller
from ivr.kernel.spool_notes import CallbackNote
from ivr.kernel.tracking_code import TrackingCode
from routing.callbacks.request import OPEN, Attempt, CallbackState, Request, call_of
from routing.callbacks.settings import CallbackSettings

CHANNEL = "callbacks"
"""Said to the dialler when a request came or went; the payload is its code."""

_OPEN_STATES = [state.value for state in OPEN]
_CASE_WAITS = ("open", "in_work")


@dataclass(frozen=True, slots=True)
class Dial:
    """What an attempt is told to Asterisk with."""

    call_id: CallId
    n: int
    national: str
    shown: str
    """Empty for a number that was keyed in: it may stand in no ledger."""


async def keep_place(session: AsyncSession, note: CallbackNote, rules: CallbackSettings) -> tuple[CallbackState, bool]:
    """Write the request down; its state, and whether it is new: told twice it is one. A number that has an open place already
    shares it, one that may not be dialled is given up at once and left to a person."""
    number = parse_caller(note.number)
    national = number.national if isinstance(number, PhoneNumber) else ""
    values = {
        "code": note.code,
        "number": note.number,
        "keyed": note.keyed,
        "queue": note.queue,
        "priority": note.priority,
        "asked_call": note.call_id,
        "asked_at": note.asked_at,
        "joined_at": note.joined_at or note.asked_at.replace(microsecond=0),
        "state": CallbackState.PENDING.value,
        "tries": 0,
        "attempt": 0,
    }
    if not rules.may_dial(national):
        values |= {"state": CallbackState.GIVEN_UP.value, "ended_at": note.asked_at, "ended_by": "number"}
    while True:
        made = await session.scalar(
            insert(CallbackRow).values(values).on_conflict_do_nothing().returning(CallbackRow.code)
        )
        row = await session.get(CallbackRow, note.code)
        if made is not None or row is not None:
            break
        first = await session.scalar(
            select(CallbackRow.code).where(CallbackRow.number == note.number, CallbackRow.state.in_(_OPEN_STATES))
        )
        if first is not None:  # else it has just ended, and the place is free
            values |= {"state": CallbackState.SAME_PLACE.value, "same_as": first}
    assert row is not None
    await notify(session, CHANNEL, note.code)
    return CallbackState(row.state), made is not None


async def open_rows(session: AsyncSession) -> Sequence[CallbackRow]:
    """All open requests; what other sessions changed is read anew."""
    query = select(CallbackRow).where(CallbackRow.state.in_(_OPEN_STATES))
    query = query.order_by(CallbackRow.joined_at, CallbackRow.code)
    return (await session.scalars(query.execution_options(populate_existing=True))).all()


def request_of(row: CallbackRow) -> Request:
    """The row as the rule sees it."""
    attempt = None
    if row.attempt_call is not None and row.attempt_at is not None:
        attempt = Attempt(row.attempt, CallId(row.attempt_call), row.attempt_at)
    return Request(
        TrackingCode(row.code), QueueName(row.queue), row.joined_at, CallbackState(row.state), row.priority, row.tries,
        row.not_before, attempt,
    )  # fmt: skip


async def on_the_line(session: AsyncSession) -> frozenset[str]:
    """Codes of open requests whose caller is on the line now: still listening to the code, or here again. They would be
    engaged; their place waits for them."""
    call, row = CallRecordRow, CallbackRow
    here = exists().where(
        call.ended_at.is_(None), or_(call.call_id == row.asked_call, (call.caller == row.number) & (row.number != ""))
    )
    return frozenset(await session.scalars(select(row.code).where(row.state.in_(_OPEN_STATES), here)))


async def served_otherwise(session: AsyncSession) -> Sequence[tuple[str, str]]:
    """Open requests whose wish is fulfilled another way, and how: an operator has answered a later call of the same number, or
    the call of the asking itself (its caller came back to the queue), or a person has answered the case. Those being dialled are
    left alone."""
    call, case, row = CallRecordRow, CaseRow, CallbackRow
    rang_again = exists().where(
        call.caller == row.number, call.arrived_at > row.asked_at, call.answered_at.is_not(None), row.number != ""
    )
    came_back = exists().where(call.call_id == row.asked_call, call.answered_at.is_not(None))
    answered = exists().where(case.code == row.code, case.state.not_in(_CASE_WAITS))
    waiting = [CallbackState.PENDING.value, CallbackState.PLACED.value, CallbackState.RETRY.value]
    query = select(row.code, answered).where(row.state.in_(waiting), or_(rang_again, came_back, answered))
    return [
        (code, "case_answered" if by_case else "answered_meanwhile")
        for code, by_case in (await session.execute(query)).all()
    ]


async def begin_attempt(session: AsyncSession, code: TrackingCode, node: str, now: datetime) -> Dial | None:
    """Take the row's lock and the next number of the fence; None when somebody else was faster or it is wanted no more.

    Whoever has the `Dial` says it to Asterisk after the commit and at once. If they die before, the ledger never hears of
    the attempt, and `judging` lets the next one begin; if Asterisk has it already, it refuses the id.
    """
    row = await _locked(session, code)
    if row is None or row.attempt_call is not None or row.state not in _OPEN_STATES:
        return None
    row.attempt += 1
    call_id = call_of(node, code, row.attempt)
    row.attempt_call, row.attempt_at = call_id, now
    session.add(CallbackCallRow(call_id=call_id, code=code, n=row.attempt, begun_at=now, rang_seconds=0.0))
    number = parse_caller(row.number)
    national = number.national if isinstance(number, PhoneNumber) else ""
    return Dial(call_id, row.attempt, national, "" if row.keyed else national)


async def end(session: AsyncSession, code: str, state: CallbackState, *, by: str, at: datetime) -> list[str]:
    """The request is over, with all that share its place; the codes of all of them, its own first."""
    await session.execute(
        update(CallbackRow)
        .where(CallbackRow.code == code)
        .values(state=state.value, ended_at=at, ended_by=by, attempt_call=None, attempt_at=None, not_before=None)
    )
    shared = await session.scalars(
        update(CallbackRow)
        .where(CallbackRow.same_as == code, CallbackRow.state == CallbackState.SAME_PLACE.value)
        .values(state=state.value, ended_at=at, ended_by=by)
        .returning(CallbackRow.code)
    )
    await notify(session, CHANNEL, code)
    return [code, *shared]


async def cancel(session: AsyncSession, principal: Principal, code: TrackingCode, at: datetime) -> None:
    """A person takes the request back. `Conflict` when it is over or the telephone rings already."""
    row = await _locked(session, code)
    if row is None:
        raise NotFound("There is no call back with this code.")
    if row.state == CallbackState.SAME_PLACE:
        raise Conflict(f"This one shares the place of {row.same_as}: cancel that one.", code="callback_shares_place")
    if row.state == CallbackState.DIALLING:
        raise Conflict("This caller is being rung now. Look again in a minute.", code="callback_dialling")
    if row.state not in _OPEN_STATES:
        raise Conflict(f"This call back is over: {row.state}. Load the list again.", code="callback_over")
    before = row.state
    codes = await end(session, code, CallbackState.CANCELLED, by=principal.actor, at=at)
    await write_audit(
        session, at=at, actor=principal, action="callback.cancelled", target=f"callback:{code}",
        details={"before": before, "after": CallbackState.CANCELLED.value, "with": codes[1:]},
    )  # fmt: skip


async def count_open(session: AsyncSession) -> int:
    query = select(func.count()).select_from(CallbackRow).where(CallbackRow.state.in_(_OPEN_STATES))
    return (await session.scalar(query)) or 0


async def _locked(session: AsyncSession, code: str) -> CallbackRow | None:
    query = select(CallbackRow).where(CallbackRow.code == code).with_for_update()
    return (await session.scalars(query.execution_options(populate_existing=True))).one_or_none()
