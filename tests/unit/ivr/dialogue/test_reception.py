"""The reception: what a caller hears and where the call goes."""

from dataclasses import replace

import pytest

from ivr.dialogue.reception import MISSES, TURNS, Reception, ReceptionState
from ivr.dialogue.replies import Advice, DeskUnavailable, HungUp, Keyed, NoKey
from ivr.dialogue.verbs import AskAdvice, Gather, Leave, Mark, Remember, Say, Speak, Step
from ivr.kernel.milestones import Goto, Milestone
from tests.fakes import line_data

OPEN = line_data.QUEUES


def reception(**facts: object) -> Reception:
    return Reception(line_data.tree(), **{"open_queues": OPEN, **facts})  # type: ignore[arg-type]


def talk(dialogue: Reception, *keys: str, advice: Advice | None = None) -> list[Step[ReceptionState]]:
    """The steps of a conversation; "" is silence. Without `advice` the desk knows nothing of a queue."""
    steps = [dialogue.start()]
    for key in keys:
        steps.append(dialogue.advance(steps[-1].state, Keyed(key) if key else NoKey()))
        if isinstance(steps[-1].verbs[-1], AskAdvice):
            steps.append(dialogue.advance(steps[-1].state, advice or DeskUnavailable()))
    return steps


def left(step: Step[ReceptionState]) -> Leave:
    leave = step.verbs[-1]
    assert isinstance(leave, Leave)
    return leave


def asked(step: Step[ReceptionState]) -> tuple[str, ...]:
    gather = step.verbs[-1]
    assert isinstance(gather, Gather)
    return gather.prompts


def marks(*steps: Step[ReceptionState]) -> list[tuple[Milestone, dict[str, object]]]:
    return [(v.milestone, dict(v.fields)) for step in steps for v in step.verbs if isinstance(v, Mark)]


def test_one_one_leads_to_insurance_and_writes_each_step() -> None:
    steps = talk(reception(), "1", "1")
    assert left(steps[-1]) == Leave(Goto.QUEUE, "insurance")
    assert marks(*steps) == [
        (Milestone.STEP, {"node": "main", "language": "fa"}),
        (Milestone.CHOICE, {"node": "main", "key": "1"}),
        (Milestone.STEP, {"node": "operators", "language": "fa"}),
        (Milestone.CHOICE, {"node": "operators", "key": "1"}),
        (
            Milestone.DECISION,
            {"door": "reception", "goto": "queue", "queue": "insurance", "kind": "", "open": 1},
        ),
    ]


def test_the_greeting_can_be_keyed_through() -> None:
    assert asked(reception().start())[:3] == ("welcome", "recording_notice", "main_1")


@pytest.mark.parametrize(
    ("keys", "leave"),
    [
        (["0"], Leave(Goto.QUEUE, "general")),
        (["1", "2"], Leave(Goto.QUEUE, "pensions")),
        (["1", "3"], Leave(Goto.QUEUE, "treatment")),
        (["1", "0"], Leave(Goto.QUEUE, "general")),
        (["1", ""], Leave(Goto.QUEUE, "general")),
        (["2", "1"], Leave(Goto.VOICE_MESSAGE, kind="complaint")),
        (["2", "2"], Leave(Goto.VOICE_MESSAGE, kind="question")),
        (["2", "3"], Leave(Goto.VOICE_MESSAGE, kind="suggestion")),
        (["3"], Leave(Goto.CASE_STATUS)),
        (["4", "*", "9", "8", "3"], Leave(Goto.CASE_STATUS)),
        (["7", "", "#"], Leave(Goto.QUEUE, "general")),
        (["", "", ""], Leave(Goto.QUEUE, "general")),
        (["2", "9", "7", "", "*"], None),
    ],
)
def test_where_keys_lead_while_open(keys: list[str], leave: Leave | None) -> None:
    last = talk(reception(), *keys)[-1]
    assert (last.verbs[-1] if isinstance(last.verbs[-1], Leave) else None) == leave


def test_a_right_key_forgives_earlier_misses() -> None:
    steps = talk(reception(), "7", "", "9", "7", "")
    assert steps[-1].state.misses == MISSES - 1


def test_wrong_and_empty_replies_are_told_apart_and_then_asked_again() -> None:
    steps = talk(reception(), "7", "")
    assert asked(steps[1])[0] == "wrong_key"
    assert asked(steps[2])[0] == "no_key"
    assert "welcome" not in asked(steps[2])
    assert [fields["key"] for milestone, fields in marks(*steps) if milestone is Milestone.CHOICE] == ["wrong", "none"]


