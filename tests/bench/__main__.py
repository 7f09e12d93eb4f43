"""`python -m tests.bench [--quick]`: measure everything, print the table, write it and the curves into `docs/`.

`--quick` measures the same with fewer repeats and shorter runs; its figures are for a look and are not written.
`--only calls,rates,greeting,board,storing,growth` measures some parts and writes nothing either.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ivr.kernel.clock import SystemClock
from tests.bench import chart
from tests.bench.calls import highest_rates, measure_calls, measure_idle
from tests.bench.greeting import greetings
from tests.bench.growth import with_calls, with_history, with_seats
from tests.bench.history import beside_history
from tests.bench.ledgers import Sample, read_sample
from tests.bench.report import section, table, write_page
from tests.bench.robots import information, talk
from tests.bench.sides import SLOT, Sides, start_sides
from tests.bench.spread import Finding, Goal, Spread, percentile, ratios
from tests.bench.storing import cluster, copy_all, empty, follow_all, prepare, refold_all
from tests.line import REPOSITORY, ports_of
from tests.load.screens import event_to_screen

PARTS = ("calls", "rates", "greeting", "board", "storing", "growth")
SEATS = (8, 16, 32, 64, 99)
DOCS = REPOSITORY / "docs"


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured."""

    repeats: int = 3
    calls: int = 40
    talks: int = 24
    rates: tuple[float, ...] = (20, 25, 30, 35, 40, 46, 53, 61, 70, 80, 92, 106, 122, 140, 161, 185, 213)
    rate_seconds: float = 4.0
    rate_repeats: int = 2
    greetings: int = 60
    board_seconds: float = 20.0
    stored_calls: int = 3000
    stored_repeats: int = 3
    growing: tuple[float, ...] = (1, 4, 8, 16)
    growing_seconds: float = 10.0
    history: tuple[int, ...] = (0, 25_000, 100_000)


QUICK = Size(
    repeats=1, calls=20, talks=10, rates=(20, 40, 60, 90), rate_seconds=3.0, rate_repeats=1, greetings=15,
    board_seconds=5.0, stored_calls=500, stored_repeats=1, growing=(2, 6), growing_seconds=5.0, history=(0, 10_000),
)  # fmt: skip


@dataclass
class Bench:
    """Findings and charts as they come."""

    size: Size
    parts: frozenset[str]
    findings: list[Finding] = field(default_factory=list)
    charts: list[tuple[str, chart.Chart]] = field(default_factory=list)
    raw: dict[str, object] = field(default_factory=dict)

    def add(self, finding: Finding) -> None:
        self.findings.append(finding)
        print(f"  {finding.what}: {finding.figure.text(finding.digits)}", flush=True)

    def wants(self, *parts: str) -> bool:
        return not self.parts.isdisjoint(parts)


def calls(bench: Bench, sides: Sides) -> None:
    size = bench.size
    idle = measure_idle(sides, 10.0)
    for journey, number, rate in ((information(), size.calls, 5.0), (talk(), size.talks, 2.0)):
        costs = measure_calls(sides, idle, journey, calls=number, rate=rate, repeats=size.repeats)
        name = {"information": "menu, information, out", "talk": "talk with recording and score"}[journey.name]
        twin = f"the twin: {Spread(tuple(costs.twin)).median:.0f} ms a call"
        doors, everything = ratios(costs.doors, costs.twin), ratios(costs.everything, costs.twin)
        bench.add(Finding(f"processor, Asterisk + doors : twin · {name}", doors, Goal(1.35, unit=" ×"), note=twin))
        by_part = _by_part([cost.parts for cost in costs.parts])
        bench.add(Finding(f"processor, everything : twin · {name}", everything, Goal(1.8, unit=" ×"), note=by_part))
    alone = f"the twin's Asterisk alone: {idle.twin.of() * 100:.1f} %"
    resting = Spread((idle.line.of() * 100,))
    bench.add(Finding("processor when nobody calls, everything", resting, digits=1, unit=" % of one core", note=alone))
    if bench.wants("growth"):
        drawn, raw = with_calls(sides, idle, size.growing, size.growing_seconds)
        bench.charts.append(("bench-calls-under-way.svg", drawn))
        bench.raw |= raw


def _by_part(parts: list[dict[str, float]]) -> str:
    means = {name: sum(one[name] for one in parts) / len(parts) for name in parts[0]}
    return "ms a call: " + ", ".join(f"{name} {value:.1f}" for name, value in means.items() if value >= 0.05)


def rates(bench: Bench, sides: Sides) -> None:
    found = [highest_rates(sides, bench.size.rates, bench.size.rate_seconds) for _ in range(bench.size.rate_repeats)]
    ours, twins = [line for line, _ in found], [twin for _, twin in found]
    note = f"ours {Spread(tuple(ours)).text(0)} calls/s, the twin {Spread(tuple(twins)).text(0)} calls/s"
    if max(twins) >= max(bench.size.rates):
        note += "; the twin passed the highest step"
    bench.add(
        Finding("highest rate without a failed call : twin", ratios(ours, twins), Goal(0.8, False, " ×"), note=note)
    )


