"""Reads call backs for people: the open ones in order, the newest that are over, one with its attempts, today's figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.callbacks.keeping import open_rows, request_of
from api.callbacks.schemas import CallbackCall, CallbackDetail, CallbackFigures, Callbacks, CallbackView
from api.db.callback_tables import CallbackCallRow, CallbackRow
from api.reports.periods import today
from api.reports.schemas import MeanView, RatioView
from ivr.kernel.errors import NotFound
from ivr.kernel.measures import Mean, Ratio
from ivr.kernel.tracking_code import TrackingCode
from routing.callbacks.request import CallbackState

NEWEST = 50
"""So many that are over are listed."""


async def all_callbacks(session: AsyncSession, now: datetime, *, step_seconds: int, automatic: bool) -> Callbacks:
    rows = await open_rows(session)
    over = select(CallbackRow).where(CallbackRow.ended_at.is_not(None))
    over = over.order_by(CallbackRow.ended_at.desc(), CallbackRow.code).limit(NEWEST)
    places = _places(rows, step_seconds)
    return Callbacks(
        automatic=automatic,
        open=[_view(row, places.get(row.code)) for row in sorted(rows, key=lambda row: (row.queue, places[row.code]))],
        over=[_view(row, None) for row in await session.scalars(over)],
        today=await figures_of(session, today(now).since, now),
    )


async def one_callback(session: AsyncSession, code: TrackingCode, *, step_seconds: int) -> CallbackDetail:
    """`NotFound` when no call back has this code."""
    row = await session.get(CallbackRow, code)
    if row is None:
        raise NotFound("There is no call back with this code. One that was just asked for appears within seconds.")
    calls = select(CallbackCallRow).where(CallbackCallRow.code == code).order_by(CallbackCallRow.n)
    view = _view(row, _places(await open_rows(session), step_seconds).get(row.code))
    told = [CallbackCall.model_validate(call, from_attributes=True) for call in await session.scalars(calls)]
    return CallbackDetail(**view.model_dump(), calls=told)


async def figures_of(session: AsyncSession, since: datetime, until: datetime) -> CallbackFigures:
    """Of requests asked for in [since, until) and of attempts begun in it. A request that shares a place is the same caller
    once more and counts in none."""
    row, call = CallbackRow, CallbackCallRow
    asked = (row.asked_at >= since, row.asked_at < until, row.same_as.is_(None))
    counted = await session.execute(select(row.state, func.count()).where(*asked).group_by(row.state))
    by_state: Counter[str] = Counter()
    for state, number in counted:
        by_state[state] = number
    waited = func.coalesce(func.sum(func.extract("epoch", row.ended_at - row.joined_at)), 0.0)
    seconds = await session.scalar(select(waited).where(*asked, row.state == CallbackState.REACHED.value))
    rang = select(func.count(), func.coalesce(func.sum(call.rang_seconds), 0.0)).where(
        call.begun_at >= since, call.begun_at < until, call.dialled_at.is_not(None)
    )
    dials, rang_seconds = (await session.execute(rang)).one()
    reached, given_up = by_state[CallbackState.REACHED.value], by_state[CallbackState.GIVEN_UP.value]
    cancelled = by_state[CallbackState.CANCELLED.value]
    return CallbackFigures(
        since=since,
        asked=by_state.total(),
        reached=reached,
        given_up=given_up,
        cancelled=cancelled,
        open=by_state.total() - reached - given_up - cancelled,
        share_reached=RatioView.of(Ratio(reached, reached + given_up)),
        wait=MeanView.of(Mean(float(seconds or 0.0), reached)),
        dials=dials,
        rang=MeanView.of(Mean(float(rang_seconds), dials)),
    )


def _places(rows: Sequence[CallbackRow], step_seconds: int) -> dict[str, int]:
    """Code → place among the open call backs of its queue."""
    found: dict[str, int] = {}
    seen: Counter[str] = Counter()
    for row in sorted(rows, key=lambda row: (-request_of(row).prio(step_seconds), row.code)):
        seen[row.queue] += 1
        found[row.code] = seen[row.queue]
    return found


def _view(row: CallbackRow, place: int | None) -> CallbackView:
    return CallbackView(
        code=row.code, number=row.number, queue=row.queue, state=CallbackState(row.state), place=place,
        joined_at=row.joined_at, asked_at=row.asked_at, tries=row.tries, not_before=row.not_before, same_as=row.same_as,
        ended_at=row.ended_at, ended_by=row.ended_by,
    )  # fmt: skip
