"""Following up a case: right, wrong, mistyped and unknown codes, and a desk that does not answer."""

from datetime import UTC, datetime

import pytest

from ivr.dialogue.case_status import CaseStatus, CaseStatusState
from ivr.dialogue.replies import Advice, CaseFound, CaseNotFound, DeskUnavailable, HungUp, Keyed, NoKey, Reply
from ivr.dialogue.verbs import AskAdvice, Gather, Leave, LookUpCase, Mark, Say, Step
from ivr.kernel.milestones import Goto, Milestone
from ivr.kernel.tracking_code import TrackingCode
from tests.fakes import line_data

CODE = TrackingCode.from_number(12_345_678)
MISTYPED = CODE[:-1] + str((int(CODE[-1]) + 1) % 10)
FOUND = CaseFound("in_work", datetime(2026, 11, 21, 21, 0, tzinfo=UTC), datetime(2026, 12, 12, 12, 30, tzinfo=UTC))


ASKED = AskAdvice("general", "09121234567")
"""On the way to an operator."""


def talk(*replies: Reply, is_open: bool = True, language: str = "fa") -> list[Step[CaseStatusState]]:
    dialogue = CaseStatus(is_open=is_open, caller="09121234567", language=language)
    steps = [dialogue.start()]
    for reply in replies:
        steps.append(dialogue.advance(steps[-1].state, reply))
    return steps


def said(step: Step[CaseStatusState]) -> list[str]:
    return [name for verb in step.verbs if isinstance(verb, Say | Gather) for name in verb.prompts]


def test_a_right_code_is_looked_up_and_its_state_and_dates_are_told() -> None:
    steps = talk(Keyed(CODE), FOUND)
    assert steps[1].verbs[-1] == LookUpCase(CODE)
    words = " ".join(line_data.catalogue().prompt("fa", name).text for name in said(steps[2]))
    assert "case_in_work" in said(steps[2])
    assert "یکم آذر هزار و چهارصد و پنج" in words  # 00:30 of the next day in Tehran
    assert "شنبه بیست و یکم آذر" in words
    assert Mark(Milestone.DELIVERED, {"what": "case_status", "result": "in_work"}) in steps[2].verbs


@pytest.mark.parametrize(
    ("state", "tells_due"), [("open", True), ("in_work", True), ("answered", False), ("closed", False)]
)
def test_only_an_unanswered_case_has_a_due_date(state: str, tells_due: bool) -> None:
    step = talk(Keyed(CODE), CaseFound(state, FOUND.opened_at, FOUND.due_at))[-1]
    assert f"case_{state}" in said(step)
    assert ("case_due" in said(step)) is tells_due


def test_a_mistyped_code_is_told_at_once_and_may_be_put_right() -> None:
    steps = talk(Keyed(MISTYPED), Keyed(CODE))
    assert said(steps[1])[0] == "code_wrong"
    assert not any(isinstance(verb, LookUpCase) for verb in steps[1].verbs)
    assert steps[2].verbs[-1] == LookUpCase(CODE)


@pytest.mark.parametrize(
    "replies",
    [
        [Keyed(MISTYPED)] * 3,
        [NoKey()] * 3,
        [Keyed("12"), NoKey(), Keyed(MISTYPED)],
        [Keyed(CODE), CaseNotFound(), Keyed(CODE), CaseNotFound(), Keyed(CODE), CaseNotFound()],
    ],
)
def test_three_tries_lead_to_a_person(replies: list[Reply]) -> None:
    assert talk(*replies)[-1].verbs[-1] == ASKED
    assert talk(*replies, DeskUnavailable())[-1].verbs == (Leave(Goto.QUEUE, queue="general"),)
    assert talk(*replies, is_open=False)[-1].verbs[-1] == Leave(Goto.RECEPTION)


def test_an_unknown_code_was_not_delivered() -> None:
    steps = talk(Keyed(CODE), CaseNotFound())
    assert said(steps[-1])[0] == "code_unknown"
    assert not any(isinstance(v, Mark) for s in steps for v in s.verbs)


def test_a_desk_that_does_not_answer_leads_to_an_operator() -> None:
    step = talk(Keyed(CODE), DeskUnavailable())[-1]
    assert said(step)[0] == "desk_unavailable"
    assert step.verbs[-1] == ASKED


