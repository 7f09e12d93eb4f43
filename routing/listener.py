"""Keeps the live board true: connect, log in, snapshot, live, and a fresh snapshot every 30 s.

One consumer takes everything in order. While it waits for a snapshot, events pile up in the inbox and are applied after
it (`ami/resync` says why that is right). A second task shows the board: not more often than people can see, and often
enough that its age on the page is honest. When the link is down, `as_of` simply stops: nobody has to send "stale".
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog

from ivr.kernel.clock import Clock
from ivr.kernel.errors import Invalid, Unavailable
from routing.ami.client import AmiLink
from routing.ami.inbox import Heard, Item, LinkDown, LinkUp, Overflow
from routing.ami.normalise import normalise
from routing.ami.protocol import LinkLost
from routing.ami.resync import COMPLETE, snapshot
from routing.board import Board
from routing.ports import BoardLink, BoardPublication, BoardSink

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class ListenerPace:
    """Waits of the listener, in seconds."""

    snapshot_every: float = 30.0
    """Asking more often than this has piled up threads inside Asterisk."""
    snapshot_retry: float = 1.0
    """After a snapshot that failed, or during which something moved (at most `moved_retries` times in a row)."""
    moved_retries: int = 3
    snapshot_limit: float = 10.0
    shortest: float = 0.1
    """Between two publications; a burst of events is one picture."""
    heartbeat: float = 1.5
    """A quiet board is still shown this often, with a new `as_of`."""
    sink_retry: float = 1.0


@dataclass(slots=True)
class ListenerCounts:
    """What a metrics page wants to know."""

    events: int = 0
    rejected: int = 0
    snapshots: int = 0
    snapshots_failed: int = 0
    differences: int = 0
    """Callers and seats a snapshot had to correct, on a link that was already live; should stay 0."""
    resyncs: int = 0
    """Overflows of the inbox."""
    unpublished: int = 0


class Listener:
    """The one reader of one Asterisk node's live events."""

    def __init__(
        self, link: AmiLink, board: Board, sink: BoardSink, clock: Clock, pace: ListenerPace = ListenerPace()
    ) -> None:
        self.board = board
        self.state = BoardLink.CONNECTING
        self.counts = ListenerCounts()
        self.epoch = uuid.uuid4().hex[:12]
        self.version = 0
        self._link = link
        self._sink = sink
        self._clock = clock
        self._pace = pace
        self._moved = asyncio.Event()
        self._whole = False
        """Whether the board has held a snapshot since the link came up."""
        self._next_snapshot = 0.0
        self._moved_in_a_row = 0
        self._as_of: datetime | None = None

    async def run(self) -> None:
        """Listen and show until cancelled or until `close()`."""
        tasks = [asyncio.create_task(work) for work in (self._link.run(), self._consume(), self._show())]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def close(self) -> None:
        """End `run()` and the link."""
        self._link.close()

    async def _consume(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            wait = self._next_snapshot - loop.time() if self._link.live else None
            try:
                async with asyncio.timeout(None if wait is None else max(wait, 0.001)):
                    item = await self._link.inbox.get()
            except TimeoutError:
                item = None
            if item is not None:
                self._take(item)
            if self._link.live and loop.time() >= self._next_snapshot:
                await self._resync()

    def _take(self, item: Item) -> None:
        match item:
            case Heard(message, at):
                try:
                    event = normalise(message, at)
                except Invalid as error:
                    self.counts.rejected += 1
                    log.warning("ami_event_rejected", reason=error.message)
                    return
                if event is not None:
                    self.counts.events += 1
                    self.board.apply(event)
                    self._moved.set()
            case LinkUp():
                self._whole, self._next_snapshot = False, 0.0
            case LinkDown(_, reason):
                self._whole, self.state = False, BoardLink.STALE
                log.warning("board_stale", reason=reason)
                self._moved.set()
            case Overflow(dropped):
                self.counts.resyncs += 1
                self._whole, self._next_snapshot = False, 0.0
                log.error("ami_inbox_overflow", dropped=dropped)

    async def _resync(self) -> None:
        for item in self._link.inbox.drain():
            self._take(item)
        loop = asyncio.get_running_loop()
        try:
            replies = await self._link.ask("QueueStatus", ends_with=COMPLETE, limit=self._pace.snapshot_limit)
            now = self._clock.now()
            differences = self.board.replace(snapshot(replies, now))
        except (LinkLost, TimeoutError, Invalid) as error:
            self.counts.snapshots_failed += 1
            log.warning("snapshot_failed", reason=str(error) or "no answer")
            self._next_snapshot = loop.time() + self._pace.snapshot_retry
            return
        self.counts.snapshots += 1
        if self._whole and differences:
            self.counts.differences += differences
            log.warning("snapshot_differs", differences=differences)
        again = len(self._link.inbox) > 0 and self._moved_in_a_row < self._pace.moved_retries
        self._moved_in_a_row = self._moved_in_a_row + 1 if again else 0
        self._next_snapshot = loop.time() + (self._pace.snapshot_retry if again else self._pace.snapshot_every)
        self._whole, self.state = True, BoardLink.LIVE
        self._as_of = now
        self._moved.set()

    async def _show(self) -> None:
        shown: dict[str, Any] | None = None
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._pace.heartbeat):
                    await self._moved.wait()
            self._moved.clear()
            if self.state is BoardLink.LIVE and self._link.live and self._link.last_heard is not None:
                self._as_of = self._link.last_heard
            if self._as_of is None:
                continue  # no snapshot yet: there is nothing true to show
            board = self.board.to_json(self._clock.now())
            if board != shown:
                self.version, shown = self.version + 1, board
            publication = BoardPublication(board, self._as_of, self.version, self.epoch, self.state)
            try:
                await self._sink.publish(publication)
            except Unavailable as error:
                self.counts.unpublished += 1
                log.warning("board_not_published", reason=error.message)
                self._moved.set()
                await asyncio.sleep(self._pace.sink_retry)
            else:
                await asyncio.sleep(self._pace.shortest)
