"""What an agent, a supervisor and the line itself may do with a duty. Each deed is one change of rows in the caller's
transaction, audited with before and after, and word to the keeper, who tells Asterisk."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from api.access.permissions import Role
from api.access.principal import Principal
from api.audit.trail import write_audit
from api.db.duty_tables import DutyPauseRow, DutyRow
from api.db.notify import notify
from api.db.tables import Person
from api.duty.repository import duty_of, open_pauses, open_row, open_wrap_up
from ivr.kernel.errors import Conflict, Invalid, NotFound
from routing.duty import OWN_CAUSES, Duty, PauseCause

CHANNEL = "duty"
"""Said to the keeper when a duty changed; the payload is its seat."""

SEEN_EVERY = timedelta(seconds=10)
"""A desk page that is heard of more often is not written down more often."""

Actor = Principal | str


async def sign_in(
    session: AsyncSession, agent: str, seat: str, *, seats: Collection[str], at: datetime, by: Actor, how: str = "desk"
) -> Duty:
    """`agent` sits down at `seat`. Raises `Invalid` for no such seat, `Conflict` when either is taken and by whom."""
    if seat not in seats:
        raise Invalid(
            f"There is no seat {seat[:20]!r}. Choose one of {min(seats)} to {max(seats)}.",
            code="no_such_seat",
            field="seat",
        )
    person = await session.scalar(select(Person).where(Person.username == agent, Person.active))
    if person is None or person.role != Role.OPERATOR:
        raise Invalid(
            f"{agent[:40]!r} is no operator's account; only operators sign in at a seat.",
            code="not_an_operator",
            field="agent",
        )
    mine = await open_row(session, agent=agent)
    if mine is not None:
        if mine.seat == seat:
            raise Conflict(f"You are signed in at {seat} already.", code="signed_in_here", field="seat")
        raise Conflict(
            f"You are still signed in at {mine.seat}. Sign out there first.", code="signed_in_elsewhere", field="seat"
        )
    theirs = await open_row(session, seat=seat)
    if theirs is not None:
        raise Conflict(
            f"{seat} is taken by {theirs.agent}. Choose another, or ask a supervisor.", code="seat_taken", field="seat"
        )
    row = DutyRow(
        person_id=person.id,
        agent=agent,
        seat=seat,
        began_at=at,
        began_by=how,
        desk_seen_at=at if how == "desk" else None,
        missed=0,
    )
    try:
        async with session.begin_nested():
            session.add(row)
            await session.flush()
    except IntegrityError as error:  # the two looks above saw it free, and somebody was faster
        raise Conflict(
            f"{seat} or {agent} has just been taken. Look again.", code="seat_taken", field="seat"
        ) from error
    await write_audit(session, at=at, actor=by, action="duty.began", target=f"seat:{seat}", details={"agent": agent})
    await notify(session, CHANNEL, seat)
    return await duty_of(session, row)


async def sign_out(session: AsyncSession, row: DutyRow, *, at: datetime, by: Actor, how: str = "agent") -> None:
    """The duty is over, and with it every pause and the work after a talk."""
    before = await _causes(session, row)
    for pause in await open_pauses(session, row.id):
        pause.ended_at, pause.ended_by = max(at, pause.began_at), _name(by)
    await end_wrap_up(session, row, at=at, by="sign_out")
    row.ended_at, row.ended_by = max(at, row.began_at), how
    await _tell(session, row, "duty.ended", at=at, by=by, before=before, after=[], why=how)


async def pause(session: AsyncSession, row: DutyRow, cause: PauseCause, *, at: datetime, by: Actor) -> None:
    """One cause more. The same cause twice is once."""
    before = await _causes(session, row)
    if cause.value in before:
        return
    session.add(DutyPauseRow(duty_id=row.id, cause=cause.value, began_at=at, began_by=_name(by)))
    await session.flush()
    await _tell(session, row, "duty.paused", at=at, by=by, before=before, after=[*before, cause.value])


async def resume(
    session: AsyncSession, row: DutyRow, causes: Collection[PauseCause], *, at: datetime, by: Actor
) -> None:
    """These causes are over, and so is the work after a talk. Others stay: the agent is free when none is open."""
    before = await _causes(session, row)
    for one in await open_pauses(session, row.id):
        if one.cause in causes:
            one.ended_at, one.ended_by = max(at, one.began_at), _name(by)
            if one.cause == PauseCause.MISSED_CALLS:
                row.missed = 0
    await end_wrap_up(session, row, at=at, by="agent")
    after = await _causes(session, row)
    if after != before:
        await _tell(session, row, "duty.resumed", at=at, by=by, before=before, after=after)
    else:
        await notify(session, CHANNEL, row.seat)


async def finish_wrap_up(session: AsyncSession, row: DutyRow, *, at: datetime) -> None:
    """The agent is done with the work after a talk."""
    await end_wrap_up(session, row, at=at, by="agent")
    await notify(session, CHANNEL, row.seat)


async def desk_seen(session: AsyncSession, row: DutyRow, at: datetime) -> None:
    """The agent's page is open. Neither audited nor told: nothing that Asterisk holds or a screen shows depends on it."""
    if row.desk_seen_at is None or abs(at - row.desk_seen_at) >= SEEN_EVERY:  # a clock may have been set back
        row.desk_seen_at = at
        await session.flush()


