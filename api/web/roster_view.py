"""The roster of a month as its page shows it: the grid, its coverage, how plan and actual agreed. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from api.roster.schemas import (
    AgentView,
    CellView,
    CoverageView,
    DayHead,
    MeasuredView,
    RosterMonth,
    ShiftView,
    TurnView,
)
from api.web import shown
from api.web.texts import Texts
from ivr.kernel.calendar import iranian_holidays
from ivr.kernel.jalali import day_short, day_text
from routing.roster.turns import TurnKind

FRIDAY = 6
_SHORT_WEEKDAYS = {"fa": ("ش", "ی", "د", "س", "چ", "پ", "ج"), "en": ("Sa", "Su", "Mo", "Tu", "We", "Th", "Fr")}


@dataclass(frozen=True, slots=True)
class Mark:
    """What one turn is in the grid: a code of a letter or two, and a shade."""

    code: str
    shade: str
    """`shift-1` … in the order of the day, `hours`, `training`, `leave` or `sick`."""


def month_view(month: RosterMonth, today: date, say: Texts, *, may_edit: bool) -> dict[str, Any]:
    """What the template needs."""
    cells = {(cell.agent, cell.day): cell for cell in month.cells}
    heads = [_head(head, today, say) for head in month.days]
    return {
        "heads": heads,
        "rows": [_row(agent, month, cells, heads, say, may_edit) for agent in month.agents],
        "coverage": [_coverage(shift, month, say) for shift in month.shifts] if month.coverage else [],
        "legend": legend(month.shifts, say),
        "totals": [
            {
                "name": name_of(agent, say),
                "planned": hours_text(total.planned_seconds, say),
                **measured_view(total.measured, say),
            }
            for agent, total in zip(month.agents, month.totals, strict=True)
        ],
        "all": measured_view(month.measured, say),
        "empty": not month.agents,
    }


def name_of(agent: AgentView, say: Texts) -> str:
    """How the reader calls them."""
    return agent.name_fa if say.language == "fa" else agent.name_en


def legend(shifts: Sequence[ShiftView], say: Texts) -> list[tuple[Mark, str]]:
    """Every mark that can stand in the grid, and what it means."""
    found = [
        (
            Mark(shift.code_fa if say.language == "fa" else shift.code_en, f"shift-{place}"),
            say("roster.shift_hours", name=shift_name(shift, say), hours=clock_range(shift, say)),
        )
        for place, shift in enumerate(shifts, 1)
    ]
    found.append((Mark(shown.digits("9-13", say.language), "hours"), say("roster.own_hours")))
    kinds = [kind for kind in TurnKind if kind is not TurnKind.WORK]
    return found + [(Mark(say.word("turn_code", kind), kind.value), say.word("turn_kind", kind)) for kind in kinds]


def shift_name(shift: ShiftView, say: Texts) -> str:
    return shift.name_fa if say.language == "fa" else shift.name_en


def marks_of(cell: CellView, shifts: Sequence[ShiftView], say: Texts) -> list[Mark]:
    """A mark for each turn of a cell."""
    return [_mark(turn, shifts, say) for turn in cell.turns]


def cell_words(cell: CellView, shifts: Sequence[ShiftView], say: Texts) -> str:
    """A cell in words: «صبح ۰۸:۰۰ تا ۱۴:۰۰، جایگاه ۷»; for screen readers, tables and titles."""
    return say("roster.and").join(turn_words(turn, shifts, say) for turn in cell.turns)


def turn_words(turn: TurnView, shifts: Sequence[ShiftView], say: Texts) -> str:
    shift = next((shift for shift in shifts if shift.code_en == turn.shift), None)
    if turn.kind is TurnKind.WORK:
        what = shift_name(shift, say) if shift else turn.shift or say.word("turn_kind", turn.kind)
    else:
        what = say.word("turn_kind", turn.kind)
    parts = [what if turn.whole_day else say("roster.turn", what=what, hours=hours_of(turn, say))]
    if turn.seat:
        parts.append(say("floor.seat", number=shown.seat_number(turn.seat, say.language)))
    return say("roster.comma").join(parts)


def hours_of(turn: TurnView, say: Texts) -> str:
    """«۰۸:۰۰ تا ۱۴:۰۰»."""
    first, last = (shown.clock(at, say.language) for at in (turn.begins_at, turn.ends_at))
    return say("roster.range", begins=first, ends=last)


def hours_text(seconds: int, say: Texts) -> str:
    """Hours and minutes, `151:30`: a month is longer than a day."""
    hours, rest = divmod(seconds // 60, 60)
    return shown.digits(f"{hours}:{rest:02d}", say.language)


def holiday_name(head: DayHead, say: Texts) -> str:
    """In the reader's language where it is known."""
    if not head.holiday or say.language == "fa":
        return head.holiday
    return iranian_holidays(head.day.year, "en").get(head.day, head.holiday)


