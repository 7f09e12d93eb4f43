"""The checker is tested itself: a true small day is green, and each planted error turns it red by the right name."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from asterisk_conf.stage import postgres
from tests.faults.checker.check import check_line
from tests.faults.checker.report import Report
from tests.faults.small_day import BEGIN, END, SECRET, Day, build, copy_of
from tests.integration.conftest import Server, free_port

SCORED, CAUGHT, TALKED, GAVE_UP, MENU, MESSAGE = "06", "09", "08", "09", "05", "02"
"""Last digits of the callers' numbers; see the witnesses of the trace."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("cluster") / "postgres"
    server = Server(folder, free_port())
    postgres.ensure_cluster(folder, server.port)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def whole(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Day:
    """The day as it was, nothing broken."""
    return build(server.url, tmp_path_factory.mktemp("small-day") / "var")


_numbers = itertools.count(1)


@pytest.fixture
def day(whole: Day, server: Server, tmp_path: Path) -> Day:
    """A copy of the day to plant an error in."""
    admin = server.url.replace("+asyncpg", "").rpartition("/")[0] + "/postgres"
    return copy_of(whole, admin, f"day{next(_numbers)}", tmp_path / "var")


def check(day: Day, *, witnesses: bool = True) -> Report:
    return check_line(day.place, day.witnesses if witnesses else (), since=BEGIN, until=END, grace_seconds=0)


def test_a_true_day_is_green_and_was_looked_at(whole: Day) -> None:
    report = check(whole)
    assert report.breaches == (), str(report)
    looked_at = {
        name: report.checked[name] for name in ("calls", "visits", "messages", "recordings", "scores", "cases")
    }
    assert looked_at == {"calls": 10, "visits": 5, "messages": 3, "recordings": 5, "scores": 1, "cases": 3}
    assert report.checked["witnesses"] == 10
    assert "10 calls" in str(report)


def test_a_span_without_calls_is_not_taken_for_a_success(whole: Day) -> None:
    report = check_line(whole.place, since=END, until=END.replace(hour=5), grace_seconds=0)
    assert (report.breaches, report.checked["calls"]) == ((), 0)


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


@pytest.mark.parametrize("what", SQL)
def test_an_error_in_the_database_is_found(day: Day, what: str) -> None:
    plant, expected = SQL[what]
    day.sql(*plant(day).split(";"))
    report = check(day)
    assert report.invariants == expected, str(report)
    assert all(breach.timeline for breach in report.breaches if breach.subject.startswith("test1420")), str(report)


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


@pytest.mark.parametrize("what", VALUES)
def test_a_wrong_value_is_found_without_callers(day: Day, what: str) -> None:
    statement, expected = VALUES[what]
    day.sql(statement.format(call=day.call_of(SCORED)))
    report = check(day, witnesses=False)
    assert report.invariants == {expected}, str(report)


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
    "a secret stands in a log": (
        lambda day: _append(day.place.var / "asterisk" / "log" / "messages.log", f"AGI(agi://…,{SECRET})\n"),
        {"I12"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", FILES)
def test_an_error_in_the_files_is_found(day: Day, what: str) -> None:
    plant, expected = FILES[what]
    plant(day)
    report = check(day)
    assert report.invariants == expected, str(report)


def test_without_callers_the_ledgers_alone_find_a_lost_score(day: Day) -> None:
    day.sql("UPDATE call_record SET score = NULL WHERE score IS NOT NULL")
    assert check(day, witnesses=False).invariants == {"I5"}


def test_a_rotated_ledger_is_read_whole(day: Day) -> None:
    for path in (day.place.cel, day.place.queue_log):
        lines = path.read_bytes().splitlines(keepends=True)
        path.with_name(path.name + ".1").write_bytes(b"".join(lines[: len(lines) // 2]))
        path.write_bytes(b"".join(lines[len(lines) // 2 :]))
    report = check(day)
    assert report.breaches == (), str(report)
