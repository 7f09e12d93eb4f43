"""What each process of the written side does for those who watch it: a watchdog on its loop, and a file of measures.

`async with Vitals("follower", settings, measure=…)` around the work. `<var>/run/metrics/<process>.prom` is written every
five seconds by the loop's order, so it grows old when the loop stands still; `/metrics` of the web process shows all such files.
"""

from __future__ import annotations

import asyncio
import platform
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from types import TracebackType

import structlog
from prometheus_client import REGISTRY, Counter, Gauge, disable_created_metrics, write_to_textfile
from prometheus_client.registry import Collector

from api.settings import ApiSettings
from ivr.kernel.starts import count_start
from ivr.kernel.version import VERSION
from ivr.kernel.watchdog import Watchdog

log = structlog.get_logger(__name__)
disable_created_metrics()

EVERY = timedelta(seconds=5)
LOOK_EVERY = timedelta(seconds=10)
"""Between two looks that cost a query or a folder's listing."""

STALLS = Counter("line1420_process_stalls_total", "Times the event loop stood still for more than a second.")
LONGEST_STALL = Gauge("line1420_process_stall_longest_seconds", "Longest standstill of the event loop since the start.")
BUILD = Gauge("line1420_build_info", "Always 1; the labels say what runs.", ["version", "python"])
STARTS = Gauge("line1420_process_starts", "Starts of this process since the line as a whole was started.")


class Vitals:
    """`measure` sets gauges from what the process has in hand, before each writing; it must be quick and not raise.
    `look` may ask the database or the disk; when it fails, the measures it sets stay as they were and it is tried again. A `collector` is
    asked at each writing."""

    def __init__(
        self,
        process: str,
        settings: ApiSettings,
        *,
        measure: Callable[[], None] | None = None,
        look: Callable[[], Awaitable[None]] | None = None,
        collector: Collector | None = None,
    ) -> None:
        self._file = settings.measures / f"{process}.prom"
        self._watchdog = Watchdog(settings.stall_limit, warn=_stalled)
        self._measure = measure
        self._look = look
        self._collector = collector
        self._counted = 0
        self._tasks: list[asyncio.Task[None]] = []
        self._saving: asyncio.Future[None] | None = None

    async def __aenter__(self) -> Vitals:
        BUILD.labels(VERSION, platform.python_version()).set(1)
        STARTS.set(count_start(self._file.with_suffix(".starts")))
        self._watchdog.start()
        if self._collector is not None:
            REGISTRY.register(self._collector)
        self._tasks = [asyncio.create_task(self._keep_writing(), name="measures")]
        if self._look is not None:
            self._tasks.append(asyncio.create_task(_keep_looking(self._look), name="measures-look"))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._saving is not None:  # its thread cannot be cancelled; nobody may find a newer file after our end
            await asyncio.wait((self._saving,), timeout=1)
        await self._watchdog.stop()
        if self._collector is not None:
            REGISTRY.unregister(self._collector)

    async def _keep_writing(self) -> None:
        while True:
            try:
                await self._write()
            except Exception:
                # A fault of ours in a measure: told each time, and the file grows old, which is an alarm of its own.
                log.exception("measures.failed")
            await asyncio.sleep(EVERY.total_seconds())

    async def _write(self) -> None:
        LONGEST_STALL.set(self._watchdog.longest_seconds)
        STALLS.inc(self._watchdog.stalls - self._counted)
        self._counted = self._watchdog.stalls
        if self._measure is not None:
            self._measure()
        try:
            # In a thread: a disk that somebody floods holds a writer for seconds, and the loop would stand still with it.
            self._saving = asyncio.get_running_loop().run_in_executor(None, _save, self._file)
            await asyncio.shield(self._saving)
        except OSError as error:  # a full disk must not end the work; the file's age is an alarm of its own
            log.warning("measures.not_written", file=str(self._file), reason=str(error))


def _save(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    write_to_textfile(str(file), REGISTRY)


async def _keep_looking(look: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await look()
        except Exception as error:  # noqa: BLE001 - what cannot be measured now must not end the process that is measured
            log.warning("measures.look_failed", problem=type(error).__name__)
        await asyncio.sleep(LOOK_EVERY.total_seconds())


def _stalled(place: str) -> None:
    log.warning("process.loop_stalled", place=place, hint="the watchdog ends this process when it goes on")
