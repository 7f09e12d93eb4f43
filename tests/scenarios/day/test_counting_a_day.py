"""The independent count over logs written by hand, and its comparison: a planted error on either side is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.scenarios.day.against import compared, told_by
from tests.scenarios.day.count import count

ZERO = 1_795_888_800.0  # 2026-11-28 18:00 UTC, 21:30 in Tehran
SENTENCE = 2.0
HALF = "insurance 2026-11-28 21:30"


def caller(folder: Path, number: str, *events: tuple[float, str], name: str = "091401") -> None:
    rows = "".join(f"{number}\t2026-11-28\t18:00:00.000000\t{ZERO + at:.6f}\t{said}\n" for at, said in events)
    with (folder / f"callers-{name}.events.log").open("a", encoding="utf-8") as log:
        log.write(rows)


def talk(folder: Path, number: str, answered: float, ended: float) -> None:
    rows = [(answered, "answered"), (ended, "bye agent")]
    with (folder / "crew.events.log").open("a", encoding="utf-8") as log:
        for at, said in rows:
            log.write(f"leg-{number}\t{number}\t2026-11-28\t18:00:00.000000\t{ZERO + at:.6f}\t{said}\n")


def to_insurance(folder: Path, number: str, at: float, *events: tuple[float, str]) -> None:
    """Stands in the queue at `at`; what follows is counted from there."""
    begins = at - SENTENCE
    keyed = ((begins - 3, "dialled"), (begins - 3, "answered\tcall\tTo: x"), (begins - 1, "key 1"), (begins, "key 1"))
    caller(folder, number, *keyed, *((at + later, said) for later, said in events))


@pytest.fixture
def day(tmp_path: Path) -> Path:
    """One answered after 10 s, one who gave up after 8, one who left by key after 12, one in the menu only."""
    to_insurance(tmp_path, "1", 100, (25, "bye line"))
    talk(tmp_path, "1", 110, 117)
    to_insurance(tmp_path, "2", 200, (8, "bye caller"))
    to_insurance(tmp_path, "3", 300, (12, "key 2"), (40, "key #"), (43, "key 1"), (50, "bye line"))
    caller(tmp_path, "4", (400, "dialled"), (400, "answered"), (403, "key 4"), (410, "bye caller"))
    write_run(tmp_path)
    return tmp_path


def write_run(folder: Path, **more: object) -> None:
    facts = {
        "queues": {"1": "insurance", "0": "general"}, "sentence_seconds": {"insurance": SENTENCE, "general": SENTENCE},
        "wait_limit_seconds": 30, "threshold_seconds": 20, "short_seconds": 5, "broken": [], "apart": {},
        "over": ZERO + 900,
    }  # fmt: skip
    (folder / "run.json").write_text(json.dumps(facts | more), encoding="utf-8")


def test_a_day_is_counted(day: Path) -> None:
    told = count(day)
    figures = told["figures"]["insurance"]
    counts = {name: figures[name] for name in ("offered", "answered", "abandoned", "other", "in_time", "level_whole")}
    assert counts == {"offered": [3, 3], "answered": [1, 1], "abandoned": [1, 1], "other": [1, 1], "in_time": [1, 1], "level_whole": [2, 2]}  # fmt: skip
    assert figures["wait_seconds"] == pytest.approx([9, 11])
    assert figures["talk_seconds"] == pytest.approx([6, 8])
    assert told["figures"][""] == told["figures"][HALF] == figures
    assert (told["received"], told["messages"], told["apart"], told["stays"]) == ([4, 4], [1, 1], 0, 3)


@pytest.mark.parametrize(
    ("wait", "name", "span"),
    [(19.5, "in_time", [0, 1]), (18.5, "in_time", [1, 1]), (21.5, "in_time", [0, 0])],
)
def test_who_stands_at_the_threshold_makes_the_figure_a_span(
    tmp_path: Path, wait: float, name: str, span: list[int]
) -> None:
    to_insurance(tmp_path, "1", 100, (wait + 20, "bye line"))
    talk(tmp_path, "1", 100 + wait, 115 + wait)
    write_run(tmp_path)
    assert count(tmp_path)["figures"]["insurance"][name] == span


def test_who_goes_while_the_operator_answers_was_answered_or_gave_up(tmp_path: Path) -> None:
    to_insurance(tmp_path, "1", 100, (10.2, "bye caller"))
    talk(tmp_path, "1", 110, 110.4)
    write_run(tmp_path)
    figures = count(tmp_path)["figures"]["insurance"]
    assert (figures["offered"], figures["answered"], figures["abandoned"]) == ([1, 1], [0, 1], [0, 1])


def test_who_goes_during_the_sentence_was_offered_or_not_and_after_the_limit_is_no_abandon(tmp_path: Path) -> None:
    to_insurance(tmp_path, "1", 100, (0.4, "bye caller"))
    to_insurance(tmp_path, "2", 200, (35, "bye caller"))
    (tmp_path / "crew.events.log").touch()
    write_run(tmp_path)
    figures = count(tmp_path)["figures"]["insurance"]
    assert (figures["offered"], figures["abandoned"], figures["other"]) == ([1, 2], [0, 1], [1, 1])


@pytest.mark.parametrize(
    ("struck", "offered", "other"),
    [
        (114, [3, 3], [2, 2]),
        (204, [3, 3], [2, 2]),
        (117.5, [3, 3], [1, 2]),
        (121, [3, 3], [1, 1]),
        (99.5, [2, 3], [1, 2]),
    ],
    ids=["in the talk", "waiting", "at the end of the talk", "in the survey", "at the beginning of the wait"],
)
def test_who_is_cut_has_left_otherwise_unless_all_was_over(
    day: Path, struck: float, offered: list[int], other: list[int]
) -> None:
    write_run(day, broken=[[ZERO + struck, ZERO + struck + 3]])
    told = count(day)
    figures = told["figures"]["insurance"]
    assert (figures["offered"], figures["other"], told["apart"]) == (offered, other, 0)


def test_who_dials_while_asterisk_is_away_may_have_been_anything(day: Path) -> None:
    write_run(day, broken=[[ZERO + 194, ZERO + 196]])
    told = count(day)
    figures = told["figures"]["insurance"]
    assert told["apart"] == 1
    assert (figures["offered"], figures["abandoned"], figures["answered"]) == ([2, 3], [0, 1], [1, 2])


def test_a_stay_that_begins_at_the_half_hour_belongs_to_either(tmp_path: Path) -> None:
    to_insurance(tmp_path, "1", 1800.3, (8, "bye caller"))
    (tmp_path / "crew.events.log").touch()
    write_run(tmp_path)
    figures = count(tmp_path)["figures"]
    assert figures[HALF]["offered"] == figures["insurance 2026-11-28 22:00"]["offered"] == [0, 1]
    assert figures["insurance"]["offered"] == [1, 1]


def report(**changed: object) -> dict[str, object]:
    """What `/api/v1/figures` tells of the day above."""
    visits = {
        "offered": 3, "answered": 1, "abandoned": 1, "other_exits": 1, "short_abandoned": 0,
        "service_level": {"part": 1, "whole": 2}, "speed_of_answer": {"total_seconds": 10.2},
        "talk_time": {"total_seconds": 6.9},
    } | changed  # fmt: skip
    return {"date": "2026-11-28", "queue": "insurance", "visits": visits, "half_hours": [{"start": "21:30", **visits}]}


def test_a_right_report_agrees(day: Path) -> None:
    whole = report() | {"queue": None}
    found = compared(told_by([report(), whole]), count(day)["figures"])
    assert [str(one) for one in found if not one.agrees] == []
    assert len(found) > 20


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"offered": 4}, "offered"),
        ({"answered": 0}, "answered"),
        ({"abandoned": 2}, "abandoned"),
        ({"other_exits": 0}, "other"),
        ({"short_abandoned": 1}, "short"),
        ({"service_level": {"part": 0, "whole": 2}}, "in_time"),
        ({"service_level": {"part": 1, "whole": 3}}, "level_whole"),
        ({"speed_of_answer": {"total_seconds": 12.0}}, "wait_seconds"),
        ({"talk_time": {"total_seconds": 9.0}}, "talk_seconds"),
    ],
)
def test_a_planted_error_in_the_report_is_told(day: Path, changed: dict[str, object], name: str) -> None:
    found = compared(told_by([report(**changed)]), count(day)["figures"])
    assert name in {one.name for one in found if not one.agrees and one.scope in ("insurance", HALF)}


def test_a_half_hour_that_only_one_side_has_is_told(day: Path) -> None:
    late = report()
    late["half_hours"] = []
    wrong = {one.scope for one in compared(told_by([late]), count(day)["figures"]) if not one.agrees}
    assert HALF in wrong
