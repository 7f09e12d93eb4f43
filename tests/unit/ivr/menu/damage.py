"""Trees of tables damaged at random, and trees written as TOML: what hands and tools do to a settings file."""

from __future__ import annotations

import copy
import json
import math
from typing import Any

from hypothesis import strategies as st


def places(tree: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place inside a tree of tables and lists."""
    inner = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    return [place for key, value in inner for place in ((*path, key), *places(value, (*path, key)))]


@st.composite
def damaged(draw: st.DrawFn, whole: dict[str, Any], odd: st.SearchStrategy[Any]) -> dict[str, Any]:
    """The tree with one to four things removed, replaced, renamed or added."""
    tree = copy.deepcopy(whole)
    for _ in range(draw(st.integers(1, 4))):
        hurt(draw, tree, odd)
    return tree


def hurt(draw: st.DrawFn, tree: dict[str, Any], odd: st.SearchStrategy[Any]) -> None:
    """One thing more."""
    if not (path := draw(st.sampled_from([*places(tree), ()]))):
        return
    holder: Any = tree
    for key in path[:-1]:
        holder = holder[key]
    what = draw(st.sampled_from(["remove", "replace", "rename", "add"]))
    if what == "remove":
        del holder[path[-1]]
    elif what == "replace" or not isinstance(holder, dict):
        holder[path[-1]] = copy.deepcopy(draw(odd))  # the same table is drawn again, and must be whole then
    elif what == "rename":
        holder[str(draw(odd))] = holder.pop(path[-1])
    else:
        holder[str(draw(odd))] = copy.deepcopy(draw(odd))


def toml(tree: dict[str, Any]) -> str:
    """A tree as TOML, every value inline; None becomes a bare word, which TOML does not know."""
    return "\n".join(f"{_written(key)} = {_written(value)}" for key, value in tree.items())


def _written(value: Any) -> str:
    match value:
        case dict():
            return "{" + ", ".join(f"{_written(key)} = {_written(inner)}" for key, inner in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(_written, value)) + "]"
        case None:
            return "nothing"
        case float() if not math.isfinite(value):
            return str(value)
        case _:
            return json.dumps(value)