def test_eight_changes_the_language_of_everything_that_follows_and_back() -> None:
    steps = talk(reception(), "8", "8")
    assert Speak("en") in steps[1].verbs
    assert (Milestone.STEP, {"node": "main", "language": "en"}) in marks(steps[1])
    assert Speak("fa") in steps[2].verbs


def test_information_is_delivered_when_it_was_heard_to_its_end() -> None:
    steps = talk(reception(), "4", "1")
    assert asked(steps[-1])[0] == "info_hours_1"
    assert Milestone.DELIVERED not in dict(marks(*steps))
    heard = talk(reception(), "4", "1", "")
    assert (Milestone.DELIVERED, {"what": "info_hours", "result": "heard"}) in marks(heard[-1])
    assert asked(heard[-1]) == ("key_9", "key_back", "key_0")
    assert heard[-1].state.misses == 0


def test_information_that_was_cut_short_is_not_delivered() -> None:
    steps = talk(reception(), "4", "2", "*")
    assert Milestone.DELIVERED not in dict(marks(*steps))
    assert steps[-1].state.node == "information"


def test_after_hours_is_in_the_ledger_before_the_first_word() -> None:
    step = reception(open_queues=frozenset()).start()
    first = step.verbs[0]
    assert isinstance(first, Mark)
    assert (first.milestone, first.fields["open"]) == (Milestone.DECISION, 0)
    assert asked(step)[0] == "closed_now"


@pytest.mark.parametrize(
    ("keys", "leave"),
    [
        (["1", "1"], Leave(Goto.VOICE_MESSAGE, kind="complaint")),
        (["1", ""], Leave(Goto.VOICE_MESSAGE, kind="question")),
        (["2"], Leave(Goto.CALLBACK, "general")),
        (["3"], Leave(Goto.CASE_STATUS)),
        (["", "", ""], Leave(Goto.VOICE_MESSAGE, kind="question")),
        (["0", "5", "6"], Leave(Goto.VOICE_MESSAGE, kind="question")),
    ],
)
@pytest.mark.parametrize("phase", ["arrival", "timed_out", "no_agents", "refused_full"])
def test_nobody_can_answer_and_the_caller_is_still_served(phase: str, keys: list[str], leave: Leave) -> None:
    open_queues = frozenset() if phase == "arrival" else OPEN
    assert left(talk(reception(open_queues=open_queues, phase=phase), *keys)[-1]) == leave


@pytest.mark.parametrize(
    ("phase", "sorry"),
    [("timed_out", "sorry_busy"), ("no_agents", "sorry_no_agents"), ("refused_full", "sorry_full")],
)
def test_the_apology_suits_the_reason(phase: str, sorry: str) -> None:
    assert asked(reception(phase=phase).start())[0] == sorry


def test_one_closed_section_offers_the_after_hours_menu() -> None:
    steps = talk(reception(open_queues=OPEN - {"treatment"}), "1", "3", "2")
    assert asked(steps[2])[:2] == ("section_closed", "unserved_1")
    decisions = [fields for milestone, fields in marks(*steps) if milestone is Milestone.DECISION]
    assert [(d["goto"], d["queue"], d["open"]) for d in decisions] == [
        ("reception", "treatment", 0),
        ("callback", "general", 1),
    ]


def test_another_door_goes_on_where_the_first_one_stopped() -> None:
    first = talk(reception(), "1")[-1]
    place = next(v.node for v in first.verbs if isinstance(v, Remember))
    resumed = reception(node=place, language="en").start()
    assert resumed.state.node == "operators"
    assert asked(resumed)[0] == "operators_1"
    assert (Milestone.STEP, {"node": "operators", "language": "en"}) in marks(resumed)


def test_after_hours_is_resumed_without_a_second_greeting() -> None:
    resumed = reception(open_queues=frozenset(), node="after_hours:closed_message").start()
    assert resumed.state.node == "closed_message"


@pytest.mark.parametrize(
    "node", ["", "main", "arrival:", "arrival:gone", "arrival:to_general", "moon:main", "arrival:main\r\n", ":::"]
)
def test_a_place_that_makes_no_sense_begins_anew(node: str) -> None:
    assert asked(reception(node=node).start())[0] == "welcome"


def test_a_place_of_another_phase_is_not_resumed() -> None:
    assert asked(reception(phase="timed_out", node="arrival:operators").start())[0] == "sorry_busy"


def test_facts_that_make_no_sense_are_taken_as_the_usual_ones() -> None:
    step = reception(phase="' OR 1=1", language="../..").start()
    assert (step.state.entry, step.state.language) == ("arrival", "fa")


