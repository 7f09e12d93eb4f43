"""`python -m api.ledger.refold` (`make refold`): build every record anew from the ledger and prove that nothing changes.

Works in batches, beside the running line: each batch is one transaction that locks its calls. What differs is put
right and named; the exit code is 1 then, because a difference means that some fold or some write went wrong.
"""

from __future__ import annotations

import asyncio
import gc
import sys
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import delete, select, union
from sqlalchemy.ext.asyncio import AsyncSession

from api.calls.events import events_of
from api.calls.rows import stored_rows, write_rows
from api.db.engine import Sessions, connect, sessions_of
from api.db.tables import CallRecordRow, LedgerEventRow
from api.ledger.folding import fold_each
from api.ledger.locks import lock_calls
from api.settings import ApiSettings, read_settings

_AT_ONCE = 250
"""Calls in one transaction."""
_SHOWN = 20
_PATIENCE = timedelta(minutes=2)
"""Per statement; a batch may wait for a busy follower."""


@dataclass
class Report:
    """What the rebuild found. `missing` had no row, `surplus` has a row that no events explain."""

    calls: int = 0
    different: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    surplus: list[str] = field(default_factory=list)

    @property
    def equal(self) -> bool:
        return not (self.different or self.missing or self.surplus)


async def rebuild(sessions: Sessions, *, at_once: int = _AT_ONCE) -> Report:
    """Fold all calls again, oldest id first, into the same rows. Takes two connections."""
    report, turn, last = Report(), asyncio.Lock(), ""

    async def rebuild_in_turn() -> None:
        nonlocal last
        while True:
            async with sessions.begin() as session:
                async with turn:
                    call_ids = await _next(session, last, at_once)
                    if not call_ids:
                        return
                    last = call_ids[-1]
                await _rebuild_some(session, call_ids, report)

    async with asyncio.TaskGroup() as group:  # two: while the database reads for one, the other folds
        group.create_task(rebuild_in_turn())
        group.create_task(rebuild_in_turn())
    for found in (report.different, report.missing, report.surplus):
        found.sort()
    return report


async def _next(session: AsyncSession, after: str, at_once: int) -> list[str]:
    """The next call ids that the ledger or the records know."""
    told, recorded = (
        # Each side stops after `at_once` of its own index; the union of all the rest was made anew for each batch.
        select(column.label("call_id")).where(column > after).distinct().order_by(column).limit(at_once).subquery()
        for column in (LedgerEventRow.call_id, CallRecordRow.call_id)
    )
    both = union(select(told.c.call_id), select(recorded.c.call_id)).subquery()
    found = await session.scalars(select(both.c.call_id).order_by(both.c.call_id).limit(at_once))
    return [call_id for call_id in found if call_id]


async def _rebuild_some(session: AsyncSession, call_ids: list[str], report: Report) -> None:
    await lock_calls(session, call_ids)
    folded = fold_each(await events_of(session, call_ids))
    stored = await stored_rows(session, call_ids)
    report.calls += len(folded)
    report.missing += [call_id for call_id in folded if call_id not in stored]
    report.different += [call_id for call_id in folded if call_id in stored and stored[call_id] != folded[call_id]]
    surplus = [call_id for call_id in stored if call_id not in folded]
    report.surplus += surplus
    await session.execute(delete(CallRecordRow).where(CallRecordRow.call_id.in_(surplus)))
    await write_rows(session, [rows for call_id, rows in folded.items() if stored.get(call_id) != rows])


async def _run(settings: ApiSettings) -> Report:
    engine = connect(settings.database_url, application="line1420-refold", pool=2, statement_timeout=_PATIENCE)
    try:
        return await rebuild(sessions_of(engine))
    finally:
        await engine.dispose()


def main() -> int:
    gc.freeze()  # what stands since the start is no garbage, and need not be looked through for some
    report = asyncio.run(_run(read_settings()))
    print(f"{report.calls} calls folded again from the ledger.")
    for name in ("different", "missing", "surplus"):
        ids: list[str] = getattr(report, name)
        if ids:
            print(f"{name}: {len(ids)} — {', '.join(ids[:_SHOWN])}{' …' if len(ids) > _SHOWN else ''}")
    print("All records are equal." if report.equal else "The records above were put right; find out why they differed.")
    return 0 if report.equal else 1


if __name__ == "__main__":
    sys.exit(main())
