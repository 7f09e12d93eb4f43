"""Facts that are kept for some seconds: in a rush of callers the first of them reads, and the others are told at once.

What is kept changes slowly (the newest talks) or by one (call backs). The board and the caller are read for each.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from api.advice.facts import Facts, read_facts
from ivr.kernel.ids import QueueName

_MOST = 100
"""Queues; a door asks for the few of its menu."""


class KeptFacts:
    """`lasting`: how old facts may be; nothing is kept with 0."""

    def __init__(self, lasting: timedelta) -> None:
        self._lasting = lasting
        self._known: dict[QueueName, tuple[datetime, Facts]] = {}

    async def of(self, session: AsyncSession, queue: QueueName, now: datetime) -> Facts:
        """What an estimate needs for this queue. Two who ask at once may both read."""
        read_at, facts = self._known.get(queue, (None, Facts()))
        if read_at is not None and timedelta() <= now - read_at < self._lasting:  # a clock may be set back
            return facts
        facts = await read_facts(session, [queue], now)
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[queue] = (now, facts)
        return facts
