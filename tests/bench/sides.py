"""The two sides of every comparison, running at the same time: the line (ours) and its twin."""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
from pydantic_core import to_jsonable_python

from api.settings import ApiSettings
from tests.bench.processor import all_processes, seconds_of
from tests.bench.robots import Floor
from tests.bench.twin import Twin
from tests.line import Line, start_line, stop_line

SLOT = 4
QUEUES = json.dumps({"insurance": {"wrapup_seconds": 0, "ring_seconds": 15}})
SETTLE_SECONDS = 60.0
"""Calls are over, their records folded and their sound archived within this."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Processor seconds of parts of one side."""

    parts: dict[str, float]

    def __sub__(self, other: Cost) -> Cost:
        return Cost({name: seconds - other.parts.get(name, 0.0) for name, seconds in self.parts.items()})

    def of(self, *names: str) -> float:
        """Of some parts, or of all."""
        return sum(s for name, s in self.parts.items() if not names or name in names)


@dataclass
class Sides:
    """Both exchanges with their seats. `start_sides()` makes it."""

    line: Line
    twin: Twin
    folder: Path
    floors: list[Floor] = field(default_factory=list)

    def twin_cost(self) -> Cost:
        return Cost({"asterisk": seconds_of([self.twin.pid])})

    def line_cost(self) -> Cost:
        """By program; `stage` is what starts and watches the rest."""
        processes = all_processes()
        parts = {name: seconds_of([pid], processes) for name, pid in self.line.supervision.pids().items()}
        parts["stage"] = seconds_of([self.line.process.pid], processes) - sum(parts.values())
        return Cost(parts)

    def settle(self) -> None:
        """Wait until each call of the line has its record and no work is left to do."""
        url = self.line.environment["LINE1420_DATABASE_URL"].replace("+asyncpg", "")
        deadline = time.monotonic() + SETTLE_SECONDS
        while asyncio.run(_unsettled(url)):
            if time.monotonic() > deadline:
                raise AssertionError(f"the line did not settle within {SETTLE_SECONDS:.0f} s\n{self.line.logs()}")
            time.sleep(0.25)

    def fallbacks(self) -> int:
        """Callers whom a door server did not help so far: a failed call, though the robot may not have noticed."""
        ledger = self.line.var / "asterisk" / "log" / "cel-custom" / "line.csv"
        return ledger.read_bytes().count(b'"fallback"')

    def stop(self) -> None:
        for floor in self.floors:
            floor.stop()
        self.twin.stop()
        stop_line(self.line)


def start_sides() -> Sides:
    """Start the line and the twin, sign in the same number of seats at both."""
    rest = to_jsonable_python(ApiSettings.model_fields["ledger_rest"].default)  # as people run it, not as tests do
    line = start_line(slot=SLOT, LINE1420_QUEUES=QUEUES, LINE1420_READY_LIMIT="PT170S", LINE1420_LEDGER_REST=rest)
    secrets = {seat: entry["secret"] for seat, entry in line.run["seats"].items()}
    twin = Twin(Path(tempfile.mkdtemp(prefix="line1420-twin-")), secrets, QUEUES)
    sides = Sides(line, twin, Path(tempfile.mkdtemp(prefix="line1420-bench-")))
    try:
        twin.start()
        for name, port in (("line", line.sip_port), ("twin", twin.sip_port)):
            folder = sides.folder / f"seats-{name}"
            folder.mkdir()
            sides.floors.append(Floor(folder, port, secrets, sorted(secrets)[:16]))
    except BaseException:
        sides.stop()
        raise
    return sides


async def _unsettled(url: str) -> bool:
    connection = await asyncpg.connect(url, timeout=10)
    try:
        busy = await connection.fetchval(
            "SELECT EXISTS (SELECT FROM call_record WHERE ended_at IS NULL)"
            " OR EXISTS (SELECT FROM pgqueuer WHERE status IN ('queued', 'picked'))"
        )
    finally:
        await connection.close()
    return bool(busy)
