"""What a span of time needs, for whoever plans people for it: the roster asks through a port of its own.

Days alike need alike: a month has half hours by the hundred, but only some dozens of loads, each reckoned once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from api.settings import ApiSettings
from api.staffing.half_hours import LENGTH, SECONDS, place_of
from api.staffing.ports import OpeningHours
from api.staffing.service import FARTHEST_AHEAD, foretell
from api.staffing.view import Line
from routing.staffing.need import staffing_for

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class InThePlan:
    """People to schedule, by Erlang C and by Erlang A."""

    by_c: int
    by_a: int


def line_from(settings: ApiSettings, hours: OpeningHours) -> Line:
    """What is settled about the line, with the hours that are in force now."""
    return Line(
        calendar=hours.calendar(),
        clock_open=settings.clock_open,
        seats=settings.seats,
        target=settings.staffing,
        weeks=settings.forecast_weeks,
        wrapups={str(name): queue.wrapup_seconds for name, queue in settings.queues.items()},
    )


class NeedFromForecast:
    """The need of spans by the same forecast and the same models as the staffing of a day."""

    def __init__(self, settings: ApiSettings, hours: OpeningHours) -> None:
        self._settings = settings
        self._hours = hours

    async def within(self, session: AsyncSession, spans: Sequence[Span], now: datetime) -> list[InThePlan | None]:
        """The most that any half hour of each span needs; None where nothing is foretold. One query for all of them."""
        line = line_from(self._settings, self._hours)
        farthest = place_of(now)[0] + FARTHEST_AHEAD
        days = sorted({place_of(first)[0] for first, _ in spans})
        foretold = await foretell(session, [day for day in days if day <= farthest], line=line, now=now)
        reckoned: dict[tuple[float, float], InThePlan] = {}
        found: list[InThePlan | None] = []
        for span in spans:
            loads = [load for at in _half_hours(span) if (load := foretold.get(at))]
            for calls, handling in loads:
                if (calls, handling) not in reckoned:
                    need = staffing_for(calls, handling, SECONDS, line.seats, line.target)
                    reckoned[calls, handling] = InThePlan(need.by_c.scheduled, need.by_a.scheduled)
            needs = [reckoned[load] for load in loads]
            most = InThePlan(max(n.by_c for n in needs), max(n.by_a for n in needs)) if needs else None
            found.append(most)
        return found


def _half_hours(span: Span) -> list[tuple[date, int]]:
    """Day and number of each half hour that the span touches."""
    at, found = span[0], list[tuple[date, int]]()
    while at < span[1]:
        found.append(place_of(at))
        at += LENGTH
    return found
