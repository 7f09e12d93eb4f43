"""What an agent sees of their own duty: one state in one word, since when, what runs out, what they may do. Pure.

Two sources tell of an agent: our duty knows causes and the work after a talk; the board, as Asterisk told it, knows talks
and telephones. A talk counts more than a pause, as on the board. While the board is stale nobody knows of talks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from api.duty.schemas import DutyNow, PauseNow
from api.floor.schemas import BoardNow, QueueNow, SeatNow
from api.web import shown
from api.web.texts import Texts
from routing.duty import LIMITS, OWN_CAUSES, PauseCause

IN_CALL = ("ringing", "talking", "holding")
"""States of which only the board knows."""

_OWN = {cause.value for cause in (*OWN_CAUSES, PauseCause.MISSED_CALLS)}


@dataclass(frozen=True, slots=True)
class Served:
    """A queue that the agent serves. Who waits there moves by itself and is no part of `mark`."""

    name: str
    open: bool
    level: str
    """In words; empty when the agent serves all queues alike."""


@dataclass(frozen=True, slots=True)
class AtSeat:
    """The duty as it is shown. Holds instants and no spans, so that it changes only when something changed."""

    seat: str
    signed_in: datetime
    state: str
    """As on the board, or `offline`: the telephone is not there."""
    word: str
    tone: str
    """`plain`, `look` or `act`."""
    since: datetime | None
    """None: not known, or not yet."""
    sentences: tuple[str, ...]
    runs_out: datetime | None
    """When the work after a talk ends by itself, or a pause has lasted as long as it may."""
    allowed_seconds: int
    overdue: bool
    settled: bool
    """Whether Asterisk, as far as the board tells, holds what this duty says."""
    may_finish: bool
    may_ready: bool
    may_pause: bool
    in_call: bool
    served: tuple[Served, ...]

    @property
    def mark(self) -> str:
        """Another one when anything else is shown."""
        return hashlib.blake2s(repr(self).encode(), digest_size=9).hexdigest()


@dataclass(frozen=True, slots=True)
class Place:
    """A seat to choose."""

    seat: str
    taken_by: str
    """The name of who sits there; empty when it is free."""
    phone: str
    """`on`, `off` or `unknown`."""


def places(board: BoardNow, duties: Iterable[DutyNow], people: Mapping[str, str]) -> list[Place]:
    """All seats. Who sits where is told by duties, the telephones by the board."""
    sitting = {duty.seat: people.get(duty.agent, duty.agent) for duty in duties}
    return [Place(seat.seat, sitting.get(seat.seat, ""), _phone(seat, board.stale)) for seat in board.seats]


def mark_of(free_and_taken: Iterable[Place], stale: bool) -> str:
    """Another one when the seats to choose from look otherwise."""
    return hashlib.blake2s(repr((list(free_and_taken), stale)).encode(), digest_size=9).hexdigest()


def at_seat(duty: DutyNow, board: BoardNow, now: datetime, say: Texts, *, phone_limit: timedelta) -> AtSeat:
    """The duty as of `now`; `phone_limit`: so long may the telephone be away before the duty ends."""
    seat = next((seat for seat in board.seats if seat.seat == duty.seat), None)
    seat = None if board.stale else seat
    state, since = _doing(duty, seat)
    pause = max(duty.pauses, key=lambda one: (one.since, one.cause), default=None) if state == "paused" else None
    runs_out, allowed = _end(duty, state, pause)
    overdue = pause is not None and runs_out is not None and now > runs_out
    if pause is not None and pause.cause == PauseCause.MISSED_CALLS and not overdue:
        runs_out = None  # nobody was given this time to be away
    open_causes = {one.cause for one in duty.pauses}
    return AtSeat(
        seat=duty.seat,
        signed_in=duty.since,
        state=state,
        word=_word(state, pause, say),
        tone=_tone(state, pause, overdue),
        since=since,
        sentences=tuple(_sentences(duty, seat, state, pause, say, phone_limit)),
        runs_out=runs_out,
        allowed_seconds=allowed,
        overdue=overdue,
        settled=seat is None or _settled(duty, seat),
        may_finish=state == "wrap_up",
        may_ready=bool(open_causes & _OWN),
        may_pause=not open_causes,
        in_call=state in IN_CALL,
        served=tuple(_served(duty, board.queues, say)),
    )


def _doing(duty: DutyNow, seat: SeatNow | None) -> tuple[str, datetime | None]:
    if seat is not None and seat.state in IN_CALL:
        return seat.state, seat.since
    if duty.pauses:
        return "paused", max(pause.since for pause in duty.pauses)
    if duty.wrap_up is not None:
        return "wrap_up", duty.wrap_up.since
    if seat is None:
        return "unknown", None
    if not seat.phone:
        return "offline", seat.since if seat.state == "offline" else None
    return "available", seat.since if seat.state == "available" else None


def _word(state: str, pause: PauseNow | None, say: Texts) -> str:
    if pause is not None:
        return say("desk.paused_for", cause=say.word("seat_cause", pause.cause))
    return say.word("desk_state", state)


def _tone(state: str, pause: PauseNow | None, overdue: bool) -> str:
    if overdue or state == "offline":
        return "act"
    missed = pause is not None and pause.cause == PauseCause.MISSED_CALLS
    return "look" if missed or state == "ringing" else "plain"


def _end(duty: DutyNow, state: str, pause: PauseNow | None) -> tuple[datetime | None, int]:
    if state == "wrap_up" and duty.wrap_up is not None:
        return duty.wrap_up.since + timedelta(seconds=duty.wrap_up.limit_seconds), duty.wrap_up.limit_seconds
    limit = LIMITS.get(PauseCause(pause.cause)) if pause is not None else None
    return (None, 0) if pause is None or limit is None else (pause.since + limit, int(limit.total_seconds()))


def _sentences(
    duty: DutyNow, seat: SeatNow | None, state: str, pause: PauseNow | None, say: Texts, phone_limit: timedelta
) -> Iterable[str]:
    queue = seat.queue if seat is not None and state in IN_CALL else None
    if queue:
        yield say("desk.call_of", queue=say.word("queue", queue))
    if pause is None:
        yield say(f"desk.about_{state}")
    elif pause.cause == PauseCause.MISSED_CALLS:
        yield say("desk.about_missed", count=shown.number(max(duty.missed, 1), say.language))
    elif pause.cause == PauseCause.SUPERVISOR:
        yield say("desk.about_supervisor")
    else:
        yield say("desk.about_paused")
    others = [say.word("seat_cause", one.cause) for one in duty.pauses if one is not pause]
    if others:
        yield say("desk.then" if pause is None else "desk.also", causes=say("desk.and").join(others))
    if pause is None and any(one.cause == PauseCause.SUPERVISOR for one in duty.pauses):
        yield say("desk.about_supervisor")
    if pause is not None and duty.wrap_up is not None:
        yield say("desk.also", causes=say.word("seat_cause", "wrap_up"))
    if seat is not None and not seat.phone:
        words = shown.span_words(phone_limit.total_seconds(), say.language)
        number = shown.seat_number(duty.seat, say.language)
        yield say("desk.phone_away", number=number, limit=words)


def _settled(duty: DutyNow, seat: SeatNow) -> bool:
    return seat.agent == duty.agent and bool(seat.pause_reason) is bool(duty.pauses or duty.wrap_up)


def _served(duty: DutyNow, queues: Iterable[QueueNow], say: Texts) -> Iterable[Served]:
    levels = {skill.queue: skill.level for skill in duty.skills}
    for queue in queues:
        if not levels or queue.name in levels:
            level = say.word("skill_level", str(levels[queue.name])) if levels else ""
            yield Served(queue.name, queue.open, level)


def _phone(seat: SeatNow, stale: bool) -> str:
    if stale or seat.state == "unknown":
        return "unknown"
    return "on" if seat.phone else "off"