def measured_view(told: MeasuredView, say: Texts) -> dict[str, Any]:
    """Plan and actual in the reader's digits; nothing over nothing is a dash."""
    language = say.language
    return {
        "adherence": shown.percent(told.adherence.value, language),
        "conformance": shown.percent(told.conformance, language),
        "worked": hours_text(told.worked_seconds, say),
        "late": _times(told.late_turns, told.late_seconds, say),
        "early": _times(told.early_turns, told.early_seconds, say),
        "absent": shown.number(told.absent_turns, language) if told.absent_turns else "",
        "unplanned": hours_text(told.unplanned_seconds, say) if told.unplanned_seconds >= 60 else "",
        "known": told.adherence.whole > 0 or told.worked_seconds > 0,
    }


def coverage_view(told: CoverageView, say: Texts) -> dict[str, Any]:
    """How many are planned for a shift beside the need in the plan: fewer than Erlang A asks for is for now, fewer than
    Erlang C for a look."""
    language = say.language
    short_a = told.need_a is not None and told.planned < told.need_a
    short_c = told.need_c is not None and told.planned < told.need_c
    words = say("roster.covered_unknown", planned=shown.number(told.planned, language))
    if told.need_a is not None:
        words = say(
            "roster.covered",
            planned=shown.number(told.planned, language),
            need_a=shown.number(told.need_a, language),
            need_c=shown.number(told.need_c, language),
        )
    return {
        "planned": shown.number(told.planned, language),
        "need": "" if told.need_a is None else shown.number(told.need_a, language),
        "tone": "act" if short_a else "look" if short_c else "plain",
        "words": words,
    }


def address_of(day: date) -> str:
    """`/roster/day/1405-09-08`."""
    return f"/roster/day/{day_short(day, 'en').replace('/', '-')}"


def _head(head: DayHead, today: date, say: Texts) -> dict[str, Any]:
    holiday = holiday_name(head, say)
    return {
        "number": shown.digits(str(int(head.jalali[-2:])), say.language),
        "letter": _SHORT_WEEKDAYS[say.language][head.weekday],
        "words": say("roster.comma").join(filter(None, (day_text(head.day, say.language, weekday=True), holiday))),
        "holiday": holiday,
        "free": bool(head.holiday) or head.weekday == FRIDAY,
        "today": head.day == today,
        "href": address_of(head.day),
        "day": head.day,
    }


def _row(
    agent: AgentView,
    month: RosterMonth,
    cells: Mapping[tuple[str, date], CellView],
    heads: Sequence[Mapping[str, Any]],
    say: Texts,
    may_edit: bool,
) -> dict[str, Any]:
    found: list[dict[str, Any]] = []
    for head in heads:
        cell = cells.get((agent.agent, head["day"]))
        words = cell_words(cell, month.shifts, say) if cell else say("roster.nothing")
        found.append(
            {
                "marks": marks_of(cell, month.shifts, say) if cell else [],
                "words": say("roster.cell", agent=name_of(agent, say), day=head["words"], what=words),
                "href": f"{head['href']}/{agent.agent}" if may_edit else "",
                "free": head["free"],
                "today": head["today"],
            }
        )
    return {"name": name_of(agent, say), "active": agent.active, "cells": found}


def _coverage(shift: ShiftView, month: RosterMonth, say: Texts) -> dict[str, Any]:
    told = {one.day: one for one in month.coverage if one.shift == shift.code_en}
    cells = [coverage_view(told[head.day], say) if head.day in told else None for head in month.days]
    return {"name": shift_name(shift, say), "cells": cells}


def _mark(turn: TurnView, shifts: Sequence[ShiftView], say: Texts) -> Mark:
    place = next((place for place, shift in enumerate(shifts, 1) if shift.code_en == turn.shift), 0)
    if turn.kind is not TurnKind.WORK:
        return Mark(say.word("turn_code", turn.kind), turn.kind.value)
    if place:
        shift = shifts[place - 1]
        return Mark(shift.code_fa if say.language == "fa" else shift.code_en, f"shift-{place}")
    first, last = (shown.clock(at, "en").lstrip("0").replace(":00", "") or "0" for at in (turn.begins_at, turn.ends_at))
    return Mark(shown.digits(f"{first}-{last}", say.language), "hours")


def clock_range(shift: ShiftView, say: Texts) -> str:
    first, last = (shown.digits(f"{at:%H:%M}", say.language) for at in (shift.begins, shift.ends))
    return say("roster.range", begins=first, ends=last)


def _times(count: int, seconds: int, say: Texts) -> str:
    """`2 × 0:07`: how often, and how long in all; empty for never."""
    if not count:
        return ""
    return say("roster.times", count=shown.number(count, say.language), span=hours_text(max(seconds, 60), say))
