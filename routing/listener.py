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
from routing.ami.inbox import Heard, Item, LinkDown, LinkUp, LookAgain, Overflow
from routing.ami.normalise import normalise
from routing.ami.picture import picture
from routing.ami.protocol import LinkLost
from routing.board import Board
from routing.doubts import Doubts
from routing.live import LiveEvent
from routing.nameless import named
from routing.ports import BoardLink, BoardPublication, BoardSink, Watcher

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
    unchecked_limit: float = 60.0
    """A board that no whole snapshot has confirmed for so long counts as old, however alive the link is."""
    shortest: float = 0.05
    """Between two publications; a burst of events is one picture. With the page's own pace it must stay below the 200 ms
    that a change may take to the screen."""
    gather: float = 0.03
    """Of that, before a publication: Asterisk tells one thing that happened in several events, a few milliseconds apart."""
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
    """Callers, seats and memberships a snapshot had to correct, on a link that was already live; should stay 0."""
    changed_while_away: int = 0
    """The same, found by the first snapshot of a new link: what nobody could hear. After a restart of Asterisk that lost
    its memory, this tells how much."""
    resyncs: int = 0
    """Overflows of the inbox."""
    unpublished: int = 0


class Listener:
    """The one reader of one Asterisk node's live events."""

    def __init__(
        self,
        link: AmiLink,
        board: Board,
        sink: BoardSink,
        clock: Clock,
        pace: ListenerPace = ListenerPace(),
        watcher: Watcher | None = None,
    ) -> None:
        self.board = board
        self._watcher = watcher
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
        self._announced = False
        """Whether somebody of ours has changed the order of callers since the last snapshot."""
        self._fresh = True
        """Whether the next snapshot is the first of a new link."""
        self._next_snapshot = 0.0
        self._checked = 0.0
        """When the newest snapshot was put in place (loop time)."""
        self._moved_in_a_row = 0
        self._doubts = Doubts()
        self._as_of: datetime | None = None

    def figures(self) -> dict[str, float]:
        """All counts and gauges of the live side by name, for whoever exports measures. Counters grow only; gauges are
        `ami_up` (0/1), `ami_age_seconds` (since the last proof; absent before the first), `inbox_items`."""
        counts, link = self.counts, self._link
        found: dict[str, float] = {
            "events": counts.events,
            "rejected_messages": counts.rejected + link.dropped,
            "snapshots": counts.snapshots,
            "snapshots_failed": counts.snapshots_failed,
            "snapshot_differences": counts.differences,
            "changed_while_away": counts.changed_while_away,
            "resyncs": counts.resyncs,
            "overflow_drops": link.inbox.dropped,
            "logins": link.logins,
            "refused_logins": link.refused_logins,
            "unpublished": counts.unpublished,
            "ami_up": float(link.live),
            "inbox_items": len(link.inbox),
        }
        if self._as_of is not None:
            found["ami_age_seconds"] = (self._clock.now() - self._as_of).total_seconds()
        return found

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

    def look_again(self) -> None:
        """Take a snapshot at once. Asterisk tells no event when a caller's priority is changed; what this snapshot finds is
        no mistake of ours."""
        self._link.inbox.put(LookAgain())

    async def _consume(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            wait = self._due(loop.time()) - loop.time() if self._link.live else None
            try:
                async with asyncio.timeout(None if wait is None else max(wait, 0.001)):
                    item = await self._link.inbox.get()
            except TimeoutError:
                item = None
            if item is not None:
                self._take(item)
                await self._take_all()
            if self._link.live and loop.time() >= self._due(loop.time()):
                await self._resync()

    def _due(self, now: float) -> float:
        """When the next snapshot is: in its turn, or because of something that does not fit."""
        doubted = self._doubts.due(self.board.contradictions(), now, self._checked)
        return min(self._next_snapshot, doubted) if self._whole else self._next_snapshot

    async def _take_all(self) -> list[LiveEvent]:
        """Take in everything heard so far; the events among it."""
        events: list[LiveEvent] = []
        for number, item in enumerate(self._link.inbox.drain(), 1):
            event = self._take(item)
            if event is not None:
                events.append(event)
            if number % 500 == 0:
                await asyncio.sleep(0)  # the reader of the wire has its turn, else Asterisk cuts it off
        return events

    def _take(self, item: Item) -> LiveEvent | None:
        match item:
            case Heard(message, at):
                try:
                    event = normalise(message, at)
                except Invalid as error:
                    self.counts.rejected += 1
                    log.warning("ami_event_rejected", reason=error.message)
                    return None
                if event is not None:
                    event = named(event, self.board)
                    self.counts.events += 1
                    self.board.apply(event)
                    self._moved.set()
                    if self._watcher is not None:
                        self._watcher.heard(event)
                return event
            case LookAgain():
                self._next_snapshot, self._announced = 0.0, True
            case LinkUp():
                self._whole, self._fresh, self._next_snapshot = False, True, 0.0
            case LinkDown(_, reason):
                self._whole, self.state = False, BoardLink.STALE
                self._tell_lost()
                log.warning("board_stale", reason=reason)
                self._moved.set()
            case Overflow(dropped):
                # Among what was dropped may be the end of a link: old until a snapshot has been taken.
                self.counts.resyncs += 1
                self._whole, self.state, self._next_snapshot = False, BoardLink.STALE, 0.0
                self._moved.set()
                self._tell_lost()
                log.error("ami_inbox_overflow", dropped=dropped)
        return None

    def _tell_lost(self) -> None:
        if self._watcher is not None:
            self._watcher.lost()

    async def _resync(self) -> None:
        await self._take_all()
        loop, asked = asyncio.get_running_loop(), self._clock.now()
        try:
            # Of holds every event is heard, once the board is whole: they are asked for only after a gap.
            seen = await picture(self._link, self._clock, self._pace.snapshot_limit, holds=not self._whole)
        except (LinkLost, TimeoutError, Invalid) as error:
            self.counts.snapshots_failed += 1
            log.warning("snapshot_failed", reason=str(error) or "no answer")
            self._next_snapshot = loop.time() + self._pace.snapshot_retry
            self._doubts.pictured(())
            if loop.time() - self._checked > self._pace.unchecked_limit:
                self.state = BoardLink.STALE  # events alone have kept it for too long
                self._moved.set()
            return
        resyncs, logins = self.counts.resyncs, self._link.logins
        self._next_snapshot = loop.time() + self._pace.snapshot_every
        meanwhile = await self._take_all()
        if self.counts.resyncs != resyncs or self._link.logins != logins or not self._link.live:
            return  # this picture is of a link that is gone, or of before the gap
        differences = self.board.replace(seen, meanwhile)
        self._doubts.pictured(self.board.contradictions())
        if self._watcher is not None:
            self._watcher.pictured(seen, meanwhile)
        self.counts.snapshots += 1
        announced, self._announced = self._announced, False
        if self._whole and differences and not announced:
            self.counts.differences += differences
            log.warning("snapshot_differs", differences=differences)
        elif self._fresh and self._as_of is not None:
            self.counts.changed_while_away += differences
        again = bool(meanwhile) and self._moved_in_a_row < self._pace.moved_retries
        self._moved_in_a_row = self._moved_in_a_row + 1 if again else 0
        if again:
            self._next_snapshot = loop.time() + self._pace.snapshot_retry
        self._whole, self._fresh, self.state = True, False, BoardLink.LIVE
        self._checked = loop.time()
        self._as_of = asked
        self._moved.set()

    async def _show(self) -> None:
        """Publish what changed, and at each heartbeat what did not. Asterisk says most things of a call several times, so
        many events leave the picture as it was: those cost nobody anything."""
        clock, told = asyncio.get_running_loop().time, 0.0
        shown: tuple[dict[str, Any], BoardLink] | None = None
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(told + self._pace.heartbeat - clock(), 0.0)):
                    await self._moved.wait()
                    await asyncio.sleep(self._pace.gather)
            self._moved.clear()
            proven = self._link.proven
            if self.state is BoardLink.LIVE and self._link.live and not len(self._link.inbox) and proven is not None:
                self._as_of = proven  # heard, and taken in
            if self._as_of is None:
                told = clock()
                continue  # no snapshot yet: there is nothing true to show
            now_shown = self.board.to_json(self._clock.now()), self.state
            if now_shown == shown and clock() < told + self._pace.heartbeat:
                await asyncio.sleep(self._pace.shortest - self._pace.gather)
                continue
            if shown is None or now_shown[0] != shown[0]:
                self.version += 1
            shown, told = now_shown, clock()
            try:
                await self._sink.publish(BoardPublication(shown[0], self._as_of, self.version, self.epoch, self.state))
            except Unavailable as error:
                self.counts.unpublished += 1
                log.warning("board_not_published", reason=error.message)
                self._moved.set()
                told = 0.0  # due as soon as the sink may be tried again
                await asyncio.sleep(self._pace.sink_retry)
            else:
                await asyncio.sleep(self._pace.shortest - self._pace.gather)
