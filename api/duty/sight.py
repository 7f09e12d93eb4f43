"""Since when an absence can be measured: while pages can be seen, and on a clock that did not jump."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

JUMP = timedelta(seconds=5)
"""Between two looks the clock of the day may be wrong by so much against the one that never jumps."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What somebody who looks for absences must know of their own eyes."""

    pages_since: datetime | None
    """Since when pages can be seen without a break (`repository.web_since`); None when they cannot, and then no desk is gone:
    that our own web is away says nothing of who sits there."""
    clock_since: datetime | None
    """The last jump of the clock, by the clock after it; None: none was noticed. What an absence lasted before it is unknown."""
    looking_since: datetime | None = None
    """When somebody began to look, by the clock of then; a jump before that was noticed by nobody."""

    def desk_gone(self, seen_at: datetime | None, now: datetime) -> timedelta:
        """How long the desk page is known to be gone; zero where nobody can know."""
        if seen_at is None or self.pages_since is None:
            return timedelta(0)
        return self.lasted(max(seen_at, self.pages_since), now)

    def lasted(self, since: datetime, now: datetime) -> timedelta:
        """How long something has lasted at least. What a clock wrote down that is now to come has lasted since that clock was set."""
        if since > now:
            since = self.clock_since or self.looking_since or now
        return now - (since if self.clock_since is None else max(since, self.clock_since))


class ClockWatch:
    """Notices jumps. A machine that slept has jumped too: nobody could be seen meanwhile."""

    def __init__(self, seconds: Callable[[], float]) -> None:
        """`seconds`: the clock that never jumps."""
        self._seconds = seconds
        self._last: tuple[datetime, float] | None = None
        self._since: datetime | None = None
        self.began: datetime | None = None
        """The first look."""

    def since(self, now: datetime) -> datetime | None:
        """The last jump that was noticed, by this look or one before. Look often: it compares with the look before."""
        tick = self._seconds()
        self.began = self.began or now
        if self._last is not None:
            then, last_tick = self._last
            if abs(now - then - timedelta(seconds=tick - last_tick)) > JUMP:
                self._since = now
        self._last = (now, tick)
        return self._since
