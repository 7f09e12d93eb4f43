"""The menu file: the shipped one is whole; each broken rule is told with its node, and all of them at once."""

import json
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from ivr.kernel.milestones import Goto
from ivr.menu.loader import MenuForm, json_schema, load_menu
from ivr.menu.tree import Exit
from ivr.menu.validation import MenuInvalid
from tests.fakes import line_data

SHIPPED = line_data.text("menu_1420.toml")
PROMPTS = {language: line_data.catalogue().names(language) for language in line_data.LANGUAGES}

SMALL = """
[entries.arrival]
node = "main"
give_up = "people"
[entries.after_hours]
node = "main"
give_up = "message"
[entries.timed_out]
node = "main"
give_up = "message"
[entries.no_agents]
node = "main"
give_up = "message"
[entries.refused_full]
node = "main"
give_up = "message"

[nodes.main]
say = ["welcome"]
[nodes.main.keys]
"1" = { to = "people", prompt = "main_1" }
"2" = { to = "message" }
"9" = { act = "again" }

[nodes.people]
goto = "queue"
queue = "general"

[nodes.message]
goto = "voice_message"
kind = "question"
"""


def load(text: str) -> None:
    load_menu(text, queues=line_data.QUEUES, prompts=PROMPTS)


def problems(text: str) -> list[tuple[str, str]]:
    with pytest.raises(MenuInvalid) as caught:
        load(text)
    return [(problem.rule, problem.node) for problem in caught.value.problems]


def test_the_shipped_menu_has_the_keys_that_callers_know() -> None:
    tree = line_data.tree()

    def leads(node: str, key: str) -> Exit | str:
        menu = tree.menu(node)
        assert menu
        option = menu.option(key)
        assert option
        target = tree.nodes[option.to]
        return target if isinstance(target, Exit) else target.name

    queues = {key: leads("operators", key) for key in "1230"}
    assert {key: end.queue for key, end in queues.items() if isinstance(end, Exit)} == {
        "1": "insurance",
        "2": "pensions",
        "3": "treatment",
        "0": "general",
    }
    kinds = {key: leads("message", key) for key in "123"}
    assert [end.kind for end in kinds.values() if isinstance(end, Exit)] == ["complaint", "question", "suggestion"]
    assert [leads("main", key) for key in "124"] == ["operators", "message", "information"]
    ends = [leads("main", "3"), leads("main", "0"), leads("after_hours", "2"), leads("after_hours", "3")]
    assert [end.goto for end in ends if isinstance(end, Exit)] == [
        Goto.CASE_STATUS,
        Goto.QUEUE,
        Goto.CALLBACK,
        Goto.CASE_STATUS,
    ]


def test_a_small_menu_is_whole() -> None:
    load(SMALL)


@pytest.mark.parametrize(
    ("old", "new", "rule", "node"),
    [
        ('"2" = { to = "message" }', '"2" = { to = "hole" }\n"3" = { to = "message" }', "unknown_node", "main"),
        ('"9" = { act = "again" }', '"9" = { to = "end" }\n[nodes.end.keys]', "dead_end", "end"),
        ('"9" = { act = "again" }', '[nodes.lonely.keys]\n"1" = { to = "main" }', "unreachable", "lonely"),
        (
            '"2" = { to = "message" }',
            '"2" = { to = "ring" }\n[nodes.ring.keys]\n"1" = { to = "ring" }',
            "endless_loop",
            "ring",
        ),
        (
            '"9" = { act = "again" }',
            '"9" = { to = "cold" }\n[nodes.cold.keys]\n"1" = { to = "bye" }\n[nodes.bye]\ngoto = "goodbye"',
            "no_person",
            "cold",
        ),
        ('say = ["welcome"]', 'say = ["never_said"]', "unknown_prompt", "main"),
        ('prompt = "main_1"', 'prompt = "never_said"', "unknown_prompt", "main.1"),
        ('queue = "general"', 'queue = "gneral"', "unknown_queue", "people"),
        ('kind = "question"', 'kind = "riddle"', "unknown_kind", "message"),
        ('"9" = { act', '"11" = { act', "bad_key", "main.11"),
        ('"9" = { act = "again" }', '"9" = { }', "bad_key", "main.9"),
        ('"9" = { act = "again" }', '"9" = { act = "again", to = "people" }', "bad_key", "main.9"),
        ("[entries.timed_out]", "[entries.lunch_time]", "missing_entry", "timed_out"),
        ("[entries.timed_out]", "[entries.lunch_time]", "unknown_entry", "entries.lunch_time"),
        ('give_up = "people"', 'give_up = "main"', "unknown_node", "entries.arrival"),
        ('goto = "voice_message"', 'goto = "record"', "bad_goto", "message"),
        ('"1" = { to = "people", prompt = "main_1" }', "", "no_person", "main"),
    ],
)
def test_a_broken_rule_is_told_with_its_node(old: str, new: str, rule: str, node: str) -> None:
    assert old in SMALL
    assert (rule, node) in problems(SMALL.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new", "rule", "node"),
    [
        ('"9" = { act = "again" }', '"1" = { act = "again" }', "doubled_key", "main, line 23"),
        ("[nodes.message]", "[nodes.people]", "doubled_key", "people, line 29"),
        ('queue = "general"', "queue = general", "bad_toml", "nodes.people, line 27"),
        ('queue = "general"', 'queue = "general"\nring = 3', "bad_form", "nodes.people.ring"),
        ('goto = "queue"', 'goto = "moon"', "bad_form", "nodes.people.goto"),
        ('goto = "queue"', 'goto = "queue"\nno_key = "main"', "bad_form", "people"),
        ('give_up = "people"', "", "bad_form", "entries.arrival.give_up"),
    ],
)
def test_a_file_that_cannot_be_read_says_where(old: str, new: str, rule: str, node: str) -> None:
    assert (rule, node) in problems(SMALL.replace(old, new, 1))


def test_every_problem_comes_at_once_and_says_what_to_do() -> None:
    broken = SMALL.replace('queue = "general"', 'queue = "x"').replace('kind = "question"', 'kind = "y"')
    with pytest.raises(MenuInvalid) as caught:
        load(broken.replace('say = ["welcome"]', 'say = ["z"]'))
    assert {p.rule for p in caught.value.problems} == {"unknown_queue", "unknown_kind", "unknown_prompt"}
    assert "there are general, insurance, pensions, treatment" in caught.value.message
    assert "missing in prompts_en.toml" in caught.value.message


@given(st.text(max_size=200))
def test_whatever_the_file_holds_the_answer_is_a_list_of_problems(text: str) -> None:
    assert problems(text)


def test_the_schema_for_editors_describes_the_shipped_file() -> None:
    schema = json_schema()
    assert set(schema["required"]) == {"entries", "nodes"}
    assert "keys" in schema["$defs"]["NodeForm"]["properties"]
    json.dumps(schema)
    TypeAdapter(MenuForm).validate_python(tomllib.loads(SHIPPED))
