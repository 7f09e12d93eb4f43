"""Every branch of the shipped menu, walked: each key at each place, silence, a hangup, in every phase.

Proves that each conversation ends, that each place leads to a person, that every prompt exists, and that nothing
secret is written into the ledger.
"""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.dialogue.reception import TURNS, Reception, ReceptionState
from ivr.dialogue.replies import HungUp, Keyed, NoKey, Reply
from ivr.dialogue.verbs import AskAdvice, Gather, Leave, Mark, Remember, Say, Step
from ivr.kernel.milestones import Goto, decode, encode
from ivr.menu.tree import KEYS, Exit, Menu
from ivr.menu.validation import PHASES
from tests.fakes import line_data

TREE = line_data.tree()
CATALOGUE = line_data.catalogue()
REPLIES: tuple[Reply, ...] = (*(Keyed(key) for key in KEYS), NoKey())
PERSON = {Goto.QUEUE, Goto.VOICE_MESSAGE, Goto.CALLBACK}
OPENINGS = (frozenset(), line_data.QUEUES, line_data.QUEUES - {"insurance"})


def dialogues() -> Iterator[Reception]:
    for phase in PHASES:
        for open_queues in OPENINGS:
            yield Reception(TREE, open_queues=open_queues, phase=phase)


def walk(dialogue: Reception) -> dict[ReceptionState, list[Step[ReceptionState]]]:
    """Every step that any caller can reach, by the state it came from; counting of turns left out."""
    first = dialogue.start()
    steps: dict[ReceptionState, list[Step[ReceptionState]]] = {}
    ahead = [first.state]
    while ahead:
        state = ahead.pop()
        if state in steps:
            continue
        steps[state] = [dialogue.advance(state, reply) for reply in REPLIES]
        ahead += [replace(s.state, turns=0) for s in steps[state] if not isinstance(s.verbs[-1], Leave)]
    return {**steps, replace(first.state, turns=-1): [first]}


@pytest.fixture(scope="module")
def walks() -> list[dict[ReceptionState, list[Step[ReceptionState]]]]:
    return [walk(dialogue) for dialogue in dialogues()]


def test_every_key_of_every_node_is_walked(walks: list[dict[ReceptionState, list[Step[ReceptionState]]]]) -> None:
    visited = {state.node for steps in walks for state in steps}
    assert visited == {name for name, node in TREE.nodes.items() if isinstance(node, Menu)}
    left = {s.verbs[-1] for steps in walks for ahead in steps.values() for s in ahead if isinstance(s.verbs[-1], Leave)}
    ends = {Leave(end.goto, end.queue, end.kind) for end in TREE.nodes.values() if isinstance(end, Exit)}
    assert ends <= left


def test_each_step_ends_by_asking_or_leaving(walks: list[dict[ReceptionState, list[Step[ReceptionState]]]]) -> None:
    for steps in walks:
        for step in (s for ahead in steps.values() for s in ahead):
            assert isinstance(step.verbs[-1], Gather | AskAdvice | Leave)
            assert not any(isinstance(verb, Gather | AskAdvice | Leave) for verb in step.verbs[:-1])


def test_everything_said_exists_in_both_languages(
    walks: list[dict[ReceptionState, list[Step[ReceptionState]]]],
) -> None:
    said = {
        name
        for steps in walks
        for ahead in steps.values()
        for step in ahead
        for verb in step.verbs
        if isinstance(verb, Say | Gather)
        for name in verb.prompts
    }
    assert CATALOGUE.missing(said) == ()


def test_milestones_survive_the_dialplan_and_places_are_short(
    walks: list[dict[ReceptionState, list[Step[ReceptionState]]]],
) -> None:
    for verb in (v for steps in walks for ahead in steps.values() for s in ahead for v in s.verbs):
        if isinstance(verb, Mark):
            assert decode(encode(verb.fields)) == {key: str(value) for key, value in verb.fields.items()}
        if isinstance(verb, Remember):
            assert len(verb.node) < 60
            assert "," not in verb.node


def test_from_every_place_silence_leads_to_a_person() -> None:
    for dialogue in dialogues():
        for start in walk(dialogue):
            state = replace(start, turns=0)
            for _ in range(6):
                step = dialogue.advance(state, NoKey())
                if isinstance(step.verbs[-1], Leave):
                    break
                state = step.state
            leave = step.verbs[-1]
            assert isinstance(leave, Leave), f"silence at {start} does not end"
            assert leave.goto in PERSON


def test_from_every_place_some_keys_lead_to_a_person() -> None:
    for dialogue in dialogues():
        steps = walk(dialogue)
        good = {
            state
            for state, ahead in steps.items()
            if any(isinstance(s.verbs[-1], Leave) and s.verbs[-1].goto in PERSON for s in ahead)
        }
        grown = True
        while grown:
            more = {
                state
                for state, ahead in steps.items()
                if state not in good and any(replace(s.state, turns=0) in good for s in ahead)
            }
            grown = bool(more)
            good |= more
        assert good == set(steps)


def test_a_hangup_at_every_place_ends_the_conversation() -> None:
    for dialogue in dialogues():
        for state in walk(dialogue):
            assert dialogue.advance(state, HungUp()).verbs[-1] == Leave(Goto.GOODBYE)


@given(
    st.sampled_from(PHASES),
    st.sampled_from(OPENINGS),
    st.lists(st.sampled_from(REPLIES), min_size=TURNS + 5, max_size=TURNS + 5),
)
def test_no_sequence_of_keys_keeps_a_conversation_for_ever(
    phase: str, open_queues: frozenset[str], replies: list[Reply]
) -> None:
    dialogue = Reception(TREE, open_queues=open_queues, phase=phase)
    step = dialogue.start()
    for reply in replies:
        step = dialogue.advance(step.state, reply)
        if isinstance(step.verbs[-1], Leave):
            return
    pytest.fail(f"still talking after {len(replies)} replies at {step.state}")
