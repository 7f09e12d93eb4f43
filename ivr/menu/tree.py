"""The menu as a value: nodes by name, ways between them by key. Read-only; made by `loader`, walked by the reception.

A node is one of three: a menu (asks for a key), an information (tells something, then asks for a key) or an exit
(the call leaves the reception for a queue, the message box, …).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ivr.kernel.milestones import Goto

KEYS = "0123456789*#"
"""Every key of a telephone, in the order they are shown."""


class Act(StrEnum):
    """What a key does when it does not lead to another node."""

    AGAIN = "again"
    """The node is heard again."""
    LANGUAGE = "language"
    """The other language, then the node again."""


@dataclass(frozen=True, slots=True)
class Option:
    """One key of a node. `prompt` announces it and may be empty (a silent key); exactly one of `to` and `act` is set."""

    key: str
    prompt: str = ""
    to: str = ""
    act: Act | None = None


@dataclass(frozen=True, slots=True)
class Menu:
    """Asks for one key. `no_key` is where silence leads at once; empty means: ask again, three times in all."""

    name: str
    say: tuple[str, ...]
    options: tuple[Option, ...]
    no_key: str = ""
    tell: tuple[str, ...] = ()
    """Information told before the options; heard to its end it counts as delivered."""

    def option(self, key: str) -> Option | None:
        return next((option for option in self.options if option.key == key), None)

    @property
    def targets(self) -> tuple[str, ...]:
        """Every node this one leads to."""
        ways = [option.to for option in self.options if option.to]
        return tuple(dict.fromkeys([*ways, *([self.no_key] if self.no_key else [])]))


@dataclass(frozen=True, slots=True)
class Exit:
    """The call leaves the reception. `queue` with a queue or call back, `kind` with a voice message."""

    name: str
    goto: Goto
    say: tuple[str, ...] = ()
    queue: str = ""
    kind: str = ""


Node = Menu | Exit


@dataclass(frozen=True, slots=True)
class Entry:
    """A way into the menu: `say` once, then `node`. `give_up` is the exit after three wrong or empty replies."""

    name: str
    node: str
    give_up: str
    say: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MenuTree:
    """The whole menu. `entries` by phase (`arrival`, `after_hours`, `timed_out`, `no_agents`, `refused_full`)."""

    entries: Mapping[str, Entry]
    nodes: Mapping[str, Node] = field(default_factory=dict)

    def menu(self, name: str) -> Menu | None:
        node = self.nodes.get(name)
        return node if isinstance(node, Menu) else None

    def exit(self, name: str) -> Exit:
        """The exit of this name; a validated tree has it."""
        node = self.nodes[name]
        if not isinstance(node, Exit):
            raise TypeError(f"{name} is a menu, not an exit")
        return node

    def reachable(self, start: str) -> Iterator[str]:
        """Names of every node that can be reached from `start`, itself first."""
        seen: set[str] = set()
        ahead = [start]
        while ahead:
            name = ahead.pop()
            if name in seen or name not in self.nodes:
                continue
            seen.add(name)
            yield name
            node = self.nodes[name]
            if isinstance(node, Menu):
                ahead.extend(reversed(node.targets))
