"""The loop that carries rows from a ledger file to the store, as long as the process lives.

Asterisk writes its files whatever happens to us; the store may be away for hours. So nothing is held here: when the
store fails, the loop asks for the stored position again and reads the same rows once more.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

import structlog

from ivr.kernel.clock import Clock
from ivr.kernel.errors import Unavailable
from routing.ledger.tail import Tail
from routing.ports import LedgerBatch, LedgerStore, Position

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Pace:
    """Waits of the loop, in seconds."""

    poll: float = 0.25
    """Between looks at an unchanged file."""
    rest: float = 2.0
    """From one store to the next while rows trickle in, once the beat is found; the record may lag so much, and half as much again
    before (the floor is told by AMI, not by the ledger). A store costs nearly the same for one row as for fifty, and each
    folds its calls anew."""
    backlog: int = 200
    """Rows of a batch that was no trickle: the next one is read at once."""
    first_retry: float = 0.5
    """After the store's first failure; doubles with each further one."""
    longest_retry: float = 10.0
    """So that records are complete within 60 s after the store returns."""


async def follow(
    tail: Tail,
    store: LedgerStore,
    clock: Clock,
    *,
    stop: asyncio.Event,
    pace: Pace = Pace(),
    stored: Callable[[LedgerBatch], None] | None = None,
    idle: Callable[[datetime], Awaitable[None]] | None = None,
) -> None:
    """Follow one ledger until `stop` is set; finishes the batch in hand first. `stored` is told of each stored
    batch; `idle` is called at each look that found nothing new, with the instant before that look: what was written later may
    have been missed, and a process can be frozen in between. It may raise `Unavailable` like the store."""
    retry = pace.first_retry
    position: Position | None = None
    ahead: LedgerBatch | None = None
    asked, lost = False, 0
    moment = asyncio.get_running_loop().time
    not_before = 0.0
    try:
        while not stop.is_set():
            try:
                if not asked:
                    position, asked = await store.position(tail.source), True
                if (early := not_before - moment()) > 0:
                    await _pause(stop, early)
                looked = clock.now()
                batch = ahead or await asyncio.to_thread(tail.read_new, position, looked)
                ahead = None
                while lost < len(tail.lost):
                    log.error(
                        "ledger_file_lost", source=tail.source, file_id=tail.lost[lost], hint="rows may be missing"
                    )
                    lost += 1
                if batch is None:
                    if idle is not None:
                        await idle(looked)
                        retry = pace.first_retry
                    await _pause(stop, pace.poll)
                    continue
                began = moment()
                if len(batch.events) >= pace.backlog:
                    ahead = await _store_and_read_ahead(tail, store, batch, clock)
                    not_before = 0.0
                else:
                    await store.store(batch)
                    not_before = _next_beat(began, pace.rest)
            except (Unavailable, OSError) as error:
                log.warning("ledger_waits", source=tail.source, reason=str(error), retry_seconds=retry)
                asked = False
                await _pause(stop, retry * random.uniform(0.5, 1.0))  # noqa: S311 - so that readers do not come back in step
                retry = min(retry * 2, pace.longest_retry)
                continue
            position, retry = batch.position, pace.first_retry
            if batch.rejected:
                log.warning(
                    "ledger_rows_rejected",
                    source=tail.source,
                    count=len(batch.rejected),
                    reason=batch.rejected[0].reason,
                )
            if stored is not None:
                stored(batch)
    finally:
        tail.close()


def _next_beat(began: float, rest: float) -> float:
    """All followers of a process rest to one beat: what both ledgers say of a moment is stored together, and whoever looks for
    what a call has left finds both."""
    return ((began + rest / 2) // rest + 1) * rest


async def _store_and_read_ahead(tail: Tail, store: LedgerStore, batch: LedgerBatch, clock: Clock) -> LedgerBatch | None:
    """Store, and meanwhile read the next batch of a backlog; that one is forgotten when the store fails."""

    def read_ahead() -> LedgerBatch | None:
        try:
            return tail.read_ahead(batch.position, clock.now())
        except OSError:
            return None  # whoever reads next meets it again, and says so

    reading = asyncio.create_task(asyncio.to_thread(read_ahead))
    try:
        await store.store(batch)
    finally:
        await asyncio.wait([reading])  # a file has one reader at a time
    return reading.result()


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return
