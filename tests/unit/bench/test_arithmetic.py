"""The bench's own arithmetic: a wrong sum there would be a false promise on the page."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest

from routing.ledger import cel, queue_log
from routing.ledger.rows import AcceptedRow
from tests.bench.chart import Chart, curve, steps, svg
from tests.bench.ledgers import Sample, copies
from tests.bench.processor import Process, all_processes, read_stat, seconds_of, tree
from tests.bench.report import BEGIN, END, put_between, section
from tests.bench.robots import read_counts
from tests.bench.sides import Cost
from tests.bench.spread import Finding, Goal, Spread, differences, percentile, ratios

TRACES = Path(__file__).parents[2] / "traces"
LATER = datetime(2026, 12, 1, tzinfo=UTC)
REAL = Sample(
    (TRACES / "cel_answered_scored_and_menu_hangup.csv").read_bytes(),
    (TRACES / "queue_log_answered_scored.txt").read_bytes(),
)


def test_each_repeat_is_compared_with_its_own_neighbour() -> None:
    # The machine was twice as slow in the second repeat; that says nothing about us.
    assert ratios([12.0, 24.0, 13.0], [10.0, 20.0, 10.0]) == Spread((1.2, 1.2, 1.3))
    assert differences([3.0, 5.0], [1.0, 4.0]) == Spread((2.0, 1.0))


@pytest.mark.parametrize(("ours", "twins"), [([1.0], [1.0, 2.0]), ([1.0], [0.0]), ([], [])])
def test_what_cannot_be_compared_is_refused(ours: list[float], twins: list[float]) -> None:
    with pytest.raises(ValueError):
        ratios(ours, twins)


def test_a_spread_shows_the_middle_and_both_ends() -> None:
    assert Spread((1.3, 1.1, 1.2)).text() == "1.20 (1.10–1.30)"
    assert Spread((1.0, 3.0)).median == 2.0
    assert Spread((0.5,)).text(1) == "0.5 (one run)"


def test_a_percentile_is_a_value_that_was_measured() -> None:
    values = [float(n) for n in range(100, 0, -1)]
    assert [percentile(values, part) for part in (0.5, 0.99, 1.0)] == [50.0, 99.0, 100.0]
    assert percentile([7.0], 0.99) == 7.0


def test_a_goal_is_met_at_its_limit_and_not_beyond() -> None:
    assert Goal(1.35).met(1.35)
    assert not Goal(1.35).met(1.351)
    assert Goal(0.8, at_most=False).met(0.8)
    assert not Goal(0.8, at_most=False).met(0.79)


def test_a_process_may_be_called_anything() -> None:
    text = "42 (a) b) (c) S 7 42 42 0 -1 4194560 1 2 3 4 100 50 20 30 20 0 1 0 5 6"
    found = read_stat(text)
    assert found.parent == 7
    assert found.seconds == pytest.approx(200 * read_stat(text.replace(" 100 50 20 30 ", " 1 0 0 0 ")).seconds)


def test_a_tree_is_all_that_descends_and_counts_once() -> None:
    processes = {1: Process(0, 1.0), 2: Process(1, 2.0), 3: Process(2, 4.0), 9: Process(0, 100.0)}
    assert tree(1, processes) == {1, 2, 3}
    assert seconds_of([1, 2], processes) == 7.0
    assert seconds_of([77], processes) == 0.0


def test_the_time_of_a_child_that_has_gone_is_not_lost() -> None:
    work = "import time\nwhile time.process_time() < 0.3: pass"
    script = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {work!r}])\nprint(1, flush=True)\ninput()"
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        parent.stdout.readline()
        used = seconds_of([parent.pid], all_processes())
        parent.communicate(b"\n")
    assert used >= 0.29


def test_costs_are_taken_apart_by_program() -> None:
    used = Cost({"asterisk": 5.0, "web": 2.0}) - Cost({"asterisk": 1.0, "web": 1.5})
    assert used.of("asterisk") == 4.0
    assert used.of() == 4.5


def test_a_call_that_was_never_made_has_failed_too() -> None:
    text = "StartTime;SuccessfulCall(C);FailedCall(C)\n1;3;0\n2;8;1\n"
    assert read_counts(text, 10, 1.0).failed == 2


def test_copies_of_real_calls_are_other_calls_that_our_readers_take() -> None:
    seen: set[str] = set()
    for some_cel, some_queue in copies(REAL, 3):
        rows = cel.scan(some_cel, 0, LATER).rows
        assert all(isinstance(row, AcceptedRow) for row in rows)
        assert len(rows) == len(cel.scan(REAL.cel, 0, LATER).rows)
        assert all(isinstance(row, AcceptedRow) for row in queue_log.scan(some_queue, 0, LATER).rows)
        calls = {str(row.event.call_id) for row in rows if isinstance(row, AcceptedRow)}
        assert not calls & seen
        seen |= calls
        legs = {str(row.event.leg_id) for row in rows if isinstance(row, AcceptedRow)}
        asked = {str(r.event.leg_id) for r in queue_log.scan(some_queue, 0, LATER).rows if isinstance(r, AcceptedRow)}
        assert asked & legs  # both ledgers were moved by the same time


@pytest.mark.parametrize(
    ("most", "marks"), [(10, [0, 2, 4, 6, 8, 10]), (0.9, [0, 0.2, 0.4, 0.6, 0.8, 1.0]), (0, [0, 1])]
)
def test_axes_begin_at_nothing_and_have_round_marks(most: float, marks: list[float]) -> None:
    assert steps(most) == pytest.approx(marks)


def test_a_chart_is_whole_xml_with_every_name_on_it() -> None:
    drawn = svg(Chart("A & B", "calls", "ms", (curve("ours <1>", [(2, 3), (1, 1)]), curve("twin", [(1, 1), (2, 1)]))))
    texts = {element.text for element in ElementTree.fromstring(drawn).iter() if element.tag.endswith("text")}
    assert {"A & B", "calls", "ms", "ours <1>", "twin"} <= texts


def test_only_what_stands_between_the_marks_is_written_anew() -> None:
    page = f"before\n{BEGIN}\nold\n{END}\nafter\n"
    assert put_between(page, "new") == f"before\n{BEGIN}\n\nnew\n{END}\nafter\n"
    with pytest.raises(ValueError):
        put_between("a page without marks", "new")


def test_a_miss_is_said_in_words() -> None:
    findings = [
        Finding("menu", Spread((1.2,)), Goal(1.35)),
        Finding("follower", Spread((0.2, 0.1)), Goal(0.25, at_most=False)),
    ]
    at = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
    text = section(findings, command="make bench", at=at, load=0.1, charts=[])
    assert "Missed: follower." in text
    assert text.count("**no**") == 1
    assert "All targets" in section(findings[:1], command="make bench", at=at, load=0.1, charts=[])
