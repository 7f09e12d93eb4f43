"""The table in `docs/bench.md`: written between two marks by the bench alone, so that no figure is ever typed."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from tests.bench.spread import Finding

BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"
_INTRODUCTION = f"""# What our software costs

Measured by `make bench`, in one run, against a twin: an Asterisk of the same build with the same phones, queue, prompts
and recording, whose dialplan uses nothing but `Background`, `WaitExten`, `MixMonitor` and `Queue`. Both exchanges run at
the same time, the same robots call one, then the other, and so on; a ratio is made of two measurements that lie next to
each other. Shown is the median of the repeats with the smallest and the largest. The table is written by the bench.

{BEGIN}
{END}

## How to read it

- Processor time is read from `/proc` for whole process trees; the robots' own is not in it. It runs from the first dial
  until the last record is written and the last sound is archived, less what the same processes use when nobody calls
  (a row of its own). No screen watches the board meanwhile.
- The twin keeps no CEL and no call record at all; what we make Asterisk write is counted on our side.
- «Highest rate»: callers in a hurry (two seconds each) at steps of about 15 %; a step counts when no call failed, none
  needed a fallback, and the robots kept the pace.
- COPY stores rows that were read and shaped beforehand, in one statement, in a table of the same columns and indexes. The
  follower reads the files, checks each row, stores it, learns legs, folds each call, queues its job and keeps its position.
- The delay of the board begins before the order is sent to Asterisk, so Asterisk's own part is in it.
"""


def machine() -> str:
    names = [r.partition(":")[2].strip() for r in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in r]
    return f"{os.cpu_count()} cores ({names[0] if names else platform.machine()}), Linux {platform.release()}"


def table(findings: Sequence[Finding]) -> str:
    rows = ["| what | measured: median (least–most) | target | met |", "|---|---|---|---|"]
    for one in findings:
        goal = one.goal.text() if one.goal else "–"
        met = {None: "–", True: "yes", False: "**no**"}[one.met]
        note = f"<br>{one.note}" if one.note else ""
        unit = one.goal.unit if one.goal else one.unit
        rows.append(f"| {one.what}{note} | {one.figure.text(one.digits)}{unit} | {goal} | {met} |")
    return "\n".join(rows)


def section(findings: Sequence[Finding], *, command: str, at: datetime, load: float, charts: Sequence[str]) -> str:
    """What goes between the marks. A target that was missed is said in a sentence, not only in a column."""
    missed = [one.what for one in findings if one.met is False]
    said = "All targets are met." if not missed else f"Missed: {'; '.join(missed)}."
    head = f"`{command}` · {at:%Y-%m-%d %H:%M} UTC · {machine()} · load of the machine before it began {load:.1f}\n\n{said}"
    pictures = "\n\n".join(f"![{name.removesuffix('.svg').replace('-', ' ')}]({name})" for name in charts)
    return f"{head}\n\n{table(findings)}\n\n### How the costs grow\n\n{pictures}\n"


def put_between(text: str, new: str) -> str:
    """`text` with everything between the marks replaced. Raises `ValueError` when a mark is missing."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page has lost its marks {BEGIN} and {END}")
    return f"{before}{BEGIN}\n\n{new}\n{END}{after}"


def write_page(path: Path, new: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = path.read_text(encoding="utf-8") if path.exists() else _INTRODUCTION
    path.write_text(put_between(text, new), encoding="utf-8")
