"""Ends the process when its loop stalls: a crash has a supervisor (and a door a fallback in the dialplan), a freeze has neither.

Runs in a thread, so it turns while the loop does not. It counts its own ticks and not the clock: a machine that was
suspended, or a process that was stopped and let go on, wakes up with an old heartbeat and is not stalled. Stands in the
kernel because doors and the written side both lean on it and may not import each other; it reaches nothing outside of its
own process.
"""

from __future__ import annotations

import asyncio
import faulthandler
import os
import sys
import threading
import traceback
from collections.abc import Callable
from datetime import timedelta

WARN = timedelta(seconds=1)
"""A loop that stands still this long is told of: callers hear it, pages feel it."""
_LEAST_TICKS = 6
"""Looks of the watchdog within the limit."""
_LONGEST_TICK = 0.25
_FRAMES = 6
"""Of the blocking code; the outer ones are always the same."""


class Watchdog:
    """`start` on the loop to be watched; `stop` ends the thread. `stalls` and `longest_seconds` are for measures.

    `warn` is called from the watchdog's thread, once for each stall of more than `WARN`, with the place in the code
    where the loop stands; `bite` instead of the abort, for tests.
    """

    def __init__(
        self, limit: timedelta, bite: Callable[[], None] | None = None, warn: Callable[[str], None] | None = None
    ) -> None:
        self.stalls = 0
        self.longest_seconds = 0.0
        seconds = limit.total_seconds()
        self._tick = min(seconds / _LEAST_TICKS, _LONGEST_TICK)
        self._limit = seconds
        self._bite = bite or _abort
        self._warn = warn
        self._alive = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)
        self._watched = threading.get_ident()
        self._beat: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._watched = threading.get_ident()
        self._beat = asyncio.get_running_loop().create_task(self._beats(), name="watchdog")
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
            stalled = silent * self._tick
            self.longest_seconds = max(self.longest_seconds, stalled)
            if stalled - self._tick < WARN.total_seconds() <= stalled:
                self.stalls += 1
                if self._warn is not None:
                    self._warn(self._place())
            if stalled > self._limit - self._tick / 2:
                self._bite()
                return

    def _place(self) -> str:
        frame = sys._current_frames().get(self._watched)  # pyright: ignore[reportPrivateUsage] - the public way
        stack = traceback.extract_stack(frame)[-_FRAMES:] if frame else []
        way = " > ".join(f"{one.filename.rpartition('/')[2]}:{one.lineno} {one.name}" for one in stack)
        return f"{way}: {stack[-1].line}" if stack else ""


def _abort() -> None:
    faulthandler.dump_traceback()
    os.abort()
