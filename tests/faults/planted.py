"""Errors to plant in the small day: what is done, and the invariants that must turn red, no others.

Each takes a copy of the day. Its name is what a reader of a failure sees.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.faults.small_day import SECRET, Day
from tests.line import CALLER_NAME

SCORED, TALKED, GAVE_UP, MENU, MESSAGE = "06", "08", "09", "05", "02"
"""Last digits of the callers' numbers; see the witnesses of the trace."""

SQL: dict[str, tuple[Callable[[Day], str], set[str]]] = {
    "a record is deleted": (lambda day: f"DELETE FROM call_record WHERE call_id = '{day.call_of(MENU)}'", {"I1"}),
    "a disposition is wrong": (
        lambda day: f"UPDATE call_record SET disposition = 'answered' WHERE call_id = '{day.call_of(GAVE_UP)}'",
        {"I2"},
    ),
    "a disposition is none of the list": (
        lambda day: f"UPDATE call_record SET disposition = 'missed' WHERE call_id = '{day.call_of(MENU)}'",
        {"I1", "I2"},
    ),
    "a call is lost by a restart that never was": (
        lambda day: f"UPDATE call_record SET disposition = 'lost_by_restart' WHERE call_id = '{day.call_of(GAVE_UP)}'",
        {"I2"},
    ),
    "a call stays open past the grace": (
        lambda day: "UPDATE call_record SET disposition = NULL, ended_at = NULL"
        f" WHERE call_id = '{day.call_of(MENU)}'",
        {"I1"},
    ),
    "a score is lost": (
        lambda day: f"UPDATE call_record SET score = NULL WHERE call_id = '{day.call_of(SCORED)}'",
        {"I5"},
    ),
    "a score is another": (
        lambda day: f"UPDATE call_record SET score = 5 WHERE call_id = '{day.call_of(SCORED)}'",
        {"I5"},
    ),
    "a score is invented": (
        lambda day: f"UPDATE call_record SET score = 3 WHERE call_id = '{day.call_of(TALKED)}'",
        {"I5"},
    ),
    "a row of the ledger was not stored": (
        lambda day: f"DELETE FROM ledger_event WHERE call_id = '{day.call_of(MENU)}' AND name = 'step'",
        {"I1"},
    ),
    "a row of queue_log was stored twice": (
        lambda _: "INSERT INTO ledger_event (node, source, file_id, file_offset, name, at, leg_id, fields)"
        " SELECT node, source, 'again', file_offset, name, at, leg_id, fields FROM ledger_event WHERE name = 'ABANDON'",
        {"I3"},
    ),
    "a visit is lost": (lambda day: f"DELETE FROM visit WHERE call_id = '{day.call_of(GAVE_UP)}'", {"I3"}),
    "a visit that no ledger knows": (
        lambda day: "INSERT INTO visit (call_id, n, queue, arrived_at, entered_at, ended_at, waited_seconds, outcome)"
        f" SELECT call_id, 1, 'general', arrived_at, arrived_at, ended_at, 0.5, 'abandoned' FROM call_record"
        f" WHERE call_id = '{day.call_of(MENU)}'",
        {"I3"},
    ),
    "a visit ended in another way": (
        lambda day: f"UPDATE visit SET outcome = 'timed_out' WHERE call_id = '{day.call_of(GAVE_UP)}'",
        {"I3"},
    ),
    "a talk is negative": (
        lambda day: f"UPDATE visit SET talked_seconds = -4 WHERE call_id = '{day.call_of(SCORED)}'",
        {"I10"},
    ),
    "a call ends before it begins": (
        lambda day: "UPDATE call_record SET ended_at = arrived_at - interval '1 minute'"
        f" WHERE call_id = '{day.call_of(MENU)}'",
        {"I2", "I10"},
    ),
    "a record stands for no call": (
        lambda day: "INSERT INTO call_record SELECT (jsonb_populate_record(known, '{\"call_id\": \"test1420-1.1\"}')).*"
        f" FROM call_record AS known WHERE call_id = '{day.call_of(MENU)}'",
        {"I1"},
    ),
    "visits are counted from two": (
        lambda day: f"UPDATE visit SET n = 2 WHERE call_id = '{day.call_of(GAVE_UP)}'",
        {"I10"},
    ),
    "a stay is longer than a day": (
        lambda day: f"UPDATE visit SET waited_seconds = waited_seconds + 90000 WHERE call_id = '{day.call_of(GAVE_UP)}'",
        {"I3", "I10"},
    ),
    "a case was opened twice": (
        lambda _: "INSERT INTO audit_entry (at, actor, action, target, details, address)"
        " SELECT at, actor, action, target, details, address FROM audit_entry WHERE action = 'case.opened' LIMIT 1",
        {"I4"},
    ),
    "a recording has a state that is none": (
        lambda day: f"UPDATE recording SET state = 'lost', reason = 'x' WHERE call_id = '{day.call_of(TALKED)}'",
        {"I6"},
    ),
    "a case is doubled": (
        lambda day: 'INSERT INTO "case" (code, kind, state, caller, call_id, opened_at, due_at, deadline, details)'
        " SELECT '123456782', kind, state, caller, call_id, opened_at, due_at, deadline, details"
        f" FROM \"case\" WHERE call_id = '{day.call_of(MESSAGE)}'",
        {"I4"},
    ),
    "a case is lost": (lambda day: f"DELETE FROM \"case\" WHERE call_id = '{day.call_of(MESSAGE)}'", {"I4"}),
    "a call back is lost": (lambda _: "DELETE FROM \"case\" WHERE kind = 'callback'", {"I4"}),
    "a case has another code than was spoken": (
        lambda day: f"UPDATE \"case\" SET code = '123456782' WHERE call_id = '{day.call_of(MESSAGE)}'",
        {"I4"},
    ),
    "a recording is not written down": (
        lambda day: f"DELETE FROM recording WHERE call_id = '{day.call_of(TALKED)}'",
        {"I6"},
    ),
    "a length is wrong": (
        lambda day: f"UPDATE recording SET seconds = 12 WHERE call_id = '{day.call_of(TALKED)}'",
        {"I6"},
    ),
    "a recording is missing for no reason": (
        lambda day: "UPDATE recording SET state = 'missing', archive_key = NULL, seconds = NULL"
        f" WHERE call_id = '{day.call_of(TALKED)}'",
        {"I6"},
    ),
    "a message with a voice is called empty": (
        lambda day: f"DELETE FROM \"case\" WHERE call_id = '{day.call_of(MESSAGE)}';"
        f"UPDATE recording SET state = 'empty', reason = 'no speech' WHERE call_id = '{day.call_of(MESSAGE)}'",
        {"I2", "I4"},
    ),
    "a job is left in the queue": (
        lambda _: "INSERT INTO pgqueuer (priority, status, entrypoint, created) VALUES (0, 'queued', 'call_ended', '2026-11-22')",
        {"I9"},
    ),
    "a job was given up": (
        lambda _: "INSERT INTO pgqueuer (priority, status, entrypoint) VALUES (0, 'failed', 'call_ended')",
        {"I9"},
    ),
    "a secret stands in a stored row": (
        lambda day: f"UPDATE ledger_event SET fields = fields || '{{\"app_data\": \"agi,{SECRET}\"}}'"
        f" WHERE call_id = '{day.call_of(MENU)}' AND name = 'final'",
        {"I12"},
    ),
}  # fmt: skip

