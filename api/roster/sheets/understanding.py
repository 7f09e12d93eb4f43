"""What a sheet says, cell by cell; every bad one is named with what would be right. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from api.roster.agent import Agent
from api.roster.plans import Plan, read_cell
from api.roster.sheets.form import (
    ACCOUNT_COLUMN,
    FIRST_AGENT_ROW,
    FIRST_DAY_COLUMN,
    HEAD_ROW,
    MONTH_ROW,
    cell_name,
)
from api.roster.sheets.opening import Sheet, Value
from ivr.kernel.errors import Invalid
from ivr.kernel.ids import SeatName
from ivr.kernel.jalali import day_short, month_after, read_month
from ivr.kernel.persian_text import ascii_digits, clean
from routing.roster.rules import MOST_TURNS, Cell
from routing.roster.shifts import Shift

MOST_PROBLEMS = 100
"""Told at once; whoever has more has sent another kind of file."""


@dataclass(frozen=True, slots=True)
class BadCell:
    """A cell that cannot be taken as it is."""

    sheet: str
    cell: str
    code: str
    message: str
    """In English: what is wrong and what would be right."""
    found: str = ""
    """What stands there."""


@dataclass(frozen=True, slots=True)
class Understood:
    """What the sheet wants. `places` says where each cell of the roster stands in it."""

    sheet: str
    plans: Mapping[Cell, Sequence[Plan]] = field(default_factory=dict)
    places: Mapping[Cell, str] = field(default_factory=dict)
    bad: tuple[BadCell, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """What the cells may speak of."""

    first: date
    """Of the month."""
    agents: Sequence[Agent]
    shifts: Sequence[Shift]
    seats: Sequence[SeatName]

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range((month_after(self.first) - self.first).days)]


def understand(sheets: Sequence[Sheet], known: Known) -> Understood:
    """The first sheet of a workbook; the others are for people."""
    if not sheets:
        return Understood(
            "", bad=(BadCell("", "A1", "sheet_empty", "The workbook has no sheet; export the month anew."),)
        )
    sheet = Sheet(clean(sheets[0].name, 40), sheets[0].rows)
    if problem := _other_month(sheet, known):
        return Understood(sheet.name, bad=(problem,))
    columns, bad = _columns(sheet, known)
    usernames = {agent.username for agent in known.agents}
    plans: dict[Cell, Sequence[Plan]] = {}
    places: dict[Cell, str] = {}
    seen: dict[str, str] = {}
    for row in range(FIRST_AGENT_ROW, len(sheet.rows)):
        account, there = _text(sheet, row, ACCOUNT_COLUMN), cell_name(row, ACCOUNT_COLUMN)
        if not any(_text(sheet, row, column) for column in range(len(sheet.rows[row]))):
            continue
        if account not in usernames:
            message = "There is no operator with this account; take it from an exported month."
            bad.append(BadCell(sheet.name, there, "account_unknown", message, account))
            continue
        if account in seen:
            message = f"This account stands in {seen[account]} already; join the two rows."
            bad.append(BadCell(sheet.name, there, "account_twice", message, account))
            continue
        seen[account] = there
        for column, day in columns.items():
            place = cell_name(row, column)
            try:
                plans[account, day] = _plans(_value(sheet, row, column), known)
                places[account, day] = place
            except Invalid as error:
                found = clean(str(_value(sheet, row, column)), 60)
                bad.append(BadCell(sheet.name, place, error.code, error.message, found))
    return Understood(sheet.name, plans, places, tuple(bad[:MOST_PROBLEMS]))


def _other_month(sheet: Sheet, known: Known) -> BadCell | None:
    found = _text(sheet, MONTH_ROW, ACCOUNT_COLUMN)
    wanted = day_short(known.first, "en")[:7].replace("/", "-")
    try:
        if read_month(found) == known.first:
            return None
    except (ValueError, OverflowError):
        pass
    message = f"The month {wanted} belongs here; export that month and fill its file in."
    return BadCell(sheet.name, cell_name(MONTH_ROW, ACCOUNT_COLUMN), "month_other", message, clean(found, 60))


def _columns(sheet: Sheet, known: Known) -> tuple[dict[int, date], list[BadCell]]:
    """Column → day, in whichever order they stand; each day of the month exactly once."""
    bad: list[BadCell] = []
    columns: dict[int, date] = {}
    head = sheet.rows[HEAD_ROW] if len(sheet.rows) > HEAD_ROW else ()
    for column in range(FIRST_DAY_COLUMN, len(head)):
        found = _text(sheet, HEAD_ROW, column)
        number = int(found) if found.isdecimal() and len(found) <= 2 else 0
        day = known.days[number - 1] if 1 <= number <= len(known.days) else None
        if day is None and not any(_text(sheet, row, column) for row in range(len(sheet.rows))):
            continue
        if day is None or day in columns.values():
            message = f"A day of the month, 1 to {len(known.days)}, belongs here, each once."
            bad.append(BadCell(sheet.name, cell_name(HEAD_ROW, column), "day_column", message, clean(found, 60)))
        else:
            columns[column] = day
    missing = [str(place) for place, day in enumerate(known.days, 1) if day not in columns.values()]
    if missing and not bad:
        message = f"The columns of these days are missing: {', '.join(missing)}."
        place = cell_name(HEAD_ROW, FIRST_DAY_COLUMN)
        bad.append(BadCell(sheet.name, place, "day_column_missing", message, ", ".join(missing)))
    return columns, bad


def _plans(value: Value, known: Known) -> list[Plan]:
    if not isinstance(value, str):
        raise Invalid(
            "A number, date or time stands here, not text; set the cell's format to text and write a code.",
            code="cell_not_text",
        )
    plans = read_cell(value, known.shifts, known.seats)
    if len(plans) > MOST_TURNS:
        raise Invalid(f"A cell holds at most {MOST_TURNS} turns.", code="too_many_turns")
    return plans


def _value(sheet: Sheet, row: int, column: int) -> Value:
    return sheet.rows[row][column] if row < len(sheet.rows) and column < len(sheet.rows[row]) else ""


def _text(sheet: Sheet, row: int, column: int) -> str:
    """A name or number of a head; whole numbers without their point, because programs like to make numbers of them."""
    value = _value(sheet, row, column)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return ascii_digits(clean(str(value), 200))
