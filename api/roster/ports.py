"""What the roster needs from outside its room."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from ivr.kernel.calendar import Calendar


class OpeningHours(Protocol):
    """Hours, holidays and sudden closures as they are in force now."""

    def calendar(self) -> Calendar: ...


class Needed(Protocol):
    """People to have in the plan, by each of the two models of need."""

    @property
    def by_c(self) -> int:
        """If callers waited for ever: the larger one."""
        ...

    @property
    def by_a(self) -> int:
        """If callers hang up."""
        ...


class OperatorsNeeded(Protocol):
    """Foretells how many operators a time needs; the staffing does."""

    async def within(
        self, session: AsyncSession, spans: Sequence[tuple[datetime, datetime]], now: datetime
    ) -> Sequence[Needed | None]:
        """The most that any half hour of each span needs; None where nothing is foretold."""
        ...
