"""The shipped menu, damaged in every way a hand or a tool may: refused with rule and node, or proved by walking it.

A tree that the loader takes has no dead end: a caller may press anything at any place, in every phase and with any
queues open, and still comes out within the bound; silence leads to a person; everything said exists.
"""

from __future__ import annotations

import copy
import tomllib
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.dialogue.reception import MISSES, Reception, ReceptionState
from ivr.dialogue.replies import Keyed, NoKey
from ivr.dialogue.verbs import Gather, Leave, Say, Step
from ivr.kernel.milestones import Goto
from ivr.menu.loader import load_menu
from ivr.menu.tree import KEYS, MenuTree
from ivr.menu.validation import PHASES, MenuInvalid
from tests.effort import explore, tried
from tests.fakes import line_data
from tests.unit.ivr.menu.damage import hurt, toml

CATALOGUE = line_data.catalogue()
PROMPTS = {language: CATALOGUE.names(language) for language in line_data.LANGUAGES}
SHIPPED: dict[str, Any] = tomllib.loads(line_data.text("menu_1420.toml"))
NODES = sorted(SHIPPED["nodes"])
RULES = {"bad_toml", "bad_form", "doubled_key", "missing_entry", "unknown_entry", "unknown_node", "no_person", "dead_end",
         "bad_key", "bad_goto", "unknown_queue", "unknown_kind", "unreachable", "endless_loop", "unknown_prompt",
         "closed_queue"}  # fmt: skip
PERSON = {Goto.QUEUE, Goto.VOICE_MESSAGE, Goto.CALLBACK}

SOME_NODE = st.sampled_from([*NODES, "hole", "", "main:main", "a,b", "x" * 200, "گره"])
WORD = st.sampled_from(["queue", "voice_message", "callback", "goodbye", "case_status", "record", "reception", "general",
                        "casework", "question", "again", "language", "welcome", "no_such_prompt", "", "\n", "${X}"])  # fmt: skip
ODD = st.one_of(WORD, SOME_NODE, st.none(), st.booleans(), st.integers(-1, 12), st.just([]), st.just({}), st.just(["welcome"]),
                st.builds(lambda node: {"to": node}, SOME_NODE), st.just({"act": "again"}), st.just({"act": "language"}))  # fmt: skip


@st.composite
def menus(draw: st.DrawFn) -> dict[str, Any]:
    """The shipped tree, damaged, or with its ways led elsewhere: then it stays well formed and may lose its way out."""
    tree = copy.deepcopy(SHIPPED)
    for _ in range(draw(st.integers(1, 5))):
        change = draw(st.sampled_from([_lead, _lead, _press, _press, lambda tree, draw: hurt(draw, tree, ODD)]))
        change(tree, draw)
    return tree


def _some_menu(tree: dict[str, Any], draw: st.DrawFn) -> dict[str, Any] | None:
    nodes = tree.get("nodes")
    menus = (
        [n for n in nodes.values() if isinstance(n, dict) and isinstance(n.get("keys"), dict)]
        if isinstance(nodes, dict)
        else []
    )
    return draw(st.sampled_from(menus)) if menus else None


def _lead(tree: dict[str, Any], draw: st.DrawFn) -> None:
    """Another way between two nodes that exist."""
    menu = _some_menu(tree, draw)
    if menu and menu["keys"]:
        menu["keys"][draw(st.sampled_from(sorted(menu["keys"])))] = {"to": draw(st.sampled_from(NODES))}


def _press(tree: dict[str, Any], draw: st.DrawFn) -> None:
    """A key more, a silence that leads somewhere, or all keys but one gone."""
    menu = _some_menu(tree, draw)
    if menu is None:
        return
    match draw(st.sampled_from(["more", "silence", "only"])):
        case "more":
            menu["keys"][draw(st.sampled_from(KEYS))] = {"to": draw(st.sampled_from(NODES))}
        case "silence":
            menu["no_key"] = draw(st.sampled_from(NODES))
        case _ if menu["keys"]:
            key = draw(st.sampled_from(sorted(menu["keys"])))
            menu["keys"] = {key: menu["keys"][key]}
        case _:
            pass


def read(text: str) -> MenuTree | None:
    """The tree, or None when it is refused as it should be: each problem with its rule, its node and what to do."""
    try:
        return load(text)
    except MenuInvalid as error:
        refused = error
    assert refused.problems
    for problem in refused.problems:
        assert problem.rule in RULES
        assert problem.node
        assert problem.message
        assert str(problem) in refused.message
    return None


def load(text: str) -> MenuTree:
    return load_menu(text, queues=line_data.QUEUES, prompts=PROMPTS)


