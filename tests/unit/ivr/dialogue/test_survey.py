"""The survey: a score is written before the thanks, and none is invented."""

import pytest

from ivr.dialogue.replies import HungUp, Keyed, NoKey
from ivr.dialogue.survey import Survey, SurveyState
from ivr.dialogue.verbs import Gather, Leave, Mark, Say, Step
from ivr.kernel.milestones import Goto, Milestone
from tests.fakes import line_data


def after(*keys: str) -> list[Step[SurveyState]]:
    dialogue = Survey()
    steps = [dialogue.start()]
    for key in keys:
        steps.append(dialogue.advance(steps[-1].state, Keyed(key) if key else NoKey()))
    return steps


def scores(steps: list[Step[SurveyState]]) -> list[object]:
    return [v.fields["value"] for s in steps for v in s.verbs if isinstance(v, Mark) and "value" in v.fields]


def test_being_asked_is_written_before_the_question() -> None:
    offered, gather = after()[0].verbs
    assert offered == Mark(Milestone.SCORE, {"offered": 1})
    assert isinstance(gather, Gather)


@pytest.mark.parametrize("key", ["1", "2", "3", "4", "5"])
def test_a_score_is_written_before_the_thanks(key: str) -> None:
    verbs = after(key)[-1].verbs
    assert verbs == (
        Mark(Milestone.SCORE, {"value": int(key)}),
        Say(("survey_thanks", "goodbye")),
        Leave(Goto.GOODBYE),
    )


@pytest.mark.parametrize("keys", [["", ""], ["6", "0"], ["*", ""], ["#", "9"]])
def test_no_score_is_invented(keys: list[str]) -> None:
    steps = after(*keys)
    assert scores(steps) == []
    assert steps[-1].verbs[-1] == Leave(Goto.GOODBYE)


def test_a_wrong_key_may_be_put_right() -> None:
    assert scores(after("9", "4")) == [4]


def test_hanging_up_gives_no_score() -> None:
    step = Survey().advance(SurveyState(), HungUp())
    assert step.verbs == (Leave(Goto.GOODBYE),)


def test_every_prompt_exists() -> None:
    steps = after("9", "4") + after("", "")
    said = [n for s in steps for v in s.verbs if isinstance(v, Say | Gather) for n in v.prompts]
    assert line_data.catalogue().missing(said) == ()
