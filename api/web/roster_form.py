"""The form of a cell: its fields from turns, and plans from what was typed into them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time

from api.roster.forms import TurnForm, plan_of
from api.roster.plans import Plan
from api.roster.schemas import CellView, TurnView
from api.web import shown
from ivr.kernel.errors import Invalid
from ivr.kernel.ids import SeatName
from ivr.kernel.persian_text import ascii_digits, clean
from routing.roster.rules import MOST_TURNS
from routing.roster.shifts import Shift
from routing.roster.turns import LONGEST_NOTE, TurnKind

FIELDS = ("kind", "shift", "begins", "ends", "seat", "note")


@dataclass(frozen=True, slots=True)
class Line:
    """One turn in the form, as text; an empty kind is no turn."""

    kind: str = ""
    shift: str = ""
    begins: str = ""
    ends: str = ""
    seat: str = ""
    note: str = ""


def lines_of(cell: CellView, language: str) -> list[Line]:
    """The turns of a cell, and one empty line more."""
    return [*(_line(turn, language) for turn in cell.turns), Line()][:MOST_TURNS]


def lines_typed(form: Mapping[str, str]) -> list[Line]:
    """What was typed, to be shown again; an empty line more, as far as a day holds turns."""
    found = [Line(*(form.get(f"{name}-{place}", "") for name in FIELDS)) for place in range(MOST_TURNS)]
    return [*(line for line in found if line.kind), Line()][:MOST_TURNS]


def plans_typed(lines: Sequence[Line], shifts: Sequence[Shift], seats: Sequence[SeatName]) -> list[Plan]:
    """Raises `Invalid` for what cannot be planned."""
    return [_plan(line, shifts, seats) for line in lines if line.kind]


def _line(turn: TurnView, language: str) -> Line:
    hours = ("", "")
    if turn.shift is None and not turn.whole_day:
        hours = (shown.clock(turn.begins_at, language), shown.clock(turn.ends_at, language))
    return Line(turn.kind.value, turn.shift or "", *hours, turn.seat or "", turn.note)


def _plan(line: Line, shifts: Sequence[Shift], seats: Sequence[SeatName]) -> Plan:
    if line.kind not in set(TurnKind):
        raise Invalid("There is no such kind of turn.", code="kind_unknown", field="form.kind")
    if len(line.note) > LONGEST_NOTE:
        raise Invalid(f"A note may have {LONGEST_NOTE} characters.", code="note_too_long", field="form.note")
    form = TurnForm.model_construct(
        kind=TurnKind(line.kind),
        shift=line.shift or None,
        begins=read_time(line.begins),
        ends=read_time(line.ends),
        seat=line.seat or None,
        note=clean(line.note, LONGEST_NOTE),
    )
    return plan_of(form, shifts, seats)


def read_time(text: str) -> time | None:
    """A time of day as people type it: `۹`, `09:15`, `9.15`; nothing → None. Raises `Invalid` that says how to write it."""
    cleaned = ascii_digits(clean(text, 10)).replace(".", ":")
    if not cleaned:
        return None
    hour, _, minute = cleaned.partition(":")
    try:
        return time(int(hour), int(minute or "0"))
    except ValueError:
        raise Invalid("Write hours like 09:00.", code="cell_hours_unreadable", field="form.hours") from None
