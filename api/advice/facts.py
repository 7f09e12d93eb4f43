"""What the database knows for an estimate: the newest talks of each queue, the work after them, call backs that wait.

One statement, each part the end of an index: a caller is on the line while it runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import TIMESTAMP, Float, Select, Text, cast, extract, func, literal, null, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from api.db.callback_tables import CallbackRow
from api.db.duty_tables import WrapUpRow
from api.db.tables import VisitRow
from ivr.kernel.ids import QueueName
from routing.callbacks.request import CallbackState
from routing.estimate import NEWEST, Span

LOOK_BACK = timedelta(days=28)
"""Older talks say nothing about today's."""

Statement = Select[*tuple[Any, ...]]
_TALK, _WORK, _CALL_BACK = "talk", "work", "call_back"


@dataclass(frozen=True, slots=True)
class Facts:
    """By queue; the newest first."""

    talks: Mapping[QueueName, Sequence[Span]] = field(default_factory=dict)
    work: Mapping[QueueName, Sequence[Span]] = field(default_factory=dict)
    call_backs: Mapping[QueueName, int] = field(default_factory=dict)


async def read_facts(session: AsyncSession, queues: Iterable[QueueName], now: datetime) -> Facts:
    """What an estimate needs for each of these queues."""
    spans: dict[tuple[str, QueueName], list[Span]] = {}
    call_backs: dict[QueueName, int] = {}
    for kind, queue, ended_at, number in await session.execute(facts_of(queues, now)):
        if kind == _CALL_BACK:
            call_backs[QueueName(queue)] = round(number)
        else:
            spans.setdefault((kind, QueueName(queue)), []).append(Span(ended_at, number))
    talks, work = ({queue: found for (of, queue), found in spans.items() if of == kind} for kind in (_TALK, _WORK))
    return Facts(talks, work, call_backs)


def pending_call_backs(now: datetime) -> Statement:
    """Statement: call backs that are about to take their place in a queue, by queue. Those that stand in one are on the board
    like everybody who waits there, and who is tried again later is before nobody now."""
    number = cast(func.count(), Float)
    return (
        select(literal(_CALL_BACK, Text), CallbackRow.queue, cast(null(), TIMESTAMP(timezone=True)), number)
        .where(CallbackRow.state.in_([CallbackState.PENDING.value, CallbackState.RETRY.value]))
        .where(or_(CallbackRow.not_before.is_(None), CallbackRow.not_before <= now))
        .group_by(CallbackRow.queue)
    )


def facts_of(queues: Iterable[QueueName], now: datetime) -> Statement:
    """Statement: kind, queue, end and seconds of the newest talks and of the newest work, of each queue; and call backs, with
    their number in the place of seconds."""
    since, visit, wrap = now - LOOK_BACK, VisitRow, WrapUpRow
    parts: list[Statement] = []
    for queue in queues:
        talks = (
            select(
                literal(_TALK, Text).label("kind"), visit.queue, visit.ended_at, visit.talked_seconds.label("seconds")
            )
            .where(visit.queue == queue, visit.arrived_at >= since, visit.arrived_at <= now)
            .where(visit.outcome == "answered", visit.talked_seconds.is_not(None))
            .order_by(visit.arrived_at.desc(), visit.call_id.desc())
            .limit(NEWEST)
        )
        work = (
            select(
                literal(_WORK, Text).label("kind"),
                wrap.queue,
                wrap.ended_at,
                cast(extract("epoch", wrap.ended_at - wrap.began_at), Float).label("seconds"),
            )
            .where(wrap.queue == queue, wrap.began_at >= since, wrap.began_at <= now, wrap.ended_at.is_not(None))
            .order_by(wrap.began_at.desc())
            .limit(NEWEST)
        )
        parts += [select(talks.subquery()), select(work.subquery())]
    return select(union_all(*parts, pending_call_backs(now)).subquery())
