"""What became of an attempt, by the ledger alone: the process that asked for it may have died at any line.

Asked for, and neither the ledger, read so far, nor Asterisk knows of it: it never began, and no try is counted. Dialled and not
reached: a try, whatever ended it, because a telephone rang. Reached: the end of the request, however short the talk was.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from routing.callbacks.request import CallbackState, Request
from routing.callbacks.settings import CallbackSettings

NEVER_BEGAN = timedelta(seconds=20)
"""An attempt of which the ledger tells nothing for so long was not heard by Asterisk: a placing takes a tenth of a second. The
ledger must have been read so far: one that is not tells nothing of anything."""
SOON = timedelta(seconds=5)
"""Between an attempt that left the line before an operator took it and the next."""
LOST = "LOST"
"""Our word for the status of an attempt that a restart of Asterisk cut off."""
REFUSED = "REFUSED"
"""Status of an attempt whose number the dialplan would not dial."""


@dataclass(frozen=True, slots=True)
class Told:
    """The attempt's call by its milestones. `ended_at` None: no end is known."""

    placed_at: datetime | None = None
    taken_at: datetime | None = None
    """An operator answered the placeholder, the last one if several did; `seat` is theirs."""
    seat: str | None = None
    dialled_at: datetime | None = None
    reached_at: datetime | None = None
    ended_at: datetime | None = None
    status: str = ""
    """How the queue or the dial ended, as Asterisk calls it."""
    lost: bool = False
    """A restart of Asterisk ended it."""

    @property
    def rang_seconds(self) -> float:
        """How long an operator listened to a telephone that rang: from their answer to the caller's, or to the end."""
        until = self.reached_at or self.ended_at
        return max((until - self.taken_at).total_seconds(), 0.0) if self.taken_at and until else 0.0


class Outcome(StrEnum):
    """How an attempt ended; what `callback_call` keeps."""

    REACHED = "reached"
    NOT_REACHED = "not_reached"
    LEFT_THE_LINE = "left_the_line"
    """Before an operator took it, or before the telephone rang: closing time, nobody there, withdrawn, set right."""
    LOST = "lost_by_restart"
    NEVER_BEGAN = "never_began"


def is_silent(begun_at: datetime, read_until: datetime | None, *, stands: bool) -> bool:
    """Whether an attempt without a row in the ledger will have none: all was read that Asterisk wrote in the time after it
    (`read_until`; None: nobody knows). `stands`: Asterisk shows it in a queue, or cannot be asked."""
    return not stands and read_until is not None and read_until - begun_at >= NEVER_BEGAN


def judged(
    request: Request, told: Told | None, now: datetime, rules: CallbackSettings, *, silent: bool
) -> tuple[Request, Outcome | None]:
    """The request after its attempt as far as it is known, and the attempt's outcome when it has one. `silent`: that nothing is
    told of it is the last word (`is_silent`)."""
    attempt = request.attempt
    if attempt is None:
        return request, None
    if told is None:
        if not silent:
            return request, None
        return _back(request, now), Outcome.NEVER_BEGAN
    if told.reached_at is not None:
        return replace(request, state=CallbackState.REACHED, attempt=None, not_before=None), Outcome.REACHED
    if told.ended_at is None:
        if told.dialled_at is not None or told.taken_at is not None:
            return replace(request, state=CallbackState.DIALLING), None
        return replace(request, state=CallbackState.PLACED), None
    if told.status == REFUSED:
        return replace(request, state=CallbackState.GIVEN_UP, attempt=None), Outcome.NOT_REACHED
    if told.dialled_at is None:
        return _back(request, told.ended_at), Outcome.LOST if told.lost else Outcome.LEFT_THE_LINE
    tries = request.tries + 1
    if tries >= rules.tries:
        return replace(request, state=CallbackState.GIVEN_UP, tries=tries, attempt=None), Outcome.NOT_REACHED
    again = told.ended_at + timedelta(seconds=rules.apart_seconds)
    state = CallbackState.RETRY
    return replace(request, state=state, tries=tries, not_before=again, attempt=None), Outcome.NOT_REACHED


def _back(request: Request, ended: datetime) -> Request:
    state = CallbackState.RETRY if request.tries else CallbackState.PENDING
    return replace(request, state=state, not_before=ended + SOON, attempt=None)
