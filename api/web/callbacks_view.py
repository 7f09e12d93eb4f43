"""Call backs as their page shows them: grouped by queue, each with its next step in words. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from api.callbacks.schemas import CallbackFigures, CallbackView
from api.web import shown
from api.web.texts import Texts
from routing.callbacks.request import CallbackState

_TONES = {
    CallbackState.DIALLING: ("good", "ringing"),
    CallbackState.PLACED: ("plain", "wait"),
    CallbackState.PENDING: ("plain", "wait"),
    CallbackState.RETRY: ("look", "callback"),
    CallbackState.SAME_PLACE: ("plain", "callback"),
    CallbackState.REACHED: ("good", "available"),
    CallbackState.GIVEN_UP: ("act", "alarm"),
    CallbackState.CANCELLED: ("plain", "end"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One call back."""

    code: str
    place: int | None
    number: str
    queue: str
    word: str
    tone: str
    icon: str
    joined_at: datetime
    waited: str
    """So far, or until it was over."""
    tries: str
    next: str
    """What comes next, or why it is over."""
    may_cancel: bool


@dataclass(frozen=True, slots=True)
class Figure:
    name: str
    title: str
    value: str
    note: str = ""


def queues_of(open_ones: Sequence[CallbackView], now: datetime, say: Texts) -> list[tuple[str, list[Row]]]:
    """Queue → its open call backs in order; they come sorted by queue."""
    return [
        (queue, [callback_row(one, now, say, {}) for one in ones])
        for queue, ones in groupby(open_ones, key=lambda one: one.queue)
    ]


def callback_row(one: CallbackView, now: datetime, say: Texts, people: Mapping[str, str]) -> Row:
    tone, icon = _TONES[one.state]
    until = one.ended_at or now
    return Row(
        code=one.code,
        place=one.place,
        number=one.number,
        queue=one.queue,
        word=say.word("callback_state", one.state),
        tone=tone,
        icon=icon,
        joined_at=one.joined_at,
        waited=shown.span((until - one.joined_at).total_seconds(), say.language),
        tries=shown.number(one.tries, say.language),
        next=_next(one, now, say, people),
        may_cancel=one.state in (CallbackState.PENDING, CallbackState.PLACED, CallbackState.RETRY),
    )


def _next(one: CallbackView, now: datetime, say: Texts, people: Mapping[str, str]) -> str:
    if one.ended_at is not None:
        by = one.ended_by or ""
        person = by.removeprefix("person:")
        return say("callbacks.by", person=people.get(person, person)) if person != by else say.word("callback_end", by)
    if one.not_before is not None and one.not_before > now:
        at = shown.clock(one.not_before, say.language)
        return say("callbacks.not_before", time=at, date=shown.short_date(one.not_before, say.language))
    return "" if one.state is CallbackState.DIALLING else say("callbacks.when_free")


def callback_figures(today: CallbackFigures, say: Texts) -> list[Figure]:
    """The band on top."""
    language = say.language
    parts = {
        "reached": shown.number(today.share_reached.part, language),
        "whole": shown.number(today.share_reached.whole, language),
    }
    dials = say("callbacks.of_dials", count=shown.number(today.dials, language))
    return [
        Figure("open", say("callbacks.open"), shown.number(today.open, language)),
        Figure("asked", say("callbacks.asked"), shown.number(today.asked, language)),
        Figure(
            "share_reached", say("callbacks.share_reached"), shown.percent(today.share_reached.value, language),
            say("callbacks.of_ended", **parts),
        ),
        Figure("wait", say("callbacks.wait"), shown.span(today.wait.mean_seconds, language)),
        Figure("given_up", say("callbacks.given_up"), shown.number(today.given_up, language)),
        Figure("rang", say("callbacks.rang"), shown.span(today.rang.mean_seconds, language), dials),
    ]  # fmt: skip
