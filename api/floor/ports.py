"""What the floor shows beside its own picture and asks other rooms for; `api.main` joins them.

A day's forecast is the staffing's, plans are the roster's, alarms are the alarms': the floor shows what they tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession


class ForetoldHalfHour(Protocol):
    """What the morning foretold of one half hour, and who is planned for it. What is not known is None."""

    @property
    def starts_at(self) -> datetime: ...

    @property
    def open(self) -> bool: ...

    @property
    def calls(self) -> float | None: ...

    @property
    def need(self) -> int | None:
        """People to have in the plan, by Erlang A: the model whose service level the floor shows."""
        ...

    @property
    def need_by_c(self) -> int | None: ...

    @property
    def planned(self) -> int | None: ...


class ForetoldDay(Protocol):
    """Knows what this morning foretold of today; the staffing does."""

    async def of_today(self, session: AsyncSession, now: datetime) -> Sequence[ForetoldHalfHour]: ...


class AlarmsNow(Protocol):
    """How the floor's alarms stand."""

    @property
    def mark(self) -> str:
        """Another one whenever there is something new to show."""
        ...

    @property
    def standing(self) -> int: ...

    @property
    def unacknowledged(self) -> int: ...

    @property
    def looked_at(self) -> datetime | None:
        """When somebody last looked for alarms."""
        ...


class StandingAlarms(Protocol):
    """Knows which alarms stand; the alarms' room does."""

    async def now(self, session: AsyncSession) -> AlarmsNow: ...