@pytest.mark.parametrize(
    ("key", "leave"),
    [
        ("*", Leave(Goto.RECEPTION)),
        ("0", ASKED),
        ("7", Leave(Goto.GOODBYE)),
    ],
)
def test_what_next(key: str, leave: Leave) -> None:
    assert talk(Keyed(CODE), FOUND, Keyed(key))[-1].verbs[-1] == leave


def test_who_still_types_when_the_last_try_is_wrong_hears_the_wait_to_its_end() -> None:
    """The next digit would end the sentence, and the one after it would lead out of the queue."""
    last = talk(Keyed(MISTYPED), Keyed(MISTYPED), Keyed(MISTYPED), Advice(240.0, "recent", 600))[-1]
    assert said(last) == ["wait_about_5"]
    assert not any(isinstance(verb, Gather) for verb in last.verbs), "keys are not listened to"
    assert last.verbs[-1] == Leave(Goto.QUEUE, "general")


def test_an_operator_is_reached_with_the_caller_s_priority_and_the_wait_is_told() -> None:
    advice = Advice(240.0, "recent", 600, priority=6, group="chronic")
    steps = talk(Keyed(CODE), FOUND, Keyed("0"), advice, NoKey())
    assert said(steps[-2]) == ["wait_about_5"]
    routing = [v.fields for v in steps[-2].verbs if isinstance(v, Mark) and v.milestone is Milestone.ROUTING]
    assert [(fields["queue"], fields["priority"], fields["group"]) for fields in routing] == [("general", 6, "chronic")]
    assert steps[-1].state.way is not None
    assert (steps[-1].state.way.priority, steps[-1].verbs) == (6, (Leave(Goto.QUEUE, queue="general"),))


def test_a_call_back_may_be_chosen_instead_of_a_long_wait() -> None:
    steps = talk(Keyed(CODE), FOUND, Keyed("0"), Advice(4000.0, "recent", 600), Keyed("1"))
    assert steps[-1].verbs[-1] == Leave(Goto.CALLBACK, "general")


def test_another_case_may_be_asked_for_but_not_for_ever() -> None:
    again: list[Reply] = [Keyed(CODE), FOUND, Keyed("1")]
    assert isinstance(talk(*again)[-1].verbs[-1], Gather)
    assert talk(*again * 5)[-1].verbs[-1] == Leave(Goto.GOODBYE)


def test_silence_after_the_answer_is_a_goodbye() -> None:
    assert talk(Keyed(CODE), FOUND, NoKey())[-1].verbs[-1] == Leave(Goto.GOODBYE)


def test_star_goes_back_to_the_menu() -> None:
    assert talk(Keyed("12*"))[-1].verbs[-1] == Leave(Goto.RECEPTION)


@pytest.mark.parametrize("before", [[], [Keyed(CODE)], [Keyed(CODE), FOUND]])
def test_hanging_up_anywhere(before: list[Reply]) -> None:
    assert talk(*before, HungUp())[-1].verbs == (Leave(Goto.GOODBYE),)


def test_the_code_is_never_written_into_the_ledger() -> None:
    steps = talk(Keyed(CODE), FOUND, Keyed("1"), Keyed(MISTYPED), Keyed(CODE), CaseNotFound())
    fields = [str(v.fields) for s in steps for v in s.verbs if isinstance(v, Mark)]
    assert fields
    assert not any(CODE in text or MISTYPED in text for text in fields)


@pytest.mark.parametrize("language", line_data.LANGUAGES)
def test_every_prompt_exists(language: str) -> None:
    steps = talk(Keyed(CODE), FOUND, language=language) + talk(Keyed(CODE), DeskUnavailable(), language=language)
    steps += talk(NoKey(), Keyed(MISTYPED), language=language) + talk(Keyed(CODE), CaseNotFound(), language=language)
    steps += [
        talk(Keyed(CODE), CaseFound(s, FOUND.opened_at, FOUND.due_at))[-1] for s in ("open", "answered", "closed")
    ]
    assert line_data.catalogue().missing(n for s in steps for n in said(s)) == ()
