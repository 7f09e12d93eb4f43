"""The use case of estimating a wait, the same for a caller at the door and for the floor page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.advice.facts import Facts
from api.advice.kept import KeptFacts
from api.advice.picture import floor_of
from api.advice.schemas import LineAdvice
from api.db.tables import BoardState
from api.priority.waiting import with_counted_waits
from api.reports.periods import today
from api.settings import ApiSettings
from ivr.kernel.ids import QueueName
from routing.estimate import Estimate, Handling, estimate, handling_time
from routing.ports import BoardLink
from routing.priority import ahead_seconds
from routing.queues import QueueSettings, rest_seconds


async def advise(
    session: AsyncSession, kept: KeptFacts, settings: ApiSettings, queue: QueueName, now: datetime, *, priority: int = 0
) -> LineAdvice:
    """What a caller may be told who is about to enter this queue: no wait, where the board is old or does not know it, where
    the queue is full and will not let them in, or where the settings say that its callers are told none."""
    stored = await session.get(BoardState, settings.systemname)
    fresh = (
        stored is not None and now - stored.as_of <= settings.board_stale and stored.board.get("link") == BoardLink.LIVE
    )
    its = settings_of(settings, queue)
    if stored is None or not fresh:
        return LineAdvice.silent(queue, its.wait_limit_seconds)
    facts = await kept.of(session, queue, now)
    board, step = stored.board, settings.routing.step_seconds
    full = _waiting(board, queue) >= its.max_waiting
    if priority:  # everybody who waits stands before somebody without any
        board = await with_counted_waits(session, board, step, now)
    found = estimates(board, facts, settings, [queue], now, priority=ahead_seconds(priority, step))[queue]
    return LineAdvice.of(queue, found, its.wait_limit_seconds, tell=its.tell_wait and not full)


def estimates(
    board: Mapping[str, Any],
    facts: Facts,
    settings: ApiSettings,
    queues: Iterable[QueueName],
    now: datetime,
    *,
    priority: int = 0,
) -> dict[QueueName, Estimate]:
    """The wait of somebody who comes now, for each of these queues."""
    floor = floor_of(board, facts.call_backs)
    patience = settings.staffing.patience_seconds
    return {
        queue: estimate(
            floor, queue, _handling(facts, settings, queue, now), patience_seconds=patience, priority=priority
        )
        for queue in queues
    }


def waits_of(
    board: Mapping[str, Any], facts: Facts, settings: ApiSettings, now: datetime
) -> dict[QueueName, float | None]:
    """The expected wait of a caller who comes now, of each queue that the board knows."""
    queues = [QueueName(queue["name"]) for queue in board.get("queues", [])]
    return {name: found.seconds for name, found in estimates(board, facts, settings, queues, now).items()}


def _waiting(board: Mapping[str, Any], queue: QueueName) -> int:
    return next((len(known["waiting"]) for known in board.get("queues", []) if known["name"] == queue), 0)


def settings_of(settings: ApiSettings, queue: QueueName) -> QueueSettings:
    """A queue that only Asterisk knows behaves as one that nobody changed."""
    return settings.queues.get(queue) or QueueSettings()


def _handling(facts: Facts, settings: ApiSettings, queue: QueueName, now: datetime) -> Handling | None:
    its = settings_of(settings, queue)
    return handling_time(
        facts.talks.get(queue, ()),
        facts.work.get(queue, ()),
        now=now,
        midnight=today(now).since,
        setting=its.handle_seconds,
        rest=rest_seconds(its, settings.sign_in),
    )