_OF = "WHERE call_id = '{call}'"
VALUES = {
    "somebody else answered": (f"UPDATE visit SET agent = 'operator09' {_OF}", "I3"),
    "another seat answered": (f"UPDATE visit SET seat = 'seat09' {_OF}", "I3"),
    "a wait is longer than its instants": (f"UPDATE visit SET waited_seconds = waited_seconds + 20 {_OF}", "I3"),
    "a talk is longer than its instants": (f"UPDATE visit SET talked_seconds = talked_seconds + 20 {_OF}", "I3"),
    "a stay ended when nothing happened": (
        f"UPDATE visit SET ended_at = ended_at + interval '5 min', talked_seconds = talked_seconds + 300 {_OF}", "I3"),
    "the other one hung up": (f"UPDATE visit SET ended_by = 'caller' {_OF}", "I3"),
    "an answer is not in the record": (f"UPDATE call_record SET answered_at = NULL {_OF}", "I2"),
    "a call came earlier": (f"UPDATE call_record SET arrived_at = arrived_at - interval '1 min' {_OF}", "I2"),
    "a call ended later": (f"UPDATE call_record SET ended_at = ended_at + interval '1 min' {_OF}", "I2"),
    "somebody else called": (f"UPDATE call_record SET caller = '+989360000099' {_OF}", "I2"),
    "a survey was not offered": (f"UPDATE call_record SET survey_offered = false {_OF}", "I2"),
    "a record names no case": ("UPDATE call_record SET case_code = NULL WHERE case_code IS NOT NULL", "I4"),
    "a record names another case": ("UPDATE call_record SET case_code = '1' WHERE case_code IS NOT NULL", "I4"),
    "a case is of another kind": ("UPDATE \"case\" SET kind = 'suggestion' WHERE kind = 'complaint'", "I4"),
    "a case is of somebody else": ("UPDATE \"case\" SET caller = '+989360000099' WHERE kind <> 'callback'", "I4"),
}  # fmt: skip