def test_a_caller_who_walks_in_circles_is_taken_to_a_person() -> None:
    steps = talk(reception(), *["9"] * TURNS)
    assert left(steps[-1]) == Leave(Goto.QUEUE, "general")


def test_hanging_up_ends_the_conversation() -> None:
    dialogue = reception()
    assert left(dialogue.advance(dialogue.start().state, HungUp())).goto is Goto.GOODBYE


def test_waiting_for_an_operator_is_announced_after_the_decision_is_written() -> None:
    *_, verbs, leaving = (step.verbs for step in talk(reception(), "0"))
    assert leaving == (Leave(Goto.QUEUE, "general"),), "a desk that says nothing takes no further word"
    kinds = [type(verb) for verb in verbs]
    assert kinds.index(Say) > max(at for at, kind in enumerate(kinds) if kind is Mark)


def in_queue(seconds: float | None, limit: int = 3600) -> Advice:
    return Advice(estimate_seconds=seconds, basis="recent", wait_limit_seconds=limit)


def test_the_wait_is_told_and_written_down_before_the_caller_goes_to_the_queue() -> None:
    dialogue = reception()
    asks, tells = talk(dialogue, "1", "1", advice=in_queue(247.4))[-2:]
    assert asks.verbs[-1] == AskAdvice("insurance")
    fields = {"queue": "insurance", "told": 300, "seconds": 247, "basis": "recent"}
    assert tells.verbs[0] == Mark(Milestone.ESTIMATE, fields)
    assert asked(tells) == ("wait_about_5",)
    assert left(dialogue.advance(tells.state, NoKey())) == Leave(Goto.QUEUE, "insurance")


@pytest.mark.parametrize("key", ["1", "2", "5", "#"])
def test_any_key_ends_the_sentence_and_leads_to_the_queue(key: str) -> None:
    dialogue = reception()
    tells = talk(dialogue, "0", advice=in_queue(100))[-1]
    assert left(dialogue.advance(tells.state, Keyed(key))) == Leave(Goto.QUEUE, "general")


@pytest.mark.parametrize(
    ("key", "leave"),
    [
        ("1", Leave(Goto.CALLBACK, "pensions")),
        ("2", Leave(Goto.VOICE_MESSAGE, kind="question")),
        ("3", Leave(Goto.QUEUE, "pensions")),
        ("", Leave(Goto.QUEUE, "pensions")),
    ],
)
def test_who_hears_of_a_long_wait_may_choose_something_else(key: str, leave: Leave) -> None:
    dialogue = reception()
    steps = talk(dialogue, "1", "2", advice=in_queue(4000))
    assert asked(steps[-1]) == ("wait_over_30", "wait_offer_callback", "wait_offer_message")
    last = dialogue.advance(steps[-1].state, Keyed(key) if key else NoKey())
    assert left(last) == leave
    decisions = [fields["goto"] for milestone, fields in marks(*steps, last) if milestone is Milestone.DECISION]
    assert decisions[-1] == leave.goto.value


@pytest.mark.parametrize("seconds", [None, 0, 12.5])
def test_nothing_is_said_where_nothing_is_known_and_where_nobody_waits(seconds: float | None) -> None:
    verbs = talk(reception(), "0", advice=in_queue(seconds))[-1].verbs
    assert [verb for verb in verbs if not isinstance(verb, Mark)] == [Leave(Goto.QUEUE, "general")]


@pytest.mark.parametrize("seconds", [None, 240.0])
def test_the_priority_and_its_reasons_are_written_down_before_the_queue(seconds: float | None) -> None:
    dialogue = reception(caller="02188001420")
    known = replace(in_queue(seconds), priority=6, group="chronic", repeat=1, province="tehran")
    steps = talk(dialogue, "1", "1", advice=known)
    (asks,) = [verb for step in steps for verb in step.verbs if isinstance(verb, AskAdvice)]
    assert asks.caller == "02188001420"
    assert "02188001420" not in repr(asks)
    routed = [fields for milestone, fields in marks(*steps) if milestone is Milestone.ROUTING]
    assert routed == [{"queue": "insurance", "priority": 6, "group": "chronic", "repeat": 1, "province": "tehran"}]
    way = steps[-1].state.way
    assert way is not None
    assert way.priority == 6


def test_only_a_way_to_a_queue_asks_about_waiting() -> None:
    for keys in (["2", "1"], ["3"]):
        steps = talk(reception(), *keys)
        assert not any(isinstance(verb, AskAdvice) for step in steps for verb in step.verbs)
