"""After all scenarios: records fold to the same again, every call has its end, nothing was refused or forged."""

from __future__ import annotations

import pytest

from tests.faults.checker.check import check_line
from tests.line import Line

pytestmark = pytest.mark.line


def test_refold_gives_equal_records(line: Line) -> None:
    done = line.module("api.ledger.refold")
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_call_that_was_offered_has_one_record_with_one_disposition(line: Line) -> None:
    offered = set()
    for row in (line.var / "asterisk" / "log" / "cel-custom" / "line.csv").read_text("utf-8", "replace").splitlines():
        fields = row.split('","')
        if len(fields) > 4 and fields[0] == '"USER_DEFINED' and fields[2] == "offered":
            offered.add(fields[4])
    with line.api() as api:
        recorded: dict[str, str | None] = {}
        page: dict[str, str] = {}
        while True:
            answer = api.get("/calls", params={"limit": "100", **page}).json()
            for item in answer["items"]:
                assert item["call_id"] not in recorded
                recorded[item["call_id"]] = item["disposition"]
            if not answer["next"]:
                break
            page = {"cursor": answer["next"]}
    assert offered
    assert offered - recorded.keys() == set()
    assert {call for call in offered if not recorded[call]} == set()


def test_the_checker_finds_nothing_lost_in_all_of_it(line: Line) -> None:
    """Files, sound, database, board and logs against each other, over every call of every scenario before."""
    report = check_line(line, names=['Ali "Reza"', "Reza"])
    assert not report.breaches, str(report)
    assert report.checked["calls"] > 0


def test_nothing_private_stands_in_our_logs(line: Line) -> None:
    """Callers' numbers and accounts' secrets never reach a log of ours (Asterisk's own ledgers hold the numbers)."""
    secrets = [line.run["api_token"], *(a["password"] for a in line.run["accounts"].values())]
    for log in (line.var / "log").glob("*.log"):
        if log.name in {"setup.log"}:
            continue
        text = log.read_text("utf-8", "replace")
        assert "09121234503" not in text, log.name
        assert "9121234503" not in text, log.name
        assert [s for s in secrets if s in text] == [], log.name
