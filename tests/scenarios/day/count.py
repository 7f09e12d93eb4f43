"""The figures of a replayed day, counted a second time: `python -m tests.scenarios.day.count FOLDER`.

Reads nothing but the robots' own logs (what each caller pressed and when, when an operator's robot answered and hung up)
and `run.json` beside them: which key leads to which queue, how long the sentence before the queue is, the wait limit,
and the spans in which Asterisk was broken on purpose. It shares no line with our readers, our fold or our reports.

From outside two clocks and two ends of a wire are never the same: a wait is known to ±1 s. So each stay in a queue is told
as all that it may have been within that second, and a figure is a span, from the least to the most that all of them allow.
Where nobody stood at a border the span is one number. Who was in a queue or in a talk when Asterisk ended has left it otherwise
(it is in the denominators as not answered); who dialled while it was away may have met anything and is counted apart.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from itertools import product
from pathlib import Path
from typing import Any

CLOCK = 1.0
"""Seconds by which a wait or a talk may be another one than it looks from outside."""
TEHRAN = timezone(timedelta(hours=3, minutes=30))
"""Since 1402 without summer time; a replayed day is always a day of now."""
COUNTS = ("offered", "answered", "abandoned", "other", "in_time", "level_whole", "short")
SECONDS = ("wait_seconds", "talk_seconds")

Figures = dict[str, dict[str, list[float]]]
"""Scope (`insurance 2026-11-28 22:00`, `insurance`, ``) → figure → least and most."""
Facts = Mapping[str, float]


@dataclass
class Call:
    """One caller, by the robots' logs; seconds since 1970."""

    number: str
    dialled: float = 0.0
    picked_up: float | None = None
    keys: list[tuple[float, str]] = field(default_factory=list)
    bye: float | None = None
    by: str = ""
    talk: float | None = None
    talk_ended: float | None = None

    def before_bye(self) -> float:
        return self.bye if self.bye is not None else float("inf")


@dataclass(frozen=True)
class Stay:
    """One stay in a queue: for each thing it may have been, where (queue, half hour) and what it counts for."""

    may_be: list[tuple[str, str, Facts]]
    apart: bool


def calls_in(folder: Path) -> dict[str, Call]:
    calls: dict[str, Call] = {}
    for log in sorted(folder.glob("callers-*.events.log")):
        for line in log.read_text("utf-8", "replace").splitlines():
            number, _, _, at, said = (*line.split("\t"), "", "", "", "", "")[:5]
            call = calls.setdefault(number, Call(number))
            word, _, rest = said.partition(" ")
            if word == "dialled":
                call.dialled = float(at)
            elif word == "answered":
                call.picked_up = float(at)
            elif word == "key":
                call.keys.append((float(at), rest))
            elif word == "bye" and call.bye is None:
                call.bye, call.by = float(at), rest
    legs: dict[str, str] = {}
    for line in (folder / "crew.events.log").read_text("utf-8", "replace").splitlines():
        leg, number, _, _, at, said = (*line.split("\t"), "", "", "", "", "", "")[:6]
        if said == "answered" and number in calls:
            legs[leg] = number
            calls[number].talk = float(at)
        elif said.startswith("bye") and leg in legs and calls[legs[leg]].talk_ended is None:
            calls[legs[leg]].talk_ended = float(at)
    return calls


def chosen(call: Call, keys: Mapping[str, str]) -> tuple[str, float] | None:
    """The queue that was keyed, and when: 1 in the first menu, then the section."""
    pressed = call.keys
    if len(pressed) > 1 and pressed[0][1] == "1" and pressed[1][1] in keys:
        return keys[pressed[1][1]], pressed[1][0]
    return None


def stay_of(call: Call, run: Mapping[str, Any]) -> Stay | None:
    found, apart = chosen(call, run["queues"]), is_apart(call, run)
    if found is None and not apart:
        return None
    queue, pressed = found or (run["queues"]["0"], call.dialled)
    entered = pressed + run["sentence_seconds"][queue]
    cut = next((span[0] for span in run["broken"] if call.dialled < span[0] - CLOCK <= call.before_bye()), None)
    ends = list(_ends(call, entered, run)) if cut is None else list(_cut(call, entered, cut, run))
    halves = {_half(entered + shift) for shift in (-CLOCK, 0, CLOCK)}
    if not apart:
        return Stay([(queue, half, facts) for half, facts in product(halves, ends)], apart=False)
    longest = max(0.0, min(call.before_bye(), run["over"]) - entered) + CLOCK
    anything = [_facts(kind, wait, wait, run) for kind in ("answered", "abandoned", "other") for wait in (0.0, longest)]
    somewhere = {queue, run["queues"]["0"]}  # where a door failed the caller came to the general queue
    may_be = [(name, half, facts) for name, half, facts in product(somewhere, halves, [*anything, {}])]
    return Stay(may_be, apart=True)


def is_apart(call: Call, run: Mapping[str, Any]) -> bool:
    """Dialled when Asterisk was away, met a door that failed, or its robot lost sight of how it ended."""
    broken = any(span[0] - CLOCK <= call.dialled <= span[1] for span in run["broken"])
    cut = any(call.dialled < span[0] <= call.before_bye() for span in run["broken"])
    return broken or call.number in run["apart"] or (call.picked_up is not None and call.bye is None and not cut)


