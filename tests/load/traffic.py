"""One run of traffic on a line: all journeys at once at a rate, operators who answer, everything written down."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from asterisk_conf.robots import sound
from asterisk_conf.robots.crew import Crew, Talk
from asterisk_conf.robots.crowd import Crowd, crowd_numbers
from ivr.kernel.clock import SystemClock
from tests.bench.processor import all_processes, seconds_of
from tests.faults.checker.resources import Sample, Sampler
from tests.faults.checker.witness import Witness, append_witnesses
from tests.faults.second_opinion import Manager
from tests.line import SHARED_VAR, Line
from tests.load.first_prompt import Probe
from tests.load.journeys import DEAF_QUEUE, Journey
from tests.told import head_commit

LAST_CALL_SECONDS = 75.0
"""The longest journey that begins at the last moment is over by then, also on a slow machine."""
FOLLOWER_SECONDS = 3.0
"""The last rows of the ledgers have become records by then."""
RAMP_SECONDS = 60.0
"""After this as many callers end as begin; what the processes hold is looked at from then on."""
_BUCKET = re.compile(r'^line1420_doors_round_trip_seconds_bucket\{le="([^"]+)"\} (\S+)$', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Run:
    """What happened: for the checker (`witnesses`, `samples`, `since`) and for people (`figures`)."""

    since: datetime
    witnesses: Sequence[Witness]
    samples: Sequence[Sample]
    figures: dict[str, Any]
    troubles: str
    """What the robots did not expect, in SIPp's own words; empty when all went as written."""


def place_calls(
    line: Line, folder: Path, journeys: Sequence[Journey], *, rate: float, seconds: float, seed: int
) -> Run:
    """Let `rate` callers a second come in for `seconds`, spread over the journeys by their shares; wait for the last."""
    since = SystemClock().now()
    target = f"127.0.0.1:{line.sip_port}"
    seats = {name: account["secret"] for name, account in line.run["seats"].items()}
    limit = int(seconds + 3 * LAST_CALL_SECONDS)
    crew = Crew(folder, target, seats, talk_seconds=(15, 25), seed=seed, limit_seconds=limit).sign_in()
    crowds = [
        Crowd(folder, j.first_digits, target, j.steps, rate=rate * j.share / 100, seed=seed, limit_seconds=limit)
        for j in journeys
    ]
    try:
        pause_in(line, DEAF_QUEUE, seats)
        before, began = _cost(line, [crew.process.pid]), time.monotonic()
        for journey, crowd in zip(journeys, crowds, strict=True):
            crowd.start(crowd_numbers(journey.first_digits, max(1, round(rate * seconds * journey.share / 100))))
        robots = [crew.process.pid, *(crowd.process.pid for crowd in crowds)]
        ramp = min(RAMP_SECONDS, seconds / 4)
        time.sleep(ramp)
        with Sampler(line.var) as sampler, Probe(line.sip_port) as probe:
            time.sleep(seconds - ramp)
            placed, cost = time.monotonic() - began, _cost(line, robots)
        end = time.monotonic() + LAST_CALL_SECONDS
        codes = {crowd.name: crowd.wait(max(1.0, end - time.monotonic())) for crowd in crowds}
        talks = {talk.number: talk for talk in crew.talks()}
    finally:
        for crowd in crowds:
            crowd.stop()
        crew.sign_out()
    seen = {journey.name: crowd.seen() for journey, crowd in zip(journeys, crowds, strict=True)}
    hurt = met_a_fallback(line)
    witnesses = [
        j.witness(caller, talks.get(caller.number), failed=hurt.get(caller.number, ()))
        for j in journeys
        for caller in seen[j.name]
    ]
    witnesses += probe.witnesses
    append_witnesses(folder / "witnesses.jsonl", witnesses)
    figures = {
        "seconds": round(placed, 1),
        "calls": len(witnesses),
        "calls by journey": {name: len(callers) for name, callers in seen.items()},
        "refused or unanswered": sum(witness.answered_at is None for witness in witnesses),
        "met a fallback": sum(witness.number in hurt for witness in witnesses),
        "talks": len(talks),
        "channels at once": _at_once(witnesses, talks.values()),
        "processor shares": {name: round((cost[name] - before.get(name, 0.0)) / placed, 3) for name in cost},
        "first sound seconds": _quantiles(probe.waits),
        "agi round trip": round_trips(line),
        "memory MB": _by_quarter(sampler.samples),
    }
    troubles = "\n".join(f"{c.name} (exit {codes[c.name]}): {c.troubles()[:1500]}" for c in crowds if codes[c.name])
    return Run(since, witnesses, sampler.samples, figures, troubles)


