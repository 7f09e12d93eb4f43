"""Years of calls in a database, made by PostgreSQL itself in big sets: the newest first, then further and further back.

About 2,740 calls a day between 08:00 and 20:00, five million in five years. Callers are a few who call often and many
who called once; operators come and go (each for some two hundred days), rare endings are rare and some are long ago.
"""

from __future__ import annotations

from datetime import datetime

import asyncpg

CALLS_A_DAY = 2740
STEP = 250_000
"""Calls of one statement."""

_TRACKING_CODE = """
CREATE OR REPLACE FUNCTION pg_temp.tracking_code(number int) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  damm CONSTANT int[] := ARRAY[0,3,1,7,5,9,8,6,4,2, 7,0,9,2,1,5,4,8,6,3, 4,2,0,6,8,7,1,3,5,9, 1,7,5,0,9,8,3,4,2,6,
    6,1,2,3,0,4,5,9,7,8, 3,6,7,4,2,0,9,5,8,1, 5,8,6,9,7,2,0,1,3,4, 8,9,4,5,3,6,2,0,1,7, 9,4,3,8,6,1,7,2,0,5, 2,5,8,1,4,3,6,7,9,0];
  digits text := lpad(number::text, 8, '0');
  interim int := 0;
BEGIN
  FOR place IN 1..8 LOOP interim := damm[interim * 10 + substr(digits, place, 1)::int + 1]; END LOOP;
  RETURN digits || interim;
END $$
"""
_CALLS = """
CREATE TEMP TABLE fresh ON COMMIT DROP AS
SELECT i, day, at, 'line1420-' || extract(epoch FROM at)::bigint || '.' || i AS call_id,
       CASE WHEN who < 0.03 THEN ''
            WHEN who < 0.30 THEN '+98912' || lpad(floor(power(random(), 3) * 4000)::int::text, 7, '0')
            ELSE '+9821' || lpad(floor(random() * 900000)::int::text, 8, '0') END AS caller,
       CASE WHEN ending < 0.52 THEN 'answered' WHEN ending < 0.64 THEN 'abandoned' WHEN ending < 0.73 THEN 'left_message'
            WHEN ending < 0.84 THEN 'self_served' WHEN ending < 0.92 THEN 'menu_abandoned' WHEN ending < 0.95 THEN 'after_hours'
            WHEN ending < 0.97 THEN 'callback_requested' WHEN ending < 0.985 THEN 'timed_out'
            WHEN ending < 0.99999 THEN 'no_agents'
            WHEN day > 60 THEN 'lost_by_restart' ELSE 'refused_full' END AS disposition,
       (ARRAY['general', 'insurance', 'insurance', 'insurance', 'pensions', 'treatment'])[1 + floor(random() * 6)::int] AS queue,
       'operator' || lpad((1 + day / 45 + floor(random() * 5)::int)::text, 2, '0') AS agent,
       10 * random() * random() * 6 AS wait, 30 + 400 * random() * random() AS talk, random() AS luck
FROM (SELECT i, i / {a_day} AS day, random() AS who, random() AS ending,
             $3::timestamptz - (i / {a_day}) * interval '1 day'
             - ((i % {a_day})::float / {a_day}) * interval '12 hours' - random() * interval '20 seconds' AS at
      FROM generate_series($1::int, $2::int - 1) AS i) AS made
"""
_RECORDS = """
INSERT INTO call_record (call_id, node, caller, caller_name, language, arrived_at, answered_at, ended_at, disposition,
       menu_path, fallbacks, survey_offered, score, voice_message, case_code, problems)
SELECT call_id, 'line1420', caller, '', 'fa', at, CASE WHEN disposition = 'answered' THEN at + (20 + wait) * interval '1 second' END,
       at + (25 + wait + talk) * interval '1 second', disposition,
       jsonb_build_array(jsonb_build_object('node', 'main', 'key', '1', 'at', at),
                         jsonb_build_object('node', 'operators', 'key', '1', 'at', at)),
       '[]', disposition = 'answered' AND luck < 0.7,
       CASE WHEN disposition = 'answered' AND luck < 0.4 THEN 1 + floor(luck * 12)::int END,
       CASE WHEN disposition = 'left_message' THEN jsonb_build_object('message', 'm-' || i, 'kind', 'complaint', 'state', 'kept',
            'seconds', talk / 10, 'code', NULL) END, NULL, '[]'
FROM fresh
"""
_VISITS = """
INSERT INTO visit (call_id, n, queue, arrived_at, entered_at, connected_at, ended_at, waited_seconds, talked_seconds, outcome,
       agent, seat, ended_by, recording)
SELECT call_id, 1, queue, at, at + interval '18 seconds',
       CASE WHEN disposition = 'answered' THEN at + (18 + wait) * interval '1 second' END,
       at + (20 + wait + talk) * interval '1 second', wait, CASE WHEN disposition = 'answered' THEN talk END, disposition,
       CASE WHEN disposition = 'answered' THEN agent END, CASE WHEN disposition = 'answered' THEN 'seat01' END,
       CASE WHEN disposition = 'answered' THEN 'agent' END, call_id || '-1'
FROM fresh WHERE disposition IN ('answered', 'abandoned', 'timed_out', 'no_agents')
"""
_SOUNDS = """
INSERT INTO recording (recording_id, call_id, kind, state, seconds, expected_seconds, channels, bytes, archive_key, archived_at)
SELECT call_id || '-1', call_id, 'talk', 'archived', talk, talk, 2, (talk * 16000)::bigint, call_id || '.flac', at
FROM fresh WHERE disposition = 'answered'
"""
_CASES = """
INSERT INTO "case" (code, kind, state, caller, call_id, recording_id, opened_at, due_at, deadline, details)
SELECT pg_temp.tracking_code(i), (ARRAY['complaint', 'question', 'suggestion'])[1 + (i % 3)],
       CASE WHEN day < 3 THEN 'open' ELSE 'closed' END, caller, call_id, 'm-' || i, at, at + interval '2 days',
       '{}', '{}'
FROM fresh WHERE disposition = 'left_message'
"""
_PERSON = """
INSERT INTO person (username, name_fa, name_en, role, password_hash, active) VALUES ('years', '', '', 'operator', '', false)
ON CONFLICT (username) DO NOTHING
"""
"""To whom all duties belong; figures ask for the agent's name, which stands in the duty."""
_DUTIES = """
INSERT INTO duty (person_id, agent, seat, began_at, began_by, ended_at, ended_by, missed)
SELECT (SELECT id FROM person WHERE username = 'years'), agent, 'seat01', ends - interval '12 hours 10 minutes', 'desk', ends,
       'agent', 0
FROM (SELECT DISTINCT agent, $1::timestamptz - day * interval '1 day' + interval '15 minutes' AS ends
      FROM fresh WHERE disposition = 'answered') AS days
WHERE NOT EXISTS (SELECT FROM duty WHERE duty.agent = days.agent AND duty.ended_at = days.ends)
"""
"""One for each agent and day, around its calls and the work after them."""
_WRAP_UPS = """
INSERT INTO wrap_up (duty_id, queue, call_id, began_at, ended_at, ended_by)
SELECT duty.id, queue, call_id, at + (20 + wait + talk) * interval '1 second',
       at + (20 + wait + talk + 60 * luck) * interval '1 second', 'agent'
FROM fresh JOIN duty ON duty.agent = fresh.agent
     AND duty.ended_at = $1::timestamptz - fresh.day * interval '1 day' + interval '15 minutes'
WHERE disposition = 'answered'
"""


async def grow(url: str, first: int, last: int, newest: datetime) -> None:
    """Add calls number `first` … `last` − 1, counted back from `newest` (aware). Random, but the same in every run."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""), timeout=60)
    try:
        await connection.execute(_TRACKING_CODE)
        await connection.execute(_PERSON)
        for start in range(first, last, STEP):
            async with connection.transaction():
                await connection.execute("SELECT setseed($1)", (start % 1_000_000) / 1_000_000)
                await connection.execute(_CALLS.format(a_day=CALLS_A_DAY), start, min(start + STEP, last), newest)
                for statement in (_RECORDS, _VISITS, _SOUNDS, _CASES):
                    await connection.execute(statement)
                for statement in (_DUTIES, _WRAP_UPS):
                    await connection.execute(statement, newest)
        await connection.execute("VACUUM ANALYZE", timeout=1800)
    finally:
        await connection.close()
