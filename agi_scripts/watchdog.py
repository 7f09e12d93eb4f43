"""Ends the process when its loop stalls: a crash has a fallback in the dialplan, a freeze has not.

Runs in a thread, so it turns while the loop does not. It counts its own ticks and not the clock: a machine that was
suspended, or a process that was stopped and let go on, wakes up with an old heartbeat and is not stalled.
"""

from __future__ import annotations

import asyncio
import faulthandler
import os
import threading
from collections.abc import Callable
from datetime import timedelta

TICKS = 6
"""Looks of the watchdog within the limit."""


class Watchdog:
    """`start` on the loop to be watched; `stop` ends the thread."""

    def __init__(self, limit: timedelta, bite: Callable[[], None] | None = None) -> None:
        self._tick = limit.total_seconds() / TICKS
        self._bite = bite or _abort
        self._alive = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)
        self._beat: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._beat = asyncio.get_running_loop().create_task(self._beats())
        self._thread.start()

    async def stop(self) -> None:
        self._ended.set()
        if self._beat:
            self._beat.cancel()
            await asyncio.gather(self._beat, return_exceptions=True)

    async def _beats(self) -> None:
        while True:
            self._alive.set()
            await asyncio.sleep(self._tick / 2)

    def _watch(self) -> None:
        silent = 0
        while not self._ended.wait(self._tick):
            silent = 0 if self._alive.is_set() else silent + 1
            self._alive.clear()
            if silent >= TICKS:
                self._bite()
                return


def _abort() -> None:
    faulthandler.dump_traceback()
    os.abort()
