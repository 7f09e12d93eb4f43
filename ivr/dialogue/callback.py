"""A call back: to the caller's own number, or to one that is keyed in; then a tracking code is told.

A keyed number stays in the state (`number`) and never in a milestone: the door puts it where the desk finds it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ivr.dialogue.code_spoken import code_twice
from ivr.dialogue.replies import HungUp, Keyed
from ivr.dialogue.verbs import Gather, Leave, Mark, Say, Step
from ivr.kernel.milestones import Goto, Milestone
from ivr.kernel.phone_number import Caller, PhoneNumber, parse_caller
from ivr.kernel.tracking_code import TrackingCode
from ivr.prompts import speech

TRIES = 3
"""Wrong or empty replies until we stop asking."""

NUMBER_DIGITS = 11
"""A number in Iran with its area code: 0 and ten digits. Numbers abroad are not called back."""


@dataclass(frozen=True, slots=True)
class CallbackState:
    """What is being asked (`confirm` a number, or `number`), and the number as far as it is known."""

    asking: str
    number: PhoneNumber | None = None
    keyed: bool = False
    misses: int = 0
    changes: int = 0


CallbackStep = Step[CallbackState]


class Callback:
    """One request. `phase` `waiting` keeps the place in `queue`; any other phase means "when we are open again". `joined` and
    `rank` are that place: the second (since 1970) of the caller's joining, None before they joined, and their priority."""

    def __init__(
        self,
        *,
        caller: Caller,
        code: TrackingCode,
        queue: str = "general",
        phase: str = "after_hours",
        joined: int | None = None,
        rank: int = 0,
        key_seconds: float = 5.0,
    ) -> None:
        self._caller = _in_iran(caller)
        self._code = code
        self._queue = queue or "general"
        self._waiting = phase == "waiting"
        self._place = {"joined": "" if joined is None else str(joined), "rank": str(rank)}
        self._key_seconds = key_seconds

    def start(self) -> CallbackStep:
        if self._caller:
            return self._confirm(CallbackState("confirm", self._caller), ())
        return self._ask_number(CallbackState("number"), ("callback_number_unknown",))

    def advance(self, state: CallbackState, reply: object) -> CallbackStep:
        if isinstance(reply, HungUp):
            return Step(state, (Leave(Goto.GOODBYE),))
        digits = reply.digits if isinstance(reply, Keyed) else ""
        if state.asking == "confirm":
            return self._confirmed(state, digits[:1])
        if number := _in_iran(parse_caller(digits) if len(digits) == NUMBER_DIGITS else None):
            return self._confirm(replace(state, number=number, keyed=True, misses=0), ())
        return self._missed(state, "number_wrong" if digits else "no_key")

    def _confirmed(self, state: CallbackState, key: str) -> CallbackStep:
        if key == "1" and state.number:
            return self._requested(state)
        if key == "2":
            state = replace(state, changes=state.changes + 1)
            return self._failed(state) if state.changes > TRIES else self._ask_number(state, ())
        return self._missed(state, "wrong_key" if key else "no_key")

    def _missed(self, state: CallbackState, sorry: str) -> CallbackStep:
        state = replace(state, misses=state.misses + 1)
        if state.misses >= TRIES:
            # Silence at the caller's own number still means yes: they asked for the call back. A keyed number must be
            # confirmed, because a slip of the finger would ring at a stranger's.
            own = state.asking == "confirm" and not state.keyed
            return self._requested(state) if own else self._failed(state)
        if state.asking == "confirm":
            return self._confirm(state, (sorry,))
        return self._ask_number(state, (sorry,))

    def _confirm(self, state: CallbackState, before: tuple[str, ...]) -> CallbackStep:
        spoken = speech.phone_number(state.number) if state.number else ()
        prompts = (*before, "callback_to", "pause", *spoken, "pause", "callback_1", "callback_2")
        return Step(replace(state, asking="confirm"), (Gather(prompts, first_seconds=self._key_seconds),))

    def _ask_number(self, state: CallbackState, before: tuple[str, ...]) -> CallbackStep:
        prompts = (*before, "callback_number", "callback_number_end")
        gather = Gather(prompts, digits=NUMBER_DIGITS, finish="#", first_seconds=8.0, between_seconds=4.0)
        return Step(replace(state, asking="number", number=None, keyed=False), (gather,))

    def _requested(self, state: CallbackState) -> CallbackStep:
        fields = {
            "code": str(self._code),
            "queue": self._queue,
            "when": "keep_place" if self._waiting else "when_open",
            "number": "keyed" if state.keyed else "caller",
            **(self._place if self._waiting else {}),
        }
        done = Say(("callback_place" if self._waiting else "callback_open",))
        verbs = (Mark(Milestone.CALLBACK, fields), done, *code_twice(self._code), Say(("goodbye",)))
        return Step(state, (*verbs, Leave(Goto.GOODBYE)))

    def _failed(self, state: CallbackState) -> CallbackStep:
        if self._waiting:
            return Step(state, (Say(("callback_failed", "connecting")), Leave(Goto.QUEUE, queue=self._queue)))
        return Step(state, (Say(("callback_failed", "goodbye")), Leave(Goto.GOODBYE)))


def _in_iran(caller: Caller | None) -> PhoneNumber | None:
    """The number if we ring it: a stranger must not make us call the other end of the world."""
    return caller if isinstance(caller, PhoneNumber) and caller.e164.startswith("+98") else None
