"""What this morning foretold of today, for whoever shows it beside what comes: the floor asks through a port of its own.

It is the staffing of today as its page tells it, by the same use case, so that the two cannot differ.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from api.settings import ApiSettings
from api.staffing.half_hours import place_of
from api.staffing.needed import line_from
from api.staffing.ports import OpeningHours, PlannedOperators
from api.staffing.service import read_staffing


@dataclass(frozen=True, slots=True)
class Foretold:
    """One half hour. What is not known is None."""

    starts_at: datetime
    open: bool
    calls: float | None
    need: int | None
    """People to have in the plan, by Erlang A."""
    need_by_c: int | None
    planned: int | None


class ForetoldToday:
    """Today's half hours by the forecast of this morning."""

    def __init__(
        self, settings: ApiSettings, hours: OpeningHours, planned: Callable[[AsyncSession], PlannedOperators]
    ) -> None:
        self._settings = settings
        self._hours = hours
        self._planned = planned

    async def of_today(self, session: AsyncSession, now: datetime) -> list[Foretold]:
        """Those that are open, and those outside of the hours in which somebody came."""
        line = line_from(self._settings, self._hours)
        told = await read_staffing(session, place_of(now)[0], None, line=line, planned=self._planned(session), now=now)
        return [
            Foretold(
                starts_at=half.starts_at,
                open=half.open,
                calls=half.forecast_calls,
                need=half.erlang_a.scheduled if half.erlang_a else None,
                need_by_c=half.erlang_c.scheduled if half.erlang_c else None,
                planned=half.planned,
            )
            for half in told.half_hours
        ]