def _change_a_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-9] ^= 1
    path.write_bytes(content)


def _append(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(text)


FILES: dict[str, tuple[Callable[[Day], object], set[str]]] = {
    "a talk is gone from the archive": (lambda day: day.archived("test1420-").unlink(), {"I6"}),
    "a message is gone from the archive": (lambda day: day.archived("m-").unlink(), {"I4"}),
    "a byte of the archive has changed": (lambda day: _change_a_byte(day.archived("test1420-")), {"I6"}),
    "a message was cut": (lambda day: day.archived("m-").write_bytes(day.archived("m-").read_bytes()[:-4000]), {"I4"}),
    "a file is left in the spool": (
        lambda day: (day.place.var / "spool" / "messages" / f"m-{'0' * 32}.wav").write_bytes(b"RIFF"),
        {"I4"},
    ),
    "a talk is left in the spool": (
        lambda day: (day.place.var / "spool" / "calls" / f"{day.call_of(TALKED)}-1.rx.wav").write_bytes(b"RIFF"),
        {"I6"},
    ),
    "a call back is left in the spool": (
        lambda day: (day.place.var / "spool" / "callbacks" / "123456782.json").write_text("{}"),
        {"I9"},
    ),
    "a code was never reserved": (
        lambda day: next((day.place.var / "spool" / "codes").glob("594022518")).unlink(),
        {"I4"},
    ),
    "a stay in a queue has no visit": (
        lambda day: _append(day.place.queue_log, f"1795312990|{day.call_of(MENU)}|q-general|NONE|ENTERQUEUE||0|1\n"),
        {"I2", "I3"},
    ),
    "a member was paused twice": (
        lambda day: _append(day.place.queue_log, "1795312990|NONE|q-general|operator01|PAUSE|tea\n" * 2),
        {"I8"},
    ),
    "a caller's number stands in a log": (
        lambda day: _append(day.place.var / "log" / "worker.log", "call from 09360000002 failed\n"),
        {"I12"},
    ),
    "a number in Persian digits stands in a log": (
        lambda day: _append(day.place.var / "log" / "worker.log", "تماس +۹۸۹۳۶۰۰۰۰۰۰۲ قطع شد\n"),
        {"I12"},
    ),
    "a caller's name stands in a log": (
        lambda day: _append(day.place.var / "log" / "web.log", f'{{"event": "refused {CALLER_NAME}"}}\n'),
        {"I12"},
    ),
    "a secret stands in a log": (
        lambda day: _append(day.place.var / "asterisk" / "log" / "messages.log", f"AGI(agi://…,{SECRET})\n"),
        {"I12"},
    ),
}  # fmt: skip
