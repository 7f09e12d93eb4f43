"""How agents' time was spent in a period, summed in the database from duties, pauses, talks and work after talks.

The one place where it is measured: the live floor and the reports of days and months ask the same statement.

Every stretch is cut to the period and to whole seconds, so that days add up to their month without a remainder. What goes on
lasts until `now`. A stretch that a clock set back turned round counts for nothing. PostgreSQL's multiranges do the sums: two
stretches that overlap (a pause that began in a talk) are counted once.

`OFFSET 0` makes PostgreSQL look up each duty's own rows. It thinks that a day long ago has a quarter of all duties, because it
multiplies "began before" by "ended after", and would rather read the pauses and wrap-ups of all years.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from api.reports.counts import AgentTime
from api.reports.periods import HALF_HOUR, Period

_LONGEST_VISIT = timedelta(hours=6)
"""Between entering a queue and the end of its talk."""

_SUMS = text("""
WITH whole AS (SELECT tstzrange(:since, :until) AS period),
duties AS (
    SELECT id, agent, date_trunc('second', began_at) AS began,
           date_trunc('second', greatest(began_at, coalesce(ended_at, :now))) AS ended
    FROM duty WHERE began_at < :until AND (ended_at IS NULL OR ended_at > :since)
),
here AS (
    SELECT agent, range_agg(tstzrange(began, ended)) * tstzmultirange((SELECT period FROM whole)) AS spans
    FROM duties GROUP BY agent
),
paused AS (
    SELECT duties.agent, range_agg(tstzrange(date_trunc('second', pause.began_at),
           date_trunc('second', greatest(pause.began_at, coalesce(pause.ended_at, duties.ended))))) AS spans
    FROM duties, LATERAL (SELECT * FROM duty_pause WHERE duty_id = duties.id OFFSET 0) AS pause GROUP BY duties.agent
),
handling AS (
    SELECT agent, range_agg(span) AS spans FROM (
        SELECT agent, tstzrange(date_trunc('second', connected_at), date_trunc('second', greatest(connected_at,
               CASE WHEN talked_seconds IS NOT NULL THEN connected_at + talked_seconds * interval '1 second'
                    ELSE coalesce(ended_at, :now) END))) AS span
        FROM visit WHERE entered_at >= :visits_since AND entered_at < :until AND connected_at IS NOT NULL AND agent IS NOT NULL
        UNION ALL
        SELECT duties.agent, tstzrange(date_trunc('second', wrap.began_at),
               date_trunc('second', greatest(wrap.began_at, coalesce(wrap.ended_at, duties.ended))))
        FROM duties, LATERAL (SELECT * FROM wrap_up WHERE duty_id = duties.id OFFSET 0) AS wrap
    ) AS all_spans GROUP BY agent
),
joined AS (
    SELECT here.agent, here.spans AS here, here.spans * coalesce(handling.spans, '{}') AS handled,
           here.spans - coalesce(paused.spans, '{}') AS ready
    FROM here LEFT JOIN paused USING (agent) LEFT JOIN handling USING (agent)
)
SELECT agent, seconds_of.* FROM joined, LATERAL (
    SELECT (SELECT coalesce(sum(extract(epoch FROM upper(s) - lower(s))), 0) FROM unnest(here) AS s)::bigint AS signed_in,
           (SELECT coalesce(sum(extract(epoch FROM upper(s) - lower(s))), 0) FROM unnest(handled) AS s)::bigint AS handling,
           (SELECT coalesce(sum(extract(epoch FROM upper(s) - lower(s))), 0) FROM unnest(ready - handled) AS s)::bigint AS available
) AS seconds_of ORDER BY agent
""")

_PRESENT = text("""
SELECT number, coalesce(sum(extract(epoch FROM least(coalesce(duty.ended_at, :now), half.ends, :now)
                                             - greatest(duty.began_at, half.begins))), 0)::float
FROM (SELECT n AS number, CAST(:since AS timestamptz) + n * CAST(:length AS interval) AS begins,
             CAST(:since AS timestamptz) + (n + 1) * CAST(:length AS interval) AS ends
      FROM generate_series(0, 47) AS n) AS half
JOIN duty ON duty.began_at < least(half.ends, :now) AND coalesce(duty.ended_at, :now) > greatest(half.begins, duty.began_at)
WHERE duty.began_at < :until AND (duty.ended_at IS NULL OR duty.ended_at > :since)
GROUP BY number ORDER BY number
""")


async def agents_time(session: AsyncSession, period: Period, now: datetime) -> dict[str, AgentTime]:
    """By agent, of those who were signed in for at least a second of the period, as far as it has come."""
    if min(period.until, now) <= period.since:
        return {}
    rows = await session.execute(time_of(period, now))
    return {row.agent: AgentTime(row.signed_in, row.handling, row.available) for row in rows if row.signed_in}


def time_of(period: Period, now: datetime) -> TextClause:
    """Statement: seconds by agent, of a period that has begun."""
    until = min(period.until, now)
    return _SUMS.bindparams(since=period.since, until=until, now=until, visits_since=period.since - _LONGEST_VISIT)


async def people_present(session: AsyncSession, day: Period, now: datetime) -> dict[int, float]:
    """Half hour of a day (0 to 47) → agents signed in on average over it, pauses included; of the one that goes on, so far.

    A day without a change of the clock, as all days since 1401 are.
    """
    until = min(day.until, now)
    if until <= day.since:
        return {}
    asked = {"since": day.since, "until": until, "now": until, "length": HALF_HOUR}
    found: dict[int, float] = {}
    for number, seconds in await session.execute(_PRESENT, asked):
        begins = day.since + number * HALF_HOUR
        found[number] = seconds / (min(begins + HALF_HOUR, until) - begins).total_seconds()
    return found
