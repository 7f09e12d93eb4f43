"""Processor time of whole process trees, from `/proc/<pid>/stat`. Linux only.

A tree's time is that of each living process plus what each has inherited from children it has waited for, so that a
database connection that came and went in between is counted too.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_TICK = 1.0 / os.sysconf("SC_CLK_TCK")
_PARENT, _OWN_AND_INHERITED = 1, slice(11, 15)
"""Fields after the command's closing bracket: ppid; utime, stime, cutime, cstime."""


@dataclass(frozen=True, slots=True)
class Process:
    """One line of `/proc/<pid>/stat`, as far as we want it."""

    parent: int
    seconds: float


def read_stat(text: str) -> Process:
    """A stat line; the command in brackets may hold anything, spaces and brackets too."""
    fields = text[text.rindex(")") + 1 :].split()
    return Process(int(fields[_PARENT]), sum(int(ticks) for ticks in fields[_OWN_AND_INHERITED]) * _TICK)


def all_processes() -> dict[int, Process]:
    found: dict[int, Process] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                found[int(folder.name)] = read_stat((folder / "stat").read_text(encoding="utf-8", errors="replace"))
            except (OSError, ValueError):
                continue  # gone in the meantime
    return found


def tree(root: int, processes: dict[int, Process]) -> set[int]:
    """`root` and all that descend from it."""
    children: dict[int, list[int]] = {}
    for pid, process in processes.items():
        children.setdefault(process.parent, []).append(pid)
    found, waiting = set[int](), [root]
    while waiting:
        pid = waiting.pop()
        if pid not in found and pid in processes:
            found.add(pid)
            waiting += children.get(pid, [])
    return found


def seconds_of(roots: Iterable[int], processes: dict[int, Process] | None = None) -> float:
    """Processor seconds of these trees so far; a process in two of them counts once."""
    processes = all_processes() if processes is None else processes
    members: set[int] = set().union(*(tree(root, processes) for root in roots))
    return sum(processes[pid].seconds for pid in members)
