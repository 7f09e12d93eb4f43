"""Following up a case by its tracking code: keyed, checked here, looked up at the desk, read back with its dates.

The code is checked by its last digit before anybody is asked, so a mistyped digit is told as such at once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ivr.dialogue.replies import CaseFound, CaseNotFound, DeskUnavailable, HungUp, Keyed
from ivr.dialogue.verbs import AskAdvice, Gather, Leave, LookUpCase, Mark, Say, Step
from ivr.dialogue.way_out import WayOut, go_on
from ivr.kernel.clock import TEHRAN
from ivr.kernel.errors import Invalid
from ivr.kernel.milestones import Goto, Milestone
from ivr.kernel.tracking_code import LENGTH, TrackingCode
from ivr.prompts import speech

TRIES = 3
"""Mistyped, unknown or empty codes until the caller is taken to a person."""

CASES = 5
"""Cases that may be asked for in one call."""

STATES = ("open", "in_work", "answered", "closed")


@dataclass(frozen=True, slots=True)
class CaseStatusState:
    """What is being asked: a code (`code`), or what next after a case was read (`after`). `way`: to an operator."""

    asking: str = "code"
    tries: int = 0
    cases: int = 0
    way: WayOut | None = None


CaseStatusStep = Step[CaseStatusState]


class CaseStatus:
    """One follow-up. `is_open`: whether an operator can be offered now, who is reached in `queue`; `caller` as they arrived;
    `language` for the grammar of numbers."""

    def __init__(
        self,
        *,
        is_open: bool,
        queue: str = "general",
        caller: str = "",
        language: str = "fa",
        first_seconds: float = 8.0,
    ) -> None:
        self._is_open = is_open
        self._queue = queue
        self._caller = caller
        self._language = language
        self._first_seconds = first_seconds

    def start(self) -> CaseStatusStep:
        return self._ask_code(CaseStatusState(), ())

    def advance(self, state: CaseStatusState, reply: object) -> CaseStatusStep:
        if state.way is not None and not isinstance(reply, HungUp):
            way, verbs = go_on("case_status", state.way, reply)
            return Step(replace(state, way=way), verbs)
        match reply:
            case HungUp():
                return Step(state, (Leave(Goto.GOODBYE),))
            case CaseFound():
                return self._found(state, reply)
            case CaseNotFound():
                return self._again(state, "code_unknown")
            case DeskUnavailable():
                return self._to_person(state, "desk_unavailable")
            case Keyed() if state.asking == "after":
                return self._after(state, reply.digits[:1])
            case Keyed() if "*" in reply.digits:
                return Step(state, (Leave(Goto.RECEPTION),))
            case Keyed() if reply.digits:
                return self._keyed(state, reply.digits)
            case _ if state.asking == "after":
                return self._goodbye(state)
            case _:
                return self._again(state, "no_key")

    def _ask_code(self, state: CaseStatusState, before: tuple[str, ...]) -> CaseStatusStep:
        prompts = (*before, "code_ask", "code_end", "key_back")
        gather = Gather(prompts, digits=LENGTH, finish="#", first_seconds=self._first_seconds, between_seconds=4.0)
        return Step(replace(state, asking="code"), (gather,))

    def _keyed(self, state: CaseStatusState, digits: str) -> CaseStatusStep:
        try:
            code = TrackingCode(digits)
        except Invalid:
            return self._again(state, "code_wrong")
        return Step(state, (Say(("code_searching",)), LookUpCase(code)))

    def _again(self, state: CaseStatusState, sorry: str) -> CaseStatusStep:
        state = replace(state, tries=state.tries + 1)
        return self._to_person(state, sorry) if state.tries >= TRIES else self._ask_code(state, (sorry,))

    def _to_person(self, state: CaseStatusState, sorry: str) -> CaseStatusStep:
        """An operator while we are open; else back to the menu, which offers a message and a call back."""
        if self._is_open:
            return self._to_queue(state, (sorry, "connecting"), typing=True)
        return Step(state, (Say((sorry,)), Leave(Goto.RECEPTION)))

    def _to_queue(self, state: CaseStatusState, said: tuple[str, ...], *, typing: bool = False) -> CaseStatusStep:
        """As out of the menu: with the caller's priority, and told how long it will be."""
        return Step(
            replace(state, way=WayOut(self._queue, typing=typing)), (Say(said), AskAdvice(self._queue, self._caller))
        )

    def _found(self, state: CaseStatusState, case: CaseFound) -> CaseStatusStep:
        known = case.state if case.state in STATES else "in_work"
        opened = speech.jalali_day_of(case.opened_at, TEHRAN, self._language)
        due = speech.jalali_day_of(case.due_at, TEHRAN, self._language, weekday=True)
        dates = [Say(("case_opened", *opened, "case_opened_end"))]
        if known in {"open", "in_work"}:
            dates.append(Say(("case_due", *due, "case_due_end")))
        told = Mark(Milestone.DELIVERED, {"what": "case_status", "result": known})
        state = replace(state, asking="after", tries=0, cases=state.cases + 1)
        ask = Gather(("case_other", "case_menu", "key_0") if self._is_open else ("case_other", "case_menu"))
        return Step(state, (Say((f"case_{known}",)), told, *dates, ask))

    def _after(self, state: CaseStatusState, key: str) -> CaseStatusStep:
        if key == "1" and state.cases < CASES:
            return self._ask_code(state, ())
        if key == "*":
            return Step(state, (Leave(Goto.RECEPTION),))
        if key == "0" and self._is_open:
            return self._to_queue(state, ("connecting",))
        return self._goodbye(state)

    def _goodbye(self, state: CaseStatusState) -> CaseStatusStep:
        return Step(state, (Say(("goodbye",)), Leave(Goto.GOODBYE)))
