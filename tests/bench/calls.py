"""What a call costs, and how many fit: the same robots call the twin and the line in turn.

Processor time is counted from the first dial until the last record is written and the last sound archived. What the
processes use when nobody calls is measured first and taken off both sides; it is a row of its own.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.bench.robots import Journey, crowd, information
from tests.bench.sides import Cost, Sides

ASTERISK_AND_DOORS = ("asterisk", "doors-a", "doors-b")
MOST_AT_ONCE = 480
"""Callers at once: each takes two of the exchange's thousand sound ports."""


MOST_SPOILED = 2
"""Repeats that may be thrown away; with more the exchange is at fault, or the machine has no time for it."""


class CallsFailed(AssertionError):
    """A caller was not served, or only by a fallback."""


@dataclass(frozen=True, slots=True)
class Idle:
    """Processor seconds a second of both sides when nobody calls."""

    line: Cost
    twin: Cost


@dataclass
class Costs:
    """Milliseconds of processor a call, one entry a repeat."""

    twin: list[float] = field(default_factory=list)
    doors: list[float] = field(default_factory=list)
    """Asterisk and both door servers."""
    everything: list[float] = field(default_factory=list)
    parts: list[Cost] = field(default_factory=list)


def measure_idle(sides: Sides, seconds: float) -> Idle:
    line, twin, began = sides.line_cost(), sides.twin_cost(), time.monotonic()
    time.sleep(seconds)
    took = time.monotonic() - began
    return Idle(_each(sides.line_cost() - line, took), _each(sides.twin_cost() - twin, took))


def measure_calls(sides: Sides, idle: Idle, journey: Journey, *, calls: int, rate: float, repeats: int) -> Costs:
    """A B A B …: the twin's callers, then ours. A repeat in which a call failed means nothing and is made again."""
    costs, spoiled = Costs(), 0
    while len(costs.twin) < repeats:
        try:
            twin = _twin_call(sides, idle, journey, calls, rate)
            ours = _line_call(sides, idle, journey, calls, rate)
        except CallsFailed as failure:
            spoiled += 1
            print(f"  thrown away: {failure}", flush=True)
            if spoiled > MOST_SPOILED:
                raise
            continue
        costs.twin.append(twin.of())
        costs.doors.append(ours.of(*ASTERISK_AND_DOORS))
        costs.everything.append(ours.of())
        costs.parts.append(ours)
    return costs


def _twin_call(sides: Sides, idle: Idle, journey: Journey, calls: int, rate: float) -> Cost:
    before, began = sides.twin_cost(), time.monotonic()
    _all_served(crowd(sides.folder, sides.twin.sip_port, journey, calls=calls, rate=rate).failed, "twin", journey)
    return _per_call(sides.twin_cost() - before, idle.twin, time.monotonic() - began, calls)


def _line_call(sides: Sides, idle: Idle, journey: Journey, calls: int, rate: float) -> Cost:
    helped, before, began = sides.fallbacks(), sides.line_cost(), time.monotonic()
    failed = crowd(sides.folder, sides.line.sip_port, journey, calls=calls, rate=rate).failed
    time.sleep(1.5)  # the last rows are read a second later at most
    sides.settle()
    used = _per_call(sides.line_cost() - before, idle.line, time.monotonic() - began, calls)
    _all_served(failed + sides.fallbacks() - helped, "line", journey)
    return used


def highest_rates(sides: Sides, rates: Sequence[float], seconds: float) -> tuple[float, float]:
    """The highest of `rates` (ascending) at which no call failed, of the line and of the twin; 0 when even the first did."""
    ports = {"line": sides.line.sip_port, "twin": sides.twin.sip_port}
    highest, running = dict.fromkeys(ports, 0.0), set(ports)
    for rate in rates:
        for side in sorted(running, reverse=True):
            if _passes(sides, side, ports[side], rate, seconds):
                highest[side] = rate
            else:
                running.discard(side)
        if not running:
            break
    sides.settle()
    return highest["line"], highest["twin"]


def _passes(sides: Sides, side: str, port: int, rate: float, seconds: float) -> bool:
    journey, calls, helped = information(hurry=True), round(rate * seconds), sides.fallbacks()
    done = crowd(sides.folder, port, journey, calls=calls, rate=rate, most=MOST_AT_ONCE)
    on_pace = done.seconds < calls / rate + journey.seconds + 2.0
    return not done.failed and on_pace and (side == "twin" or sides.fallbacks() == helped)


def _per_call(used: Cost, idle: Cost, seconds: float, calls: int) -> Cost:
    return Cost({name: (s - idle.parts.get(name, 0.0) * seconds) * 1000 / calls for name, s in used.parts.items()})


def _each(used: Cost, seconds: float) -> Cost:
    return Cost({name: s / seconds for name, s in used.parts.items()})


def _all_served(failed: int, side: str, journey: Journey) -> None:
    if failed:
        raise CallsFailed(f"{failed} calls of the journey «{journey.name}» failed at the {side}")
