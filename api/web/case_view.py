"""A case as its pages show it: how near the deadline is, and how the deadline came about. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from api.cases.case import WAITING, CaseState
from api.cases.schemas import CaseDetail
from api.web import shown
from api.web.texts import Texts
from ivr.kernel.jalali import day_text

NEAR_DUE = timedelta(hours=24)
"""Marked as near its deadline this long before: one working day, so that it can still be answered."""


@dataclass(frozen=True, slots=True)
class DueMark:
    """The deadline at a glance: a word, a tone and a shape, and how much is left or over."""

    word: str
    tone: str
    icon: str
    left: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """One counted stretch of working time, as a row of the explanation."""

    begins: datetime
    ends: datetime
    counted: str
    together: str


def due_mark(state: CaseState, due_at: datetime, now: datetime, say: Texts) -> DueMark:
    """Where this case stands against its deadline."""
    left = (due_at - now).total_seconds()
    if state not in WAITING:
        return DueMark(say("cases.done"), "good", "available", "")
    if left < 0:
        return DueMark(
            say("cases.overdue"), "act", "alarm", say("cases.over", span=shown.span_words(-left, say.language))
        )
    text = say("cases.left", span=shown.span_words(left, say.language))
    if left < NEAR_DUE.total_seconds():
        return DueMark(say("cases.near_due"), "look", "wait", text)
    return DueMark(say("cases.in_time"), "plain", "", text)


def stretches(case: CaseDetail, say: Texts) -> Sequence[Stretch]:
    """The counted intervals in order, with the running sum."""
    rows: list[Stretch] = []
    together = timedelta()
    for interval in case.deadline.intervals:
        length = interval.to - interval.from_
        together += length
        rows.append(Stretch(interval.from_, interval.to, working_words(length, say), working_words(together, say)))
    return rows


def left_out(case: CaseDetail, language: str) -> list[str]:
    """The holidays in between: «یک‌شنبه ۱ آذر ۱۴۰۵ (…)»."""
    return [
        f"{day_text(date.fromisoformat(holiday['day'][:10]), language, weekday=True)} ({holiday['name']})"
        for holiday in case.deadline.left_out
    ]


def working_words(length: timedelta, say: Texts) -> str:
    """Working time in hours and minutes, never in days: eight hours are a day to some and a third of one to others."""
    hours, minutes = divmod(round(length.total_seconds() / 60), 60)
    values = {"hours": shown.number(hours, say.language), "minutes": shown.number(minutes, say.language)}
    key = "case.hours_and_minutes" if hours and minutes else "case.hours" if hours else "case.minutes"
    return say(key, **values)