def _cut(call: Call, entered: float, struck: float, run: Mapping[str, Any]) -> Iterator[Facts]:
    """All that a stay may have been whose call was up when Asterisk ended. What was over by then is as it was."""
    talk_ended = call.talk_ended if call.talk_ended is not None else float("inf")
    gone = min([call.before_bye(), *(at for at, key in call.keys[2:] if key in "12")])
    over = talk_ended if call.talk is not None else min(gone, entered + run["wait_limit_seconds"])
    if over <= struck + CLOCK:
        yield from _ends(call, entered, run)
    if over >= struck - CLOCK and entered <= struck + CLOCK:
        yield _facts("other", struck - entered, 0.0, run)
    if entered >= struck - CLOCK:
        yield {}


def _ends(call: Call, entered: float, run: Mapping[str, Any]) -> Iterator[Facts]:
    """All that this stay may have been, a second sooner or later."""
    keyed = next((at for at, key in call.keys[2:] if key in "12" and at <= call.before_bye()), None)
    gone = min(keyed if keyed is not None and not _talked_before(call, keyed) else float("inf"), call.before_bye())
    for shift in (-CLOCK, 0.0, CLOCK):
        if call.talk is not None:
            talked = (call.talk_ended if call.talk_ended is not None else run["over"]) - call.talk
            yield _facts("answered", call.talk - entered + shift, max(0.0, talked + shift), run)
        if call.talk is None or abs(call.talk - gone) <= CLOCK:
            wait = gone - entered + shift
            if wait < 0:
                yield {}  # gone while the sentence was being said
            elif wait >= run["wait_limit_seconds"]:
                yield _facts("other", run["wait_limit_seconds"], 0.0, run)
            else:
                yield _facts("other" if gone == keyed else "abandoned", wait, 0.0, run)


def _talked_before(call: Call, at: float) -> bool:
    return call.talk is not None and call.talk < at - CLOCK


def _facts(kind: str, wait: float, talk: float, run: Mapping[str, Any]) -> Facts:
    wait = max(0.0, wait)
    early = wait <= run["threshold_seconds"]
    return {
        "offered": 1,
        kind: 1,
        "in_time": int(kind == "answered" and early),
        "level_whole": int(kind != "abandoned" or not early),
        "short": int(kind == "abandoned" and wait <= run["short_seconds"]),
        "wait_seconds": wait if kind == "answered" else 0.0,
        "talk_seconds": talk if kind == "answered" else 0.0,
    }


def _half(at: float) -> str:
    local = datetime.fromtimestamp(at, UTC).astimezone(TEHRAN)
    return f"{local:%Y-%m-%d} {local.hour:02d}:{local.minute // 30 * 30:02d}"


def figures_of(stays: list[Stay]) -> Figures:
    figures: Figures = defaultdict(lambda: {name: [0.0, 0.0] for name in (*COUNTS, *SECONDS)})
    figures[""] = figures[""]
    for stay in stays:
        scopes = {scope for queue, half, _ in stay.may_be for scope in (f"{queue} {half}", queue, "")}
        for scope in scopes:
            here = [facts if scope in (f"{queue} {half}", queue, "") else {} for queue, half, facts in stay.may_be]
            for name, span in figures[scope].items():
                span[0] += min(facts.get(name, 0) for facts in here)
                span[1] += max(facts.get(name, 0) for facts in here)
    return dict(figures)


def messages_in(calls: Mapping[str, Call], run: Mapping[str, Any]) -> list[int]:
    """Least and most callers who left a message: recorded, said # and 1, and heard the line end the call; or left before
    that, or came to the box by waiting too long."""
    least = most = 0
    for call in calls.values():
        keys = [key for _, key in call.keys]
        recorded = "#" in keys
        kept = recorded and keys[-1] == "1" and call.by == "line"
        found = chosen(call, run["queues"])
        waited = found is not None and call.before_bye() - found[1] > run["wait_limit_seconds"] and call.talk is None
        cut = any(call.dialled < span[0] <= call.before_bye() + CLOCK for span in run["broken"])
        apart = cut or is_apart(call, run)
        least += kept and not apart
        began = keys[:1] == ["2"] or "2" in keys[2:]
        most += recorded or began or waited or apart
    return [least, most]


def count(folder: Path) -> dict[str, Any]:
    """All figures of the folder's day."""
    run = json.loads((folder / "run.json").read_text("utf-8"))
    calls = calls_in(folder)
    stays = [stay for call in calls.values() if (stay := stay_of(call, run)) is not None]
    picked_up = sum(call.picked_up is not None for call in calls.values())
    dialled = sum(call.dialled > 0 for call in calls.values())
    return {
        "received": [picked_up, dialled],
        "messages": messages_in(calls, run),
        "apart": sum(stay.apart for stay in stays),
        "stays": len(stays),
        "figures": figures_of(stays),
    }


if __name__ == "__main__":
    print(json.dumps(count(Path(sys.argv[1])), ensure_ascii=False, indent=1))
