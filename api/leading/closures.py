"""Closing a queue or the whole line now, or at a time; opening it out of its hours; and taking that back.

The one place where this is written is `<var>/closures.toml`, which doors and board read by themselves and which people
write by hand too (`ivr.kernel.closures_text` keeps what they wrote). Trail and file belong together: the trail is written
first, in the transaction that a failing file undoes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.access.principal import Principal
from api.audit.trail import write_audit
from api.leading.files import read_text, write_whole
from ivr.kernel.calendar import Interval, SuddenChange
from ivr.kernel.closures_text import added, ended, find, id_of
from ivr.kernel.errors import Conflict, Invalid, Unavailable
from ivr.kernel.hours import load_closures

LONGEST = timedelta(days=60)
"""A section that is closed for longer needs other hours, not a sudden closure."""
SLOW_HAND = timedelta(minutes=5)
"""A start may lie so far back: the form was filled in meanwhile."""
SHORTEST = timedelta(minutes=1)
_LOCK = 14_200_037
"""Of the database: one writer of the file at a time, from whatever process."""


@dataclass(frozen=True, slots=True)
class Closing:
    """What somebody asks for. `section` empty: the whole line. `starts_at` None: now."""

    open: bool
    section: str
    starts_at: datetime | None
    ends_at: datetime
    reason: str


async def changes(path: Path) -> Collection[SuddenChange]:
    """Everything that stands in the file. Raises `Invalid` when it cannot be read."""
    return load_closures(await asyncio.to_thread(_read, path))


async def close(
    session: AsyncSession, path: Path, asked: Closing, *, sections: Collection[str], at: datetime, by: Principal
) -> SuddenChange:
    """Write it down. Raises `Invalid` that says what is wrong with it, or that the file must be mended by hand first, and
    `Conflict` for what is written already or would do nothing."""
    if asked.section and asked.section not in sections:
        raise Invalid(f"There is no queue {asked.section[:40]!r}.", code="no_such_queue", field="section")
    if asked.starts_at is not None and asked.starts_at < at - SLOW_HAND:
        raise Invalid("The start lies in the past; leave it empty for now.", code="starts_in_past", field="starts_at")
    start = (asked.starts_at or at).replace(microsecond=0)
    if asked.ends_at <= at or asked.ends_at - start < SHORTEST:
        raise Invalid("The end must be later than the start, and than now.", code="ends_too_soon", field="ends_at")
    if asked.ends_at - at > LONGEST:
        raise Invalid(f"It may last {LONGEST.days} days at most.", code="lasts_too_long", field="ends_at")
    if not asked.reason.strip():
        raise Invalid("Write a reason; others will read it.", code="reason_missing", field="reason")
    change = SuddenChange(Interval(start, asked.ends_at), asked.open, asked.reason.strip(), asked.section)
    await _one_at_a_time(session)
    before = await asyncio.to_thread(_read, path)
    _refuse_what_changes_nothing(change, load_closures(before))
    after = added(before, change, f"{by.actor} {at:%Y-%m-%dT%H:%M:%SZ}")
    await _tell(session, "line.opened" if asked.open else "line.closed", change, at=at, by=by, before=None)
    await asyncio.to_thread(write_whole, path, after.encode())
    return change


async def end(session: AsyncSession, path: Path, closure_id: str, *, at: datetime, by: Principal) -> SuddenChange:
    """It is over now, or never begins. Raises `NotFound`, `Conflict` when it was over already."""
    await _one_at_a_time(session)
    before = await asyncio.to_thread(_read, path)
    change = find(load_closures(before), closure_id)
    after = ended(before, change, at, f"ended by {by.actor} {at:%Y-%m-%dT%H:%M:%SZ}")
    until = change.interval.end.isoformat()
    await _tell(session, "line.change_ended", change, at=at, by=by, before={"until": until})
    await asyncio.to_thread(write_whole, path, after.encode())
    return change


def _refuse_what_changes_nothing(change: SuddenChange, known: Collection[SuddenChange]) -> None:
    """Somebody in a hurry would believe that it is done: a closure wins over every opening, and who ends one of two would find the
    queue still closed."""
    for other in known:
        if (other.open, other.section, other.interval) == (change.open, change.section, change.interval):
            raise Conflict("Exactly this is written down already. Look again.", code="closure_twice")
        there_too = not other.section or other.section == change.section
        if other.open or not there_too:
            continue
        began, ended = other.interval.start <= change.interval.start, change.interval.end <= other.interval.end
        if not change.open and began and ended:
            raise Conflict(
                "It is closed for all that time already. End that closure, or make it longer.", code="closed_already"
            )
        if change.open and change.interval.start in other.interval:
            raise Conflict("It is closed at that time. End the closure, or choose another time.", code="closed_then")


async def _one_at_a_time(session: AsyncSession) -> None:
    await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def _read(path: Path) -> str:
    try:
        return read_text(path)
    except (OSError, UnicodeDecodeError) as error:
        raise Unavailable(f"closures.toml cannot be read ({type(error).__name__}); mend it by hand.") from error


async def _tell(
    session: AsyncSession, action: str, change: SuddenChange, *, at: datetime, by: Principal, before: object
) -> None:
    details = {
        "before": before,
        "after": {"from": change.interval.start.isoformat(), "until": at.isoformat() if before else change.interval.end.isoformat()},
        "open": change.open, "reason": change.reason, "id": id_of(change),
    }  # fmt: skip
    target = f"queue:{change.section}" if change.section else "line"
    await write_audit(session, at=at, actor=by, action=action, target=target, details=details)
