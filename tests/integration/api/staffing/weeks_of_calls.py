"""Weeks of calls on the line, made by PostgreSQL itself: a morning peak, a smaller one in the afternoon, some noise.

The noise comes from the day's own name, so the weeks are the same in every run."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from importlib.resources import files

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.staffing.half_hours import open_half_hours, place_of
from ivr.kernel.hours import load_hours
from routing.queues import QUEUES

_CALLS = """
CREATE TEMP TABLE fresh ON COMMIT DROP AS
SELECT 'line1420-' || to_char(day, 'YYYYMMDD') || n || '.' || i AS call_id,
       (day::timestamp AT TIME ZONE 'Asia/Tehran') + n * interval '30 minutes' + (i - 0.5) / volume * interval '1799 seconds' AS at,
       (ARRAY['general', 'insurance', 'insurance', 'pensions', 'treatment'])[1 + i % 5] AS queue,
       i % 12 = 0 AS gone, CAST(:talking AS float) * (120 + (i * 37 + n * 11) % 160) AS talk
FROM (SELECT day, n, round(CAST(:scale AS float)
               * (18 + 34 * exp(-((n - 21) ^ 2) / 10.0) + 22 * exp(-((n - 33) ^ 2) / 14.0))
               * (1.25 - 0.08 * ((extract(dow FROM day)::int + 1) % 7))
               * (0.9 + 0.2 * (('x' || substr(md5(day::text || n), 1, 4))::bit(16)::int / 65535.0)))::int AS volume
      FROM unnest(CAST(:days AS date[])) AS day, unnest(CAST(:numbers AS int[])) AS n) AS planned,
     generate_series(1, volume) AS i
"""
_RECORDS = """
INSERT INTO call_record (call_id, node, caller, caller_name, language, arrived_at, answered_at, ended_at, disposition,
       menu_path, fallbacks, survey_offered, problems)
SELECT call_id, 'line1420', '', '', 'fa', at, NULL, at + interval '5 minutes', CASE WHEN gone THEN 'abandoned' ELSE 'answered' END,
       '[]', '[]', false, '[]' FROM fresh WHERE at < :until
"""
_VISITS = """
INSERT INTO visit (call_id, n, queue, arrived_at, entered_at, ended_at, waited_seconds, talked_seconds, outcome)
SELECT call_id, 1, queue, at, at, at + interval '5 minutes', 12, CASE WHEN gone THEN NULL ELSE talk END,
       CASE WHEN gone THEN 'abandoned' ELSE 'answered' END FROM fresh WHERE at < :until
"""


def open_days(until: date, weeks: int) -> list[date]:
    """Days before `until` on which the line was open by its hours."""
    calendar = load_hours((files("ivr.data") / "hours.toml").read_text("utf-8")).calendar
    days = [until - timedelta(days=ago) for ago in range(7 * weeks, 0, -1)]
    return [day for day in days if open_half_hours(calendar, QUEUES, day, "auto")]


async def seed_calls(
    session: AsyncSession, days: list[date], *, until: datetime, scale: float = 1.0, talking: float = 1.0
) -> None:
    """Calls of these days up to an instant; about a thousand a day at scale 1, of 200 seconds each at talking 1.

    Two days at a time and with more patience than a request has: a busy machine is no reason to fail."""
    await session.execute(text("SET LOCAL statement_timeout = '60s'"))
    for first in range(0, len(days), 2):
        wanted = {"days": days[first : first + 2], "numbers": list(range(16, 40)), "scale": scale, "talking": talking}
        await session.execute(text(_CALLS), wanted)
        await session.execute(text(_RECORDS), {"until": until})
        await session.execute(text(_VISITS), {"until": until})
        await session.execute(text("DROP TABLE fresh"))


async def seed_weeks(
    session: AsyncSession, now: datetime, *, weeks: int = 13, scale: float = 1.0, talking: float = 1.0
) -> None:
    """The open days of so many weeks, and today up to now."""
    today = place_of(now)[0]
    await seed_calls(session, [*open_days(today, weeks), today], until=now, scale=scale, talking=talking)
