"""A change as it is told: the cell before and after, and what is allowed in it but may be a slip. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from api.roster.cells import Change
from api.roster.plans import write_cell
from api.roster.schemas import ChangeView, NoticeView, TurnView
from ivr.kernel.calendar import Calendar
from routing.roster.turns import TurnKind

LONG_TURN = timedelta(hours=12)
"""The whole day of the line, 8 to 20; who plans more has mostly written one hour wrongly."""


def notices_of(changes: Iterable[Change], calendar: Calendar) -> list[NoticeView]:
    """Work on a public holiday, which is named, turns that last very long, and shifts on weekdays on which they are not held."""
    found: list[NoticeView] = []
    for change in changes:
        working = [turn for turn in change.after if turn.kind is TurnKind.WORK]
        if working and (holiday := calendar.holiday(change.day)):
            found.append(
                NoticeView(code="work_on_holiday", agent=change.agent, day=change.day, holiday=holiday, shift="")
            )
        if any(turn.ends - turn.begins > LONG_TURN for turn in working):
            found.append(NoticeView(code="turn_is_long", agent=change.agent, day=change.day, holiday="", shift=""))
        found += [
            NoticeView(code="shift_not_held", agent=change.agent, day=change.day, holiday="", shift=turn.shift.code_en)
            for turn in working
            if turn.shift and not turn.shift.held_on(change.day)
        ]
    return found


def change_view(change: Change) -> ChangeView:
    """A change on the wire."""
    return ChangeView(
        agent=change.agent,
        day=change.day,
        before=[TurnView.of(turn) for turn in change.before],
        after=[TurnView.of(turn) for turn in change.after],
        before_fa=write_cell(change.before, "fa"),
        after_fa=write_cell(change.after, "fa"),
        before_en=write_cell(change.before, "en"),
        after_en=write_cell(change.after, "en"),
    )