def walk(tree: MenuTree, phase: str, open_queues: frozenset[str]) -> None:
    """Every place that any caller can reach; asserts a way out of each, by keys and by silence."""
    dialogue = Reception(tree, open_queues=open_queues, phase=phase)
    first = dialogue.start()
    ahead, known = [first], {}
    while ahead:
        step = ahead.pop()
        said = [prompt for verb in step.verbs if isinstance(verb, Say | Gather) for prompt in verb.prompts]
        assert CATALOGUE.missing(said) == ()
        if isinstance(step.verbs[-1], Leave):
            continue
        state = replace(step.state, turns=0)
        if state in known:
            continue
        known[state] = [dialogue.advance(state, reply) for reply in (*map(Keyed, KEYS), NoKey())]
        ahead += known[state]
        _by_silence(dialogue, state)
    _by_keys(known)


def _by_silence(dialogue: Reception, state: ReceptionState) -> None:
    for _ in range(4 * MISSES):
        step = dialogue.advance(state, NoKey())
        if isinstance(leave := step.verbs[-1], Leave):
            assert leave.goto in PERSON or _chosen_by_silence(leave)
            return
        state = step.state
    raise AssertionError(f"silence at {state} does not end")


def _chosen_by_silence(leave: Leave) -> bool:
    """A `no_key` may lead to any exit on purpose; only giving up must lead to a person."""
    return leave.goto in {Goto.GOODBYE, Goto.CASE_STATUS}


def _by_keys(known: dict[ReceptionState, list[Step[ReceptionState]]]) -> None:
    good = {s for s, steps in known.items() if any(isinstance(step.verbs[-1], Leave) for step in steps)}
    while more := {
        s for s, steps in known.items() if s not in good and any(replace(t.state, turns=0) in good for t in steps)
    }:
        good |= more
    assert good == set(known), "a place without a way out"


def test_the_shipped_menu_survives_its_own_writing() -> None:
    """Damaged trees are written by `toml`; without damage it must give the shipped tree."""
    assert load(toml(SHIPPED)) == line_data.tree()


@tried(quick=120, thorough=20_000)
def test_a_damaged_menu_is_refused_by_name_or_has_no_dead_end(examples: int) -> None:
    taken = 0

    @given(menus(), st.frozensets(st.sampled_from(sorted(line_data.QUEUES))))
    def holds(tree: dict[str, Any], open_queues: frozenset[str]) -> None:
        nonlocal taken
        menu = read(toml(tree))
        if menu is None:
            return
        taken += 1
        for phase in PHASES:
            walk(menu, phase, open_queues)

    explore(examples, holds)
    assert taken > examples // 20, "too few damaged menus are still whole: the walk proves little"


def test_after_hours_nobody_gives_up_into_a_queue_that_is_closed() -> None:
    tree = copy.deepcopy(SHIPPED)
    tree["entries"]["after_hours"]["give_up"] = tree["entries"]["arrival"]["give_up"]
    with pytest.raises(MenuInvalid) as refused:
        load(toml(tree))
    assert [(problem.rule, problem.node) for problem in refused.value.problems] == [
        ("closed_queue", "entries.after_hours")
    ]


def test_a_node_without_a_name_is_told_so_that_it_can_be_found() -> None:
    tree = copy.deepcopy(SHIPPED)
    tree["nodes"][""] = copy.deepcopy(tree["nodes"][tree["entries"]["arrival"]["node"]])
    with pytest.raises(MenuInvalid, match=r'\[unreachable\] "":'):
        load(toml(tree))


def test_silence_that_leads_to_a_closed_queue_comes_to_an_end() -> None:
    tree = copy.deepcopy(SHIPPED)
    node = tree["entries"]["after_hours"]["node"]
    tree["nodes"][node]["no_key"] = tree["entries"]["arrival"]["give_up"]
    menu = load(toml(tree))
    for phase in PHASES:
        walk(menu, phase, frozenset())


def test_a_circle_of_silence_comes_to_an_end() -> None:
    """Two menus that silence leads to each other: whoever says nothing must not walk between them for ever."""
    tree = copy.deepcopy(SHIPPED)
    tree["nodes"]["operators"]["no_key"] = "message"
    tree["nodes"]["message"]["no_key"] = "operators"
    walk(load(toml(tree)), "arrival", line_data.QUEUES)


@pytest.mark.parametrize("text", ["x = " + "[" * 5000, "x = " + "9" * 5000, "x" * 100_000, "[" * 3000])
def test_a_file_that_exhausts_its_reader_is_refused_as_any_other(text: str) -> None:
    with pytest.raises(MenuInvalid):
        load(text)
