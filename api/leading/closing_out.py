"""What a sudden closure does to those who wait already: within seconds they are told, and offered a message or a call back.

The end of the working day is another matter: then callers may still be answered for a while (the doors see to that). A
queue that is closed suddenly has nobody left to answer. Lives in the listener's process, which knows who waits, and looks
at the same file as the doors; a caller for whom a seat rings at that moment is let talk.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import structlog

from api.floor.opening import Opening
from ivr.kernel.calendar import Calendar
from ivr.kernel.clock import Clock
from ivr.kernel.errors import Conflict, Unavailable
from ivr.kernel.ids import LegId, QueueName
from routing.leading import Lead
from routing.queues import CLOSED

log = structlog.get_logger(__name__)

LOOK = 1.0
"""Seconds between two looks."""


class ClosingOut:
    """`run()` until cancelled."""

    def __init__(
        self, lead: Lead, opening: Opening, waiting: Callable[[], Mapping[QueueName, Sequence[LegId]]], clock: Clock
    ) -> None:
        self._lead = lead
        self._opening = opening
        self._waiting = waiting
        self._clock = clock
        self._told: set[LegId] = set()
        """Asked to leave already; Asterisk needs a second, or the rest of a ringing."""

    async def run(self) -> None:
        while True:
            await asyncio.sleep(LOOK)
            await self.look()

    async def look(self) -> None:
        """Take out whoever waits in a queue that is suddenly closed."""
        waiting = self._waiting()
        self._told &= {leg for legs in waiting.values() for leg in legs}
        calendar, now = self._opening.calendar(), self._clock.now()
        for queue, legs in waiting.items():
            if set(legs) - self._told and closed_suddenly(calendar, queue, now):
                await self._take_out(queue)

    async def _take_out(self, queue: QueueName) -> None:
        try:
            for caller in await self._lead.queued(queue):
                if caller.leg_id in self._told:
                    continue
                self._told.add(caller.leg_id)
                try:
                    await self._lead.withdraw(caller, CLOSED)
                    log.info("waiting.closed_out", queue=queue, call=caller.leg_id)
                except Conflict:
                    log.info("waiting.gone_before_closing", queue=queue, call=caller.leg_id)
                except Unavailable:
                    self._told.discard(caller.leg_id)  # who was perhaps not told is asked again
                    raise
        except Unavailable as error:
            log.warning("waiting.not_closed_out", queue=queue, reason=error.message)


def closed_suddenly(calendar: Calendar, queue: str, now: datetime) -> bool:
    """Whether a sudden closure holds for this queue; hours and holidays do not count here."""
    return any(not one.open and one.touches(queue) and now in one.interval for one in calendar.closures)
