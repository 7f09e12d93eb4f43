"""An agent at the telephone of a seat: signs in with number and PIN, or signs out, takes a break, takes calls again.

Which of number and PIN was wrong is not said. The state never holds a PIN; a milestone is never written: what an agent does
stands with the duty, and this is no caller's call.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

from ivr.dialogue.replies import DeskUnavailable, HungUp, Keyed, SeatNow, SeatRefused
from ivr.dialogue.verbs import AskSeat, Gather, Leave, Say, SeatDeed, Step
from ivr.kernel.milestones import Goto
from ivr.prompts import speech

TRIES = 3
"""Wrong numbers or PINs, or questions without an answer, until the telephone is hung up."""

NUMBER_DIGITS = 6
PIN_DIGITS = 6

_LONGEST_SECONDS = 86_400

MENU = {"1": SeatDeed.SIGN_OUT, "2": SeatDeed.BREAK, "3": SeatDeed.READY}
STATES = ("ready", "paused", "held", "wrap_up")


@dataclass(frozen=True, slots=True)
class SeatDeskState:
    """What is being asked: the desk (`desk`, about `deed`), a `number`, a `pin`, or what to do (`menu`)."""

    asking: str = "desk"
    deed: SeatDeed = SeatDeed.LOOK
    number: str = field(default="", repr=False)
    misses: int = 0


SeatDeskStep = Step[SeatDeskState]


class SeatDesk:
    """One talk at `seat`; `language` for the grammar of numbers."""

    def __init__(self, *, seat: str, language: str = "fa") -> None:
        self._seat = seat
        self._language = language

    def start(self) -> SeatDeskStep:
        return Step(SeatDeskState(), (AskSeat(self._seat, SeatDeed.LOOK),))

    def advance(self, state: SeatDeskState, reply: object) -> SeatDeskStep:
        match reply:
            case HungUp():
                return self._end(state)
            case DeskUnavailable():
                return self._end(state, "seat_use_page")
            case SeatNow():
                return self._told(state, reply)
            case SeatRefused():
                return self._refused(state, reply)
            case Keyed() if state.asking == "menu":
                return self._chosen(state, reply.digits[:1])
            case Keyed() if reply.digits.isascii() and reply.digits.isdigit():
                return self._keyed(state, reply.digits)
            case Keyed():
                return self._missed(state, "wrong_key")
            case _:
                return self._missed(state, "no_key")

    def _told(self, state: SeatDeskState, now: SeatNow) -> SeatDeskStep:
        """How the seat stands, at the beginning or after a deed."""
        match state.deed:
            case SeatDeed.LOOK if now.state == "free":
                return self._ask_number(state)
            case SeatDeed.LOOK:
                return self._ask_what(state, *self._who(now), _heard(now.state))
            case SeatDeed.SIGN_OUT:
                return self._end(state, "seat_signed_out")
            case _ if now.state == "free":  # signed out by somebody else in this very moment
                return self._end(state, "seat_nobody")
            case SeatDeed.SIGN_IN:
                return self._end(state, "seat_signed_in", _heard(now.state))
            case SeatDeed.BREAK:
                return self._end(state, "seat_break")
            case SeatDeed.READY:
                return self._end(state, _heard(now.state))

    def _refused(self, state: SeatDeskState, refused: SeatRefused) -> SeatDeskStep:
        match refused.why:
            case "wrong":
                return self._missed(replace(state, asking="number"), "seat_wrong")
            case "taken":
                return self._end(state, "seat_taken")
            case "elsewhere" if refused.seat[-2:].isdecimal():
                where = speech.number(int(refused.seat[-2:]), self._language)
                return self._end(state, "seat_elsewhere", *where, "pause", "seat_elsewhere_end")
            case "wait":
                return self._end(state, "seat_too_many", "seat_too_many_wait", *self._span(refused.seconds))
            case _:
                return self._end(state, "seat_use_page")

    def _keyed(self, state: SeatDeskState, digits: str) -> SeatDeskStep:
        if state.asking == "pin":
            ask = AskSeat(self._seat, SeatDeed.SIGN_IN, number=state.number, pin=digits)
            return Step(
                replace(state, asking="desk", deed=SeatDeed.SIGN_IN, number=""), (Say(("seat_searching",)), ask)
            )
        return self._ask_pin(replace(state, number=digits))

    def _chosen(self, state: SeatDeskState, key: str) -> SeatDeskStep:
        if key not in MENU:
            return self._missed(state, "wrong_key")
        return Step(replace(state, asking="desk", deed=MENU[key]), (AskSeat(self._seat, MENU[key]),))

    def _missed(self, state: SeatDeskState, sorry: str) -> SeatDeskStep:
        state = replace(state, misses=state.misses + 1)
        if state.misses >= TRIES:
            return self._end(state, sorry)
        match state.asking:
            case "menu":
                return self._ask_what(state, sorry)
            case "pin":
                return self._ask_pin(state, sorry)
            case _:
                return self._ask_number(state, sorry)

    def _ask_number(self, state: SeatDeskState, sorry: str = "") -> SeatDeskStep:
        ask = Gather(("seat_number", "seat_number_end"), digits=NUMBER_DIGITS, finish="#", first_seconds=8.0)
        return self._ask(replace(state, asking="number", number=""), sorry, ask)

    def _ask_pin(self, state: SeatDeskState, sorry: str = "") -> SeatDeskStep:
        ask = Gather(("seat_pin",), digits=PIN_DIGITS, finish="#", first_seconds=8.0)
        return self._ask(replace(state, asking="pin"), sorry, ask)

    def _ask(self, state: SeatDeskState, sorry: str, ask: Gather) -> SeatDeskStep:
        """What was keyed before `sorry` is said belongs to what was wrong, and is forgotten."""
        return Step(state, (Say((sorry,)), ask) if sorry else (ask,))

    def _ask_what(self, state: SeatDeskState, *before: str) -> SeatDeskStep:
        return Step(replace(state, asking="menu"), (Gather((*before, "seat_1", "seat_2", "seat_3")),))

    def _end(self, state: SeatDeskState, *prompts: str) -> SeatDeskStep:
        said = (Say(prompts),) if prompts else ()
        return Step(state, (*said, Leave(Goto.GOODBYE)))

    def _who(self, now: SeatNow) -> tuple[str, ...]:
        if not (now.number.isascii() and now.number.isdigit()):
            return ("seat_somebody",)
        return ("seat_agent", *speech.digits(now.number), "pause")

    def _span(self, seconds: int) -> tuple[str, ...]:
        """In whole minutes above one, rounded up: nobody writes seconds down."""
        seconds = min(seconds, _LONGEST_SECONDS)
        minutes = -(-seconds // 60)
        span = timedelta(minutes=minutes) if minutes > 1 else timedelta(seconds=max(1, seconds))
        return speech.duration(span, self._language)


def _heard(state: str) -> str:
    return f"seat_{state}" if state in STATES else "seat_paused"