OWN_RESUMES: Collection[PauseCause] = (*OWN_CAUSES, PauseCause.MISSED_CALLS)
"""What an agent may end; what a supervisor began, a supervisor ends."""


async def own_duty(session: AsyncSession, agent: str) -> DutyRow:
    """This agent's open duty, locked. Raises `NotFound`."""
    row = await open_row(session, agent=agent, lock=True)
    if row is None:
        raise NotFound("You are not signed in at a seat. Sign in first.", code="not_on_duty")
    return row


async def duty_at(session: AsyncSession, seat: str) -> DutyRow:
    """The open duty at this seat, locked. Raises `NotFound`."""
    row = await open_row(session, seat=seat, lock=True)
    if row is None:
        raise NotFound(f"Nobody is signed in at {seat[:20]}.", code="not_on_duty")
    return row


def own_cause(text: str) -> PauseCause:
    """A cause an agent may give. Raises `Invalid` with the list of those."""
    if text not in {cause.value for cause in OWN_CAUSES}:
        raise Invalid(f"The cause must be one of: {', '.join(OWN_CAUSES)}.", code="no_such_cause", field="cause")
    return PauseCause(text)


async def end_wrap_up(
    session: AsyncSession, row: DutyRow, *, at: datetime, by: str, begun: datetime | None = None
) -> None:
    """The work after a talk is over, if there was any; with `begun` only the one that began then. Tells nobody: that is up to
    the deed it belongs to."""
    wrap = await open_wrap_up(session, row.id)
    if wrap is not None and begun in (None, wrap.began_at):
        wrap.ended_at, wrap.ended_by = max(at, wrap.began_at), by
        await session.flush()


async def _causes(session: AsyncSession, row: DutyRow) -> list[str]:
    await session.flush()
    return [one.cause for one in await open_pauses(session, row.id)]


async def _tell(
    session: AsyncSession,
    row: DutyRow,
    action: str,
    *,
    at: datetime,
    by: Actor,
    before: Sequence[str],
    after: Sequence[str],
    why: str = "",
) -> None:
    details = {"agent": row.agent, "before": list(before), "after": list(after)} | ({"why": why} if why else {})
    await write_audit(session, at=at, actor=by, action=action, target=f"seat:{row.seat}", details=details)
    await notify(session, CHANNEL, row.seat)


def _name(by: Actor) -> str:
    return by.actor if isinstance(by, Principal) else by
