"""A month of the roster as its use case tells it, for tests of sheets and pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files

from api.roster.agent import Agent
from api.roster.sheets.understanding import Known
from api.roster.view import Told
from ivr.kernel.hours import load_hours
from routing.roster.shifts import Shift
from routing.roster.stretches import Duty
from routing.roster.turns import Turn
from routing.seats import seat_names
from tests.unit.routing.roster.planned import EVENING, MORNING

FIRST, LAST = date(2026, 11, 22), date(2026, 12, 21)
"""Azar 1405."""
CALENDAR = load_hours((files("ivr.data") / "hours.toml").read_text("utf-8")).calendar
AGENTS = (
    Agent("operator01", "سارا رضایی", "Sara Rezaei"),
    Agent("operator02", "=1+1", "=cmd()"),
    Agent("09121234567", "کارشناس ۳", "Operator 3"),
)
SEATS = seat_names(16)
SHIFTS = (MORNING, EVENING)
KNOWN = Known(FIRST, AGENTS, SHIFTS, SEATS)


@dataclass(frozen=True)
class Need:
    by_c: int
    by_a: int


def a_month(
    turns: Sequence[Turn] = (),
    duties: Mapping[str, Sequence[Duty]] | None = None,
    shifts: Sequence[Shift] = SHIFTS,
    needed: Mapping[tuple[date, str], Need | None] | None = None,
    covered: bool = True,
    days: tuple[date, date] = (FIRST, LAST),
) -> Told:
    """What is known of Azar, or of some of its days."""
    return Told(*days, AGENTS, turns, duties or {}, shifts, CALENDAR, needed or {}, covered)
