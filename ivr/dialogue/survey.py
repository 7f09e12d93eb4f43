"""The survey after an operator has hung up: one score from 1 to 5, in the ledger before the thanks."""

from __future__ import annotations

from dataclasses import dataclass

from ivr.dialogue.replies import HungUp, Keyed
from ivr.dialogue.verbs import Gather, Leave, Mark, Say, Step
from ivr.kernel.measures import Score
from ivr.kernel.milestones import Goto, Milestone

ASKS = 2
"""Times the score is asked for; nobody is held back longer for our statistics."""


@dataclass(frozen=True, slots=True)
class SurveyState:
    """How often the score was asked for."""

    asked: int = 1


SurveyStep = Step[SurveyState]


class Survey:
    """Asks for a score. No answer stays no answer."""

    def __init__(self, *, key_seconds: float = 5.0) -> None:
        self._key_seconds = key_seconds

    def start(self) -> SurveyStep:
        offered = Mark(Milestone.SCORE, {"offered": 1})
        return Step(SurveyState(), (offered, self._gather("survey_ask")))

    def advance(self, state: SurveyState, reply: object) -> SurveyStep:
        if isinstance(reply, HungUp):
            return Step(state, (Leave(Goto.GOODBYE),))
        key = reply.digits[:1] if isinstance(reply, Keyed) else ""
        if key in {"1", "2", "3", "4", "5"}:
            score = Mark(Milestone.SCORE, {"value": int(Score(int(key)))})
            return Step(state, (score, Say(("survey_thanks", "goodbye")), Leave(Goto.GOODBYE)))
        if state.asked >= ASKS:
            return Step(state, (Say(("goodbye",)), Leave(Goto.GOODBYE)))
        return Step(SurveyState(state.asked + 1), (self._gather("wrong_key" if key else "no_key"),))

    def _gather(self, first: str) -> Gather:
        return Gather((first, "survey_scale_1", "survey_scale_5"), first_seconds=self._key_seconds)
