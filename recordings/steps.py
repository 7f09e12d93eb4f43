"""When a file of the spool may be taken, and when sound that does not come is declared missing. Pure.

A wav file that Asterisk has closed carries its length in its header; one that is being written, or whose Asterisk was
killed, says 0. So a right header means "finished" at once, and a wrong one means "wait until nobody writes any more".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Next(StrEnum):
    """What to do with what was found."""

    TAKE = "take"
    WAIT = "wait"
    MISSING = "missing"
    DISCARD = "discard"
    """Nothing was ever recorded: no frame of sound, and none was expected."""


@dataclass(frozen=True, slots=True)
class Patience:
    """The waits of the pipeline, with their reasons."""

    unfinished: timedelta = timedelta(seconds=5)
    """A file with an open header is taken when untouched this long; Asterisk writes every second while recording."""
    watched: timedelta = timedelta(seconds=2.5)
    """An open file is looked at twice, this far apart by the clock that never jumps; Asterisk's buffer holds two seconds."""
    stale: timedelta = timedelta(minutes=5)
    """Sound whose call we know nothing about (ledger or database behind) is taken when untouched this long."""
    goes_on: timedelta = timedelta(hours=1)
    """The same where its call is known and not over: longer than anybody can listen to a message or be on a silent hold."""
    missing: timedelta = timedelta(seconds=60)
    """Sound that is still absent this long after its call ended is recorded as missing; it may still come later."""


@dataclass(frozen=True, slots=True)
class FileSeen:
    """A file as the spool shows it: header right or not, sound in it or not, last change."""

    finished: bool
    seconds: float
    changed_at: datetime


def next_for_message(
    file: FileSeen | None,
    *,
    kept: bool,
    call_ended_at: datetime | None,
    goes_on: bool,
    now: datetime,
    patience: Patience,
) -> Next:
    """A kept message is taken at once; a `.part` when its call is over, or when nobody knows of its call and nobody has touched
    it for long. `goes_on`: the call is known and not over; its caller may listen for minutes and then record anew."""
    if file is None:
        overdue = call_ended_at is not None and now - call_ended_at >= patience.missing
        return Next.MISSING if overdue else Next.WAIT
    quiet = now - file.changed_at
    if not kept and call_ended_at is None and quiet < (patience.goes_on if goes_on else patience.stale):
        return Next.WAIT
    return Next.TAKE if file.finished or quiet >= patience.unfinished else Next.WAIT


def next_for_talk(
    legs: tuple[FileSeen | None, FileSeen | None],
    *,
    expected: bool,
    call_ended_at: datetime | None,
    goes_on: bool,
    now: datetime,
    patience: Patience,
) -> Next:
    """A talk is taken when its call is over and both legs are closed. One leg alone is taken once the other is overdue.

    `expected` is False when the call record knows no talk for this file. While the call is known and `goes_on`, legs that
    are quiet are those of somebody on hold.
    """
    present = [leg for leg in legs if leg is not None]
    overdue = call_ended_at is not None and now - call_ended_at >= patience.missing
    if not present:
        return Next.WAIT if not overdue else Next.MISSING if expected else Next.DISCARD
    quiet = min(now - leg.changed_at for leg in present)
    if call_ended_at is None and quiet < (patience.goes_on if goes_on else patience.stale):
        return Next.WAIT
    if any(not leg.finished and now - leg.changed_at < patience.unfinished for leg in present):
        return Next.WAIT
    if not expected and all(leg.seconds == 0 for leg in present):
        return Next.DISCARD
    if len(present) < len(legs) and not overdue:
        return Next.WAIT
    return Next.TAKE
