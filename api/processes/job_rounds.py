"""The pace of the worker's looks at the queue: a few jobs at a time, and no look at what the worker itself did.

A look at the queue is half a dozen statements, more than most jobs need themselves; taken one by one, fetching the work
would cost more than doing it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from datetime import timedelta

from pgqueuer.db import AsyncpgDriver
from pgqueuer.models import Job as QueuedJob
from pgqueuer.ports.driver import NotifyCallback
from pgqueuer.qm import QueueManager

GATHER = 0.25
"""Seconds between the word of a new job and the look: a call's two ledgers are read within it, and ask for one job."""
ROUND = 1.0
"""Seconds between two looks, at least: a kept message is still a case within two."""


class NewJobs(AsyncpgDriver):
    """Passes on no word of jobs that were done: the queue says it of every change, the worker's own among them."""

    async def add_listener(self, channel: str, callback: NotifyCallback) -> None:
        def heard(payload: str | bytes | bytearray) -> None:
            if not _tells_of_leaving(payload):
                callback(payload)

        await super().add_listener(channel, heard)


class Rounds(QueueManager):
    """Looks at the queue in rounds."""

    _next_look = 0.0
    """By the loop's clock."""

    async def fetch_jobs(
        self, batch_size: int, global_concurrency_limit: int | None, heartbeat_timeout: timedelta
    ) -> AsyncGenerator[QueuedJob, None]:
        """As the library's, after the wait that the pace asks for."""
        clock = asyncio.get_running_loop().time
        wait = max(GATHER, self._next_look - clock())
        try:
            async with asyncio.timeout(wait):
                await self.shutdown.wait()
        except TimeoutError:
            self._next_look = clock() + ROUND
        async for job in super().fetch_jobs(batch_size, global_concurrency_limit, heartbeat_timeout):
            yield job


def _tells_of_leaving(payload: str | bytes | bytearray) -> bool:
    try:
        said = json.loads(payload)
    except ValueError:
        return False  # the library's own listener says what it thinks of that
    return isinstance(said, dict) and said.get("operation") == "delete"
