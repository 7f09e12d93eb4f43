"""What a program sends to plan turns and shifts, and what it means. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field

from api.roster.plans import Plan
from api.roster.schemas import BreakView, ClockTime
from ivr.kernel.errors import Invalid
from ivr.kernel.ids import SeatName
from ivr.kernel.persian_text import clean, search_key
from routing.roster.rules import MOST_TURNS
from routing.roster.shifts import Break, Hours, Shift
from routing.roster.turns import LONGEST_NOTE, TurnKind


class ShiftForm(BaseModel):
    """A new shift."""

    model_config = ConfigDict(extra="forbid")

    code_fa: str = Field(min_length=1, max_length=4, description="What stands in a cell of the roster.", examples=["ص"])
    code_en: str = Field(min_length=1, max_length=4, examples=["M"])
    name_fa: str = Field(min_length=1, max_length=40)
    name_en: str = Field(min_length=1, max_length=40)
    begins: ClockTime = Field(description="Whole minutes of Tehran's wall clock.", examples=["08:00"])
    ends: ClockTime = Field(description="Before `begins` when it ends on the next day.", examples=["14:00"])
    breaks: list[BreakView] = Field(default_factory=list, max_length=10)
    weekdays: list[int] = Field(
        default=[0, 1, 2, 3, 4, 5], max_length=7, description="On which it is held: Saturday 0 … Friday 6."
    )


class TurnForm(BaseModel):
    """A turn to be planned: a shift, or hours of its own, or (leave and sickness only) neither for the whole day."""

    model_config = ConfigDict(extra="forbid")

    kind: TurnKind = TurnKind.WORK
    shift: str | None = Field(default=None, max_length=4, description="A code of the shift, in either language.")
    begins: ClockTime | None = Field(default=None, description="With `ends`: hours of its own, instead of a shift.")
    ends: ClockTime | None = None
    seat: str | None = Field(default=None, max_length=10, examples=["seat07"])
    note: str = Field(default="", max_length=LONGEST_NOTE)


class CellForm(BaseModel):
    """All turns of an agent that begin on a day; what is not in the list is removed."""

    model_config = ConfigDict(extra="forbid")

    turns: list[TurnForm] = Field(max_length=MOST_TURNS)
    expected: str | None = Field(
        default=None,
        max_length=40,
        description="`fingerprint` of the cell as you saw it: 409 when it has changed since.",
    )


class CellName(BaseModel):
    """One cell of the roster."""

    model_config = ConfigDict(extra="forbid")

    agent: str = Field(min_length=1, max_length=64)
    day: str = Field(min_length=1, max_length=40, description="Jalali or Gregorian.", examples=["1405-09-08"])


class SwapForm(BaseModel):
    """The turns of two cells change their agents."""

    model_config = ConfigDict(extra="forbid")

    one: CellName
    other: CellName


def plan_of(form: TurnForm, shifts: Sequence[Shift], seats: Sequence[SeatName]) -> Plan:
    """Raises `Invalid` for an unknown shift or seat, or for words that make no sense together."""
    hours = None
    if (form.begins is None) != (form.ends is None):
        raise Invalid("Own hours need both a beginning and an end.", code="hours_missing", field="body.turns")
    if form.begins is not None and form.ends is not None:
        hours = Hours(form.begins, form.ends)
    plan = Plan(form.kind, _shift(form.shift, shifts), hours, _seat(form.seat, seats), clean(form.note, LONGEST_NOTE))
    plan.check()
    return plan


def shift_from(form: ShiftForm) -> Shift:
    """A new shift; its own rules raise `Invalid`."""
    return Shift(
        code_fa=form.code_fa,
        code_en=form.code_en,
        name_fa=clean(form.name_fa),
        name_en=clean(form.name_en),
        hours=Hours(form.begins, form.ends),
        breaks=tuple(Break(one.begins, one.minutes) for one in form.breaks),
        weekdays=frozenset(form.weekdays),
    )


def _shift(code: str | None, shifts: Sequence[Shift]) -> Shift | None:
    if not code:
        return None
    key = search_key(code)
    found = next((shift for shift in shifts if key in {search_key(shift.code_fa), search_key(shift.code_en)}), None)
    if found is None:
        known = ", ".join(shift.code_en for shift in shifts) or "none yet"
        raise Invalid(f"There is no shift of this code; there are: {known}.", code="shift_unknown", field="body.turns")
    return found


def _seat(name: str | None, seats: Sequence[SeatName]) -> SeatName | None:
    if not name:
        return None
    found = next((seat for seat in seats if seat == name), None)
    if found is None:
        raise Invalid(
            f"There is no such seat; the line has {seats[0]} to {seats[-1]}.", code="seat_unknown", field="body.turns"
        )
    return found
