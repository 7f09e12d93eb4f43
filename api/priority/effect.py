"""What priority did in a period: how long its groups waited, how long everybody else did, and who had to call again.

Visits are counted by their entry as in `api.reports`, by the same outcomes and threshold: who is moved to another queue waits
once, where they came to. A call counts with the priority that it waited with last; calls of which nobody asked (the desk did not answer) waited like everybody else.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Numeric, RowMapping, and_, case, cast, exists, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from api.db.priority_tables import CallerGroup
from api.db.tables import CallRecordRow, VisitRow
from api.priority.schemas import EffectView, GroupWaits, WaitsView
from api.reports.counts import VisitCounts
from api.reports.formulas import mean_wait
from api.reports.periods import Period
from api.reports.schemas import MeanView, RatioView, ServiceLevel
from api.reports.standard import ABANDONED, ANSWERED, MOVED, OTHER_EXITS, REFUSED, THRESHOLD_SECONDS
from ivr.kernel.measures import Ratio

REPEAT_DAYS = 7
"""W of the repeat rate (contacts that follow an earlier one within W days / contacts)."""

_RAISED, _REST = "+", "-"
"""Keys of visits without a group: with priority above 0, and without. No group has such a code."""


async def read_effect(session: AsyncSession, period: Period) -> EffectView:
    """The figures of a day or month."""
    found = {str(row["who"]): row for row in (await session.execute(_waits(period))).mappings()}
    known = (await session.scalars(select(CallerGroup).order_by(CallerGroup.priority.desc(), CallerGroup.code))).all()
    repeats = (await session.execute(_repeats(period))).mappings().one()
    looked_up = (await session.execute(_unserved(period))).mappings().one()
    return EffectView(
        period=period.name,
        since=period.since,
        until=period.until,
        groups=[
            GroupWaits.model_validate(
                {"code": group.code, "name_fa": group.name_fa, "name_en": group.name_en, **_told(found.get(group.code))}
            )
            for group in known
            if group.retired_at is None or group.code in found
        ],
        others_raised=WaitsView.model_validate(_told(found.get(_RAISED))),
        rest=WaitsView.model_validate(_told(found.get(_REST))),
        repeat_days=REPEAT_DAYS,
        repeat_rate=RatioView.of(Ratio(repeats["again"], repeats["numbered"])),
        unserved_repeats=RatioView.of(Ratio(looked_up["again"], looked_up["asked"])),
        without_number=repeats["without"],
    )


def _waits(period: Period) -> Any:
    visit, call = VisitRow, CallRecordRow
    offered = and_(visit.outcome.is_distinct_from(REFUSED), visit.outcome.is_distinct_from(MOVED))
    answered, abandoned, waited = visit.outcome == ANSWERED, visit.outcome == ABANDONED, visit.waited_seconds
    who = func.coalesce(
        call.caller_group, case((call.priority > 0, literal_column(f"'{_RAISED}'")), else_=literal_column(f"'{_REST}'"))
    ).label("who")
    return (
        select(
            who,
            func.count().filter(offered).label("offered"),
            func.count().filter(answered).label("answered"),
            func.count().filter(abandoned).label("abandoned"),
            func.count().filter(visit.outcome.is_(None)).label("waiting"),
            *(func.count().filter(visit.outcome == outcome).label(outcome) for outcome in OTHER_EXITS),
            func.count().filter(answered, waited <= THRESHOLD_SECONDS).label("answered_in_time"),
            func.count().filter(abandoned, waited <= THRESHOLD_SECONDS).label("abandoned_in_time"),
            func.count().filter(offered, waited.is_not(None)).label("waits"),
            func.coalesce(func.sum(cast(waited, Numeric)).filter(offered), 0).label("waited_seconds"),
            func.percentile_disc(0.9).within_group(waited).filter(offered, waited.is_not(None)).label("p90"),
        )
        .join(call, call.call_id == visit.call_id)
        .where(visit.entered_at >= period.since, visit.entered_at < period.until)
        .group_by(who)
    )


def _repeats(period: Period) -> Any:
    call, earlier = CallRecordRow, aliased(CallRecordRow)
    follows = exists().where(
        earlier.caller == call.caller,
        earlier.arrived_at < call.arrived_at,
        earlier.arrived_at >= call.arrived_at - timedelta(days=REPEAT_DAYS),
    )
    numbered = call.caller != ""
    return select(
        func.count().filter(numbered).label("numbered"),
        func.count().filter(~numbered).label("without"),
        func.count().filter(numbered, follows).label("again"),
    ).where(call.arrived_at >= period.since, call.arrived_at < period.until)


def _unserved(period: Period) -> Any:
    visit, call = VisitRow, CallRecordRow
    asked = call.repeat.is_not(None)
    return (
        select(func.count().filter(asked).label("asked"), func.count().filter(call.repeat > 0).label("again"))
        .select_from(visit)
        .join(call, call.call_id == visit.call_id)
        .where(visit.entered_at >= period.since, visit.entered_at < period.until)
        .where(visit.outcome.is_distinct_from(MOVED))
    )


def _told(row: RowMapping | None) -> dict[str, Any]:
    """The fields of `WaitsView`."""
    counts = VisitCounts() if row is None else _counts(row)
    return {
        "offered": counts.offered,
        "answered": counts.answered,
        "abandoned": counts.abandoned,
        "service_level": ServiceLevel.of(counts),
        "mean_wait": MeanView.of(mean_wait(counts)),
        "p90_wait_seconds": None if row is None else row["p90"],
    }


def _counts(row: RowMapping) -> VisitCounts:
    return VisitCounts(
        offered=row["offered"],
        answered=row["answered"],
        abandoned=row["abandoned"],
        waiting=row["waiting"],
        exits={outcome: row[outcome] for outcome in OTHER_EXITS},
        answered_in_time=row["answered_in_time"],
        abandoned_in_time=row["abandoned_in_time"],
        waits=row["waits"],
        waited_seconds=float(row["waited_seconds"]),
    )
