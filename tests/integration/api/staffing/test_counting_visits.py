"""Counting visits by half hours of Tehran, in the database, over an index."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from persiantools.jdatetime import JalaliDate
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from api.db.engine import Sessions
from api.db.tables import VisitRow
from api.staffing.half_hours import begins
from api.staffing.visits import count_by_half_hour
from tests.integration.api.staffing.weeks_of_calls import open_days, seed_calls

NOW = datetime(2026, 11, 30, 9, 40, tzinfo=UTC)
TODAY = date(2026, 11, 30)


@pytest.mark.parametrize(
    ("jalali", "hours"),
    [((1401, 1, 2), 23), ((1401, 6, 30), 25), ((1397, 6, 30), 25), ((1405, 9, 8), 24)],
    ids=["clock set forward", "clock set back", "set back in 1397", "no change any more"],
)
async def test_the_half_hours_of_a_day_are_the_day(
    sessions: Sessions, jalali: tuple[int, int, int], hours: int
) -> None:
    """A call every ten minutes from the day before to the day after: each half hour has three, the doubled ones six."""
    day = JalaliDate(*jalali).to_gregorian()
    first = begins(day) - timedelta(hours=5)
    async with sessions.begin() as session:
        await session.execute(
            text(
                "INSERT INTO call_record (call_id, node, caller, caller_name, language, arrived_at, menu_path, fallbacks, "
                "survey_offered, problems) SELECT 'c.' || i, 'line1420', '', '', 'fa', CAST(:first AS timestamptz) "
                "+ i * interval '10 minutes', '[]', '[]', false, '[]' FROM generate_series(0, 215) AS i"
            ),
            {"first": first},
        )
        await session.execute(
            text(
                "INSERT INTO visit (call_id, n, queue, arrived_at, entered_at) "
                "SELECT call_id, 1, 'general', arrived_at, arrived_at FROM call_record"
            )
        )
    async with sessions() as session:
        counted = await count_by_half_hour(session, [day], None, {"general": 5})
        inside = VisitRow.entered_at >= begins(day), VisitRow.entered_at < begins(day, 48)
        whole = await session.scalar(select(func.count()).where(*inside))
    assert set(counted) == {day}
    sums = {number: told.calls for number, told in counted[day].items()}
    assert sum(sums.values()) == whole == 6 * hours
    doubled = {46, 47} if hours == 25 else set()
    missing = {0, 1} if hours == 23 else set()
    assert sums == {n: 6 if n in doubled else 3 for n in range(48) if n not in missing}


async def test_only_the_days_asked_for_are_read(sessions: Sessions) -> None:
    days = open_days(TODAY, 3)
    async with sessions.begin() as session:
        await seed_calls(session, days, until=NOW, scale=0.2)
    async with sessions() as session:
        counted = await count_by_half_hour(session, {days[0], days[4], days[5], days[-1]}, None, {})
        nothing = await count_by_half_hour(session, [], None, {})
    assert set(counted) == {days[0], days[4], days[5], days[-1]}
    assert nothing == {}


async def test_the_count_reads_an_index_and_not_the_table(sessions: Sessions) -> None:
    """Twelve weeks of calls, one week asked for."""
    days = open_days(TODAY, 12)
    async with sessions.begin() as session:
        await seed_calls(session, days, until=NOW, scale=0.5)
    async with sessions() as session:
        await session.execute(text("ANALYZE visit"))
        before = await _scans(session)
        await count_by_half_hour(session, days[-6:], None, {"general": 5})
        after = await _scans(session)
    assert after["ix_visit_entered_at"] > before["ix_visit_entered_at"]
    assert after["the table"] == before["the table"]


async def _scans(session: AsyncSession) -> dict[str, int]:
    """How often each index of `visit`, and the whole table, has been read by this transaction so far."""
    found = await session.execute(
        text(
            "SELECT indexrelname, pg_stat_get_xact_numscans(indexrelid) AS scans FROM pg_stat_user_indexes WHERE relname = 'visit' "
            "UNION ALL SELECT 'the table', pg_stat_get_xact_numscans('visit'::regclass)"
        )
    )
    return {row.indexrelname: row.scans for row in found}
