"""A planned turn: one agent, one stretch of one day, and what it is for. Pure.

A turn keeps its own hours and breaks. When a shift is given up or held at other hours, what was planned before stays as
it was planned, and the figures of past days do not change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from ivr.kernel.clock import TEHRAN, aware
from ivr.kernel.errors import Invalid
from ivr.kernel.ids import SeatName
from routing.roster.shifts import Break, Hours, Shift, after, check_breaks, instant

LONGEST_NOTE = 200


class TurnKind(StrEnum):
    """What a turn is for."""

    WORK = "work"
    """At a seat, taking calls."""
    TRAINING = "training"
    """On duty, but not for callers."""
    LEAVE = "leave"
    SICK = "sick"


ON_DUTY = frozenset({TurnKind.WORK, TurnKind.TRAINING})
"""Kinds that count as working days for the weekly rest."""


@dataclass(frozen=True, slots=True)
class Turn:
    """From `begins` up to, but not including, `ends`. `day` is the day of Tehran on which it begins."""

    agent: str
    day: date
    kind: TurnKind
    begins: datetime
    ends: datetime
    breaks: tuple[Break, ...] = ()
    shift: Shift | None = None
    """The shift it was made from; none for own hours or a whole day."""
    seat: SeatName | None = None
    note: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "begins", aware(self.begins))
        object.__setattr__(self, "ends", aware(self.ends))
        if self.ends <= self.begins:
            raise Invalid("a turn ends after it begins", code="hours_empty")

    @property
    def whole_day(self) -> bool:
        """Leave or sickness of a day, without hours."""
        return (self.begins, self.ends) == _whole(self.day)

    def overlaps(self, other: Turn) -> bool:
        return self.begins < other.ends and other.begins < self.ends

    def rests(self) -> list[tuple[datetime, datetime]]:
        """The instants of its breaks."""
        first = self.hours.begins
        starts = [self.begins + after(first, one.begins) for one in self.breaks]
        return [(at, at + timedelta(minutes=one.minutes)) for at, one in zip(starts, self.breaks, strict=True)]

    @property
    def hours(self) -> Hours:
        """On Tehran's wall clock. A whole day has none: ask `whole_day` before."""
        return Hours(*(wall_clock(at) for at in (self.begins, self.ends)))


def wall_clock(at: datetime) -> time:
    """The time that Tehran's clocks show, without seconds."""
    local = at.astimezone(TEHRAN)
    return time(local.hour, local.minute)


def planned(
    agent: str,
    day: date,
    kind: TurnKind,
    *,
    shift: Shift | None = None,
    hours: Hours | None = None,
    breaks: Sequence[Break] = (),
    seat: SeatName | None = None,
    note: str = "",
) -> Turn:
    """The turn that these words mean. Raises `Invalid` for what makes no sense together.

    A shift brings its hours and breaks. Leave and sickness without hours are for the whole day.
    """
    if shift is not None and hours is not None:
        raise Invalid("a turn has a shift or hours of its own, not both", code="shift_and_hours")
    if len(note) > LONGEST_NOTE:
        raise Invalid(f"a note may have {LONGEST_NOTE} characters", code="note_too_long")
    if seat is not None and kind is not TurnKind.WORK:
        raise Invalid("only who works at the telephones needs a seat", code="seat_without_work")
    taken = shift.hours if shift else hours
    if taken is None:
        if kind in ON_DUTY:
            raise Invalid("work and training need a shift or hours", code="hours_missing")
        begins, ends = _whole(day)
        return Turn(agent, day, kind, begins, ends, note=note)
    rests = tuple(shift.breaks if shift else breaks) if kind is TurnKind.WORK else ()
    check_breaks(taken, rests)
    begins, ends = taken.on(day)
    return Turn(agent, day, kind, begins, ends, rests, shift, seat, note)


def _whole(day: date) -> tuple[datetime, datetime]:
    return instant(day, time()), instant(day + timedelta(days=1), time())