def greeting(bench: Bench, sides: Sides) -> None:
    ours, twins = greetings(sides.line.sip_port, sides.twin.sip_port, bench.size.greetings)
    late = (percentile(ours, 0.99) - percentile(twins, 0.99)) * 1000
    middle = f"p50 {percentile(ours, 0.5) * 1000:.1f} ms, the twin {percentile(twins, 0.5) * 1000:.1f} ms"
    what = "answer to first packet of the greeting, p99, ours less the twin's"
    bench.add(
        Finding(what, Spread((late,)), Goal(50, unit=" ms"), 1, note=f"{middle}; {len(ours)} calls each, in turn")
    )


def board(bench: Bench, sides: Sides) -> None:
    late = event_to_screen(sides.line, per_second=200, seconds=bench.size.board_seconds)
    note = (
        f"p50 {late.p50 * 1000:.0f} ms, longest {late.longest * 1000:.0f} ms; {late.events} of {late.made} pauses seen"
    )
    what = "AMI event to screen at 200 events/s, p99"
    bench.add(Finding(what, Spread((late.p99 * 1000,)), Goal(200, unit=" ms"), 0, note=note))


def storing(bench: Bench, sample: Sample, folder: Path) -> None:
    size = bench.size
    with cluster(folder / "postgres", int(ports_of(SLOT)["LINE1420_DATABASE_PORT"])) as url:  # the line has ended
        if bench.wants("storing"):
            log, ready, rows = prepare(folder, sample, size.stored_calls)
            copied: list[float] = []
            followed: list[float] = []
            refolded: list[float] = []
            for _ in range(size.stored_repeats):
                copied.append(rows / asyncio.run(copy_all(url, ready)))
                asyncio.run(empty(url))
                followed.append(rows / asyncio.run(follow_all(url, log, rows)))
                number, seconds = asyncio.run(refold_all(url))
                refolded.append(number / seconds)
            note = f"follower {Spread(tuple(followed)).text(0)} rows/s, COPY {Spread(tuple(copied)).text(0)} rows/s"
            bench.add(
                Finding(
                    "follower : COPY of the same rows", ratios(followed, copied), Goal(0.25, False, " ×"), note=note
                )
            )
            bench.add(Finding("refold", Spread(tuple(refolded)), Goal(2000, False, " calls/s"), 0))
        if bench.wants("growth"):
            drawn, raw = with_history(beside_history(url, folder, sample, list(size.history), size.stored_calls // 6))
            bench.charts.append(("bench-history.svg", drawn))
            bench.raw |= raw


def measure(bench: Bench) -> None:
    with tempfile.TemporaryDirectory(prefix="line1420-storing-") as folder:
        sides = start_sides()
        try:
            exchange: tuple[tuple[str, Callable[[Bench, Sides], None]], ...] = (
                ("calls", calls), ("greeting", greeting), ("rates", rates), ("board", board),
            )  # fmt: skip
            sample = None
            for name, part in exchange:
                if bench.wants(name) or (name == "calls" and bench.wants("storing", "growth")):
                    print(f"bench: {name}", flush=True)
                    part(bench, sides)
                if name == "calls" and bench.wants("storing", "growth"):
                    sample = read_sample(sides.line.var / "asterisk" / "log")
        finally:
            sides.stop()
        if sample is not None:
            print("bench: storing", flush=True)
            storing(bench, sample, Path(folder))
    if bench.wants("growth"):
        drawn, raw = with_seats(SEATS)
        bench.charts.append(("bench-seats.svg", drawn))
        bench.raw |= raw


def main() -> int:
    asked = argparse.ArgumentParser(prog="make bench", description="Our costs beside a bare dialplan.")
    asked.add_argument("--quick", action="store_true", help="few repeats, nothing written")
    asked.add_argument("--only", default=",".join(PARTS), help=f"parts, of {', '.join(PARTS)}; nothing written")
    options = asked.parse_args()
    bench = Bench(QUICK if options.quick else Size(), frozenset(options.only.split(",")))
    load, at, began = os.getloadavg()[0], SystemClock().now(), time.monotonic()
    measure(bench)
    print(f"\n{table(bench.findings)}\n\nmeasured in {time.monotonic() - began:.0f} s, load before {load:.1f}")
    if not options.quick and bench.parts == frozenset(PARTS):
        for name, drawn in bench.charts:
            chart.write(DOCS, name, drawn)
        names = [name for name, _ in bench.charts]
        write_page(DOCS / "bench.md", section(bench.findings, command="make bench", at=at, load=load, charts=names))
    else:
        print(json.dumps(bench.raw, default=str))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
