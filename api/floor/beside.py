"""What stands beside the board's picture, kept once for all pages of this process: alarms, and today's forecast.

The forecast of today is the same all day, because it knows nothing of its day; plans change now and then. So both are asked for
every few minutes, and only while a page asks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from api.floor.day import day_now
from api.floor.ports import AlarmsNow, ForetoldDay, ForetoldHalfHour, StandingAlarms
from api.floor.schemas import AlarmsOnBoard, DayNow
from api.floor.today import Today
from api.reports.periods import today
from api.reports.working import people_present

UNWATCHED = timedelta(seconds=15)
"""Without a look for so long the page says that nobody looks for alarms."""
FORETELL_AGAIN = timedelta(minutes=3)
RECKON_AGAIN = timedelta(seconds=10)
"""Between two reckonings of the day: whoever asks between them gets the one in hand."""


class Beside:
    """Kept by the feed, asked by pages."""

    def __init__(self, foretold: ForetoldDay, alarms: StandingAlarms) -> None:
        self._foretold = foretold
        self._alarms = alarms
        self._standing: AlarmsNow | None = None
        self._asked = self._answered = 0
        """Numbers of readings of alarms: the last that was begun, and the one whose answer is kept."""
        self._known: tuple[Sequence[ForetoldHalfHour], datetime] | None = None
        self._day: tuple[DayNow, Today] | None = None
        self._reckoning = asyncio.Lock()
        """Fifty pages that ask at once wait for one answer."""

    def alarms_at(self, now: datetime) -> AlarmsOnBoard | None:
        """How alarms stand, as far as this process has heard."""
        standing = self._standing
        if standing is None:
            return None
        watched = standing.looked_at is not None and now - standing.looked_at <= UNWATCHED
        return AlarmsOnBoard(
            mark=standing.mark if watched else f"{standing.mark}-unwatched",
            standing=standing.standing,
            unacknowledged=standing.unacknowledged,
            watched=watched,
        )

    async def read_alarms(self, session: AsyncSession) -> bool:
        """Whether there is something new to show. Of two readings at once the one that was asked for later is kept."""
        self._asked += 1
        asked = self._asked
        read = await self._alarms.now(session)
        if asked < self._answered:
            return False
        before, self._standing, self._answered = self._standing, read, asked
        return before is None or before.mark != read.mark

    async def day(self, session: AsyncSession, told: Today, here: int | None, now: datetime) -> DayNow:
        """Today, as it was counted last, beside its forecast."""
        async with self._reckoning:
            if self._day and _still_good(self._day, told, here, now):
                return self._day[0]
            known = self._known
            if known is None or known[1] < told.since or not timedelta() <= now - known[1] < FORETELL_AGAIN:
                known = self._known = (await self._foretold.of_today(session, now), now)
            present = await people_present(session, today(told.since), now)
            self._day = (day_now(known[0], told, present, here, now), told)
            return self._day[0]


def _still_good(day: tuple[DayNow, Today], told: Today, here: int | None, now: datetime) -> bool:
    """Nothing new was counted, people present were told a moment ago, and the board has not gone stale or come back since."""
    same = day[1].since == told.since and day[1].by_half_hour == told.by_half_hour
    return same and (day[0].here is None) == (here is None) and timedelta() <= now - day[0].counted_at < RECKON_AGAIN
