"""From the stored board and today's figures to what is shown; pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from api.floor.schemas import BoardNow, QueueNow, QueueToday, SeatNow, TodayNow
from api.floor.today import Today
from api.reports.counts import AgentTime, VisitCounts
from api.reports.formulas import (
    abandonment_rate,
    abandonment_without_short,
    occupancy,
    speed_of_answer,
    talk_time,
)
from api.reports.schemas import RatioView, ServiceLevel
from ivr.kernel.ids import QueueName
from routing.ports import BoardLink
from routing.queues import QUEUES


@dataclass(frozen=True, slots=True)
class StoredBoard:
    """A row of `board_state`."""

    epoch: str
    version: int
    as_of: datetime
    board: Mapping[str, Any]

    def is_older_than(self, other: StoredBoard) -> bool:
        """Versions count within one run of the listener; between two runs only the time tells."""
        if self.epoch == other.epoch:
            return (self.version, self.as_of) < (other.version, other.as_of)
        return self.as_of < other.as_of


def board_now(
    stored: StoredBoard | None,
    today: Today | None,
    *,
    now: datetime,
    stale_after: timedelta,
    is_open: Callable[[str, datetime], bool],
    places: Sequence[str],
    waits: Callable[[Mapping[str, Any], datetime], Mapping[QueueName, float | None]],
) -> BoardNow:
    """What a page shows at `now`. A seat or queue that the stored board does not know stands there all the same. `waits`
    reckons the expected wait of each queue from a board; an old one is not asked."""
    board = stored.board if stored else {}
    queues = {queue["name"]: queue for queue in board.get("queues", [])}
    seats = {seat["seat"]: seat for seat in board.get("seats", [])}
    age = max((now - stored.as_of).total_seconds(), 0.0) if stored else None
    link = str(board.get("link", "connecting"))
    stale = age is None or age > stale_after.total_seconds()
    expected = {} if stale or link != BoardLink.LIVE else waits(board, now)
    return BoardNow(
        as_of=stored.as_of if stored else None,
        age_seconds=round(age, 3) if age is not None else None,
        stale=stale,
        link=link,
        epoch=stored.epoch if stored else "",
        version=stored.version if stored else 0,
        queues=[
            QueueNow.model_validate(
                {
                    "waiting": [],
                    **queues.get(name, {}),
                    "name": name,
                    "open": (opened := is_open(name, now)),
                    "estimate_seconds": expected.get(name) if opened else None,
                }
            )
            for name in dict.fromkeys((*QUEUES, *queues))
        ],
        seats=[_seat(name, seats.get(name)) for name in dict.fromkeys((*places, *seats))],
        today=_today(today) if today else None,
    )


def people_here(stored: StoredBoard | None, now: datetime, stale_after: timedelta) -> int | None:
    """People signed in by the board; None when it is too old to tell."""
    if stored is None or now - stored.as_of > stale_after:
        return None
    return sum(bool(seat.get("agent")) for seat in stored.board.get("seats", []))


def _seat(name: str, seat: Mapping[str, Any] | None) -> SeatNow:
    if seat is None:
        return SeatNow(seat=name, agent=None, state="unknown", since=None)
    return SeatNow.model_validate(seat)


def _today(today: Today) -> TodayNow:
    calls, visits = today.calls, today.visits
    return TodayNow(
        since=today.since,
        received=calls.received,
        open_now=calls.open,
        in_survey=calls.in_survey,
        by_disposition=dict(calls.by_disposition),
        entered=visits.offered,
        answered=visits.answered,
        abandoned=visits.abandoned,
        other_exits=visits.other_exits,
        waiting_now=visits.waiting,
        service_level=ServiceLevel.of(visits),
        mean_wait_seconds=speed_of_answer(visits).seconds,
        mean_talk_seconds=talk_time(visits).seconds,
        occupancy=RatioView.of(occupancy(sum(today.agents.values(), AgentTime()))),
        occupancy_of_agents={agent: occupancy(time).value for agent, time in today.agents.items()},
        queues=[
            _queue_today(name, today.by_queue.get(name, VisitCounts()))
            for name in dict.fromkeys((*QUEUES, *sorted(today.by_queue)))
        ],
    )


def _queue_today(queue: str, counts: VisitCounts) -> QueueToday:
    return QueueToday(
        queue=queue,
        offered=counts.offered,
        answered=counts.answered,
        abandoned=counts.abandoned,
        short_abandoned=counts.abandoned_short,
        service_level=ServiceLevel.of(counts),
        abandonment_rate=RatioView.of(abandonment_rate(counts)),
        abandonment_without_short=RatioView.of(abandonment_without_short(counts)),
        longest_wait_seconds=counts.longest_seconds,
    )
