"""What a door server counts, and the text file in which others find it (`<var>/run/metrics/<process>.prom`).

The web process shows all such files on its `/metrics`. The loop asks for each writing, so that the file grows old when
the loop stands still; a door itself opens no port for it. api has a writer of its own (`api/processes/vitals.py`), because
the two applications know nothing of each other.
"""

from __future__ import annotations

import asyncio
import platform
from pathlib import Path

import structlog
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    write_to_textfile,
)

from ivr.kernel.starts import count_start
from ivr.kernel.version import VERSION
from ivr.kernel.watchdog import Watchdog

log = structlog.get_logger()
disable_created_metrics()

EVERY_SECONDS = 5.0

DOORS = CollectorRegistry()
"""The doors' own: where one Python holds both applications (the tests do), their measures must not meet."""
ProcessCollector(registry=DOORS)

CONVERSATIONS = Gauge("line1420_doors_conversations", "Connections from Asterisk that are open now.", registry=DOORS)
KNOCKS = Counter("line1420_doors_knocks_total", "Conversations that ended, by how.", ["ending"], registry=DOORS)
ROUND_TRIP = Histogram(
    "line1420_doors_round_trip_seconds",
    "From an AGI command that takes no time of its own to Asterisk's reply.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0),
    registry=DOORS,
)
LOOK_UPS = Counter(
    "line1420_doors_look_ups_total",
    "What doors asked for a caller: a case, or how long a wait will be; by how it was answered.",
    ["answer"],
    registry=DOORS,
)
SEAT_ASKS = Counter(
    "line1420_doors_seat_asks_total",
    "What agents asked for at a seat's telephone, by how it was answered.",
    ["deed", "answer"],
    registry=DOORS,
)
DESK_RESTS = Gauge(
    "line1420_doors_desk_resting", "1 while look-ups are left out because the desk failed three times.", registry=DOORS
)

for _ending in ("left", "probe", "refused", "broken", "lost", "failed", "too_long", "cut"):
    KNOCKS.labels(_ending)  # who watches sees a step from 0 to 1, but not the birth of a 1
for _answer in ("found", "not_found", "advised", "silent", "unavailable", "resting"):
    LOOK_UPS.labels(_answer)

STALLS = Counter(
    "line1420_process_stalls_total", "Times the event loop stood still for more than a second.", registry=DOORS
)
LONGEST_STALL = Gauge(
    "line1420_process_stall_longest_seconds", "Longest standstill of the event loop since the start.", registry=DOORS
)
BUILD = Gauge("line1420_build_info", "Always 1; the labels say what runs.", ["version", "python"], registry=DOORS)
STARTS = Gauge(
    "line1420_process_starts", "Starts of this process since the line as a whole was started.", registry=DOORS
)


class Report:
    """Writes the file until stopped. Never raises for a full disk: the file then grows old, which is an alarm of its own."""

    def __init__(self, folder: Path, process: str, watchdog: Watchdog) -> None:
        self._file = folder / f"{process}.prom"
        self._starts = folder / f"{process}.starts"
        self._watchdog = watchdog
        self._counted = 0
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        BUILD.labels(VERSION, platform.python_version()).set(1)
        STARTS.set(count_start(self._starts))
        self._task = asyncio.get_running_loop().create_task(self._keep_writing(), name="measures")

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _keep_writing(self) -> None:
        while True:
            try:
                await self._write()
            except Exception:
                # A fault of ours in a measure: told each time, and the file grows old, which is an alarm of its own.
                log.exception("measures_failed")
            await asyncio.sleep(EVERY_SECONDS)

    async def _write(self) -> None:
        LONGEST_STALL.set(self._watchdog.longest_seconds)
        STALLS.inc(self._watchdog.stalls - self._counted)
        self._counted = self._watchdog.stalls
        try:
            # In a thread: a disk that somebody floods holds a writer for seconds, and callers would hear the silence.
            await asyncio.to_thread(_save, self._file)
        except OSError as error:
            log.warning("measures_not_written", file=str(self._file), reason=str(error))


def _save(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    write_to_textfile(str(file), DOORS)
