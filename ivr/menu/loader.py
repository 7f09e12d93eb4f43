"""Menu text → pydantic → pure `MenuTree`. Takes text, never a path; wrong text answers with all its problems.

pydantic stays here: it guards the form of the file, `validation` guards its sense.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ivr.kernel.milestones import Goto
from ivr.menu.tree import Act, Entry, Exit, Menu, MenuTree, Option
from ivr.menu.validation import MenuInvalid, Problem, problems_of


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class OptionForm(_Form):
    """One key of a node."""

    to: str = Field(default="", description="Node this key leads to.")
    act: Act | None = Field(default=None, description="`again` hears the node again, `language` changes the language.")
    prompt: str = Field(default="", description="Prompt that announces the key; empty: not announced.")


class NodeForm(_Form):
    """A node: a menu or information (with `keys`) or an exit (with `goto`)."""

    say: tuple[str, ...] = Field(default=(), description="Prompts heard on entering, before the keys are announced.")
    tell: tuple[str, ...] = Field(default=(), description="Information told first; heard to its end it is delivered.")
    keys: dict[str, OptionForm] = Field(default_factory=dict, description='Keys "0" … "9", "*", "#", quoted.')
    no_key: str = Field(default="", description="Node that silence leads to at once; empty: ask again.")
    goto: Goto | None = Field(default=None, description="Exit: where the call goes.")
    queue: str = Field(default="", description="Exit: queue of callers.")
    kind: str = Field(default="", description="Exit to voice_message: kind of message.")


class EntryForm(_Form):
    """A way into the menu, named after the phase of the call."""

    node: str = Field(description="Menu the call enters.")
    give_up: str = Field(description="Exit after three wrong or empty replies.")
    say: tuple[str, ...] = Field(default=(), description="Prompts heard once before the menu.")


class MenuForm(_Form):
    """The menu file of line 1420."""

    entries: dict[str, EntryForm] = Field(
        description="arrival, after_hours, timed_out, no_agents, refused_full, closed"
    )
    nodes: dict[str, NodeForm] = Field(description="Every node by its name.")


def json_schema() -> dict[str, Any]:
    """JSON Schema of the menu file, for editors that help while writing it."""
    return MenuForm.model_json_schema()


def load_menu(text: str, *, queues: Collection[str], prompts: Mapping[str, Collection[str]]) -> MenuTree:
    """The tree of a menu file.

    `queues` are the queues that exist, `prompts` the prompt names of each language. Raises `MenuInvalid` with every
    problem found.
    """
    tree = _tree(_form(text))
    problems = problems_of(tree, queues=queues, prompts=prompts)
    if problems:
        raise MenuInvalid(problems)
    return tree


def _form(text: str) -> MenuForm:
    try:
        raw = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # no TOML, or a number or nesting beyond any reader
        raise MenuInvalid([_syntax_problem(text, str(error))]) from None
    try:
        form = MenuForm.model_validate(raw)
    except ValidationError as error:
        raise MenuInvalid(
            [Problem("bad_form", ".".join(str(part) for part in e["loc"]) or "file", e["msg"]) for e in error.errors()]
        ) from None
    mixed = [
        Problem("bad_form", name, "a node has either `goto` (an exit) or `keys` and `tell` (a menu), not both")
        for name, node in form.nodes.items()
        if node.goto and (node.keys or node.tell or node.no_key)
    ]
    if mixed:
        raise MenuInvalid(mixed)
    return form


def _syntax_problem(text: str, message: str) -> Problem:
    """tomllib says only "Cannot overwrite a value (at line 7 …)": name the node, and the key that came twice."""
    found = re.search(r"at line (\d+)", message)
    if not found:
        return Problem("bad_toml", "end of file", message)
    lines = text.splitlines()
    at = min(int(found.group(1)), len(lines)) - 1
    headers = [m.group(1) for line in lines[: at + 1] if (m := re.match(r"\s*\[+([^\]]+)\]+\s*(#.*)?$", line))]
    node = (headers[-1] if headers else "file").strip()
    if "overwrite" not in message and "twice" not in message:
        return Problem("bad_toml", f"{node}, line {at + 1}", message)
    written = lines[at].split("=")[0].strip()
    node = node.removeprefix("nodes.").removesuffix(".keys")
    return Problem("doubled_key", f"{node}, line {at + 1}", f"{written} stands here a second time; keep one of the two")


def _tree(form: MenuForm) -> MenuTree:
    return MenuTree(
        entries={name: Entry(name, e.node, e.give_up, e.say) for name, e in form.entries.items()},
        nodes={
            name: Exit(name, n.goto, n.say, n.queue, n.kind)
            if n.goto
            else Menu(
                name,
                n.say,
                tuple(Option(key, o.prompt, o.to, o.act) for key, o in n.keys.items()),
                n.no_key,
                n.tell,
            )
            for name, n in form.nodes.items()
        },
    )
