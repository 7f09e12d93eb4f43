"""Is the menu whole? Every rule that is broken is told at once, each with its node and with what would be right.

A menu that breaks a rule is refused at load, because a caller in a dead end cannot call us to complain about it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from ivr.kernel.errors import Invalid
from ivr.kernel.milestones import Goto
from ivr.menu.tree import KEYS, Exit, Menu, MenuTree

PHASES = ("arrival", "after_hours", "timed_out", "no_agents", "refused_full")
FURTHER = ("closed",)
"""Entries that a menu may have: without it the caller comes to `after_hours`, or to the arrival while the line is open."""
"""Why the dialplan knocks at the reception; each needs its entry."""

KINDS = ("complaint", "question", "suggestion")
"""Kinds of a voice message."""

_ANSWERED_BY_A_PERSON = {Goto.QUEUE, Goto.VOICE_MESSAGE, Goto.CALLBACK}
_FROM_RECEPTION = {Goto.QUEUE, Goto.VOICE_MESSAGE, Goto.CALLBACK, Goto.CASE_STATUS, Goto.GOODBYE}


@dataclass(frozen=True, slots=True)
class Problem:
    """One broken rule. `rule` is a stable code, `node` says where, `message` what to do."""

    rule: str
    node: str
    message: str

    def __post_init__(self) -> None:
        if not self.node:
            object.__setattr__(self, "node", '""')  # a node of no name must still be found

    def __str__(self) -> str:
        return f"[{self.rule}] {self.node}: {self.message}"


class MenuInvalid(Invalid):
    """The menu file breaks rules; `problems` lists all of them."""

    code = "menu_invalid"

    def __init__(self, problems: Collection[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("the menu file has problems:\n" + "\n".join(f"  {problem}" for problem in self.problems))


def problems_of(
    tree: MenuTree, *, queues: Collection[str], prompts: Mapping[str, Collection[str]]
) -> tuple[Problem, ...]:
    """Every problem of the tree. `prompts` are the known names for each language."""
    found = [
        *_entries(tree),
        *_nodes(tree, queues),
        *_ways(tree),
        *_unknown_prompts(tree, prompts),
    ]
    return tuple(dict.fromkeys(found))


def _entries(tree: MenuTree) -> Iterator[Problem]:
    for phase in PHASES:
        if phase not in tree.entries:
            yield Problem("missing_entry", phase, f"add [entries.{phase}] with `node` and `give_up`")
    for entry in tree.entries.values():
        where = f"entries.{entry.name}"
        if entry.name not in (*PHASES, *FURTHER):
            yield Problem("unknown_entry", where, f"an entry is one of {', '.join((*PHASES, *FURTHER))}")
        if tree.menu(entry.node) is None:
            yield Problem("unknown_node", where, f"`node` must name a menu, and {entry.node!r} is none")
        if not isinstance(tree.nodes.get(entry.give_up), Exit):
            yield Problem("unknown_node", where, f"`give_up` must name an exit, and {entry.give_up!r} is none")
        elif tree.exit(entry.give_up).goto not in _ANSWERED_BY_A_PERSON:
            yield Problem("no_person", where, "`give_up` must lead to a queue, a voice message or a call back")
        elif entry.name in ("after_hours", "closed") and tree.exit(entry.give_up).goto is Goto.QUEUE:
            yield Problem(
                "closed_queue", where, "`give_up` must not be a queue, which is closed then: use a voice message"
            )
    arrival = tree.entries.get("arrival")
    if arrival and not any(
        isinstance(node := tree.nodes[name], Exit) and node.goto is Goto.QUEUE for name in tree.reachable(arrival.node)
    ):
        yield Problem("no_person", arrival.node, "no key leads from here to a queue of operators; add one")


def _nodes(tree: MenuTree, queues: Collection[str]) -> Iterator[Problem]:
    for node in tree.nodes.values():
        if isinstance(node, Exit):
            yield from _exit(node, queues)
            continue
        if not node.targets:
            yield Problem("dead_end", node.name, "nothing leads on from here; give it a key with `to`")
        for option in node.options:
            where = f"{node.name}.{option.key}"
            if option.key not in KEYS or len(option.key) != 1:
                yield Problem("bad_key", where, f"a key is one of {KEYS}")
            if bool(option.to) == bool(option.act):
                yield Problem("bad_key", where, "give the key either `to` (a node) or `act` (again, language)")
        for target in node.targets:
            if target not in tree.nodes:
                yield Problem("unknown_node", node.name, f"leads to {target!r}, which does not exist")


def _exit(node: Exit, queues: Collection[str]) -> Iterator[Problem]:
    if node.goto not in _FROM_RECEPTION:
        yield Problem("bad_goto", node.name, f"the reception cannot lead to {node.goto.value!r}")
    if node.goto in {Goto.QUEUE, Goto.CALLBACK} and node.queue not in queues:
        yield Problem("unknown_queue", node.name, f"{node.queue!r} is no queue; there are {', '.join(sorted(queues))}")
    if node.goto is Goto.VOICE_MESSAGE and node.kind not in KINDS:
        yield Problem("unknown_kind", node.name, f"{node.kind!r} is no kind of message; there are {', '.join(KINDS)}")


def _ways(tree: MenuTree) -> Iterator[Problem]:
    reached: set[str] = set()
    for entry in tree.entries.values():
        reached.update(tree.reachable(entry.node))
        reached.update(tree.reachable(entry.give_up))
    for node in tree.nodes.values():
        if node.name not in reached:
            yield Problem("unreachable", node.name, "no entry leads here; give it a key somewhere or remove it")
        if not isinstance(node, Menu) or not node.targets:
            continue
        exits = [end for name in tree.reachable(node.name) if isinstance(end := tree.nodes[name], Exit)]
        if not exits:
            yield Problem("endless_loop", node.name, "whatever is keyed, the caller never gets out; add a way out")
        elif not any(end.goto in _ANSWERED_BY_A_PERSON for end in exits):
            yield Problem("no_person", node.name, "no way to a queue, a voice message or a call back; add one")


def _unknown_prompts(tree: MenuTree, prompts: Mapping[str, Collection[str]]) -> Iterator[Problem]:
    for language, known in prompts.items():
        for where, name in _prompts(tree):
            if name not in known:
                yield Problem("unknown_prompt", where, f"prompt {name!r} is missing in prompts_{language}.toml")


def _prompts(tree: MenuTree) -> Iterator[tuple[str, str]]:
    for entry in tree.entries.values():
        yield from ((f"entries.{entry.name}", name) for name in entry.say)
    for node in tree.nodes.values():
        yield from ((node.name, name) for name in node.say)
        if isinstance(node, Menu):
            yield from ((node.name, name) for name in node.tell)
            yield from ((f"{node.name}.{option.key}", option.prompt) for option in node.options if option.prompt)