def met_a_fallback(line: Line) -> dict[str, set[str]]:
    """Callers (national form) for whom a door did not answer in time, and which doors: on a machine that is too busy for a
    moment that is what the fallbacks are for, and such a call may end in another way than its journey wanted."""
    time.sleep(FOLLOWER_SECONDS)
    found: dict[str, set[str]] = {}
    with line.api() as api:
        query: dict[str, str | int] = {"limit": 200}
        while True:
            page = api.get("/calls", params=query).raise_for_status().json()
            for item in page["items"]:
                if item["fallbacks"]:
                    found[item["caller"].replace("+98", "0", 1)] = {fallback["door"] for fallback in item["fallbacks"]}
            if page["next"] is None:
                return found
            query["cursor"] = page["next"]


def pause_in(line: Line, queue: str, seats: Sequence[str] | dict[str, str]) -> None:
    """All these seats take no more calls of this queue."""
    with Manager(line.run["ports"]["ami"], line.environment["LINE1420_AMI_LISTENER_SECRET"]) as manager:
        for seat in seats:
            reply = manager.ask("QueuePause", Queue=f"q-{queue}", Interface=f"PJSIP/{seat}", Paused="true")
            assert reply["Response"] == "Success", reply


def round_trips(line: Line) -> dict[str, float]:
    """Of all quick AGI commands of both door servers: how many, and the shares answered within 10, 50 and 100 ms."""
    counts: dict[str, float] = defaultdict(float)
    for file in (line.var / "run" / "metrics").glob("doors-*.prom"):
        for bucket, count in _BUCKET.findall(file.read_text(encoding="utf-8")):
            counts[bucket] += float(count)
    whole = counts["+Inf"]
    return {
        "commands": whole,
        **{f"within {float(b) * 1000:g} ms": round(counts[b] / whole, 5) for b in ("0.01", "0.05", "0.1") if whole},
    }


def make_speech(folder: Path) -> Path:
    """Some seconds of a Persian voice as A-law, the form robots send."""
    said = "سلام. من برای سابقهٔ بیمه‌ام سه بار به شعبه رفته‌ام و پاسخی نگرفته‌ام. لطفاً پیگیری کنید."
    raw, spoken = folder / "raw.wav", folder / "spoken.wav"
    subprocess.run(["espeak-ng", "-v", "fa", "-s", "150", "-w", str(raw), said], check=True)
    form = ["-ar", "8000", "-ac", "1", "-c:a", "pcm_s16le"]
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", str(raw), *form, str(spoken)], check=True)
    return sound.write(folder / "speech.alaw", sound.from_wav(spoken))


def write_figures(name: str, figures: dict[str, Any]) -> Path:
    """Keep a run's figures under `var/load/` for the documents, and print them."""
    path = SHARED_VAR / "load" / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = {"at": SystemClock().now().isoformat(timespec="seconds"), "commit": head_commit()} | figures
    path.write_text(json.dumps(kept, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    print(f"{name}: {json.dumps(figures, ensure_ascii=False)}", flush=True)
    return path


def _cost(line: Line, robots: Sequence[int]) -> dict[str, float]:
    """Processor seconds so far, by program; the robots together."""
    processes = all_processes()
    found = {name: seconds_of([pid], processes) for name, pid in line.supervision.pids().items()}
    return found | {"robots": seconds_of(robots, processes)}


def _by_quarter(samples: Sequence[Sample]) -> dict[str, list[float]]:
    """Mean resident memory of each program in the four quarters of the run."""
    found: dict[str, list[float]] = {}
    for program in sorted({sample.program for sample in samples}):
        sizes = [sample.memory / 1e6 for sample in samples if sample.program == program]
        parts = [sizes[len(sizes) * n // 4 : len(sizes) * (n + 1) // 4] for n in range(4)]
        found[program] = [round(sum(part) / len(part), 1) for part in parts if part]
    return found


def _at_once(witnesses: Sequence[Witness], talks: Iterable[Talk]) -> int:
    """The most channels that were up at one moment: each caller's, and each operator's in a talk."""
    moves: list[tuple[datetime, int]] = []
    for spell in (*((w.answered_at, w.ended_at) for w in witnesses), *((t.answered_at, t.ended_at) for t in talks)):
        if spell[0] and spell[1]:
            moves += [(spell[0], 1), (spell[1], -1)]
    up = most = 0
    for _, change in sorted(moves):
        up += change
        most = max(most, up)
    return most


def _quantiles(waits: Sequence[float]) -> dict[str, float]:
    ordered = sorted(waits)
    if not ordered:
        return {}
    at = {
        name: ordered[min(len(ordered) - 1, int(len(ordered) * share))]
        for name, share in (("p50", 0.5), ("p90", 0.9), ("p99", 0.99))
    }
    return {"calls": len(ordered), **{name: round(value, 3) for name, value in at.items()}}
