"""The checker is tested itself: a true small day is green, and each planted error turns it red by the right name."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from asterisk_conf.stage import postgres
from tests.faults.checker.check import check_line
from tests.faults.checker.report import Report
from tests.faults.planted import FILES, SCORED, SQL, VALUES
from tests.faults.small_day import BEGIN, END, Day, build, copy_of
from tests.integration.conftest import Server, free_port


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


@pytest.mark.parametrize("what", SQL)
def test_an_error_in_the_database_is_found(day: Day, what: str) -> None:
    plant, expected = SQL[what]
    day.sql(*plant(day).split(";"))
    report = check(day)
    assert report.invariants == expected, str(report)
    assert all(breach.timeline for breach in report.breaches if breach.subject.startswith("test1420")), str(report)


@pytest.mark.parametrize("what", VALUES)
def test_a_wrong_value_is_found_without_callers(day: Day, what: str) -> None:
    statement, expected = VALUES[what]
    day.sql(statement.format(call=day.call_of(SCORED)))
    report = check(day, witnesses=False)
    assert report.invariants == {expected}, str(report)


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
